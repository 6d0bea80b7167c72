// k-means of scalars (Lloyd's algorithm) on sorted values: an iteration costs a binary search a level, whatever the number of values.

import { constantCodebook, nearestCodebook, requireLevels, withZero, type Codebook } from './codebook.js';
import { importanceOfSorted, type ImportanceExponents } from './importance.js';
import { firstAbove, sortValues, type SortedValues } from './sorted.js';
import { squaredError, type LevelOptions } from './uniform.js';

/**
 * First levels: evenly over the range (which keeps levels at large weights, Han et al. 2016, section 3.2), at equal populations, those of the importance function, or given ones.
 * Lloyd's algorithm ends in the nearest optimum, and a linear start of many levels may end in a poor one; `best` runs the three and takes the least squared error.
 */
export type Start = 'best' | SingleStart | ArrayLike<number>;
type SingleStart = 'linear' | 'quantile' | 'importance';

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
 * Levels that are the means of the values nearest to them (Lloyd 1957/1982). Values just between two levels belong to the lower one; a level without values stays.
 * All-equal values give that value, none give 0, one level gives the mean.
 */
export function kMeansCodebook(values: ArrayLike<number>, options: KMeansOptions): Codebook {
  const { levels, start = 'best', zero = false, iterations = MOST_ITERATIONS } = options;
  requireLevels(levels);
  const sorted = sortValues(values, options.importance);
  const length = sorted.values.length;
  if (length === 0) return constantCodebook();
  if (sorted.values[0] === sorted.values[length - 1]) return zero ? withZero(constantCodebook(sorted.values[0])) : constantCodebook(sorted.values[0]);
  const from = (single: SingleStart | ArrayLike<number>): Codebook => nearestCodebook(lloyd(sorted, startLevels(sorted, single, levels, options), iterations));
  let codebook = from(start === 'best' ? 'linear' : start);
  if (start === 'best') for (const other of [from('quantile'), from('importance')]) if (squaredError(sorted, other) < squaredError(sorted, codebook)) codebook = other;
  return zero ? withZero(codebook) : codebook;
}

function startLevels(values: SortedValues, start: SingleStart | ArrayLike<number>, levels: number, { exponents }: KMeansOptions): Float64Array {
  const { values: sorted } = values;
  const length = sorted.length;
  const [least, most] = [sorted[0]!, sorted[length - 1]!];
  if (typeof start !== 'string') return Float64Array.from(start).sort();
  if (start === 'linear') return Float64Array.from({ length: levels }, (_, i) => (levels === 1 ? (least + most) / 2 : least + ((most - least) * i) / (levels - 1)));
  if (start === 'quantile') return Float64Array.from({ length: levels }, (_, i) => sorted[Math.min(length - 1, Math.floor(((i + 0.5) * length) / levels))]!);
  return importanceOfSorted(values, { levels, ...exponents }).levels.slice();
}

/** Iterates until no border between levels moves. */
function lloyd({ values, count, sum }: SortedValues, centres: Float64Array, iterations: number): Float64Array {
  const last = centres.length - 1;
  const borders = new Int32Array(centres.length + 1).fill(-1);
  borders[0] = 0;
  borders[last + 1] = values.length;
  for (let iteration = 0; iteration < iterations; iteration++) {
    let moved = iteration === 0;
    for (let i = 0; i < last; i++) {
      const border = firstAbove(values, centres[i]! + (centres[i + 1]! - centres[i]!) / 2, borders[i]!, values.length);
      if (border !== borders[i + 1]) moved = true;
      borders[i + 1] = border;
    }
    if (!moved) break;
    for (let i = 0; i <= last; i++) {
      const weight = count[borders[i + 1]!]! - count[borders[i]!]!;
      if (weight > 0) centres[i] = (sum[borders[i + 1]!]! - sum[borders[i]!]!) / weight;
    }
  }
  return centres;
}
