/// <reference lib="dom" />
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportHtml, runReport } from '../../src/report/html/index.node.js';
import { energyCsv, timelineJson, type TimelineDocument } from '../../src/report/index.js';
import { recordTimeline } from '../../src/simulation/index.js';
import { resultOf, simulated } from '../helpers.js';
import { launch } from '../browser.js';
const folder = mkdtempSync(join(tmpdir(), 'xbarflow-pages-'));

/** A page, the JSON file that it shows, and where tables take numbers from that are not in it. */
interface Case {
  html: string;
  json: unknown;
  timeline?: TimelineDocument;
  /** Rows of `front.csv`. */
  front?: Record<string, string>[];
}

function runPage(label: string, sets: string[], files: Record<string, string> = {}): Case {
  const { result, machine } = simulated(label, sets, files);
  const timeline = timelineJson(machine, recordTimeline(machine));
  return { html: reportHtml(runReport(result, timeline)), json: result, timeline };
}

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => {
  await browser.close();
});

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

describe('a report page', () => {
  let page: Page;
  beforeAll(async () => {
    const file = join(folder, 'use.html');
    writeFileSync(file, runPage('pipelayer', ['network=mnist-a']).html);
    page = await (await browser.newContext({ acceptDownloads: true })).newPage();
    await page.goto(pathToFileURL(file).href);
    await page.waitForSelector('html[data-ready=yes]');
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

  it('on paper opens all tables and draws charts at the width of the page, and again after', async () => {
    const width = (): Promise<number> =>
      page.$eval('[data-chart=utilization-by-layer] svg', (svg) => svg.getBoundingClientRect().width);
    const onScreen = await width();
    await page.locator('details.table summary').first().click();
    await page.evaluate(() => {
      globalThis.dispatchEvent(new Event('beforeprint'));
    });
    expect(await width()).toBeLessThan(onScreen);
    expect(
      await page.$$eval('details.table', (tables) => tables.every((table) => (table as HTMLDetailsElement).open)),
    ).toBe(true);
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
