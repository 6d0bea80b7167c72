// A worker thread of the local executor: keeps what it has read, so that files are read once a worker and not once a
// point.

import { workerData } from 'node:worker_threads';
import { UserError } from '../../config/index.js';
import { presetsOf } from './base-presets.js';
import { Evaluator, evaluateSlice, measureOf, type Slice } from './evaluate.js';
import type { Point } from './plan.js';
import type { Values } from './points.js';
import { PointResolver, type SweepBase } from './resolver.js';
import { SweepStore } from './store.js';

/** What all tasks of a pool share. */
export interface WorkerSetup {
  base: SweepBase;
  folder: string;
}

/** Points to run, and the name of the part that they go to. */
export interface RunTask {
  part: string;
  points: readonly Point[];
}

// Cast: who starts the worker hands over its setup.
const { base, folder } = workerData as WorkerSetup;

/** What the thread keeps between its tasks. */
const made = (async () => {
  const presets = await presetsOf(base);
  const resolver = new PointResolver(presets, base);
  return {
    store: new SweepStore(folder),
    resolver,
    evaluator: new Evaluator(resolver, await measureOf(presets, base)),
  };
})();

/** Runs points from the start of the list for a while. */
export async function run({ part, points }: RunTask): Promise<Slice> {
  const { store, evaluator } = await made;
  return evaluateSlice(store, evaluator, points, part);
}

/** Keys of points; null where one is wrong (whoever asked says why). */
export async function check(points: readonly Values[]): Promise<(string | null)[]> {
  const { resolver } = await made;
  return points.map((values) => {
    try {
      return resolver.resolve(values).key;
    } catch (error) {
      if (error instanceof UserError) return null;
      throw error;
    }
  });
}
