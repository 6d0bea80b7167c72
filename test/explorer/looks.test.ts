import { createRequire } from 'node:module';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diskPresets } from '../../src/config/files.node.js';
import { TOLD_HEADLINES, causeSentence } from '../../src/experiment/cause-sentences.js';
import { load, simulate } from '../../src/index.js';
import { NumbersEngine } from '../../src/explorer/model/numbers.js';
import { DEFAULT_STATE, TABS, type State } from '../../src/explorer/model/state.js';
import { besidePage, explorerPage, servePage, type Served } from '../../src/explorer/server/index.js';
import { printed } from '../../src/explorer/page/format.js';
import { launch } from '../browser.js';
import { settled, show } from './open.js';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
let browser: Browser;
let served: Served;
let page: Page;
const said: string[] = [];

beforeAll(async () => {
  browser = await launch();
  served = await servePage(explorerPage(), 0, besidePage());
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    reducedMotion: 'reduce',
    bypassCSP: true,
  });
  page = await context.newPage();
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(error.message));
  await page.goto(served.address);
  await settled(page);
});
afterAll(async () => {
  await browser.close();
  served.server.close();
});

const boardThere = (): Promise<unknown> =>
  page.waitForSelector('.board[aria-busy="false"] .token', { state: 'attached', timeout: 30_000 });
const styleOf = (selector: string, name: 'transitionProperty' | 'position' | 'left' | 'width'): Promise<string> =>
  page.$eval(
    selector,
    (element, property) => {
      const window = globalThis as unknown as { getComputedStyle(at: unknown): Record<string, string> };
      return window.getComputedStyle(element)[property] ?? '';
    },
    name,
  );
/** Width of the element, and of what is in it. */
const widthsOf = (selector: string): Promise<{ own: number; inner: number }> =>
  page.$eval(selector, (element) => {
    const { clientWidth, scrollWidth } = element as unknown as { clientWidth: number; scrollWidth: number };
    return { own: clientWidth, inner: scrollWidth };
  });
/** A percentage of an element's own style. */
const percentOf = async (selector: string, name: 'left' | 'width'): Promise<number> =>
  Number(new RegExp(`${name}:\\s*([\\d.]+)%`).exec((await page.getAttribute(selector, 'style')) ?? '')?.[1]);

const DIGITS: State = {
  ...DEFAULT_STATE,
  machines: [
    { base: 'isaac', sets: [['functional.noise.programming', '0.3']] },
    { base: 'digital-int8', sets: [] },
  ],
  network: 'digits-cnn',
  mode: 'inference',
};

describe('a step of a slider', () => {
  it('leaves a tick at the default and a ghost of each old figure, said with its unit', async () => {
    await show(page, DEFAULT_STATE);
    const bar = '.strip [data-metric="energy.totalJ"] .machine-a';
    const before = Number(await page.getAttribute(bar, 'data-value'));
    expect(await page.$('.knob .tick')).toBeNull();
    await page.fill('#knob-crossbar-rows', '2');
    await settled(page);
    // 128 lines are the sixth of twelve places.
    expect(await percentOf('[data-knob="crossbar.rows"] .tick', 'left')).toBeCloseTo((100 * 5) / 11);
    expect(await page.getAttribute('[data-knob="crossbar.rows"] .tick', 'title')).toBe('default 128');
    const after = Number(await page.getAttribute(bar, 'data-value'));
    expect(after).toBeGreaterThan(before);
    expect(await percentOf(`${bar} .bar`, 'width')).toBeCloseTo(100);
    expect(await percentOf(`${bar} .ghost`, 'left')).toBeCloseTo((100 * before) / after);
    expect(await page.textContent('[data-knob="crossbar.rows"] output')).toBe('48 lines');
    expect(await page.getAttribute('#knob-crossbar-rows', 'aria-valuetext')).toBe('48 lines');
    await page.fill('#knob-workload-batch', '0');
    expect(await page.textContent('[data-knob="workload.batch"] output')).toBe('1 image');
    await page.click('[data-knob="crossbar.rows"] >> text=default 128');
    await settled(page);
    expect(await page.$('[data-knob="crossbar.rows"] .tick')).toBeNull();
  });

  it('has a map whose caption says figures and knobs with their units', async () => {
    await show(page, DEFAULT_STATE);
    await page.click('.map summary');
    await page.click('text=Draw the map');
    await page.waitForSelector('.map [data-cell="0 0"]');
    await page.waitForSelector('.map [aria-label$="not worked out yet"]', { state: 'detached', timeout: 60_000 });
    const caption = (await page.textContent('.map caption')) ?? '';
    expect(caption).toMatch(
      /^Energy of A: Array size \(lines\) across, Cell bits \(bit\) down; [\d.]+\s[mk]?J {2}[\d.]+\s[mk]?J/,
    );
    const values = await page.$$eval('.map [data-value]', (cells) =>
      cells.map((cell) => [Number(cell.getAttribute('data-value')), cell.getAttribute('aria-label') ?? ''] as const),
    );
    expect(values.length).toBeGreaterThan(40);
    expect(values[0]![1]).toMatch(/^Array size \d+, Cell bits \d: [\d.]+\s[mk]?J$/);
    await page.click('.map summary');
  });
});

