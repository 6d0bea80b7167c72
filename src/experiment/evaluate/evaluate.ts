// Evaluates a run: parts of the data one after the other, then one result with the timing model's figures.

import type { Presets } from '../../config/index.js';
import { Evaluator, type PartResult } from '../../functional/evaluate/evaluator.js';
import { evaluationOf, type Evaluation } from '../../functional/evaluate/result.js';
import type { Values } from '../../functional/operators/values.js';
import type { LoadedRun } from '../../run-config/index.js';
import { evaluationOptions, type EvaluationFlags } from './setup.js';

/** Images of a part: sums are added in the order of parts, so results do not depend on who does them. */
const PART = 50;

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

/** Evaluates a loaded run. @throws UserError for models and data that do not fit */
export async function evaluate(
  run: LoadedRun,
  presets: Presets,
  flags: EvaluationFlags,
  progress: (share: number) => void = () => undefined,
): Promise<Evaluated> {
  const options = await evaluationOptions(run, presets, flags);
  const evaluator = new Evaluator(options);
  const parts: PartResult[] = [];
  const { count } = options.data;
  for (let from = 0; from < count; from += PART) {
    parts.push(evaluator.part(from, Math.min(PART, count - from)));
    progress(Math.min(1, (from + PART) / count));
  }
  return {
    evaluation: evaluationOf(parts, evaluator.statistics(), run.config.data?.kind === 'text'),
    outputs: joined(parts),
    floatLogits: behind(parts.flatMap(({ floatLogits }) => (floatLogits === null ? [] : [floatLogits]))),
    predictions: parts.flatMap(({ predictions }) => predictions),
    densities: evaluator.densities(),
    labels: options.data.labels,
  };
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
