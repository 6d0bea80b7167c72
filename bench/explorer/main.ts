// `npm run bench:explorer`: the explorer's page in Chromium: its size, first paint, steps of sliders with their
// distribution, memory over 3,000 moves. As JSON; `--write` keeps it in bench/explorer/figures.json and makes
// the table of docs/explorer.md.

import { cpus } from 'node:os';
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import seedrandom from 'seedrandom';
import type { Browser, Page } from 'playwright-core';
import { both } from '../../src/config/typed.js';
import { RAIL } from '../../src/explorer/model/knobs.js';
import { DEFAULT_STATE, type State } from '../../src/explorer/model/state.js';
import { explorerPage, servePage } from '../../src/explorer/server/index.js';
import { launch } from '../../test/browser.js';
import { heapOf, move, settled, show } from '../../test/explorer/open.js';
import { holdTable } from './page.js';
import { TRACED, processorMs } from './processor.js';

/** Steps that are measured, after as many that warm the worker as a hand makes in some seconds. */
const STEPS = 100;
const WARM = 24;
const PAINTS = 5;
/** Moves, each to a design that was never simulated, and how often memory is measured between them. */
const MOVES = 3000;
const MEASURED_EVERY = 250;
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
    if (step === WARM) await browser.startTracing(page, { categories: TRACED });
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
  const processor = processorMs(await browser.stopTracing(), STEPS / 2);
  return {
    figuresMs: distributionOf(figures),
    workerMs: distributionOf(worked),
    processorMs: distributionOf(processor),
    wholeMs: distributionOf(whole),
  };
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

/** Knobs whose places make more designs than there are moves. */
const MEMORY_KNOBS = ['crossbar.rows', 'weights.bits', 'inputs.bits', 'workload.batch'];

/** Heaps of page and workers over moves to new designs, bytes after collection. */
async function memory(page: Page) {
  await show(page, DEFAULT_STATE);
  const heap = await heapOf(page);
  const heaps = [];
  const random = seedrandom('explorer memory');
  for (let step = 1; step <= MOVES; step++) {
    const key = MEMORY_KNOBS[Math.floor(random() * MEMORY_KNOBS.length)]!;
    const places = RAIL.find(({ keys }) => keys.includes(key))!.values.length;
    await move(page, { key, position: Math.floor(random() * places), target: step % 3 });
    if (step % MEASURED_EVERY === 0) heaps.push({ moves: step, ...(await heap()) });
  }
  return heaps;
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
