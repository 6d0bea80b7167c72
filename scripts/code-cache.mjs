// Keeps what V8 compiles of the command line beside its bundles (dist/cli/*.cjs.cache): a process that finds it starts
// without compiling. Commands that are often run are run once here, each with the caches of those before, so that the
// caches have the functions that they call; so is a worker of a sweep, on a few points.
//
//     node scripts/code-cache.mjs
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Worker, isMainThread, workerData } from 'node:worker_threads';
import { Bundles } from '../dist/cli/bundles.js';
import { tuneV8 } from '../dist/cli/v8-flags.js';

const folder = new URL('../dist/cli/', import.meta.url);
/** The points that a worker runs, as they are sent. */
const AXIS = { choices: [64, 128, 256].map((value) => [{ key: 'crossbar.rows', value }]), at: Uint32Array.of(0, 1, 2) };

const keep = (path, script) => writeFileSync(path, script.createCachedData());

/** Keeps of each bundle of the command line what is good for the flags under which it is loaded. */
function keepProcess(bundles) {
  let threads = false;
  const late = new Set();
  process.on('worker', () => (threads = true));
  const { scripts } = bundles;
  scripts.set = (path, script) => {
    if (threads) late.add(path);
    return Map.prototype.set.call(scripts, path, script);
  };
  process.on('exit', () => {
    tuneV8();
    for (const [path, script] of scripts) if (!late.has(path)) keep(path, script);
    // As V8 has it again since the first thread was started (src/cli/v8-flags.ts).
    setFlagsFromString('--semi-space-growth-factor=2');
    for (const [path, script] of scripts) if (late.has(path)) keep(path, script);
  });
}

const COMMANDS = [
  ['--help'],
  ['run', 'isaac', '--set', 'network=resnet-18'],
  ['compare', 'a3', 'pipelayer', '--set', 'network=lenet-5'],
  ['run', 'pipelayer', '--set', 'network=lenet-5', '--format', 'json'],
  ['run', 'pipelayer', '--set', 'network=lenet-5'],
];
/** And this one before them, into a folder of its own: what they share with it is kept as they load it. */
const SWEEP = ['sweep', 'array-size', '--workers', '1', '--quiet', '--out'];

const own = process.argv.slice(2);
if (isMainThread) tuneV8();
if (!isMainThread) {
  const bundles = new Bundles(folder, 'thread');
  const { check, run } = bundles.load('sweep-worker.cjs');
  const keys = await check({ keys: [], axes: [AXIS] });
  const { failed } = await run({ part: 'one', points: { keys, axes: [AXIS] }, judges: ['energy.totalJ'] });
  if (failed > 0) throw new Error(`a worker of ${workerData.base.config} failed`);
  for (const [path, script] of bundles.scripts) keep(path, script);
} else if (own.length > 0) {
  const bundles = new Bundles(folder, 'process');
  keepProcess(bundles);
  bundles.load('main.cjs');
} else {
  const out = mkdtempSync(join(tmpdir(), 'xbarflow-code-cache-'));
  process.on('exit', () => rmSync(out, { recursive: true, force: true }));
  for (const command of [[...SWEEP, join(out, 'sweep')], ...COMMANDS]) {
    const { status, stderr } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), ...command], {
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
  }
  for (const config of ['isaac', 'pipelayer']) await cacheWorker(config);
}

/** Runs a worker on points of a config and keeps what was compiled of it. */
async function cacheWorker(config) {
  const sweep = mkdtempSync(join(tmpdir(), 'xbarflow-code-cache-'));
  mkdirSync(join(sweep, 'parts'));
  const base = { file: join(sweep, 'sweep.yaml'), config, set: {}, sets: ['network=lenet-5'] };
  try {
    await new Promise((resolve, reject) => {
      const worker = new Worker(new URL(import.meta.url), { workerData: { base, folder: sweep } });
      worker.on('error', reject);
      worker.on('exit', (code) =>
        code === 0 ? resolve() : reject(new Error(`${config}: its worker left with ${code}`)),
      );
    });
  } finally {
    rmSync(sweep, { recursive: true, force: true });
  }
}
