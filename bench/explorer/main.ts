// `npm run bench:explorer`: the explorer's page in Chromium: its size, first paint, steps of sliders with their
// distribution, memory over 1,000 moves. As JSON; `--write` keeps it in bench/explorer/figures.json and makes
// the table of docs/explorer.md.

import { cpus } from 'node:os';
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { both } from '../../src/config/typed.js';
import { RAIL } from '../../src/explorer/model/knobs.js';
import { DEFAULT_STATE, type State } from '../../src/explorer/model/state.js';
import { explorerPage, servePage } from '../../src/explorer/server/index.js';
import { launch } from '../../test/browser.js';
import { heapOf, move, settled, show } from '../../test/explorer/open.js';
import { holdTable } from './page.js';

/** Steps that are measured, after as many that warm the worker as a hand makes in some seconds. */
const STEPS = 100;
const WARM = 24;
const PAINTS = 5;
const MOVES = 1000;
const VIEWPORT = { width: 1280, height: 900 };

const VGG_D: State = {
  ...DEFAULT_STATE,
  machines: [
    { base: 'pipelayer', sets: [] },
    { base: 'pipelayer', sets: [['weights.sign', 'offset']] },
  ],
  network: 'vgg-d',
  mode: 'training',
};

const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
const at = (values: readonly number[], share: number): number =>
  Number(sorted(values)[Math.min(values.length - 1, Math.floor(share * values.length))]!.toFixed(1));

/** Milliseconds by share of the steps. */
const distributionOf = (values: readonly number[]) => ({
  steps: values.length,
  least: at(values, 0),
  median: at(values, 0.5),
  p90: at(values, 0.9),
  p99: at(values, 0.99),
  most: at(values, 1),
});

/**
 * A slider up and down again, each step when the last has been answered in full. @param fresh every step is a design
 * that was never simulated before: the images change each time that the slider turns round
 */
async function slide(page: Page, state: State, key: string, fresh: boolean) {
  const positions = RAIL.find(({ keys }) => keys.includes(key))!.values.length;
  const figures: number[] = [];
  const worked: number[] = [];
  const whole: number[] = [];
  for (let step = 0; step < WARM + STEPS; step++) {
    const place = step % (2 * positions);
    if (step === 0 || (fresh && place % positions === 0)) {
      const images: [string, string][] = fresh ? [['workload.images', String(1000 + 10 * step)]] : [];
      await show(page, {
        ...state,
        machines: both(state.machines, ({ base, sets }) => ({ base, sets: [...sets, ...images] })),
      });
    }
    const position = place < positions ? place : 2 * positions - 1 - place;
    const { ms, figuresMs, workedMs } = await move(page, { key, position, target: 0 });
    if (step < WARM || figuresMs === null) continue;
    figures.push(figuresMs);
    worked.push(workedMs);
    whole.push(ms);
  }
  return { figuresMs: distributionOf(figures), workerMs: distributionOf(worked), wholeMs: distributionOf(whole) };
}

/** First paint and first figures of a page that was never open, milliseconds from its navigation. */
async function opened(browser: Browser, address: string) {
  const paints: number[] = [];
  const figures: number[] = [];
  for (let i = 0; i < PAINTS; i++) {
    const context = await browser.newContext({ viewport: VIEWPORT });
    const page = await context.newPage();
    await page.goto(address);
    await page.waitForSelector('.strip [data-value]');
    const [paint, ready] = await page.evaluate(() => [
      performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN,
      performance.now(),
    ]);
    paints.push(paint);
    figures.push(ready);
    await context.close();
  }
  return { firstPaintMs: at(paints, 0.5), firstFiguresMs: at(figures, 0.5) };
}

/** Heaps of page and workers before and after moves, bytes after collection. */
async function memory(page: Page) {
  await show(page, DEFAULT_STATE);
  const heap = await heapOf(page);
  const moveOn = async (step: number): Promise<unknown> =>
    move(page, { key: 'crossbar.rows', position: 2 + (step % 8), target: step % 3 });
  for (let step = 0; step < WARM; step++) await moveOn(step);
  const before = await heap();
  for (let step = 0; step < MOVES; step++) await moveOn(step);
  return { moves: MOVES, before, after: await heap() };
}

const html = explorerPage();
const browser = await launch();
const served = await servePage(html, 0);
const page = await browser.newPage({ viewport: VIEWPORT });
// tsx names the functions that are sent to the page by a helper, which the page lacks.
await page.addInitScript('globalThis.__name = (made) => made');
await page.goto(served.address);
await settled(page);
const only = process.argv.includes('--steps');
const figures = {
  date: new Date().toISOString().slice(0, 10),
  machine: `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Chromium ${browser.version()}`,
  pageGzipBytes: gzipSync(html, { level: 9 }).length,
  ...(await opened(browser, served.address)),
  lisaCnnAttack: await slide(page, DEFAULT_STATE, 'crossbar.rows', true),
  lisaCnnAttackSeen: await slide(page, DEFAULT_STATE, 'crossbar.rows', false),
  vggDTraining: await slide(page, VGG_D, 'crossbar.rows', true),
  vggDTrainingSeen: await slide(page, VGG_D, 'crossbar.rows', false),
  memory: only ? null : await memory(page),
};
export type ExplorerFigures = typeof figures;
await browser.close();
served.server.close();

console.log(JSON.stringify(figures, null, 2));
if (process.argv.includes('--write')) {
  writeFileSync(new URL('figures.json', import.meta.url), `${JSON.stringify(figures, null, 2)}\n`);
  holdTable(figures);
}
