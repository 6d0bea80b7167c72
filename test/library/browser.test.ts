import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserBundle } from '../../scripts/check-browser.mjs';
import type { Comparison, ConfigInput, Result } from '../../src/index.js';
import { launch } from '../browser.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Architectures, modes and ways through the pipeline, each once at least. */
const CONFIGS: ConfigInput[] = [
  { extends: 'pipelayer', network: 'lenet-5', workload: { mode: 'inference' } },
  { extends: 'pipelayer', network: 'mnist-0', workload: { mode: 'training', images: 128 } },
  { extends: 'pipelayer', network: 'vgg-8', workload: { mode: 'inference' }, pipeline: { advance: 'elastic' } },
  { extends: 'a3', network: 'lisa-cnn', workload: { mode: 'attack', iterations: 3 } },
  { extends: 'a3-shared', network: 'mnist-a', workload: { mode: 'attack', iterations: 2 } },
  { extends: 'isaac', network: 'lenet-5' },
  { extends: 'prime', network: 'mnist-b' },
  { extends: 'puma', network: 'matrix-128' },
  { extends: 'digital-int8', network: 'lenet-5', workload: { mode: 'training', images: 64 } },
  {
    extends: 'pipelayer',
    network: 'lisa-cnn',
    workload: { mode: 'attack', iterations: 2, trace: 'synthetic-lisa-cnn-attack' },
  },
];

/** What the worker does: every config, their comparison, an explanation and two reports. */
const WORKER = `
import { compare, compareReport, explain, load, pageHtml, runReport, simulate, timelineJson, recordTimeline, METRICS }
  from './xbarflow.js';
onmessage = async ({ data: configs }) => {
  try {
    const results = [];
    for (const config of configs) {
      const { result, machine } = simulate(await load(config));
      results.push(result);
      pageHtml(runReport(result, timelineJson(machine, recordTimeline(machine))), []);
    }
    const comparison = compare(results);
    const titles = new Map(METRICS.map(({ key, title }) => [key, title]));
    const page = pageHtml(compareReport(comparison, titles), []);
    const explanation = explain(results[0], 'energy.totalJ');
    postMessage({ comparison, page: page.length, explained: explanation.derivation.value });
  } catch (error) {
    postMessage({ error: String(error.stack ?? error) });
  }
};
`;

const folder = mkdtempSync(join(tmpdir(), 'xbarflow-browser-'));
let browser: Browser;
let server: Server;

beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => {
  await browser.close();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Serves scripts by name and an empty page at `/`. */
async function served(files: ReadonlyMap<string, string>): Promise<string> {
  server = createServer((request, response) => {
    const code = files.get((request.url ?? '/').slice(1));
    response.setHeader('content-type', code === undefined ? 'text/html' : 'text/javascript');
    response.end(code ?? '<!doctype html>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** The results of the configs as the command line gives them. */
function onCommandLine(): Comparison {
  const files = CONFIGS.map((config, i) => {
    const file = join(folder, `design-${i}.yaml`);
    writeFileSync(file, JSON.stringify(config));
    return file;
  });
  const bin = join(root, 'dist/cli/xbarflow.cjs');
  const { stdout, stderr } = spawnSync(process.execPath, [bin, 'compare', ...files, '--format', 'json', '--quiet'], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Comparison;
}

/** All but names, places of files, commands that name the config, and what may differ between equal runs. */
function figuresOf(result: Result): unknown {
  const { verdict, constants, ...rest } = result;
  const named = new Set(['architecture', 'label', 'places', 'configHash', 'simulator']);
  return {
    ...Object.fromEntries(Object.entries(rest).filter(([key]) => !named.has(key))),
    verdict: { ...verdict, next: verdict.next.length },
    constants: constants.map(({ key, value, placeholder }) => ({ key, value, placeholder })),
  };
}

describe('the library in a browser', () => {
  it('bundles without Node; in a worker of Chromium ten configs give what the command line gives', async () => {
    const { files, faults } = await browserBundle();
    expect(faults).toEqual([]);
    const page = await browser.newPage();
    await page.goto(await served(new Map([...files, ['worker.js', WORKER]])));
    const answer = await page.evaluate(
      (configs) =>
        new Promise<{ error?: string; comparison: Comparison; page: number; explained: number }>((resolve) => {
          const worker = new Worker('/worker.js', { type: 'module' });
          worker.onmessage = (event) => {
            resolve(event.data as never);
          };
          worker.onerror = (event: { message: string }) => {
            resolve({ error: event.message } as never);
          };
          worker.postMessage(configs);
        }),
      CONFIGS,
    );
    expect(answer.error).toBeUndefined();
    const expected = onCommandLine();
    const { results, rows } = answer.comparison;
    expect(results.map(figuresOf)).toEqual(expected.results.map(figuresOf));
    expect(rows.map(({ metric, value, ratio }) => [metric, value, ratio])).toEqual(
      expected.rows.map(({ metric, value, ratio }) => [metric, value, ratio]),
    );
    expect(answer.explained).toBeCloseTo(expected.results[0]!.energy.totalJ, 12);
    expect(answer.page).toBeGreaterThan(10_000);
  });

  it('the check sees a module and a global of Node', async () => {
    const entry = join(folder, 'nodeish.js');
    writeFileSync(entry, "import { readFileSync } from 'node:fs';\nconsole.log(readFileSync, process.argv, Buffer);\n");
    const { faults } = await browserBundle(entry);
    expect(faults.join('\n')).toMatch(/node:fs/);
    expect(faults.join('\n')).toMatch(/'process' is not defined/);
    expect(faults.join('\n')).toMatch(/'Buffer' is not defined/);
  });
});
