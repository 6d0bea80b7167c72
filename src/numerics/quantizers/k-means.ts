// k-means of scalars (Lloyd's algorithm) on sorted values: an iteration costs a binary search a level, whatever the
// number of values.

import { maxMagnitude } from '../formats/dynamic-fixed-point.js';
import { requireInteger } from '../formats/format.js';
import {
  constantCodebook,
  firstNotBelow,
  midpoint,
  nearestCodebook,
  requireLevels,
  withZero,
  type Codebook,
} from './codebook.js';
import { importanceOfSorted, type ImportanceExponents } from './importance.js';
import { firstAbove, sortValues, type SortedValues } from './sorted.js';
import { squaredError, type LevelOptions } from './uniform.js';

/**
 * First levels: evenly over the range (which keeps levels at large weights, Han et al. 2016, section 3.2), at equal
 * populations, those of the importance function, or given ones.
 * Lloyd's algorithm ends in the nearest optimum, and a linear start of many levels may end in a poor one; `best` runs
 * the three and takes the least squared error.
 */
export type Start = 'best' | SingleStart | ArrayLike<number>;
type SingleStart = 'linear' | 'quantile' | 'importance';

/** Levels of k-means, where they start, and when it stops. */
export interface KMeansOptions extends LevelOptions {
  readonly start?: Start;
  /** A weight for each value (mean squared gradient, for instance): levels are weighted means. */
  readonly importance?: ArrayLike<number>;
  /** Exponents for the `importance` start. */
  readonly exponents?: ImportanceExponents;
  /** Most iterations; the default goes on until no value changes its level. */
  readonly iterations?: number;
}

/** Enough for any fixpoint met in practice; Lloyd's algorithm always ends, though not always soon. */
const MOST_ITERATIONS = 100_000;

/**
 * Levels that are the means of the values nearest to them (Lloyd 1957/1982). Values just between two levels belong to
 * the lower one; a level without values stays.
 * The last means are summed in the order of the values, as the plain algorithm does: the levels equal its own to the
 * last bit.
 * All-equal values give that value, none give 0, one level gives the mean.
 */
export function kMeansCodebook(values: ArrayLike<number>, options: KMeansOptions): Codebook {
  const { levels, start = 'best', zero = false, importance, iterations = MOST_ITERATIONS, watch } = options;
  requireLevels(levels);
  requireInteger('k-means: iterations', iterations, 1, MOST_ITERATIONS);
  const sorted = sortValues(values, importance);
  const length = sorted.values.length;
  if (length === 0) return constantCodebook();
  if (sorted.values[0] === sorted.values[length - 1])
    return zero ? withZero(constantCodebook(sorted.values[0])) : constantCodebook(sorted.values[0]);
  const starts: readonly (SingleStart | ArrayLike<number>)[] =
    start === 'best' ? ['linear', 'quantile', 'importance'] : [start];
  const ends = starts.map((single) => lloyd(sorted, startLevels(sorted, single, options), iterations, watch));
  const best = ends.length === 1 ? 0 : leastPlace(ends.map((end) => squaredError(sorted, end)));
  const codebook = nearestCodebook(plainMeans(values, importance, sorted.values, ends[best]!));
  return zero ? withZero(codebook) : codebook;
}

/** The place of the least number; the first of equal ones. */
const leastPlace = (numbers: readonly number[]): number => numbers.indexOf(Math.min(...numbers));

function startLevels(
  values: SortedValues,
  start: SingleStart | ArrayLike<number>,
  { levels, exponents }: KMeansOptions,
): Float64Array {
  const { values: sorted } = values;
  const length = sorted.length;
  const [least, most] = [sorted[0]!, sorted[length - 1]!];
  if (typeof start !== 'string') return startAt(start);
  if (start === 'linear')
    return Float64Array.from({ length: levels }, (_, i) =>
      levels === 1 ? (least + most) / 2 : least + ((most - least) * i) / (levels - 1),
    );
  if (start === 'quantile')
    return Float64Array.from(
      { length: levels },
      (_, i) => sorted[Math.min(length - 1, Math.floor(((i + 0.5) * length) / levels))]!,
    );
  return importanceOfSorted(values, { levels, ...exponents }).levels.slice();
}

function startAt(levels: ArrayLike<number>): Float64Array {
  requireLevels(levels.length);
  maxMagnitude(levels);
  return Float64Array.from(levels).sort();
}

/** Iterates until no border between levels moves. The thresholds are those that gave the last means. */
function lloyd(
  { values, weight, sum }: SortedValues,
  centres: Float64Array,
  iterations: number,
  watch: (() => void) | undefined,
): Codebook {
  const last = centres.length - 1;
  const thresholds = new Float64Array(last);
  const borders = new Int32Array(last + 2).fill(-1);
  borders[0] = 0;
  borders[last + 1] = values.length;
  for (let iteration = 0; iteration < iterations; iteration++) {
    watch?.();
    let moved = iteration === 0;
    for (let i = 0; i < last; i++) {
      thresholds[i] = midpoint(centres[i]!, centres[i + 1]!);
      const border = firstAbove(values, thresholds[i]!, borders[i]!, values.length);
      if (border !== borders[i + 1]) moved = true;
      borders[i + 1] = border;
    }
    if (!moved) break;
    for (let i = 0; i <= last; i++) {
      const [from, to] = [borders[i]!, borders[i + 1]!];
      const total = weight(from, to);
      if (total > 0) centres[i] = within(sum(from, to) / total, values[from]!, values[to - 1]!);
    }
  }
  return { levels: centres, thresholds };
}

/** A mean, without the rounding that would put it outside of its values. */
const within = (mean: number, least: number, most: number): number => Math.min(most, Math.max(least, mean));

/** The means between the thresholds, summed in the order of the values; a level without values stays. */
function plainMeans(
  values: ArrayLike<number>,
  importance: ArrayLike<number> | undefined,
  sorted: Float64Array,
  { levels, thresholds }: Codebook,
): Float64Array {
  const sums = new Float64Array(levels.length);
  const weights = new Float64Array(levels.length);
  for (let i = 0; i < values.length; i++) {
    const level = firstNotBelow(thresholds, values[i]!);
    const weight = importance?.[i] ?? 1;
    sums[level]! += weight * values[i]!;
    weights[level]! += weight;
  }
  return levels.map((level, i) => {
    if (!(weights[i]! > 0)) return level;
    const from = i === 0 ? 0 : firstAbove(sorted, thresholds[i - 1]!, 0, sorted.length);
    const to = i === thresholds.length ? sorted.length : firstAbove(sorted, thresholds[i]!, from, sorted.length);
    return within(sums[i]! / weights[i]!, sorted[from]!, sorted[to - 1]!);
  });
}
