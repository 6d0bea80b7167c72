/// <reference lib="dom" />
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { METRICS, compareResults } from '../../src/experiment/index.js';
import { compareReport, reportHtml, runReport, validateReport, type ReportPage } from '../../src/report/html/index.node.js';
import { timelineJson } from '../../src/report/index.js';
import { recordTimeline, type Result } from '../../src/simulation/index.js';
import { resultOf, simulated } from '../helpers.js';
import { launch } from './browser.js';

const require = createRequire(import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'xbarflow-pages-'));
const HOSTILE = '<script>window.harmed = 1</script>';
const HOSTILE_LAYER = '</script><img src=x onerror="window.harmed=2">';

function runPage(label: string, sets: string[], files: Record<string, string> = {}): { page: ReportPage; json: unknown } {
  const { result, machine } = simulated(label, sets, files);
  return { page: runReport(result, timelineJson(machine, recordTimeline(machine))), json: result };
}

function comparePage(labels: string[], sets: string[]): { page: ReportPage; json: unknown } {
  const results = labels.map((label): Result => resultOf(label, sets));
  const comparison = compareResults(results);
  return { page: compareReport(comparison, new Map(METRICS.map(({ key, title }) => [key, title])), labels), json: comparison };
}

function validationPage(): { page: ReportPage; json: unknown } {
  const figure = { source: 'a paper, Table 1', unit: 's', tolerance: 0.05, note: '', group: HOSTILE };
  const figures = [
    { ...figure, name: 'time', published: 1e-3, simulated: 1.01e-3, verdict: 'pass' as const },
    { ...figure, name: 'energy', unit: 'J', published: 2, simulated: 20, verdict: 'apart' as const },
    { ...figure, name: 'area', unit: 'mm2', published: 4, simulated: null, tolerance: null, verdict: 'open' as const, note: 'not simulated' },
  ];
  return { page: validateReport(figures, { title: 'Validation', subtitle: '', caption: 'Published figures.', footer: '' }), json: figures };
}

const hostileNetwork = `name: ${JSON.stringify(HOSTILE)}\ninput: { features: 30 }\nlayers:\n  - { name: ${JSON.stringify(HOSTILE_LAYER)}, type: dense, features: 5 }\n`;
const CASES: [string, () => { page: ReportPage; json: unknown }][] = [
  ['PipeLayer training VGG-A', () => runPage('pipelayer', ['network=vgg-a'])],
  ['A3 attacking LISA-CNN, elastic', () => runPage('a3', ['pipeline.advance=elastic'])],
  ['ISAAC inferring VGG-A by rows', () => runPage('isaac', [])],
  ['an LSTM', () => runPage('pipelayer', ['network=lstm-small', 'workload.mode=inference'])],
  ['a digital design', () => runPage('digital-int8', [])],
  ['a comparison', () => comparePage(['pipelayer', 'a3', 'a3-shared'], ['network=lisa-cnn', 'workload.mode=attack'])],
  ['a validation', validationPage],
  ['a network named <script>', () => runPage('pipelayer', ['network=/mine/net.yaml', 'workload.mode=inference'], { '/mine/net.yaml': hostileNetwork })],
];

let browser: Browser;
beforeAll(async () => { browser = await launch(); });
afterAll(async () => { await browser.close(); });

/** The value at a path such as `energy.byLayerJ[3].energyJ`. */
const at = (json: unknown, path: string): unknown => path.split(/[.[\]]+/).filter((key) => key !== '').reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? Object.entries(value).find(([name]) => name === key)?.[1] : undefined), json);

