// Sorted values with prefix sums: every sum over a range of values is then one subtraction.

import { maxMagnitude } from '../formats/dynamic-fixed-point.js';

/** Values in ascending order; `count`, `sum` and `square` have one entry more than values: entry i sums over the first i, weighted by importance. */
export interface SortedValues {
  readonly values: Float64Array;
  readonly count: Float64Array;
  readonly sum: Float64Array;
  readonly square: Float64Array;
  /** Importance in the order of values; undefined where all are 1. */
  readonly importance: Float64Array | undefined;
}

/** Sums of squares stay finite. */
const MOST_MAGNITUDE = 1e145;

/** Sorts values. @param importance a weight for each value, none negative @throws RangeError for NaN, infinities and values beyond 1e145, wrong lengths or weights */
export function sortValues(values: ArrayLike<number>, importance?: ArrayLike<number>): SortedValues {
  if (maxMagnitude(values) > MOST_MAGNITUDE) throw new RangeError(`values beyond ${MOST_MAGNITUDE} cannot be squared and summed`);
  const length = values.length;
  const [sorted, weights] = importance === undefined ? [Float64Array.from(values).sort(), undefined] : sortWeighted(values, importance);
  const count = new Float64Array(length + 1);
  const sum = new Float64Array(length + 1);
  const square = new Float64Array(length + 1);
  for (let i = 0; i < length; i++) {
    const x = sorted[i]!;
    const weight = weights?.[i] ?? 1;
    count[i + 1] = count[i]! + weight;
    sum[i + 1] = sum[i]! + weight * x;
    square[i + 1] = square[i]! + weight * x * x;
  }
  return { values: sorted, count, sum, square, importance: weights };
}

function sortWeighted(values: ArrayLike<number>, importance: ArrayLike<number>): [Float64Array, Float64Array] {
  if (importance.length !== values.length) throw new RangeError(`${importance.length} importances for ${values.length} values`);
  if (maxMagnitude(importance) === 0 && values.length > 0) throw new RangeError('all importances are 0');
  for (let i = 0; i < importance.length; i++) if (importance[i]! < 0) throw new RangeError(`importance ${i} is ${importance[i]!}, expected none below 0`);
  const order = Uint32Array.from(values, (_, i) => i).sort((a, b) => values[a]! - values[b]! || a - b);
  return [Float64Array.from(order, (i) => values[i]!), Float64Array.from(order, (i) => importance[i]!)];
}

/** How many values are not above x. */
export function rankOf({ values }: SortedValues, x: number): number {
  return firstAbove(values, x, 0, values.length);
}

/** The first place in an ascending list, from `low` to `high`, whose entry is above x. */
export function firstAbove(list: Float64Array, x: number, low: number, high: number): number {
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list[middle]! <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}
