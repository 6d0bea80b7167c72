/// <reference lib="dom" />
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stageLabel } from '../../src/report/html/charts/gantt.js';
import { energyCsv } from '../../src/report/index.js';
import type { Result } from '../../src/simulation/index.js';
import { resultOf } from '../helpers.js';
import { launch, printed } from '../browser.js';
import { CASES, HOSTILE, runPage } from './pages-cases.js';

const require = createRequire(import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'xbarflow-pages-'));

/** The first page of each kind, which is looked at for readers of any kind. */
const FIRST_OF_KIND = new Set([
  'PipeLayer training a small VGG',
  'a comparison',
  'a validation',
  'a sweep of three objectives',
]);

/** Sheets of paper that a page may take. */
const SHEETS = new Map([
  ['PipeLayer training a small VGG', 6],
  ['ISAAC inferring VGG-8 by rows', 6],
  ['nine designs', 12],
]);

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => {
  await browser.close();
});

/** A name as a page shows it: nothing in it turns the direction of the text. */
const shown = (name: string): string => name.replaceAll('\u202e', '\ufffd');

/** The value at a path such as `energy.byLayerJ[3].energyJ`. */
const at = (json: unknown, path: string): unknown =>
  path
    .split(/[.[\]]+/)
    .filter((key) => key !== '')
    .reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null
          ? Object.entries(value).find(([name]) => name === key)?.[1]
          : undefined,
      json,
    );

