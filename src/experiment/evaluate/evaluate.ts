// Evaluates a run: parts of the data one after the other, then one result with the timing model's figures.

import type { Presets } from '../../config/index.js';
import { Evaluator, samplesTogether, type PartResult } from '../../functional/evaluate/evaluator.js';
import { evaluationOf, type Evaluation } from '../../functional/evaluate/result.js';
import type { Values } from '../../functional/operators/values.js';
import { checkFinite, NUMBERS } from '../../result/finite.js';
import type { LoadedRun } from '../../run-config/index.js';
import type { PartTask, WorkerSetup } from './evaluate-worker.js';
import { WorkerPool, survived } from '../worker-death.js';
import { evaluationOptions, type EvaluationFlags } from './setup.js';

/** An evaluation with what files are written from. */
export interface Evaluated {
  readonly evaluation: Evaluation;
  /** Outputs of the hardware by name, all images, and floating-point logits; empty unless asked for. */
  readonly outputs: ReadonlyMap<string, Values>;
  readonly floatLogits: Values | null;
  readonly predictions: readonly number[];
  /** Share of ones that drove each layer. */
  readonly densities: ReadonlyMap<string, number | null>;
  readonly labels: Int32Array | null;
}

/** Worker threads of an evaluation, and where they load the same run from. */
export interface EvaluationWorkers {
  readonly count: number;
  readonly source: WorkerSetup['source'];
}

/**
 * Evaluates a loaded run, part by part, on worker threads where there are several parts and workers; results are the
 * same. @throws UserError for models and data that do not fit
 */
export async function evaluate(
  run: LoadedRun,
  presets: Presets,
  flags: EvaluationFlags,
  {
    progress = () => undefined,
    workers,
  }: { readonly progress?: (share: number) => void; readonly workers?: EvaluationWorkers } = {},
): Promise<Evaluated> {
  const options = await evaluationOptions(run, presets, flags, () => {
    progress(0);
  });
  const { count } = options.data;
  const tasks: PartTask[] = [];
  // Sums are added in the order of parts, so that results do not depend on who does them.
  const part = samplesTogether(options.graph);
  for (let from = 0; from < count; from += part) tasks.push({ from, count: Math.min(part, count - from) });
  const lanes = Math.min(workers?.count ?? 1, tasks.length);
  const parts =
    workers === undefined || lanes < 2
      ? partsHere(new Evaluator(options), tasks, progress)
      : await partsOnWorkers(lanes, { source: workers.source, flags }, tasks, progress);
  return {
    evaluation: finiteEvaluation(evaluationOf(parts, run.config.data?.kind === 'text'), run.label),
    outputs: joined(parts),
    floatLogits: behind(parts.flatMap(({ floatLogits }) => (floatLogits === null ? [] : [floatLogits]))),
    predictions: parts.flatMap(({ predictions }) => predictions),
    densities: densitiesOf(parts),
    labels: options.data.labels,
  };
}

function partsHere(evaluator: Evaluator, tasks: readonly PartTask[], progress: (share: number) => void): PartResult[] {
  return tasks.map(({ from, count }, i) => {
    const part = evaluator.part(from, count);
    progress((i + 1) / tasks.length);
    return part;
  });
}

/** @throws UserError naming the layer or figure that is no finite number */
function finiteEvaluation(evaluation: Evaluation, label: string): Evaluation {
  for (const layer of evaluation.layers) checkFinite(layer, `${label}: layer "${layer.name}"`, NUMBERS);
  return checkFinite(evaluation, label, NUMBERS);
}

/** Every worker sets the run up for itself and takes the next part that nobody has. */
async function partsOnWorkers(
  lanes: number,
  workerData: WorkerSetup,
  tasks: readonly PartTask[],
  progress: (share: number) => void,
): Promise<PartResult[]> {
  const file = new URL('./evaluate-worker.js', import.meta.url);
  const pool = new WorkerPool<PartTask, PartResult>(file, lanes, workerData);
  const parts = new Array<PartResult>(tasks.length);
  let [next, done] = [0, 0];
  // Setting up, they say nothing.
  const told = setInterval(() => {
    progress(done / tasks.length);
  }, 1000);
  const lane = async (): Promise<void> => {
    while (next < tasks.length) {
      const at = next++;
      const task = tasks[at]!;
      parts[at] = await survived(() => pool.run(task), `samples from ${task.from}`);
      progress(++done / tasks.length);
    }
  };
  try {
    await Promise.all(Array.from({ length: lanes }, lane));
  } finally {
    clearInterval(told);
    await pool.close();
  }
  return parts;
}

/** Share of ones among the bits that drove each layer's matrices (null: not counted, or no bits). */
function densitiesOf(parts: readonly PartResult[]): Map<string, number | null> {
  const sums = new Map<string, { ones: number; bits: number }>();
  for (const { activity } of parts)
    for (const [name, own] of activity) {
      const { ones, bits } = sums.get(name) ?? { ones: 0, bits: 0 };
      sums.set(name, { ones: ones + (own?.ones ?? 0), bits: bits + (own?.bits ?? 0) });
    }
  return new Map([...sums].map(([name, { ones, bits }]) => [name, bits === 0 ? null : ones / bits]));
}

/** Values of parts behind each other, images first. */
function behind(parts: readonly Values[]): Values | null {
  const first = parts[0];
  if (first === undefined) return null;
  const images = parts.reduce((sum, { shape }) => sum + shape[0]!, 0);
  const size = first.data.length / first.shape[0]!;
  const data = new Float64Array(images * size);
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return { shape: [images, ...first.shape.slice(1)], data };
}

function joined(parts: readonly PartResult[]): Map<string, Values> {
  const names = [...(parts[0]?.outputs.keys() ?? [])];
  return new Map(names.map((name) => [name, behind(parts.map(({ outputs }) => outputs.get(name)!))!]));
}