describe('the cause of a difference', () => {
  it('stands in the strip as the sentences of the library, in full, one of them on a narrow page', async () => {
    const result = async (base: string) => {
      const run = await load(base, { set: ['network=lisa-cnn', 'workload.mode=attack'] });
      return simulate(run).result;
    };
    const [theirs, ours] = [
      { name: 'A', result: await result('pipelayer') },
      { name: 'B', result: await result('a3-shared') },
    ];
    const sentences = TOLD_HEADLINES.map((key) => printed(causeSentence(key, ours, theirs)));
    await show(page, DEFAULT_STATE);
    /** Texts that are seen, and whether all of each is. */
    const seen = (): Promise<[string | null, boolean][]> =>
      page.$$eval('.strip .cause', (all) =>
        all.flatMap((one) => {
          const { scrollHeight, clientHeight, scrollWidth, clientWidth } = one as unknown as Record<string, number>;
          const whole = scrollHeight! <= clientHeight! && scrollWidth! <= clientWidth!;
          return clientHeight === 0 ? [] : [[one.textContent, whole] as [string | null, boolean]];
        }),
      );
    expect(await seen()).toEqual(sentences.map((sentence) => [sentence, true]));
    expect(await page.textContent('.differ')).toMatch(/^A and B differ in 3 knobs: Sign \(/);
    await page.setViewportSize({ width: 400, height: 850 });
    expect(await seen()).toEqual([[sentences[0], true]]);
    await page.setViewportSize({ width: 1280, height: 900 });
    // Other work has no former figures: its bars fill their tracks.
    await show(page, DIGITS);
    expect(await page.$('.strip .ghost[style]')).toBeNull();
  });
});

describe('who needs little motion', () => {
  it('sees the board move by whole steps, and bars that do not glide', async () => {
    await show(page, { ...DEFAULT_STATE, board: { ...DEFAULT_STATE.board, at: 0 } });
    await boardThere();
    expect(await styleOf('.strip .bar', 'transitionProperty')).toBe('none');
    const time = (): Promise<number> => page.getAttribute('.controls output', 'data-time').then(Number);
    const steps = [await time()];
    for (let step = 0; step < 3; step++) {
      await page.click('[aria-label="One step on"]');
      steps.push(await time());
    }
    await show(page, { ...DEFAULT_STATE, board: { ...DEFAULT_STATE.board, at: 1 } });
    await show(page, { ...DEFAULT_STATE, board: { ...DEFAULT_STATE.board, at: 0 } });
    const seen = page.$eval(
      '.controls output',
      (output, enough) =>
        new Promise<number[]>((resolve) => {
          const { MutationObserver } = globalThis as unknown as {
            MutationObserver: new (heard: () => void) => { observe(at: unknown, what: object): void };
          };
          const times: number[] = [];
          new MutationObserver(() => {
            times.push(Number(output.getAttribute('data-time')));
            if (times.length === enough) resolve(times);
          }).observe(output, { attributeFilter: ['data-time'] });
        }),
      2,
    );
    await page.click('.controls >> text=Play');
    expect(await seen).toEqual(steps.slice(1, 3));
    await page.click('.controls >> text=Pause');
  });
});

describe('who hears the page', () => {
  it('hears a name of everything that can be worked, and of every part', async () => {
    await show(page, { ...DEFAULT_STATE, explained: { machine: 0, key: 'energy.totalJ' } });
    await boardThere();
    await page.waitForSelector('.drawer .tree');
    const session: CDPSession = await page.context().newCDPSession(page);
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    await session.detach();
    const roles = ['button', 'slider', 'combobox', 'radio', 'searchbox', 'region', 'image', 'complementary'];
    const named = nodes
      .filter(({ ignored, role }) => !ignored && roles.includes(String(role?.value)))
      .map(({ role, name }) => [String(role?.value), String(name?.value ?? '')] as const);
    expect(named.filter(([, name]) => name.trim() === '')).toEqual([]);
    const of = (role: string): string[] => named.flatMap(([own, name]) => (own === role ? [name] : []));
    expect(of('slider')).toEqual(expect.arrayContaining(['Array size', 'Batch', 'Time on the board']));
    expect(of('combobox')).toEqual(expect.arrayContaining(['Machine A', 'Machine B', 'Network', 'Mode']));
    expect(of('button')).toEqual(expect.arrayContaining(['One step on', 'Close the explanation']));
  });
});

describe('accuracy', () => {
  it('stands in the strip where the network can learn digits: asked for, as the library counts it', async () => {
    await show(page, DEFAULT_STATE);
    expect(await page.$('[data-metric="accuracy"]')).toBeNull();
    await show(page, DIGITS);
    await page.click('[data-metric="accuracy"] >> text=work it out');
    const engine = new NumbersEngine();
    const work = ['network=digits-cnn', 'workload.mode=inference'];
    const right = [
      engine.accuracy(diskPresets, { base: 'isaac', sets: [...work, 'functional.noise.programming=0.3'] }),
      engine.accuracy(diskPresets, { base: 'digital-int8', sets: work }),
    ];
    await page.waitForSelector('[data-metric="accuracy"][aria-busy="false"] [data-accuracy]', { timeout: 120_000 });
    const shown = await page.$$eval('[data-accuracy]', (all) =>
      all.map((one) => Number(one.getAttribute('data-accuracy'))),
    );
    expect(shown).toEqual(right.map(({ share }) => share));
    // Integers of 8 bits do nearly as well as exact numbers; cells that are off by 30 % do not.
    expect(Math.abs(right[1]!.share - right[1]!.exact)).toBeLessThan(0.03);
    expect(shown[0]).toBeLessThan(right[0]!.exact - 0.05);
  }, 180_000);

  it('is that of an evaluation that is dropped on a machine, until the machine is another', async () => {
    const evaluation = {
      schema: 'xbarflow/evaluation@1',
      architecture: 'isaac',
      network: 'VGG-8',
      images: 1000,
      accuracy: { float: 0.91, integer: 0.905, hardware: { mean: 0.8725 } },
    };
    const evaluated: State = {
      ...DEFAULT_STATE,
      files: { 'evaluation.json': JSON.stringify(evaluation) },
      evaluated: [null, 'evaluation.json'],
    };
    await show(page, evaluated);
    expect(await page.getAttribute('[data-metric="accuracy"] .machine-b', 'data-accuracy')).toBe('0.8725');
    expect(await page.textContent('[data-metric="accuracy"] .cause')).toContain('VGG-8 on isaac, 1000 samples');
    await page.selectOption('#field-machine-b', 'a3');
    await settled(page);
    expect(await page.$('[data-metric="accuracy"]')).toBeNull();
  });
});

describe('wide and narrow', () => {
  it('has no fault of axe with numbers and accuracy, which the numbers ask for', async () => {
    await show(page, { ...DIGITS, numbers: { machine: 0, picture: 0 } });
    await page.waitForSelector('.numbers[aria-busy="false"] .layer-numbers', { timeout: 120_000 });
    await page.waitForSelector('[data-metric="accuracy"][aria-busy="false"] [data-accuracy]', { timeout: 120_000 });
    await page.addScriptTag({ path: axe });
    const faults = async (): Promise<string[]> =>
      page.evaluate(async () => {
        const { axe: checker } = globalThis as unknown as {
          axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
        };
        return (await checker.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
      });
    expect(await faults()).toEqual([]);
    await page.setViewportSize({ width: 400, height: 800 });
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await faults()).toEqual([]);
    expect((await widthsOf('body')).inner).toBeLessThanOrEqual(400);
    await page.emulateMedia({ colorScheme: 'light' });
  }, 180_000);

  it('keeps numbers and machines within pages of every width, and arrays in their proportions', async () => {
    await page.setViewportSize({ width: 1440, height: 900 });
    await show(page, { ...DIGITS, numbers: { machine: 0, picture: 0 } });
    await page.waitForSelector('.numbers[aria-busy="false"] .cells', { timeout: 120_000 });
    const over: number[] = [];
    for (const width of [761, 800, 900, 1024, 1100, 1101, 1440]) {
      await page.setViewportSize({ width, height: 900 });
      if ((await widthsOf('html')).inner > width) over.push(width);
    }
    expect(over).toEqual([]);
    const cells = await page.$$eval('.cells canvas', (all) =>
      all.map((one) => {
        const { clientWidth, clientHeight, width, height } = one as unknown as Record<string, number>;
        return { shown: clientHeight! / clientWidth!, own: height! / width!, tall: clientHeight! };
      }),
    );
    expect(cells.length).toBe(3);
    for (const { shown, own, tall } of cells) {
      expect(shown / own).toBeCloseTo(1, 0);
      // Nine times the root's 16 px.
      expect(tall).toBeLessThanOrEqual(144);
    }
    // Sizes of buffers stand within their frames.
    for (const width of [1440, 1060, 815, 761]) {
      await page.setViewportSize({ width, height: 900 });
      await show(page, { ...DIGITS, network: 'densenet-121', explained: { machine: 0, key: 'energy.totalJ' } });
      const out = await page.$$eval(
        '.buffer .value',
        (all) =>
          all.filter((one) => {
            interface Element {
              scrollWidth: number;
              clientWidth: number;
              parentElement: Element;
            }
            const { scrollWidth, clientWidth, parentElement: frame } = one as unknown as Element;
            return scrollWidth > clientWidth || frame.scrollWidth > frame.clientWidth;
          }).length,
      );
      expect([width, out]).toEqual([width, 0]);
    }
  }, 180_000);

  it('shows at 400 % every tab, drawer and sheet without scrolling sideways, nothing standing over them', async () => {
    // 1280 x 1024 pixels at 400 %.
    await page.setViewportSize({ width: 320, height: 256 });
    const states: State[] = [
      ...TABS.map((tab) => ({ ...DEFAULT_STATE, tab })),
      { ...DEFAULT_STATE, explained: { machine: 0, key: 'energy.totalJ' } },
      { ...DIGITS, accuracy: true },
    ];
    for (const state of states) {
      await show(page, state);
      expect([state.tab, (await widthsOf('body')).inner]).toEqual([state.tab, 320]);
    }
    expect(await styleOf('.strip', 'position')).toBe('static');
    await show(page, DEFAULT_STATE);
    await page.click('text=Machines and knobs');
    expect((await widthsOf('.rail')).inner).toBeLessThanOrEqual(320);
    await page.click('text=Machines and knobs');
  });

  it('fills a wide page with the board, and leaves no room beside it', async () => {
    await page.setViewportSize({ width: 1800, height: 900 });
    await show(page, DEFAULT_STATE);
    await boardThere();
    const lanes = await widthsOf('.lanes');
    expect(lanes.own).toBeGreaterThan(1400);
    expect(lanes.inner).toBeLessThanOrEqual(lanes.own);
    const drawn = await page.$eval('.lanes svg:last-child', (svg) => Number(svg.getAttribute('width')));
    expect(drawn).toBeGreaterThan(0.93 * lanes.own);
  });

  it('stands a board that is shorter than the last one at its end', async () => {
    await show(page, { ...DIGITS, machines: [DIGITS.machines[0], { base: 'pipelayer', sets: [] }] });
    await page.waitForFunction(() => {
      const { document } = globalThis as unknown as {
        document: { querySelectorAll(name: string): { length: number } };
      };
      return document.querySelectorAll('.tokens .cycle').length === 7;
    });
    expect(await page.getAttribute('.controls output', 'data-cycle')).toBe('6');
    // A board without cycles has times above it.
    await show(page, { ...DIGITS, board: { ...DIGITS.board, machine: 0 } });
    await boardThere();
    const times = await page.$$eval('.tokens .cycle text', (all) => all.map((one) => one.textContent));
    expect(times.length).toBeGreaterThan(3);
    expect(times.filter((time) => !/^[\d.]+\s[nµm]?s$/.test(time))).toEqual([]);
    expect(said).toEqual([]);
  });
});
