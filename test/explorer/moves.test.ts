import type { Browser, Page } from 'playwright-core';
import seedrandom from 'seedrandom';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../src/config/index.js';
import type { Result } from '../../src/index.js';
import { withFiles } from '../../src/config/memory.js';
import { simulate } from '../../src/simulation/index.js';
import { loadRun } from '../../src/run-config/index.js';
import { stateOf } from '../../src/explorer/model/address.js';
import { designsOf, yamlOf } from '../../src/explorer/model/design.js';
import { workerPresets } from '../../src/explorer/model/engine.js';
import { RAIL } from '../../src/explorer/model/knobs.js';
import type { Design } from '../../src/explorer/model/protocol.js';
import { DEFAULT_STATE, type State } from '../../src/explorer/model/state.js';
import { explorerPage, servePage, type Served } from '../../src/explorer/server/index.js';
import { launch } from '../browser.js';
import { heapOf, move, settled, show, type Move, type Shown } from './open.js';

let browser: Browser;
let served: Served;
let page: Page;
const said: string[] = [];

beforeAll(async () => {
  browser = await launch();
  served = await servePage(explorerPage(), 0);
  // Little to paint: these tests read what the page says.
  page = await browser.newPage({ viewport: { width: 1280, height: 120 }, reducedMotion: 'reduce' });
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(error.message));
  await page.goto(served.address);
  await settled(page);
});
afterAll(async () => {
  await browser.close();
  served.server.close();
});

const SLIDERS = RAIL.filter(({ kind }) => kind === 'slider');
const from = (a: string, b: string, network: string, mode: string): State => ({
  ...DEFAULT_STATE,
  machines: [
    { base: a, sets: [] },
    { base: b, sets: [] },
  ],
  network,
  mode,
});
/** Where the moves begin, 20 from each: kinds of machines, modes, pipelines. */
const STARTS: readonly State[] = [
  DEFAULT_STATE,
  from('isaac', 'prime', 'lenet-5', 'inference'),
  from('pipelayer', 'digital-int8', 'mnist-0', 'training'),
  from('a3', 'a3-single', 'lenet-5', 'attack'),
  from('puma', 'celia', 'lenet-5', 'inference'),
];
const MOVES = 200;

/** A slider, the place that it is dragged to, and whose knob it is. */
function randomMove(random: () => number): Move {
  const knob = SLIDERS[Math.floor(random() * SLIDERS.length)]!;
  return {
    key: knob.keys[0]!,
    position: Math.floor(random() * knob.values.length),
    target: Math.floor(random() * 3),
  };
}

/** What the library, which the command line calls, makes of a design: figures, or the fault in its words. */
const outcomes = new Map<string, Result | string>();
const outcomeOf = (design: Design): Result | string => {
  const key = JSON.stringify(design);
  const known = outcomes.get(key);
  if (known !== undefined) return known;
  const made = simulatedOrSaid(design);
  outcomes.set(key, made);
  return made;
};
// Each preset is read once: of 400 designs that saves most of the time.
const presets = await workerPresets();
function simulatedOrSaid({ base, sets }: Design): Result | string {
  try {
    return simulate(loadRun(presets, base, sets)).result;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.message;
  }
}
const figuresOf = ({ configHash, time, energy, area, utilization }: Result): unknown => ({
  hash: configHash,
  figures: [time.totalS, energy.totalJ, area.totalMm2, utilization.effective],
});
/** The page shows of a design what the library says. */
function expectShown({ hash, figures, fault }: Shown['machines'][number], outcome: Result | string): void {
  if (typeof outcome === 'string') expect({ fault, figures }).toEqual({ fault: outcome, figures: [] });
  else expect({ hash, figures }).toEqual(figuresOf(outcome));
}

describe('slider moves', () => {
  it('end, 200 at random, in the figures or the faults that library and command line give', async () => {
    const random = seedrandom('explorer moves');
    const right: { design: Design; result: Result }[] = [];
    let faults = 0;
    let early = 0;
    let last: Shown | null = null;
    const check = ({ address, machines }: Shown): void => {
      designsOf(stateOf(address) ?? DEFAULT_STATE).forEach((design, m) => {
        const outcome = outcomeOf(design);
        expectShown(machines[m]!, outcome);
        if (typeof outcome === 'string') faults++;
        else right.push({ design, result: outcome });
      });
    };
    // Without a rest between them, or curves and boards would be worked out for each.
    for (let at = 0; at < MOVES; at++) {
      const start = STARTS[Math.floor((at * STARTS.length) / MOVES)]!;
      if (at % (MOVES / STARTS.length) === 0) await show(page, start);
      // The library works out the last move while the page works out this one.
      const moving = move(page, randomMove(random));
      if (last !== null) check(last);
      last = await moving;
      const { machines, figuresMs, glanced } = last;
      // What the strip shows first is what it shows in the end.
      if (figuresMs !== null)
        machines.forEach(({ fault, figures }, m) => {
          if (fault !== null) return;
          expect(glanced[m]).toEqual(figures);
          early++;
        });
      if (machines.some(({ fault }) => fault !== null)) await show(page, start);
    }
    if (last !== null) check(last);
    expect(right.length).toBeGreaterThan(MOVES);
    expect(faults).toBeGreaterThan(20);
    expect(early).toBeGreaterThan(MOVES);
    // The YAML that the page gives to take home is the same design.
    for (const { design, result } of right.filter((_, i) => i % 20 === 0)) {
      const run = loadRun(withFiles(presets, { 'home.yaml': yamlOf(design) }), 'home.yaml', []);
      expect(simulate(run).result.configHash).toBe(result.configHash);
    }
    expect(said).toEqual([]);
  }, 300_000);

  it('of a drag: the last wins, whatever it overtakes', async () => {
    await show(page, from('isaac', 'prime', 'lenet-5', 'inference'));
    const random = seedrandom('explorer drags');
    for (let at = 0; at < 12; at++) {
      const knob = SLIDERS[Math.floor(random() * SLIDERS.length)]!;
      const positions = Array.from({ length: 10 }, () => Math.floor(random() * knob.values.length));
      const target = Math.floor(random() * 3);
      const shown = await move(page, {
        key: knob.keys[0]!,
        position: positions[9]!,
        target,
        over: positions.slice(0, 9),
      });
      const state = stateOf(shown.address) ?? DEFAULT_STATE;
      expect(state.machines[target === 2 ? 1 : 0].sets).toContainEqual([knob.keys[0], knob.values[positions[9]!]]);
      for (const [m, design] of designsOf(state).entries()) expectShown(shown.machines[m]!, outcomeOf(design));
    }
  }, 120_000);

  it('leave no memory behind: 1,000, each waited for until all of the page has followed', async () => {
    await show(page, DEFAULT_STATE);
    const heap = await heapOf(page);
    // There and back: what the worker has simulated it answers at once, and the page draws it anew.
    const sway = (times: number): Promise<unknown> =>
      move(page, {
        key: 'crossbar.rows',
        position: 5,
        target: 0,
        over: Array.from({ length: times - 1 }, (_, i) => (i % 2 === 0 ? 4 : 5)),
        whole: true,
      });
    await sway(20);
    await page.waitForSelector('.board[aria-busy="false"]');
    const before = await heap();
    await sway(1000);
    const after = await heap();
    // A view of a machine is 30 kB: a thousand that stay would be 30 MB.
    expect(after.page - before.page).toBeLessThan(2e6);
    expect(after.workers - before.workers).toBeLessThan(40e6);
    expect(said).toEqual([]);
  }, 300_000);
});
