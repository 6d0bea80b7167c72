// The command of the package as a user types it, for tests of whole sweeps. `npm test` builds before it tests.

import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SweepStore } from '../../src/experiment/sweep/index.js';
import { writeSafetensors } from '../../src/tensors/index.js';
import { query } from '../../src/experiment/sweep/database.js';
import type { Analysis } from '../../src/experiment/analysis/index.js';
import type { SweepReport } from '../../src/experiment/sweep/index.js';

const bin = fileURLToPath(new URL('../../dist/cli/xbarflow.cjs', import.meta.url));

export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the command to its end; its output goes into files where they are given. */
export function xbarflow(
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  into: { stdout?: string; stderr?: string } = {},
): Ended {
  const [stdout, stderr] = [into.stdout, into.stderr].map((path) =>
    path === undefined ? 'pipe' : openSync(path, 'w'),
  );
  const ended = spawnSync(process.execPath, [bin, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env,
    stdio: ['ignore', stdout, stderr],
  });
  for (const file of [stdout, stderr]) if (typeof file === 'number') closeSync(file);
  return ended;
}

/** Runs the command to its end beside others. */
export const ending = (args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, [bin, ...args], { maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : typeof error.code === 'number' ? error.code : null, stdout, stderr });
    });
  });

/** Starts the command and does not wait. */
export const started = (args: readonly string[], env: NodeJS.ProcessEnv = process.env): ChildProcess =>
  spawn(process.execPath, [bin, ...args], { stdio: 'ignore', env });

/** A new folder with these files. */
export function folderWith(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'xbarflow-sweep-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** What a sweep says of itself with `--format json`. @throws Error where it failed. */
export function swept(
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): SweepReport & { folder: string; analysis: Analysis | null } {
  const { status, stdout, stderr } = xbarflow(['sweep', ...args, '--format', 'json'], env);
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as SweepReport & { folder: string; analysis: Analysis | null };
}

/** The rows of a sweep, each as its key and the hash of its figures. */
export async function rowHashes(folder: string): Promise<string[]> {
  const rows = await query(new SweepStore(folder), 'select "index", key, hash from results order by "index"');
  return rows.map(({ key, hash }) => `${String(key)} ${String(hash)}`);
}

/** Keys of all recorded outcomes, as often as they were recorded. */
export const recorded = (folder: string): string[] => Array.from(new SweepStore(folder).recorded(), ({ key }) => key);

/** Waits until something holds. @throws Error after a while. */
export async function until(holds: () => boolean, what: string, seconds = 60): Promise<void> {
  for (const end = Date.now() + seconds * 1000; !holds();) {
    if (Date.now() > end) throw new Error(`waited ${seconds} s for ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}

/** Evaluates `small.yaml` and `small.safetensors` beside it on drawn digits; `functional` is to follow. */
export const SMALL_RUN = `extends: isaac
network: ./small.yaml
weights: { bits: 8 }
inputs: { bits: 8 }
sensing: { bits: 6 }
model: { weights: ./small.safetensors }
data: { kind: digits, count: 110 }
`;

const PIXELS = 28 * 28;
const LABELS = 10;

/** Writes the network of SMALL_RUN, one layer of digits, and weights that mean nothing. */
export function writeSmall(folder: string): void {
  const waves = (name: string, shape: readonly number[]) => {
    const length = shape.reduce((product, size) => product * size, 1);
    const data = Float32Array.from({ length }, (_, i) => 0.1 * Math.sin(i * i + i));
    return { name, dtype: 'f32' as const, shape, data };
  };
  writeFileSync(
    join(folder, 'small.yaml'),
    'name: small\ninput: { channels: 1, height: 28, width: 28 }\n' +
      `layers: [{ name: flat, type: flatten }, { name: fc1, type: dense, features: ${LABELS} }]\n`,
  );
  const weights = [waves('fc1.weight', [LABELS, PIXELS]), waves('fc1.bias', [LABELS])];
  writeFileSync(join(folder, 'small.safetensors'), writeSafetensors(weights));
}

/** A printed result without what depends on the clock. */
export const withoutClock = (text: string): object => ({ ...(JSON.parse(text) as object), simulator: null });
