// A worker thread of the local executor: keeps what it has read, so that files are read once a worker and not once a
// point.

import { workerData } from 'node:worker_threads';
import { UserError } from '../../config/index.js';
import { presetsOf } from './base-presets.js';
import { Evaluator, evaluateSlice, measureOf, type Slice } from './evaluate.js';
import { unpacked, type PackedPoints } from './point-list.js';
import { PointResolver, type SweepBase } from './resolver.js';
import { SweepStore } from './store.js';
import { tellStarted } from '../worker-start.js';

/** What all tasks of a pool share. */
export interface WorkerSetup {
  base: SweepBase;
  folder: string;
}

/** Points to run, and the name of the part that they go to. */
export interface RunTask {
  part: string;
  points: PackedPoints;
  /** Keys of the figures that the sweep judges. */
  judges: readonly string[];
}

// Cast: who starts the worker hands over its setup.
const { base, folder } = workerData as WorkerSetup;

/** What the thread keeps between its tasks. */
const made = (async () => {
  const presets = await presetsOf(base);
  const evaluator = new Evaluator(new PointResolver(presets, base), await measureOf(presets, base));
  return { store: new SweepStore(folder), evaluator };
})();
void made.finally(tellStarted);

/** Runs points from the start of the list for a while. */
export async function run({ part, points, judges }: RunTask): Promise<Slice> {
  const { store, evaluator } = await made;
  const planned = unpacked(points).map((values, i) => ({ key: points.keys[i]!, values }));
  return evaluateSlice(store, evaluator, { part, points: planned, judges });
}

/** Keys of points; null where one is wrong (whoever asked says why). */
export async function check(points: PackedPoints): Promise<(string | null)[]> {
  const { evaluator } = await made;
  return unpacked(points).map((values) => {
    try {
      return evaluator.check(values);
    } catch (error) {
      if (error instanceof UserError) return null;
      throw error;
    }
  });
}