/** No fault of a whole page that axe calls serious or critical. */
async function noSeriousFault(page: Page, rules: string[] = []): Promise<void> {
  await page.addScriptTag({ path: require.resolve('axe-core/axe.min.js') });
  const { violations } = await page.evaluate(
    async (only) =>
      (globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } }).axe.run({
        resultTypes: ['violations'],
        ...(only.length > 0 ? { runOnly: only } : {}),
      }),
    rules,
  );
  expect(
    violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`),
  ).toEqual([]);
}

describe.each(CASES)('report of %s, in a browser', (name, make) => {
  const { html, json, timeline, front } = make();
  const file = join(folder, `${name.replace(/\W+/g, '-')}.html`);
  let page: Page;
  const complaints: string[] = [];
  const requests: string[] = [];

  beforeAll(async () => {
    writeFileSync(file, html);
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true });
    page = await context.newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(file).href);
    await page.waitForSelector('html[data-ready=yes]');
  });
  afterAll(async () => {
    await page.context().close();
  });

  it('opens without a complaint and asks for nothing but itself; the file is under 1 MB', () => {
    expect(html.length).toBeLessThan(1e6);
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => url !== pathToFileURL(file).href && !url.startsWith('data:'))).toEqual([]);
  });

  it('draws every chart with marks inside, and no mark that is not a number', async () => {
    const charts = await page.evaluate<number>('Object.keys(specs).length');
    const marks = await page.$$eval('[data-chart]', (places) =>
      places.map(
        (place) =>
          [...place.querySelectorAll('.mark-rect path, .mark-symbol path, .mark-line path')].filter(
            (mark) =>
              (mark.getAttribute('d') ?? '') !== '' &&
              mark.getBoundingClientRect().width + mark.getBoundingClientRect().height > 0,
          ).length,
      ),
    );
    expect(marks).toHaveLength(charts);
    expect(Math.min(...marks)).toBeGreaterThan(0);
    expect(
      await page.$$eval(
        'svg',
        (drawings) => drawings.filter(({ outerHTML }) => /NaN|undefined|Infinity/.test(outerHTML)).length,
      ),
    ).toBe(0);
    for (const drawing of await page.$$('figure.drawing .scroll svg'))
      expect((await drawing.boundingBox())!.height).toBeGreaterThan(100);
  });

  it('shows in its tables what stands in the JSON file', async () => {
    const folded = page.locator('details.table:not([open])');
    const closed = await folded.evaluateAll((tables: HTMLDetailsElement[]) => {
      for (const table of tables) table.open = true;
      return tables.map((table) => table.querySelector('table')!.id);
    });
    await expect.poll(() => page.locator('tbody:empty').count()).toBe(0);
    const cells = await page.$$eval('tbody .number', (found) =>
      found.map((cell) => ({
        path: cell.getAttribute('data-path'),
        value: cell.getAttribute('data-value'),
        text: (cell.firstChild?.textContent ?? '').trim(),
        table: cell.closest('table')!.id,
        key: cell
          .closest('table')!
          .tHead!.rows[0]!.cells[(cell as HTMLTableCellElement).cellIndex]!.getAttribute('data-key')!,
        row: [...cell.parentElement!.children].map((other) => other.getAttribute('data-value') ?? other.textContent),
      })),
    );
    for (const id of closed) await page.$eval(`#${id}`, (table) => (table.closest('details')!.open = false));
    expect(cells.length).toBeGreaterThan(3);
    const headlines = await page.$$eval('.figure[data-path]', (found) =>
      found.map((figure) => ({
        path: figure.getAttribute('data-path')!,
        value: figure.getAttribute('data-value'),
        text: figure.firstChild!.textContent!,
      })),
    );
    for (const { path, value, text } of headlines) {
      expect(value, path).toBe(String(at(json, path)));
      if (!text.includes(',')) expectRead(text, Number(value), path);
    }
    for (const { path, value, text, table, key, row } of cells) {
      const exact = path === null ? elsewhere(table, key, row) : at(json, path);
      const where = path ?? `${table} ${key}`;
      expect(exact, where).not.toBeUndefined();
      if (path !== null) expect(value, where).toBe(exact === null ? null : String(exact as string | number));
      expect(text === '-', where).toBe(exact === null);
      if (typeof exact === 'number') expectRead(text, exact, where);
    }
  });

  /**
   * What the cells without a path in the JSON file say: shares of a total, bars of the timeline, points of a front,
   * figures that a layer does not have.
   */
  function elsewhere(table: string, key: string, row: string[]): number | null | undefined {
    if (key === 'share')
      return Number(row[1]) / Number(at(json, table === 'area-components' ? 'area.totalMm2' : 'energy.totalJ'));
    if (table === 'layers' && key === 'energyJ') return 0;
    if (table === 'summary-figures') return (json as Result).power.averageW / (json as Result).area.totalMm2;
    if (key === 'peakBits') {
      const { peakEntries, entryBits } = (json as Result).buffers.find(({ name: own }) => own === row[0])!;
      return peakEntries * entryBits;
    }
    if (
      table === 'constants' ||
      table === 'assumptions' ||
      table === 'energy-components' ||
      table.startsWith('energy-') ||
      table.startsWith('area-') ||
      table.startsWith('stall-')
    )
      return null;
    if (table === 'timeline-services') {
      const service = timeline!.traceEvents.find(
        (event) =>
          event.ph === 'X' &&
          event.cat === 'service' &&
          event.args.image === Number(row[1]) &&
          shown(stageLabel((json as Result).stages[event.pid - 1]!)) === row[0],
      );
      if (service?.ph !== 'X' || service.cat !== 'service') return undefined;
      const {
        ts,
        dur,
        args: { image, whole },
      } = service;
      return { image, startS: ts / 1e6, endS: whole ? (ts + dur) / 1e6 : null, durationS: whole ? dur / 1e6 : null }[
        key
      ];
    }
    const point = front?.find(({ index }) => index === row[0]);
    return point === undefined ? undefined : Number(point[key]);
  }

  it('fits 1280 and 400 pixels; a table that goes on beyond says so', async () => {
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(1280);
    await page.setViewportSize({ width: 400, height: 800 });
    await expect.poll(() => page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(400);
    const silent = () =>
      page.$$eval('.scroll', (boxes) =>
        boxes
          .filter((box) => box.checkVisibility() && box.scrollWidth > box.clientWidth + 2)
          .filter((box) => (box.nextElementSibling as HTMLElement).offsetHeight === 0)
          .map((box) => box.getAttribute('aria-label')),
      );
    await expect.poll(silent).toEqual([]);
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  if (FIRST_OF_KIND.has(name))
    it('has no serious fault for readers of any kind, light and dark, wide and narrow', async () => {
      await noSeriousFault(page);
      await page.emulateMedia({ colorScheme: 'dark' });
      await noSeriousFault(page, ['color-contrast']);
      await page.setViewportSize({ width: 400, height: 800 });
      await noSeriousFault(page, ['target-size', 'scrollable-region-focusable']);
    });

  const sheets = SHEETS.get(name);
  if (sheets !== undefined)
    it('is printed on few sheets of paper', async () => {
      await page.emulateMedia({ colorScheme: 'light' });
      await page.evaluate(() => {
        globalThis.dispatchEvent(new Event('beforeprint'));
      });
      expect((await printed(page)).sheets).toBeLessThanOrEqual(sheets);
    });

  it('runs nothing that a config says', async () => {
    expect(await page.evaluate(() => (globalThis as { harmed?: number }).harmed)).toBeUndefined();
    if (JSON.stringify(json).includes('harmed'))
      expect((await page.locator('h1, h2').allTextContents()).join()).toContain(HOSTILE);
  });
});

const PREFIXES: Record<string, number> = {
  f: 1e-15,
  p: 1e-12,
  n: 1e-9,
  µ: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
};

/** Reads a cell's text back: number, prefix, unit; within the digits that it shows it is the exact value. */
function expectRead(text: string, exact: number, path: string): void {
  const [, digits, unit = ''] = /^<? ?(-?[\d,.]+(?:e[+-]?\d+)?) ?(.*)$/.exec(text) ?? [];
  expect(digits, `${path}: ${text}`).toBeDefined();
  const prefix = /^[fpnµmkMGTP](?=[A-Zsb]|$)/.exec(unit)?.[0];
  const area = /^([µn])m²$/.exec(unit)?.[1];
  const factor =
    area !== undefined
      ? { µ: 1e-6, n: 1e-12 }[area]!
      : unit.includes('OPS')
        ? PREFIXES[prefix!]! / 1e9
        : unit === '%'
          ? 0.01
          : unit === 'years' || unit === 'days' || unit === 'h' || unit === 'min'
            ? { years: 31_557_600, days: 86_400, h: 3600, min: 60 }[unit]
            : prefix === undefined
              ? 1
              : PREFIXES[prefix]!;
  expect(
    text.startsWith('<') ? 0 : Math.abs(Number(digits!.replaceAll(',', '')) * factor - exact),
    `${path}: "${text}" for ${exact}`,
  ).toBeLessThanOrEqual(1e-3 * Math.abs(exact) + 1e-30);
}

describe('a report page', () => {
  let page: Page;
  beforeAll(async () => {
    const file = join(folder, 'use.html');
    writeFileSync(file, runPage('pipelayer', ['network=mnist-a']).html);
    page = await (await browser.newContext({ acceptDownloads: true })).newPage();
    await page.goto(pathToFileURL(file).href);
    await page.waitForSelector('html[data-ready=yes]');
    await page.$$eval('details', (folded) => {
      for (const one of folded) one.open = true;
    });
  });
  afterAll(async () => {
    await page.context().close();
  });

  const columnOf = (table: string, column: number): Promise<number[]> =>
    page.$$eval(
      `#${table} tbody tr`,
      (rows, c) => rows.map((row) => Number(row.children[c]!.getAttribute('data-value'))),
      column,
    );

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
    const [head, ...lines] = readFileSync(await saved.path(), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(','));
    expect(head).toEqual(['component', 'energyJ', 'share']);
    expect(lines.map((cells) => Number(cells[1]))).toEqual(await columnOf('energy-components', 1));
  });

  it('saves the table of all actions as energy.csv has it', async () => {
    const download = page.waitForEvent('download');
    await page.click('[data-csv=energy-actions]');
    expect(readFileSync(await (await download).path(), 'utf8')).toBe(
      energyCsv(resultOf('pipelayer', ['network=mnist-a'])),
    );
  });

  it('sorts numbers by value, whatever their prefix, and names as people count', async () => {
    const sorted = async (column: number): Promise<number[]> => {
      await page.locator('#energy-actions thead th').nth(column).locator('button').click();
      return columnOf('energy-actions', column);
    };
    const energies = await sorted(5);
    expect(
      new Set(
        await page.$$eval('#energy-actions tbody td:last-child', (cells) =>
          cells.map(({ textContent }) => textContent.replace(/[\d.,]+ /, '')),
        ),
      ).size,
    ).toBeGreaterThan(2);
    expect(energies).toEqual([...energies].sort((a, b) => a - b));
    const counts = await sorted(4);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
  });

  it("on paper leaves folded tables out, says which, draws charts at the page's width, and again after", async () => {
    const width = (): Promise<number> =>
      page.$eval('[data-chart=utilization-by-layer] svg', (svg) => svg.getBoundingClientRect().width);
    const onScreen = await width();
    await page.evaluate(() => {
      globalThis.dispatchEvent(new Event('beforeprint'));
    });
    expect(await width()).toBeLessThan(onScreen);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('#energy-actions').isVisible()).toBe(false);
    expect(await page.locator('#energy p.printed').textContent()).toContain('Every action');
    expect(await page.locator('#assumptions').isVisible()).toBe(true);
    await page.emulateMedia({ media: 'screen' });
    await page.evaluate(() => {
      globalThis.dispatchEvent(new Event('afterprint'));
    });
    await expect.poll(width).toBe(onScreen);
    expect((await page.pdf({ preferCSSPageSize: true })).subarray(0, 4).toString()).toBe('%PDF');
  });

  it('zooms the timeline with a button and back', async () => {
    const labels = async (): Promise<string[]> =>
      (await page.locator('#stage-timeline [class*=role-axis-label] text').allTextContents()).sort();
    const whole = await labels();
    await page.click('#stage-timeline [data-zoom=in]');
    await expect.poll(labels).not.toEqual(whole);
    await page.click('#stage-timeline [data-zoom=all]');
    await expect.poll(labels).toEqual(whole);
  });
});
