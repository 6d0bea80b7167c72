import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { load, recordTimeline, simulate, type Comparison } from '../../src/index.js';
import { explorerPage, servePage, type Served } from '../../src/explorer/server/index.js';
import { designsOf, yamlOf } from '../../src/explorer/model/design.js';
import { DEFAULT_STATE, type MachineChoice, type State } from '../../src/explorer/model/state.js';
import { launch } from '../browser.js';
import { headlinesOf, settled, show } from './open.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'xbarflow-explorer-'));
let browser: Browser;
let served: Served;
let page: Page;
const said: string[] = [];
const asked: string[] = [];

beforeAll(async () => {
  browser = await launch();
  served = await servePage(explorerPage(), 0);
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(error.message));
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(served.address);
});
afterAll(async () => {
  await browser.close();
  served.server.close();
  rmSync(folder, { recursive: true, force: true });
});

const textsOf = (selector: string): Promise<string[]> =>
  page.$$eval(selector, (all) => all.map((one) => one.textContent));

const machine = (base: string, ...sets: [string, string][]): MachineChoice => ({ base, sets });
const state = (a: MachineChoice, b: MachineChoice, network: string, mode: string): State => ({
  ...DEFAULT_STATE,
  machines: [a, b],
  network,
  mode,
});

/** Ten states, two designs each: architectures, modes, granularities and knobs of every kind. */
const STATES: State[] = [
  DEFAULT_STATE,
  state(machine('pipelayer'), machine('a3'), 'lenet-5', 'attack'),
  state(machine('isaac'), machine('prime'), 'lenet-5', 'inference'),
  state(machine('puma'), machine('digital-int8'), 'mnist-0', 'inference'),
  state(machine('pipelayer', ['workload.batch', '8']), machine('digital-fp16'), 'lenet-5', 'training'),
  state(
    machine('pipelayer', ['crossbar.rows', '64'], ['crossbar.columns', '64']),
    machine('pipelayer', ['crossbar.cellBits', '2'], ['weights.bits', '8']),
    'vgg-8',
    'inference',
  ),
  state(
    machine('a3-shared', ['pipeline.advance', 'elastic'], ['workload.iterations', '2']),
    machine('a3-single', ['workload.iterations', '2'], ['weights.sign', 'differential']),
    'mnist-a',
    'attack',
  ),
  state(machine('isaac', ['sensing.bits', '6']), machine('isaac', ['chip.clock', '2 GHz']), 'vgg-8', 'inference'),
  state(machine('celia'), machine('spindle'), 'lenet-5', 'inference'),
  state(machine('lognet'), machine('addernet'), 'digits-cnn', 'inference'),
];

/** The same designs by the command line, in the page's order, from the YAML that the page gives to take home. */
function onCommandLine(): Comparison['results'] {
  const files = STATES.flatMap(designsOf).map((design, i) => {
    const file = join(folder, `design-${i}.yaml`);
    writeFileSync(file, yamlOf(design));
    return file;
  });
  const bin = join(root, 'dist/cli/xbarflow.cjs');
  const { stdout, stderr } = spawnSync(process.execPath, [bin, 'compare', ...files, '--format', 'json', '--quiet'], {
    encoding: 'utf8',
    maxBuffer: 1 << 29,
  });
  expect(stderr).toBe('');
  return (JSON.parse(stdout) as Comparison).results;
}