/** Faults that axe calls serious or critical. Rows are alike, so the first few of a table stand for all: axe looks at every cell. */
async function noSeriousFault(page: Page, rules: string[] = []): Promise<void> {
  await page.$$eval('tbody tr:nth-child(n+4)', (rows) => { for (const row of rows) row.remove(); });
  const { violations } = await page.evaluate(async (only) => (globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } }).axe.run(only.length > 0 ? { runOnly: only } : {}), rules);
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`)).toEqual([]);
}

describe.each(CASES)('report of %s, in a browser', (name, make) => {
  const { page: report, json } = make();
  const file = join(folder, `${name.replace(/\W+/g, '-')}.html`);
  let page: Page;
  const complaints: string[] = [];
  const requests: string[] = [];

  beforeAll(async () => {
    writeFileSync(file, reportHtml(report));
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true });
    page = await context.newPage();
    page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) complaints.push(message.text()); });
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(file).href);
    await page.waitForSelector('html[data-ready=yes]');
  });
  afterAll(async () => { await page.context().close(); });

  it('opens without a complaint and asks for nothing but itself', () => {
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => url !== pathToFileURL(file).href && !url.startsWith('data:'))).toEqual([]);
  });

  it('draws every chart with marks inside', async () => {
    const charts = report.sections.flatMap(({ figures }) => figures).filter((figure) => 'spec' in figure);
    const marks = await page.$$eval('[data-chart]', (places) => places.map((place) => [...place.querySelectorAll('.mark-rect path, .mark-symbol path')].filter((mark) => (mark.getAttribute('d') ?? '') !== '' && mark.getBoundingClientRect().width + mark.getBoundingClientRect().height > 0).length));
    expect(marks).toHaveLength(charts.length);
    expect(Math.min(...marks)).toBeGreaterThan(0);
    for (const drawing of await page.$$('figure.drawing svg')) expect((await drawing.boundingBox())!.height).toBeGreaterThan(100);
  });

  it('shows in its tables what stands in the JSON file', async () => {
    const cells = await page.$$eval('[data-path]', (found) => found.map((cell) => ({ path: cell.getAttribute('data-path')!, value: cell.getAttribute('data-value'), text: cell.textContent })));
    expect(cells.length).toBeGreaterThan(5);
    for (const { path, value, text } of cells) {
      const exact = at(json, path);
      expect(exact, path).not.toBeUndefined();
      expect(value, path).toBe(exact === null ? null : String(exact as string | number));
      expect(text === '-', path).toBe(exact === null);
      if (typeof exact === 'number') expectRead(text, exact, path);
    }
  });

  it('fits 1280 and 400 pixels, light and dark, without a serious fault for readers of any kind', async () => {
    await page.addScriptTag({ path: require.resolve('axe-core/axe.min.js') });
    await noSeriousFault(page);
    await page.emulateMedia({ colorScheme: 'dark' });
    await noSeriousFault(page, ['color-contrast']);
    const context = await browser.newContext({ viewport: { width: 400, height: 800 } });
    const small = await context.newPage();
    await small.goto(pathToFileURL(file).href);
    await small.waitForSelector('html[data-ready=yes]');
    expect(await small.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(400);
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(1280);
    await context.close();
  });

  it('runs nothing that a config says', async () => {
    expect(await page.evaluate(() => (globalThis as { harmed?: number }).harmed)).toBeUndefined();
    if (JSON.stringify(json).includes('harmed')) expect((await page.locator('h1, h2').allTextContents()).join()).toContain(HOSTILE);
  });
});

const PREFIXES: Record<string, number> = { f: 1e-15, p: 1e-12, n: 1e-9, µ: 1e-6, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15 };

/** Reads a cell's text back: number, prefix, unit; within the digits that it shows it is the exact value. */
function expectRead(text: string, exact: number, path: string): void {
  const [, digits, unit = ''] = /^(-?[\d,.]+(?:e[+-]?\d+)?) ?(.*)$/.exec(text) ?? [];
  expect(digits, `${path}: ${text}`).toBeDefined();
  const prefix = /^[fpnµmkMGTP](?=[A-Zsb]|$)/.exec(unit)?.[0];
  const area = /^([µn])m²$/.exec(unit)?.[1];
  const factor = area !== undefined ? { 'µ': 1e-6, n: 1e-12 }[area]! : unit.includes('OPS') ? PREFIXES[prefix!]! / 1e9 : unit === '%' ? 0.01 : unit === 'years' || unit === 'h' || unit === 'min' ? { years: 31_557_600, h: 3600, min: 60 }[unit] : prefix === undefined ? 1 : PREFIXES[prefix]!;
  expect(Math.abs(Number(digits!.replaceAll(',', '')) * factor - exact), `${path}: "${text}" for ${exact}`).toBeLessThanOrEqual(1e-3 * Math.abs(exact) + 1e-30);
}

describe('a report page', () => {
  let page: Page;
  beforeAll(async () => {
    const file = join(folder, 'use.html');
    writeFileSync(file, reportHtml(runPage('pipelayer', ['network=mnist-a']).page));
    page = await (await browser.newContext({ acceptDownloads: true })).newPage();
    await page.goto(pathToFileURL(file).href);
    await page.waitForSelector('html[data-ready=yes]');
  });
  afterAll(async () => { await page.context().close(); });

  const columnOf = (table: string, column: number): Promise<number[]> => page.$$eval(`#${table} tbody tr`, (rows, c) => rows.map((row) => Number(row.children[c]!.getAttribute('data-value'))), column);

  it('sorts a table by a heading, up and down, and by keyboard', async () => {
    const heading = page.locator('#energy-components thead th').nth(1);
    await heading.locator('button').click();
    const up = await columnOf('energy-components', 1);
    expect(up).toEqual([...up].sort((a, b) => a - b));
    expect(await heading.getAttribute('aria-sort')).toBe('ascending');
    await heading.locator('button').press('Enter');
    expect(await columnOf('energy-components', 1)).toEqual([...up].reverse());
    expect(await heading.getAttribute('aria-sort')).toBe('descending');
  });

  it('saves a table as CSV with exact values', async () => {
    const download = page.waitForEvent('download');
    await page.click('[data-csv=energy-components]');
    const saved = await download;
    expect(saved.suggestedFilename()).toBe('energy-components.csv');
    const [head, ...lines] = readFileSync(await saved.path(), 'utf8').trim().split('\n').map((line) => line.split(','));
    expect(head).toEqual(['component', 'energyJ', 'share']);
    expect(lines.map((cells) => Number(cells[1]))).toEqual(await columnOf('energy-components', 1));
  });

  it('zooms the timeline with a button and back', async () => {
    const labels = async (): Promise<string[]> => (await page.locator('#stage-timeline [class*=role-axis-label] text').allTextContents()).sort();
    const whole = await labels();
    await page.click('#stage-timeline [data-zoom=in]');
    await expect.poll(labels).not.toEqual(whole);
    await page.click('#stage-timeline [data-zoom=all]');
    await expect.poll(labels).toEqual(whole);
  });
});
