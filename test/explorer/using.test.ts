import { readFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { load, simulate, type Result } from '../../src/index.js';
import {
  besidePage,
  explorerPage,
  pageWith,
  servePage,
  stateFor,
  type Served,
} from '../../src/explorer/server/index.js';
import { DEFAULT_STATE, type State } from '../../src/explorer/model/state.js';
import { diskPresets } from '../../src/config/files.node.js';
import { NumbersEngine } from '../../src/explorer/model/numbers.js';
import { readForeign } from '../../src/workload/foreign.node.js';
import { launch } from '../browser.js';
import { headlinesOf, move, settled, show } from './open.js';

const MODEL = fileURLToPath(new URL('../golden/data/models/zoo/inception_like/inception_like.onnx', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'xbarflow-using-'));
let browser: Browser;
let served: Served;
let page: Page;
const said: string[] = [];
const asked: string[] = [];

const watched = async (): Promise<Page> => {
  const own = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  own.on('console', (message) => said.push(message.text()));
  own.on('pageerror', (error) => said.push(error.message));
  own.on('request', (request) => asked.push(request.url()));
  return own;
};

beforeAll(async () => {
  browser = await launch();
  served = await servePage(explorerPage(), 0, besidePage());
  page = await watched();
  await page.goto(served.address);
  await settled(page);
});
afterAll(async () => {
  await browser.close();
  served.server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Drops a file on the page, as a hand would. */
async function drop(name: string, content: string | Uint8Array, at = 'body'): Promise<void> {
  const bytes = [...(typeof content === 'string' ? new TextEncoder().encode(content) : content)];
  const transfer = await page.evaluateHandle(
    ([own, data]) => {
      const { DataTransfer } = globalThis as unknown as {
        DataTransfer: new () => { items: { add(file: unknown): void } };
      };
      const all = new DataTransfer();
      all.items.add(new File([new Uint8Array(data)], own));
      return all;
    },
    [name, bytes] as const,
  );
  await page.dispatchEvent(at, 'drop', { dataTransfer: transfer });
}

const figuresOf = ({ time, energy, area, utilization }: Result): number[] => [
  time.totalS,
  energy.totalJ,
  area.totalMm2,
  utilization.effective,
];
const resultOf = async (base: string, ...set: string[]): Promise<Result> => simulate(await load(base, { set })).result;
const INFERENCE: State = { ...DEFAULT_STATE, mode: 'inference' };

describe('files on the page', () => {
  it('takes an ONNX model that is dropped anywhere as the network: the counts of the importer', async () => {
    await show(page, INFERENCE);
    await drop('inception like.onnx', readFileSync(MODEL));
    await expect.poll(() => page.inputValue('#field-network'), { timeout: 20_000 }).toBe('inception-like.onnx.yaml');
    await settled(page);
    const { loaded } = readForeign(MODEL);
    const run = await load('pipelayer', {
      set: ['workload.mode=inference', 'network=n.json'],
      files: { 'n.json': loaded.tree },
    });
    expect((await headlinesOf(page)).a).toEqual(figuresOf(simulate(run).result));
  });

  it('takes a config for the machine that it is dropped on, and says what is no model', async () => {
    await show(page, INFERENCE);
    await drop('own.yaml', 'extends: isaac\ncrossbar: { rows: 256, columns: 256 }\n', '.head-b');
    await expect.poll(() => page.inputValue('#field-machine-b')).toBe('own.yaml');
    await settled(page);
    const own = ['crossbar.rows=256', 'crossbar.columns=256', 'network=lisa-cnn', 'workload.mode=inference'];
    expect((await headlinesOf(page)).b).toEqual(figuresOf(await resultOf('isaac', ...own)));
    await drop('broken.onnx', 'no model');
    await expect.poll(() => page.textContent('.notice'), { timeout: 20_000 }).toContain('broken.onnx');
  });

  it.each([
    ['x.png', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0])],
    ['x.txt', 'a few words'],
    ['empty.yaml', ''],
    ['foo.json', '{"foo": 1}'],
  ] as const)(
    'leaves everything as it is where %s is dropped, and says so until something changes',
    async (name, text) => {
      const sets = [['crossbar.rows', '64']] as const;
      await show(page, { ...INFERENCE, machines: [{ base: 'isaac', sets }, INFERENCE.machines[1]] });
      const { hashes } = await headlinesOf(page);
      await drop(name, text);
      await expect.poll(() => page.textContent('.notice')).toContain(`${name} is nothing that this page reads: `);
      expect(await page.inputValue('#field-machine-a')).toBe('isaac');
      expect((await headlinesOf(page)).hashes).toEqual(hashes);
      await page.selectOption('#field-machine-b', 'pipelayer');
      await settled(page);
      expect(await page.$('.notice')).toBeNull();
    },
  );

  it('says a fault of a network file at the network, with the nearest word in place of ninety', async () => {
    await show(page, INFERENCE);
    const layer = 'type: convv2d, kernel: 3, channels: 8';
    await drop('net.yaml', `name: net\ninput: { channels: 1, height: 28, width: 28 }\nlayers:\n  - { ${layer} }\n`);
    const right = 'net.yaml, line 4: layers.0.type: found "convv2d", expected a layer type; did you mean "conv2d"?';
    await expect.poll(() => page.textContent('#field-network-fault')).toBe(`A, B ${right}`);
    expect(await page.textContent('#field-machine-b-fault')).toBe('');
    expect(await page.textContent('.strip .warning')).toBe(`A and B are not simulated. ${right}`);
    // There is nothing of them to take home.
    await page.click('.top >> text=Take it home');
    expect(await page.isDisabled('.dialog >> text=comparison.html')).toBe(true);
    expect(await page.isDisabled('.dialog section >> text=result.json')).toBe(true);
    expect(await page.isDisabled('.dialog section >> text=YAML')).toBe(false);
    await page.keyboard.press('Escape');
  });

  it('keeps a result as it was, beside machines whose knobs move', async () => {
    const result = await resultOf('isaac', 'network=lisa-cnn', 'workload.mode=inference');
    // Another version may have found another time; the page shows what the file says.
    const older = { ...result, time: { ...result.time, totalS: 1.5 } };
    await show(page, { ...DEFAULT_STATE });
    await drop('result.json', JSON.stringify(older));
    await expect.poll(() => page.inputValue('#field-machine-a')).toBe('result.json');
    await settled(page);
    expect((await headlinesOf(page)).a).toEqual(figuresOf(older));
    await page.fill('#knob-crossbar-rows', '2');
    await settled(page);
    expect((await headlinesOf(page)).a).toEqual(figuresOf(older));
    expect(await page.$$eval('.fault', (all) => all.length)).toBe(0);
    const knobs = ['crossbar.rows=48', 'crossbar.columns=48', 'network=lisa-cnn', 'workload.mode=inference'];
    expect((await headlinesOf(page)).b).toEqual(figuresOf(await resultOf('a3-shared', ...knobs)));
  });

  it('opens with a result that the command line names', async () => {
    const result = await resultOf('isaac', 'network=lenet-5', 'workload.mode=inference');
    writeFileSync(join(folder, 'result.json'), JSON.stringify(result));
    const state = stateFor(folder);
    expect(state.machines[0].base).toBe('result.json');
    expect([state.network, state.mode]).toEqual(['lenet-5', 'inference']);
    const opened = await servePage(pageWith(explorerPage(), state), 0);
    const other = await watched();
    await other.goto(opened.address);
    await settled(other);
    expect((await headlinesOf(other)).a).toEqual(figuresOf(result));
    await other.close();
    opened.server.close();
  });

  it('takes hostile names and pasted YAML as text', async () => {
    await show(page, INFERENCE);
    const name = '<img src=x onerror=alert(1)>.yaml';
    const hostile = '</script><script>globalThis.owned = 1</script><img src=x onerror="globalThis.owned = 1">';
    await drop(name, `extends: isaac\nname: '${hostile}'\n__proto__: { polluted: true }\n`);
    await expect.poll(() => page.textContent('.rail .fault, .head-a'), { timeout: 20_000 }).not.toBe('');
    await drop(name, `extends: isaac\nname: '${hostile}'\n`);
    await expect.poll(() => page.textContent('.head-a h2'), { timeout: 20_000 }).toContain('</script>');
    expect(await page.evaluate(() => (globalThis as { owned?: number }).owned)).toBeUndefined();
    expect(await page.$$eval('img', (all) => all.length)).toBe(0);
    expect(await page.evaluate(() => 'polluted' in {})).toBe(false);
  });
});

describe('back and forward', () => {
  it('undo a choice, and a drag at once, and leave the page only before the first', async () => {
    await show(page, INFERENCE);
    const rows = (): Promise<string | null> => page.textContent('[data-knob="crossbar.rows"] output');
    const before = await headlinesOf(page);
    await page.selectOption('#field-machine-a', 'isaac');
    await settled(page);
    await move(page, { key: 'crossbar.rows', position: 4, target: 0, over: [2, 3] });
    expect(await rows()).toBe('96 lines');
    await page.selectOption('#field-network', 'lenet-5');
    await settled(page);
    await page.goBack();
    await settled(page);
    expect(await page.inputValue('#field-network')).toBe('lisa-cnn');
    expect(await rows()).toBe('96 lines');
    await page.goBack();
    await settled(page);
    expect(await rows()).toBe('128 lines');
    expect(await page.inputValue('#field-machine-a')).toBe('isaac');
    await page.goBack();
    await settled(page);
    expect(await headlinesOf(page)).toEqual(before);
    await page.goForward();
    await page.goForward();
    await settled(page);
    expect(await rows()).toBe('96 lines');
  });
});

describe('points', () => {
  it('pins points, shows them beside now, and goes back to them', async () => {
    await show(page, DEFAULT_STATE);
    const before = await headlinesOf(page);
    await page.click('.top >> text=Pin');
    await page.fill('#knob-crossbar-rows', '3');
    await settled(page);
    const values = () =>
      page.$$eval('.pins [data-value]', (all) => all.map((one) => Number(one.getAttribute('data-value'))));
    await expect.poll(values, { timeout: 20_000 }).toEqual([...before.a, ...before.b]);
    expect((await headlinesOf(page)).hashes).not.toEqual(before.hashes);
    await page.click('text=go to');
    await settled(page);
    expect(await headlinesOf(page)).toEqual(before);
    await page.click('.pins >> text=remove');
    expect(await page.$('.pins')).toBeNull();
  });

  it('fills the curve of a knob with 40 points a machine, and marks where each stands', async () => {
    await show(page, DEFAULT_STATE);
    await page.fill('#knob-crossbar-rows', '6');
    await expect.poll(() => page.getAttribute('.curve', 'data-points'), { timeout: 20_000 }).toBe('80');
    expect(await page.$$eval('.curve circle', (all) => all.length)).toBe(8);
  });

  it('maps two knobs, by keyboard too, and a cell sets both', async () => {
    await show(page, {
      ...DEFAULT_STATE,
      machines: [{ base: 'isaac', sets: [] }, DEFAULT_STATE.machines[1]],
      mode: 'inference',
    });
    await page.click('.map summary');
    await page.click('text=Draw the map');
    await page.waitForSelector('[data-cell="7 1"][data-value]');
    const value = Number(await page.getAttribute('[data-cell="7 1"]', 'data-value'));
    await page.focus('[data-cell="0 0"]');
    for (let i = 0; i < 7; i++) await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await settled(page);
    const knobs = ['crossbar.rows=256', 'crossbar.columns=256', 'crossbar.cellBits=2'];
    const result = await resultOf('isaac', 'network=lisa-cnn', 'workload.mode=inference', ...knobs);
    expect(value).toBe(result.energy.totalJ);
    expect((await headlinesOf(page)).a).toEqual(figuresOf(result));
  });
});

describe('numbers', () => {
  it('shows a digit on the arrays, off by the noise of their cells as the library computes it', async () => {
    const noise = 'functional.noise.programming';
    await show(page, {
      ...INFERENCE,
      network: 'digits-cnn',
      machines: [{ base: 'isaac', sets: [[noise, '0.1']] }, DEFAULT_STATE.machines[1]],
      numbers: { machine: 0, picture: 0 },
    });
    // The library learns while the page does.
    const design = { base: 'isaac', sets: ['network=digits-cnn', 'workload.mode=inference', `${noise}=0.1`] };
    const view = new NumbersEngine().look(diskPresets, design, 0);
    await page.waitForSelector('.numbers[aria-busy="false"]', { timeout: 120_000 });
    const off = await page.$$eval('[data-layer][data-error]', (all) =>
      all.map((one) => Number(one.getAttribute('data-error'))),
    );
    expect(off).toEqual(view.layers.map(({ error }) => error));
    expect(Math.max(...off)).toBeGreaterThan(0.05);
    expect(await page.$$eval('.frames figure', (all) => all.length)).toBe(view.attack.frames.length);
  }, 180_000);

  it('takes home a comparison with its figures', async () => {
    await page.click('.top >> text=Take it home');
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('text=comparison.html')]);
    const html = readFileSync(await download.path(), 'utf8');
    await page.keyboard.press('Escape');
    expect(html).toContain('chart-specs');
    expect(html.length).toBeGreaterThan(500_000);
  });
});

describe('the page', () => {
  it('asked nobody, and had no fault', () => {
    expect(said).toEqual([]);
    expect(asked.filter((url) => !/^(http:\/\/127\.0\.0\.1|blob:)/.test(url))).toEqual([]);
  });
});