describe('the explorer in Chromium', () => {
  it('shows of 20 designs the numbers that the command line gives, to the last digit', async () => {
    const expected = onCommandLine();
    const shown = [];
    for (const one of STATES) {
      await show(page, one);
      const { hashes, a, b } = await headlinesOf(page);
      shown.push({ hash: hashes[0], figures: a }, { hash: hashes[1], figures: b });
    }
    expect(shown).toEqual(
      expected.map(({ configHash, time, energy, area, utilization }) => ({
        hash: configHash,
        figures: [time.totalS, energy.totalJ, area.totalMm2, utilization.effective],
      })),
    );
    expect(said).toEqual([]);
    expect(asked.filter((url) => !url.startsWith(served.address) && !url.startsWith('blob:'))).toEqual([]);
  });

  it('plays, steps and scrubs through the events of the simulation', async () => {
    const { machine: built } = simulate(await load('a3-shared', { set: ['network=lisa-cnn', 'workload.mode=attack'] }));
    const { services } = recordTimeline(built);
    await show(page, { ...DEFAULT_STATE, board: { ...DEFAULT_STATE.board, at: 8 } });
    await page.waitForSelector('.board[aria-busy="false"] .token');
    const tokens = async (): Promise<string[]> =>
      (
        await page.$$eval('.tokens .token', (all) =>
          all.map((one) => ['stage', 'image', 'cycle'].map((name) => one.getAttribute(`data-${name}`)).join(' ')),
        )
      ).sort();
    const expected = async (): Promise<string[]> => {
      const time = Number(await page.getAttribute('.controls output', 'data-time')) * 1e12;
      return services
        .filter(({ start }) => start <= time)
        .map(({ stage, image, cycle }) => `${stage} ${image} ${cycle}`)
        .sort();
    };
    const cycle = async (): Promise<number> => Number(await page.getAttribute('.controls output', 'data-cycle'));
    expect(await cycle()).toBe(8);
    expect(await tokens()).toEqual(await expected());
    await page.click('text=▶');
    expect(await cycle()).toBe(9);
    expect(await tokens()).toEqual(await expected());
    await page.click('text=◀');
    await page.click('text=◀');
    expect(await cycle()).toBe(7);
    for (const place of ['0', '30', '101', '200', '300']) {
      await page.fill('.controls input', place);
      expect(await tokens()).toEqual(await expected());
    }
    await page.fill('.controls input', '40');
    const before = Number(await page.getAttribute('.controls output', 'data-time'));
    await page.click('text=Play');
    await page.waitForFunction((from) => {
      const { document } = globalThis as unknown as {
        document: { querySelector(name: string): { getAttribute(name: string): string } | null };
      };
      return Number(document.querySelector('.controls output')?.getAttribute('data-time')) > from;
    }, before + 10e-6);
    await page.click('text=Pause');
    expect(await tokens()).toEqual(await expected());
    expect(said).toEqual([]);
  });

  it('says a wrong value at its field and in the strip, nowhere else, in words of the page', async () => {
    await show(page, {
      ...DEFAULT_STATE,
      machines: [machine('isaac'), machine('pipelayer', ['crossbar.cellBits', '99'])],
      mode: 'inference',
    });
    const right = 'Cell bits: found 99, expected a whole number from 1 to 16';
    const strip = (): Promise<string[]> => textsOf('.strip .warning');
    await expect.poll(strip).toEqual([`B (pipelayer) is not simulated. ${right}`]);
    expect(await textsOf('.rail .fault')).toEqual([right]);
    expect(await page.textContent('[data-knob="crossbar.cellBits"] .fault')).toBe(right);
    // Nothing differs from a machine that is not there.
    expect(await page.$$eval('.side .differs', (all) => all.length)).toBe(0);
    const words = await load('pipelayer', {
      set: ['network=lisa-cnn', 'workload.mode=inference', 'crossbar.cellBits=99'],
    }).catch((error: unknown) => (error as Error).message);
    expect(await page.getAttribute('.head-b .fault', 'title')).toBe(words);
  });

  it('says a mode that a machine cannot run at the mode, too', async () => {
    await show(page, { ...DEFAULT_STATE, mode: 'training' });
    const right =
      'Neurons: training needs the neurons themselves (G_l multiplies d_{l-1} with the error); masks serve ' +
      'attacks only, expected kept. It comes with Mode training: change one of them.';
    await expect.poll(() => textsOf('#field-mode-fault .fault')).toEqual([right]);
    expect(await textsOf('[data-knob="neurons"] .fault')).toEqual([right]);
    expect(await textsOf('.strip .warning')).toEqual([`B (a3-shared) is not simulated. ${right}`]);
    const all = (await page.textContent('body')) ?? '';
    expect(all).not.toContain('--set workload.mode=training: ');
  });

  it('lets a list choose for both machines what one of them has', async () => {
    await show(page, DEFAULT_STATE);
    expect(await textsOf('#knob-neurons option')).toEqual([
      'A kept / B masks',
      'kept (default of A)',
      'masks (default of B)',
    ]);
    expect(await page.inputValue('#knob-neurons')).toBe('');
    await page.selectOption('#knob-neurons', 'kept');
    await settled(page);
    expect(await page.inputValue('#knob-neurons')).toBe('kept');
    const { hashes } = await headlinesOf(page);
    const { configHash } = simulate(
      await load('a3-shared', { set: ['network=lisa-cnn', 'workload.mode=attack', 'neurons=kept'] }),
    ).result;
    expect(hashes[1]).toBe(configHash);
  });

  it('shows no ratio of times and energies of unlike work', async () => {
    await show(page, { ...DEFAULT_STATE, network: null, mode: null });
    const ratios = await textsOf('.strip .ratio');
    expect(ratios.map((text) => text !== '')).toEqual([false, false, true, true]);
  });

  it.each([
    ['light', 1280],
    ['dark', 400],
  ] as const)(
    'from a file, below a path with a blank, %s at %i pixels: no fault of axe, no sideways scroll',
    async (scheme, width) => {
      const below = join(folder, 'sub path');
      mkdirSync(below, { recursive: true });
      writeFileSync(join(below, 'index.html'), explorerPage());
      const context = await browser.newContext({
        viewport: { width, height: 800 },
        colorScheme: scheme,
        bypassCSP: true,
      });
      const other = await context.newPage();
      await other.goto(pathToFileURL(join(below, 'index.html')).href);
      await other.waitForSelector('.token', { state: 'attached' });
      await settled(other);
      await other.addScriptTag({ path: createRequire(import.meta.url).resolve('axe-core/axe.min.js') });
      const violations = await other.evaluate(async () => {
        const { axe } = globalThis as unknown as {
          axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
        };
        return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
      });
      expect(violations).toEqual([]);
      const wide = await other.evaluate(
        () => (globalThis as unknown as { document: { body: { scrollWidth: number } } }).document.body.scrollWidth,
      );
      expect(wide).toBeLessThanOrEqual(width);
      // What is loaded late is not beside this page, which says so where it was asked for.
      await other.click('text=Show the numbers');
      const words = (): Promise<string | null> => other.textContent('.numbers .fault');
      await expect.poll(words).toMatch(/^late\.js is not beside this page/);
      expect(await other.$('.broken')).toBeNull();
      await context.close();
    },
  );
});
