// The thread of a sweep's pool: runs the bundled worker, as `start` runs the command line.

import type * as Worker from '../experiment/sweep/worker.js';
import { Bundles } from './bundles.js';

// Cast: the bundle is made of that file (scripts/bundle.mjs).
const worker = new Bundles(new URL('./', import.meta.url), 'thread').load('sweep-worker.cjs') as typeof Worker;

/** Tasks of the pool: points to run, points to check. */
export const { run, check } = worker;
