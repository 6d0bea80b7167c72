// What becomes of an input: a valid result, or one line and status 2. Anything else fails.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MOST_MESSAGE } from '../../src/config/escape.js';
import { UserError } from '../../src/config/index.js';
import { parseJson } from '../../src/config/reading.node.js';
import { bookOf, explain, ofFile } from '../../src/explain/index.js';
import { loadSweep, planSweep } from '../../src/experiment/sweep/index.js';
import { notFinite } from '../../src/result/finite.js';
import { loadRun, type LoadedRun } from '../../src/run-config/index.js';
import { buildMachine, simulate, traceRows, type Result } from '../../src/simulation/index.js';
import { readTensors } from '../../src/tensors/index.js';
import { fitTrace, parseTrace } from '../../src/workload/index.js';
import { importOnnx } from '../../src/workload/onnx/index.js';
import { compareExplained, manifestReplaced, noiseRead, samplesRead, tableRead } from './files.js';
import { functionalRun } from './functional.js';
import type { Input } from './inputs.js';
import { checkpointTaken, storedRead } from './kept.js';
import { presets, presetsWith } from './presets.js';

export type Outcome = { end: 'result' } | { end: 'refused'; message: string } | { end: 'failed'; reason: string };

/** Most time of a processor and memory of one input; others that keep the machine busy do not count. */
const MOST_S = 10;
/** A command that waits for something and computes nothing ends here. */
const MOST_WAIT_MS = 120_000;
const MOST_GROWTH = 1.5 * 2 ** 30;

/** Runs an input to its end. */
export async function outcomeOf(input: Input): Promise<Outcome> {
  const started = process.cpuUsage();
  const memory = process.memoryUsage.rss();
  const outcome = await ended(input);
  const { user, system } = process.cpuUsage(started);
  const seconds = (user + system) / 1e6;
  const growth = process.memoryUsage.rss() - memory;
  if (seconds > MOST_S) return { end: 'failed', reason: `took ${Math.round(seconds)} s of a processor` };
  if (growth > MOST_GROWTH) return { end: 'failed', reason: `took ${Math.round(growth / 2 ** 20)} MiB` };
  return outcome;
}

async function ended(input: Input): Promise<Outcome> {
  try {
    const value = await use(input);
    const odd = notFinite(value);
    return odd === undefined ? { end: 'result' } : { end: 'failed', reason: `${odd.path} is ${odd.value}` };
  } catch (error) {
    if (!(error instanceof UserError))
      return { end: 'failed', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    return isLine(error.message)
      ? { end: 'refused', message: error.message }
      : { end: 'failed', reason: `message: ${JSON.stringify(error.message.slice(0, 300))}` };
  }
}

const isLine = (message: string): boolean =>
  message !== '' && message.length <= MOST_MESSAGE && !/[\p{Cc}\u2028\u2029]/u.test(message);

const bytesOf = ({ base64 = '' }: Input): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));

function use(input: Input): unknown {
  const { kind, name, text = '' } = input;
  switch (kind) {
    case 'config':
      return simulated(loadRun(presetsWith(name, text), name));
    case 'network':
      return simulated(
        loadRun(presetsWith(name, text), 'isaac', [`network=${name}`, 'workload.images=2', 'workload.mode=inference']),
      );
    case 'sweep': {
      const all = presetsWith(name, text);
      return planSweep(all, loadSweep(all, name));
    }
    case 'trace':
      return [...fitTrace(parseTrace(text, name), ROWS).values()];
    case 'model':
      return readTensors(bytesOf(input), name).then((tensors) => tensors.length);
    case 'onnx':
      return Object.keys(importOnnx(bytesOf(input), name));
    case 'result':
      return explained(text);
    case 'stored':
      return storedRead(input);
    case 'checkpoint':
      return checkpointTaken(input);
    case 'compare':
      return compareExplained(input);
    case 'noise':
      return noiseRead(input);
    case 'table':
      return tableRead(input);
    case 'samples':
      return samplesRead(input);
    case 'manifest':
      return manifestReplaced(input);
    case 'evaluation':
    case 'training':
    case 'attack':
      return functionalRun(input);
    case 'command':
      return commanded(input.words ?? []);
  }
}

/** What a trace must fit. */
const ROWS = traceRows(
  buildMachine(loadRun(presets, 'isaac', ['network=matrix-128', 'workload.images=2', 'workload.mode=inference'])),
  () => 0.5,
);

/** Work beyond this is checked and not simulated: one input must not take the time of thousands. */
const MOST_WORK = 1e8;

function simulated(run: LoadedRun): Result | null {
  return run.network.macs * run.workload.images > MOST_WORK || run.config.simulation.exact
    ? null
    : simulate(run).result;
}

const explained = (text: string): number =>
  ofFile('result.json', () => {
    const book = bookOf(parseJson(text, 'result.json') as Result);
    for (const key of ['energy.totalJ', 'time.totalS', 'area.totalMm2']) if (book.has(key)) explain(book, key);
    return book.size;
  });

const bin = fileURLToPath(new URL('../../dist/cli/xbarflow.cjs', import.meta.url));

function commanded(words: readonly string[]): null {
  const command = [process.execPath, bin, ...words.map((word) => word.replaceAll('\0', ''))];
  const { status, stderr, signal } = spawnSync('bash', ['-c', `ulimit -t ${MOST_S}; exec "$@"`, 'bash', ...command], {
    encoding: 'utf8',
    timeout: MOST_WAIT_MS,
    // Schemas take over a MiB.
    maxBuffer: 2 ** 26,
    cwd: '/proc',
  });
  if (status === 0) return null;
  if (status === 2) throw new UserError(isLine(stderr.trimEnd()) ? stderr.trimEnd() : '');
  throw new Error(`status ${String(status)} ${signal ?? ''}: ${stderr.slice(0, 500)}`);
}
