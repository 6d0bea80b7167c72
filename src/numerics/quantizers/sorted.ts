// Sorted values with running sums: every sum over a range of values is then one subtraction.

import { maxMagnitude } from '../formats/dynamic-fixed-point.js';

/** The sum of the terms from one place to before another. */
type RangeSum = (from: number, to: number) => number;

/** Values in ascending order (-0 before 0). */
export interface SortedValues {
  readonly values: Float64Array;
  /** Importance in the order of values; undefined where all are 1. */
  readonly importance: Float64Array | undefined;
  /** Importance of a range: the number of its values where all are 1. */
  readonly weight: RangeSum;
  /** Values of a range times their importance. */
  readonly sum: RangeSum;
}

/** Squares and their sums stay finite. */
const MOST_MAGNITUDE = 1e145;

/**
 * Sorts values. @param importance a weight for each value, none negative @throws RangeError for NaN, infinities and
 * values beyond 1e145, wrong lengths or weights
 */
export function sortValues(values: ArrayLike<number>, importance?: ArrayLike<number>): SortedValues {
  if (maxMagnitude(values) > MOST_MAGNITUDE)
    throw new RangeError(`values beyond ${MOST_MAGNITUDE} cannot be squared and summed`);
  if (importance !== undefined) checkImportance(values, importance);
  const unsorted = Float64Array.from(values);
  const order = sortOrder(unsorted);
  const sorted = new Float64Array(order.length);
  for (let i = 0; i < order.length; i++) sorted[i] = unsorted[order[i]!]!;
  if (importance === undefined)
    return { values: sorted, importance: undefined, weight: (from, to) => to - from, sum: runningSums(sorted) };
  const weights = Float64Array.from(order, (i) => importance[i]!);
  return {
    values: sorted,
    importance: weights,
    weight: runningSums(weights),
    sum: runningSums(sorted.map((x, i) => x * weights[i]!)),
  };
}

function checkImportance(values: ArrayLike<number>, importance: ArrayLike<number>): void {
  if (importance.length !== values.length)
    throw new RangeError(`${importance.length} importances for ${values.length} values`);
  let total = 0;
  for (let i = 0; i < importance.length; i++) {
    const x = importance[i]!;
    if (!(x >= 0 && x < Infinity))
      throw new RangeError(`importance ${i} is ${x}, expected ${x < 0 ? 'none below 0' : 'finite numbers'}`);
    total += x;
  }
  if (!(total > 0) && values.length > 0) throw new RangeError('all importances are 0');
}

/**
 * Running sums in two doubles each (Knuth's exact sum of two numbers): ranges of small terms keep their digits behind
 * large ones.
 */
function runningSums(terms: Float64Array): RangeSum {
  const high = new Float64Array(terms.length + 1);
  const low = new Float64Array(terms.length + 1);
  let sum = 0;
  let lost = 0;
  for (let i = 0; i < terms.length; i++) {
    const term = terms[i]!;
    const next = sum + term;
    const added = next - sum;
    lost += sum - (next - added) + (term - added);
    sum = next;
    high[i + 1] = sum;
    low[i + 1] = lost;
  }
  return (from, to) => high[to]! - high[from]! + (low[to]! - low[from]!);
}

/** Shorter lists are sorted by comparing. */
const LEAST_RADIX_LENGTH = 512;
const DIGIT_BITS = 11;
const DIGIT = 2 ** DIGIT_BITS - 1;
const [LOW, HIGH] = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? [0, 1] : [1, 0];

/**
 * Places of values in ascending order, equal ones in theirs: a radix sort by 11 bits of the doubles at a time. Digits
 * that are the same for all (low ones of what was float32) take no pass.
 */
function sortOrder(values: Float64Array): Uint32Array {
  const length = values.length;
  let order = new Uint32Array(length);
  for (let i = 0; i < length; i++) order[i] = i;
  if (length < LEAST_RADIX_LENGTH)
    return order.sort(
      (a, b) => values[a]! - values[b]! || Number(Object.is(values[b], -0)) - Number(Object.is(values[a], -0)) || a - b,
    );
  const words = new Uint32Array(values.buffer, values.byteOffset, 2 * length);
  const [low, high] = [new Uint32Array(length), new Uint32Array(length)];
  for (let i = 0; i < length; i++) {
    // As unsigned integers in the order of the numbers: all bits of negative ones turn, of others the sign.
    const turn = words[2 * i + HIGH]! >> 31;
    low[i] = words[2 * i + LOW]! ^ turn;
    high[i] = words[2 * i + HIGH]! ^ (turn | 0x80000000);
  }
  let next = new Uint32Array(length);
  const places = new Uint32Array(DIGIT + 1);
  for (const word of [low, high]) {
    for (let shift = 0; shift < 32; shift += DIGIT_BITS) {
      places.fill(0);
      for (let i = 0; i < length; i++) places[(word[i]! >>> shift) & DIGIT]!++;
      if (places[(word[0]! >>> shift) & DIGIT] === length) continue;
      let place = 0;
      for (let digit = 0; digit <= DIGIT; digit++) {
        const number = places[digit]!;
        places[digit] = place;
        place += number;
      }
      for (let i = 0; i < length; i++) next[places[(word[order[i]!]! >>> shift) & DIGIT]!++] = order[i]!;
      [order, next] = [next, order];
    }
  }
  return order;
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
