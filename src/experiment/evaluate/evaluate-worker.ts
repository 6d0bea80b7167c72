// A worker thread of an evaluation: loads the run once, then evaluates parts of its data.

import { workerData } from 'node:worker_threads';
import { diskPresets } from '../../config/files.node.js';
import { Evaluator, type PartResult } from '../../functional/evaluate/evaluator.js';
import { loadRun } from '../../run-config/index.js';
import { withAnyNetwork } from '../../run-config/any-network.node.js';
import { tellStarted } from '../worker-start.js';
import { evaluationOptions, type EvaluationFlags } from './setup.js';

/** What all parts share. */
export interface WorkerSetup {
  /** The config, its overrides, sizes of an ONNX file's symbolic dimensions, and memory that a file may take. */
  readonly source: {
    readonly label: string;
    readonly sets: readonly string[];
    readonly shapes: ReadonlyMap<string, number>;
    readonly maxMemory?: number | undefined;
  };
  readonly flags: EvaluationFlags;
}

/** Samples of one part. */
export interface PartTask {
  readonly from: number;
  readonly count: number;
}

// Cast: who starts the worker hands over its setup.
const { source, flags } = workerData as WorkerSetup;
const loaded = await withAnyNetwork((presets) => loadRun(presets, source.label, [...source.sets]), source);
const run = { ...loaded, maxMemory: source.maxMemory, shapes: source.shapes };
const evaluator = new Evaluator(await evaluationOptions(run, diskPresets, flags));
tellStarted();

/** Evaluates one part. */
const part = ({ from, count }: PartTask): PartResult => evaluator.part(from, count);
export default part;
