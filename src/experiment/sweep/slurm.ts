// The Slurm executor: missing points as job arrays over the same store. A task takes some points; Slurm schedules.

import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readJson } from '../../config/reading.node.js';
import { makeFolder } from '../../config/writing.node.js';
import type { Slice } from './evaluate.js';
import { missingOf, type Missing } from './run.js';
import { queued, submit } from './slurm-client.js';
import { checkedArrays, type SlurmArray } from './stored.js';
import type { SweepStore } from './store.js';

/** How points are handed to Slurm. */
export interface SlurmOptions {
  partition: string | undefined;
  /** Most tasks of a job array. */
  arraySize: number;
  pointsPerTask: number;
  /** More options for sbatch, as they are. */
  sbatchOptions: readonly string[];
  /** Stay until no job is left. */
  wait: boolean;
}

/** How a visit to the cluster ended. */
export interface SlurmVisit {
  /** Jobs that still wait or run. */
  waiting: string[];
  submitted: string[];
  missing: number;
}

/** Milliseconds between two looks at the queue. */
const LOOK_MS = 1000;
/** Looks without an answer before the cluster counts as gone. */
const MOST_SILENT_LOOKS = 300;
/** Times that --wait submits what killed tasks left out. */
const ROUNDS = 2;

/** Looks after the jobs of a sweep: submits what is missing where no job is left, and waits if asked to. */
export async function runOnSlurm(
  store: SweepStore,
  { points, indices: first }: Missing,
  options: SlurmOptions,
  report: (slice: Recorded) => void,
): Promise<SlurmVisit> {
  makeFolder(store.path('slurm'));
  const missing = (): number[] => missingOf(points, store.outcomes()).indices;
  let waiting = await queueOf(jobsOf(store).map(({ job }) => job));
  const submitted: string[] = [];
  const awaited = first.map((index) => points.keys[index]!);
  const counter = new Counter(store, awaited, report);
  for (let round = 0; round <= ROUNDS; round++) {
    if (options.wait) waiting = await waitFor(waiting, counter);
    const left = missing();
    if (waiting.length > 0 || left.length === 0 || round === ROUNDS)
      return { waiting, submitted, missing: left.length };
    waiting = await submitArrays(store, { points, indices: left }, options);
    submitted.push(...waiting);
    if (!options.wait) return { waiting, submitted, missing: left.length };
  }
  return { waiting, submitted, missing: missing().length };
}

type Recorded = Pick<Slice, 'points' | 'failed' | 'simulationS'>;

/** Tells how many of the awaited points are recorded by now. */
class Counter {
  readonly #store: SweepStore;
  readonly #awaited: readonly string[];
  readonly #report: (slice: Recorded) => void;
  #parts = -1;
  #recorded = 0;
  #failed = 0;

  constructor(store: SweepStore, awaited: readonly string[], report: (slice: Recorded) => void) {
    this.#store = store;
    this.#awaited = awaited;
    this.#report = report;
  }

  look(): void {
    const parts = this.#store.parts().length;
    if (parts === this.#parts) return;
    this.#parts = parts;
    const outcomes = this.#store.outcomes();
    let recorded = 0;
    let failed = 0;
    for (const key of this.#awaited) {
      const status = outcomes.status(key);
      if (status !== undefined) recorded++;
      if (status === 'failed') failed++;
    }
    this.#report({ points: recorded - this.#recorded, failed: failed - this.#failed, simulationS: 0 });
    this.#recorded = recorded;
    this.#failed = failed;
  }
}

async function waitFor(jobs: readonly string[], counter: Counter): Promise<string[]> {
  let waiting = [...jobs];
  while (waiting.length > 0) {
    await sleep(LOOK_MS);
    waiting = await queueOf(waiting);
    counter.look();
  }
  counter.look();
  return waiting;
}

/** Jobs that wait or run. A controller that restarts is given time. @throws Error where it stays silent. */
async function queueOf(jobs: readonly string[]): Promise<string[]> {
  for (let look = 0; look < MOST_SILENT_LOOKS; look++) {
    const waiting = await queued(jobs);
    if (waiting !== undefined) return waiting;
    await sleep(LOOK_MS);
  }
  throw new Error(
    'the Slurm controller does not answer; the points that are finished are kept, come back with --resume',
  );
}

/** Splits points into tasks and tasks into arrays, and submits them. */
async function submitArrays(store: SweepStore, { points, indices }: Missing, options: SlurmOptions): Promise<string[]> {
  const { arraySize, pointsPerTask, partition, sbatchOptions } = options;
  const tasks = chunks(indices, pointsPerTask);
  const jobs: string[] = [];
  for (const array of chunks(tasks, arraySize)) {
    const name = randomUUID().slice(0, 8);
    const task = fileURLToPath(new URL('./slurm-task.js', import.meta.url));
    const listed = array.map((task) => task.map((index) => points.point(index)));
    store.write(join('slurm', `${name}.json`), JSON.stringify(listed));
    store.write(
      join('slurm', `${name}.sh`),
      `#!/bin/sh\nexec ${[process.execPath, task, resolve(store.folder), name].map(shellWord).join(' ')}\n`,
    );
    const job = await submit([
      `--job-name=xbarflow-${name}`,
      `--array=0-${array.length - 1}`,
      '--ntasks=1',
      '--cpus-per-task=1',
      `--chdir=${process.cwd()}`,
      // Slurm reads words after `%` into the name.
      `--output=${resolve(store.path('slurm')).replaceAll('%', '%%')}/${name}-%a.log`,
      ...(partition === undefined ? [] : [`--partition=${partition}`]),
      ...sbatchOptions,
      // Absolute: a folder called `--wrap=id` is no option.
      resolve(store.path('slurm', `${name}.sh`)),
    ]);
    jobs.push(job);
    store.write(join('slurm', 'jobs.json'), JSON.stringify([...jobsOf(store), { job, name } satisfies SlurmArray]));
  }
  return jobs;
}

function jobsOf(store: SweepStore): SlurmArray[] {
  const path = store.path('slurm', 'jobs.json');
  return existsSync(path) ? checkedArrays(readJson(path), path) : [];
}

function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));
}

const shellWord = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
