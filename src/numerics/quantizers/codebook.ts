// Scalar quantizers as data: levels and the thresholds between them.

import { refuseNaN } from '../formats/format.js';

/**
 * A value x takes level i where thresholds[i - 1] < x <= thresholds[i]. Both lists ascend; there is one level more than
 * thresholds.
 */
export interface Codebook {
  readonly levels: Float64Array;
  readonly thresholds: Float64Array;
}

/** Most levels of a codebook (16-bit codes). */
export const MOST_LEVELS = 65536;

/** @throws RangeError unless `levels` is an integer from 1 to 65536 */
export function requireLevels(levels: number): void {
  if (!Number.isInteger(levels) || levels < 1 || levels > MOST_LEVELS)
    throw new RangeError(`a codebook of ${levels} levels; expected an integer from 1 to ${MOST_LEVELS}`);
}

/** Where two different levels meet; never the upper one, which keeps its own value. */
export function midpoint(low: number, high: number): number {
  const middle = low / 2 + high / 2;
  return middle < high ? middle : low;
}

const midpoints = (levels: ArrayLike<number>): Float64Array =>
  Float64Array.from({ length: Math.max(0, levels.length - 1) }, (_, i) => midpoint(levels[i]!, levels[i + 1]!));

/**
 * The codebook of given levels (any order, duplicates dropped, -0 as 0) whose values go to the nearest one, ties to the
 * lower.
 */
export function nearestCodebook(levels: Iterable<number>): Codebook {
  const sorted = Float64Array.from(new Set([...levels].map((level) => level + 0))).sort();
  return { levels: sorted, thresholds: midpoints(sorted) };
}

/** What every quantizer gives for values that are all equal: that value alone. For none: 0 alone. */
export const constantCodebook = (value = 0): Codebook => nearestCodebook([value]);

/**
 * The codebook with 0 among its levels: the level nearest to 0 becomes 0 (a codebook of all-equal values gains a
 * level); thresholds become midpoints.
 */
export function withZero({ levels, thresholds }: Codebook): Codebook {
  if (levels.includes(0)) return { levels, thresholds };
  if (levels.length === 1) return nearestCodebook([0, levels[0]!]);
  let nearest = 0;
  levels.forEach((level, i) => {
    if (Math.abs(level) < Math.abs(levels[nearest]!)) nearest = i;
  });
  return nearestCodebook(levels.with(nearest, 0));
}

/** The first place in an ascending list whose entry is not below x. */
export function firstNotBelow(thresholds: Float64Array, x: number): number {
  let low = 0;
  let high = thresholds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (thresholds[middle]! < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The level number of a value; infinities take the outer levels. @throws RangeError for NaN */
export function codeOf({ thresholds }: Codebook, x: number): number {
  return Number.isNaN(x) ? refuseNaN('codebook') : firstNotBelow(thresholds, x);
}

/** Level numbers of values. @throws RangeError for NaN */
export function encodeCodebook(codebook: Codebook, values: ArrayLike<number>): Uint16Array {
  const codes = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) codes[i] = codeOf(codebook, values[i]!);
  return codes;
}

/** Values of level numbers. */
export const decodeCodebook = ({ levels }: Codebook, codes: ArrayLike<number>): Float64Array =>
  Float64Array.from(codes, (code) => levels[code]!);

/**
 * The value beyond which a value counts as saturated: half the outer gap outside of the outer levels, as a clipped
 * integer. Nothing saturates on one level.
 */
export function saturationLimits({ levels }: Codebook): { least: number; most: number } {
  const last = levels.length - 1;
  if (last < 1) return { least: -Infinity, most: Infinity };
  return {
    least: levels[0]! - (levels[1]! - levels[0]!) / 2,
    most: levels[last]! + (levels[last]! - levels[last - 1]!) / 2,
  };
}
