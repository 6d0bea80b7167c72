import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { load, simulate } from '../../src/index.js';
import { stateOf } from '../../src/explorer/model/address.js';
import { besidePage, explorerPage } from '../../src/explorer/server/index.js';
import { DEFAULT_STATE, type State } from '../../src/explorer/model/state.js';
import { launch } from '../browser.js';
import { headlinesOf, settled, show } from './open.js';

const SUB_PATH = '/some/sub/path/';
const folder = mkdtempSync(join(tmpdir(), 'xbarflow-keys-'));
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
let browser: Browser;
let context: BrowserContext;
let server: Server;
let page: Page;
let origin: string;
const said: string[] = [];
const asked: string[] = [];

/** Any web server with the files of `--out` in a folder. */
beforeAll(async () => {
  const files: Record<string, string> = { ...besidePage(), 'index.html': explorerPage() };
  server = createServer(({ url = '' }, response) => {
    const name = url.slice(SUB_PATH.length) || 'index.html';
    const text = url.startsWith(SUB_PATH) ? files[name] : undefined;
    response
      .writeHead(text === undefined ? 404 : 200, {
        'content-type': `text/${name.endsWith('.js') ? 'javascript' : 'html'}; charset=utf-8`,
      })
      .end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await launch();
  context = await browser.newContext({ viewport: { width: 1280, height: 900 }, bypassCSP: true });
  page = await context.newPage();
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(error.message));
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(`${origin}${SUB_PATH}`);
  await settled(page);
});
afterAll(async () => {
  await browser.close();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const stateNow = (): State => stateOf(/#s=(.*)$/.exec(page.url())?.[1] ?? '') ?? DEFAULT_STATE;
/** What has the focus: its id, name or text. */
const focused = (): Promise<string> =>
  page.evaluate(() => {
    const { document } = globalThis as unknown as {
      document: {
        body: unknown;
        activeElement: { id: string; ariaLabel: string | null; textContent: string; className: string } | null;
      };
    };
    const at = document.activeElement;
    return at === null || at === document.body ? '' : `${at.id} ${at.ariaLabel ?? at.textContent} ${at.className}`;
  });
/** Tab until something has the focus that fits. */
async function tabTo(wanted: RegExp, key = 'Tab'): Promise<void> {
  for (let i = 0; i < 150; i++) {
    if (wanted.test(await focused())) return;
    await page.keyboard.press(key);
  }
  throw new Error(`no way to ${String(wanted)} by ${key}`);
}
const press = async (...keys: string[]): Promise<void> => {
  for (const key of keys) await page.keyboard.press(key);
};
const command = async (words: string): Promise<void> => {
  await press('Control+k');
  await page.keyboard.type(words);
  await press('Enter');
};

describe('the whole way with keys alone, below a path of a web server', () => {
  it('chooses machines, moves a knob, explains, steps the board, pins, takes home', async () => {
    // Machines: one from its list, one by command.
    await tabTo(/^field-machine-a /);
    await page.keyboard.type('a3-single');
    await tabTo(/^field-network /);
    await command('machine b: pipelayer');
    await command('network: lenet-5');
    await expect.poll(stateNow).toMatchObject({
      machines: [
        { base: 'a3-single', sets: [] },
        { base: 'pipelayer', sets: [] },
      ],
      network: 'lenet-5',
    });
    // A knob by arrow keys, on A alone.
    await tabTo(/^knob-crossbar-rows /);
    await press('ArrowLeft', 'ArrowLeft');
    await settled(page);
    await expect
      .poll(() => stateNow().machines[0].sets)
      .toEqual([
        ['crossbar.rows', '64'],
        ['crossbar.columns', '64'],
      ]);
    const sets = ['network=lenet-5', 'workload.mode=attack', 'crossbar.rows=64', 'crossbar.columns=64'];
    const { result } = simulate(await load('a3-single', { set: sets }));
    await settled(page);
    expect((await headlinesOf(page)).a[0]).toBe(result.time.totalS);
    // The drawer: its number has the focus' way, the drawer takes it, and it closes.
    await tabTo(/bar-row machine-a/, 'Shift+Tab');
    await press('Enter');
    await expect.poll(focused).toMatch(/^ Utilization/);
    await page.waitForSelector('.drawer .tree');
    await tabTo(/Close the explanation/);
    await press('Enter');
    await expect.poll(() => page.$('.drawer')).toBeNull();
    expect(await focused()).toMatch(/bar-row machine-a/);
    // The board.
    await page.waitForSelector('.board[aria-busy="false"] .controls');
    await tabTo(/One step on/);
    const cycle = async (): Promise<number> => Number(await page.getAttribute('.controls output', 'data-cycle'));
    const before = await cycle();
    await press('Enter', 'Enter');
    await expect.poll(cycle).toBe(before + 2);
    await tabTo(/Time on the board/);
    await press('Home');
    expect(await cycle()).toBe(0);
    // Pin, and home.
    await command('pin this point');
    await page.waitForSelector('.pins');
    await command('take it home');
    await tabTo(/^ YAML/);
    const [file] = await Promise.all([page.waitForEvent('download'), press('Enter')]);
    expect(readFileSync(await file.path(), 'utf8')).toContain('extends: a3-single');
    await press('Escape');
    await expect.poll(() => page.$('dialog')).toBeNull();
  });

  it('writes reports of a machine and of both, with what their charts need', async () => {
    await page.click('.top >> text=Take it home');
    for (const [name, words] of [
      ['report.html', /LeNet-5|lenet-5/],
      ['comparison.html', /a3-single/],
    ] as const) {
      const [file] = await Promise.all([page.waitForEvent('download'), page.click(`.dialog >> text=${name}`)]);
      const html = readFileSync(await file.path(), 'utf8');
      expect(html).toMatch(words);
      expect(html).toContain('chart-specs');
    }
    await press('Escape');
  });

  it('has no fault of axe in any part that opens', async () => {
    await page.addScriptTag({ path: axe });
    const faultsNow = (rules: readonly string[]): Promise<string[]> =>
      page.evaluate(async (only) => {
        const { axe: checker } = globalThis as unknown as {
          axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
        };
        const { violations } = await checker.run(only.length > 0 ? { runOnly: only } : {});
        return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
      }, rules);
    const faults: string[] = [];
    const look = async (part: string): Promise<void> => {
      faults.push(...(await faultsNow([])).map((fault) => `${part}: ${fault}`));
      await page.emulateMedia({ colorScheme: 'dark' });
      faults.push(...(await faultsNow(['color-contrast'])).map((fault) => `${part}, dark: ${fault}`));
      await page.emulateMedia({ colorScheme: 'light' });
    };
    await show(page, { ...DEFAULT_STATE, explained: { machine: 0, key: 'energy.totalJ' } });
    await page.waitForSelector('.drawer .tree');
    await page.fill('#knob-crossbar-rows', '4');
    await page.fill('#search', 'adc energy');
    await page.click('.map summary');
    await page.click('text=Draw the map');
    await page.waitForSelector('.map [data-cell="0 0"][data-value], .map .none');
    await page.waitForSelector('.curve');
    await look('drawer, curve, search, map, pins');
    const busy = (value: boolean): Promise<void> =>
      page.evaluate((text) => {
        const { document } = globalThis as unknown as {
          document: { querySelector(name: string): { setAttribute(name: string, value: string): void } };
        };
        document.querySelector('.strip').setAttribute('aria-busy', text);
      }, String(value));
    await busy(true);
    await look('being worked out');
    await busy(false);
    await show(page, {
      ...DEFAULT_STATE,
      machines: [
        { base: 'isaac', sets: [] },
        { base: 'a3', sets: [['crossbar.cellBits', '99']] },
      ],
    });
    await look('errors');
    await page.click('.top >> text=Commands');
    await look('palette');
    await press('Escape');
    await page.click('.top >> text=Take it home');
    await look('take home');
    await press('Escape');
    await page.click('text=open a file or YAML');
    await look('paste');
    await press('Escape');
    await page.click('.top >> text=Tour');
    await look('tour');
    await page.click('text=Leave the tour');
    await page.setViewportSize({ width: 400, height: 800 });
    await show(page, DEFAULT_STATE);
    for (const tab of ['cycles', 'energy', 'why'] as const) {
      await show(page, { ...DEFAULT_STATE, tab });
      await look(`narrow ${tab}`);
    }
    await page.click('text=Machines and knobs');
    await look('sheet');
    await press('Escape');
    expect(await page.isVisible('.rail')).toBe(false);
    // 1280 pixels at 400 %.
    await page.setViewportSize({ width: 320, height: 256 });
    const wide = await page.evaluate(
      () => (globalThis as unknown as { document: { body: { scrollWidth: number } } }).document.body.scrollWidth,
    );
    expect(wide).toBeLessThanOrEqual(320);
    expect(faults).toEqual([]);
  });

  it('opens on a narrow page what each step of the tour points at', async () => {
    await page.setViewportSize({ width: 400, height: 800 });
    const own: State = { ...DEFAULT_STATE, machines: [{ base: 'isaac', sets: [] }, DEFAULT_STATE.machines[1]] };
    await show(page, { ...own, network: 'lenet-5', mode: 'inference' });
    await page.click('.top >> text=Tour');
    /** Whether the tour stands over none of a part. */
    const free = async (part: string): Promise<boolean> => {
      const [box, at] = [await (await page.$('.tour'))?.boundingBox(), await (await page.$(part))?.boundingBox()];
      return box != null && at != null && (box.y + box.height <= at.y + 1 || box.y >= at.y + at.height - 1);
    };
    for (const part of ['.machines', '.strip', '.rail', '.board', '.now-rows']) {
      await page.waitForSelector(`${part}.toured`, { state: 'visible' });
      await expect.poll(() => free(part), { message: part }).toBe(true);
      // It speaks of PipeLayer and of A3 with one copy, so these stand there, each with its board.
      await expect.poll(() => stateNow().machines.map(({ base }) => base)).toEqual(['pipelayer', 'a3-shared']);
      if (part === '.board') await expect.poll(() => stateNow().board).toMatchObject({ machine: 0, at: 0 });
      if (part === '.now-rows') await expect.poll(() => stateNow().board).toMatchObject({ machine: 1, at: 8 });
      await page.click(part === '.now-rows' ? '.tour >> text=Done' : '.tour >> text=Next');
    }
    expect(await page.$('.tour')).toBeNull();
    await expect.poll(() => stateNow().machines[0].base).toBe('isaac');
  });

  it('shows the knobs of a design with a fault from a link where they stand', async () => {
    await page.setViewportSize({ width: 1280, height: 900 });
    await show(page, {
      ...DEFAULT_STATE,
      machines: [
        { base: 'a3', sets: [] },
        {
          base: 'pipelayer',
          sets: [
            ['crossbar.cellBits', '99'],
            ['workload.batch', '20'],
          ],
        },
      ],
      target: 'b',
    });
    expect(await page.textContent('[data-knob="crossbar.cellBits"] .fault')).toContain('found 99');
    const shown = await page.$$eval('.knob output', (all) => all.map((one) => one.textContent));
    expect(shown.slice(0, 8)).toEqual(['128 lines', '99 bit', '16 bit', '16 bit', '–', '1', '49', '20 images']);
  });

  it('asked nobody but its own place, and had no fault', () => {
    expect(said).toEqual([]);
    expect(asked.filter((url) => !url.startsWith(`${origin}${SUB_PATH}`) && !url.startsWith('blob:'))).toEqual([]);
    expect(asked).toContain(`${origin}${SUB_PATH}late.js`);
  });
});
