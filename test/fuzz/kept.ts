// Files that a run leaves for the next one, of sweeps and of trainings: whole, and damaged as disks and people do it.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import * as z from 'zod';
import {
  progressForm,
  readCheckpoint,
  takeArrays,
  writeCheckpoint,
} from '../../src/experiment/functional/checkpoint.js';
import { SweepStore, type Outcome } from '../../src/experiment/sweep/store.js';
import { checkedArrays } from '../../src/experiment/sweep/stored.js';
import { readJson } from '../../src/config/reading.node.js';
import { hashOf } from '../../src/result/hash.js';
import type { Input } from './inputs.js';

const LETTERS = Array.from('{}[]",:0-9eE.\n\0x\u2028\\');

/** Text with a few of its bytes changed, or cut off; JSON's own letters come often. */
export const damagedText = (text: string): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.array(fc.tuple(fc.nat(), fc.constantFrom(...LETTERS)), { maxLength: 3 }),
      fc.option(fc.nat(), { freq: 3 }),
    )
    .map(([changes, end]) => {
      const letters = Array.from(text);
      for (const [at, letter] of changes) letters[at % letters.length] = letter;
      return letters.slice(0, end === null ? undefined : end % (letters.length + 1)).join('');
    });

const FIGURES = { 'time.totalS': 1.25, 'energy.totalJ': 3e-7, 'sensing.missingBits': null };
const OUTCOMES: Outcome[] = [
  { key: 'k0', status: 'done', reason: null, attempts: 1, hash: hashOf(Object.values(FIGURES)), figures: FIGURES },
  { key: 'k1', status: 'failed', reason: 'crossbar.rows: found 0', attempts: 2, hash: null, figures: null },
];
const lines = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
/** The files of a sweep's folder. */
const STORED: Readonly<Record<string, string>> = {
  'sweep.json': JSON.stringify({
    schema: 'xbarflow/sweep@1',
    name: 's',
    model: '1',
    base: { file: '/s.yaml', config: 'isaac', set: { network: 'vgg-8' }, sets: ['a=1'] },
    columns: ['crossbar.rows'],
    objectives: [{ key: 'energy.totalJ', goal: 'minimize' }],
    constraints: ['area.totalMm2 <= 100'],
  }),
  'points.jsonl': lines([
    { index: 0, key: 'k0', values: { 'crossbar.rows': 64 } },
    { index: 1, key: 'k1', values: { 'crossbar.rows': 0 } },
  ]),
  'parts/a.jsonl': lines(OUTCOMES),
  'slurm/jobs.json': JSON.stringify([{ job: '12', name: 'ab12' }]),
};

/** A file of a sweep's folder, damaged. */
export const stored: fc.Arbitrary<Input> = fc
  .constantFrom(...Object.keys(STORED))
  .chain((name) => damagedText(STORED[name]!).map((text) => ({ kind: 'stored' as const, name, text })));

/** Reads what a sweep reads of its folder, one file of which is the input. */
export function storedRead({ name, text = '' }: Input): unknown {
  return inFolder((folder) => {
    for (const [file, whole] of Object.entries(STORED)) {
      mkdirSync(join(folder, file, '..'), { recursive: true });
      writeFileSync(join(folder, file), file === name ? text : whole);
    }
    const store = new SweepStore(folder);
    const jobs = store.path('slurm', 'jobs.json');
    return [store.info(), [...store.points()], [...store.recorded()], checkedArrays(readJson(jobs), jobs)];
  });
}

const form = z.object({
  states: z.array(z.object({ iteration: z.number(), loss: z.number() })),
  network: progressForm,
});
const ARRAYS = new Map([
  ['weights', Float64Array.of(0.5, -1.25, 3, 4e-9)],
  ['momentum', Float64Array.of(0, 1)],
]);
const checkpointIn = (folder: string): string => join(folder, 'checkpoint', 'checkpoint.npz');
const CHECKPOINT = inFolder((folder) => {
  const history = { states: [{ iteration: 1, loss: 0.5 }], network: { images: 3, writes: 2, ranges: [[0, 1]] } };
  writeCheckpoint(folder, { key: 'k', history, arrays: ARRAYS });
  return readFileSync(checkpointIn(folder));
});

/** A checkpoint, damaged. */
export const checkpoint: fc.Arbitrary<Input> = fc
  .tuple(
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 3 }),
    fc.option(fc.nat(), { freq: 3 }),
  )
  .map(([changes, end]) => {
    const bytes = Buffer.from(CHECKPOINT);
    for (const [at, value] of changes) bytes[at % bytes.length] = value;
    const base64 = bytes.subarray(0, end === null ? undefined : end % (bytes.length + 1)).toString('base64');
    return { kind: 'checkpoint', name: 'checkpoint.npz', base64 };
  });

/** Goes on from a checkpoint. @throws Error where it is taken although its numbers are others */
export function checkpointTaken({ base64 = '' }: Input): unknown {
  return inFolder((folder) => {
    mkdirSync(dirname(checkpointIn(folder)));
    writeFileSync(checkpointIn(folder), Buffer.from(base64, 'base64'));
    const kept = readCheckpoint(folder, 'k', form);
    const into = new Map([...ARRAYS].map(([name, { length }]) => [name, new Float64Array(length)]));
    takeArrays(into, kept!.arrays);
    for (const [name, values] of ARRAYS)
      if (values.some((value, i) => !Object.is(value, into.get(name)![i]))) throw new Error(`${name}: other numbers`);
    return kept!.history;
  });
}

/** What is made in a folder of its own, which goes afterwards. */
export function inFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'xbarflow-fuzz-'));
  const remove = (): void => {
    rmSync(folder, { recursive: true });
  };
  let made: T;
  try {
    made = use(folder);
  } catch (error) {
    remove();
    throw error;
  }
  if (made instanceof Promise) void made.then(remove, remove);
  else remove();
  return made;
}
