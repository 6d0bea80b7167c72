// The result of an evaluation, put together from its parts in their order.

import type { ProductStatistics } from '../backend.js';
import { addScore, noScore, type Score } from './score.js';
import type { ConvertedRange, LayerSums, PartResult } from './evaluator.js';
import { joinedStatistics } from './statistics.js';

/** Mean, standard deviation and half width of the 95 % confidence interval over trials. */
export interface OverTrials {
  readonly mean: number;
  readonly deviation: number;
  readonly confidence95: number;
  readonly trials: readonly number[];
}

/** A figure in floating point, on integers and on the hardware; null where there are no labels. */
export interface Compared {
  readonly float: number;
  readonly integer: number;
  readonly hardware: OverTrials;
}

/** One layer: hardware against floating point, and what its converters did (null: it has none). */
export interface EvaluatedLayer {
  readonly name: string;
  readonly snrDb: number | null;
  readonly maxError: number;
  readonly conversions: number;
  readonly clippedShare: number | null;
  readonly saturatedShare: number | null;
  /** Share of the converters' range that no sum reached; null: sums are not converted. */
  readonly wastedShare: number | null;
  readonly largestColumnSum: number | null;
}

/** `xbarflow/evaluation@1` without what the timing model and the clock add. */
export interface Evaluation {
  readonly images: number;
  readonly accuracy: Compared | null;
  readonly top5: Compared | null;
  /** e to the mean of -ln of the next character's share; for text. */
  readonly perplexity: Compared | null;
  readonly nats: Compared | null;
  readonly layers: readonly EvaluatedLayer[];
}

/** 97.5 % quantile of Student's t by degrees of freedom; from 30 on the normal one. */
const STUDENT = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045,
];
const NORMAL = 1.96;

/** Mean and sample deviation of trials. */
export function overTrials(trials: readonly number[]): OverTrials {
  const mean = trials.reduce((sum, value) => sum + value, 0) / trials.length;
  const squares = trials.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = trials.length < 2 ? 0 : Math.sqrt(squares / (trials.length - 1));
  const quantile = STUDENT[trials.length - 2] ?? NORMAL;
  return { mean, deviation, confidence95: (quantile * deviation) / Math.sqrt(trials.length), trials };
}

/** Puts parts together. `text`: samples are sequences of characters. */
export function evaluationOf(parts: readonly PartResult[], text: boolean): Evaluation {
  const statistics = new Map<string, readonly Readonly<ProductStatistics>[]>();
  for (const part of parts)
    for (const [name, own] of part.statistics) {
      const known = statistics.get(name);
      statistics.set(name, known === undefined ? own : own.map((one, i) => joinedStatistics(one, known[i]!, 1)));
    }
  const [float, integer] = [noScore(), noScore()];
  const hardware = parts[0]!.hardware.map(noScore);
  const layers = parts[0]!.layers.map(({ name }): LayerSums => ({ name, signal: 0, noise: 0, maxError: 0 }));
  for (const part of parts) {
    addScore(float, part.float);
    addScore(integer, part.integer);
    part.hardware.forEach((score, i) => {
      addScore(hardware[i]!, score);
    });
    part.layers.forEach(({ signal, noise, maxError }, i) => {
      const sums = layers[i]!;
      sums.signal += signal;
      sums.noise += noise;
      sums.maxError = Math.max(sums.maxError, maxError);
    });
  }
  const compared = (figure: (score: Score) => number): Compared | null =>
    float.places === 0
      ? null
      : { float: figure(float), integer: figure(integer), hardware: overTrials(hardware.map(figure)) };
  return {
    images: parts.reduce((sum, { images }) => sum + images, 0),
    accuracy: compared(({ right, places }) => right / places),
    top5: compared(({ rightOfFive, places }) => rightOfFive / places),
    perplexity: text ? compared(({ nats, places }) => Math.exp(nats / places)) : null,
    nats: text ? compared(({ nats, places }) => nats / places) : null,
    layers: layers.map((sums) => layerOf(sums, statistics.get(sums.name), parts[0]!.ranges.get(sums.name))),
  };
}

/** What of the ranges of matrices' converters lies beyond their sums. */
export function wastedShare(
  products: readonly Pick<ProductStatistics, 'largestColumnSum' | 'leastColumnSum'>[],
  ranges: readonly (ConvertedRange | null)[],
): number | null {
  let [used, whole] = [0, 0];
  products.forEach(({ largestColumnSum, leastColumnSum }, i) => {
    const range = ranges[i];
    if (range === null || range === undefined) return;
    whole += range.most - range.least;
    used += Math.max(0, Math.min(largestColumnSum, range.most) - Math.max(leastColumnSum, range.least));
  });
  return whole === 0 ? null : 1 - used / whole;
}

function layerOf(
  { name, signal, noise, maxError }: LayerSums,
  products: readonly Readonly<ProductStatistics>[] | undefined,
  ranges: readonly (ConvertedRange | null)[] | undefined,
): EvaluatedLayer {
  const total = (of: (one: Readonly<ProductStatistics>) => number): number =>
    (products ?? []).reduce((sum, one) => sum + of(one), 0);
  const conversions = total((one) => one.conversions);
  const share = (part: number): number | null => (conversions === 0 ? null : part / conversions);
  return {
    name,
    snrDb: noise === 0 || signal === 0 ? null : 10 * Math.log10(signal / noise),
    maxError,
    conversions,
    clippedShare: share(total((one) => one.clipped)),
    saturatedShare: share(total((one) => one.saturated)),
    wastedShare: conversions === 0 ? null : wastedShare(products ?? [], ranges ?? []),
    largestColumnSum:
      conversions === 0 ? null : Math.max(...(products ?? []).map(({ largestColumnSum }) => largestColumnSum)),
  };
}
