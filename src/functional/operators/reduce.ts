// Reductions over axes, and places of largest and smallest elements; forward and backward.

import type { ReduceFunction } from '../../workload/graph/index.js';
import { broadcastIndex, fromDoubles } from './broadcast.js';
import { sizeOf, zeros, type Values } from './values.js';

/** Reductions that give values; argMax and argMin give places. */
export type Reduction = Exclude<ReduceFunction, 'argMax' | 'argMin'>;

const keptShape = (shape: readonly number[], axes: readonly number[]): number[] =>
  shape.map((size, axis) => (axes.includes(axis) ? 1 : size));

/** Shape after a reduction: axes of length 1 stay with `keep`, else they go. */
export const reducedShape = (shape: readonly number[], axes: readonly number[], keep: boolean): number[] =>
  keep ? keptShape(shape, axes) : shape.filter((_, axis) => !axes.includes(axis));

const add = (sum: number, x: number): number => sum + x;
const most = (sum: number, x: number): number => (x > sum || Number.isNaN(x) ? x : sum);
/** Where a reduction starts, how it takes an element, and what it gives at the end. */
const RULES: Record<Reduction, readonly [number, (sum: number, x: number) => number, (sum: number) => number]> = {
  sum: [0, add, (sum) => sum],
  mean: [0, add, (sum) => sum],
  max: [-Infinity, most, (sum) => sum],
  min: [Infinity, (sum, x) => (x < sum || Number.isNaN(x) ? x : sum), (sum) => sum],
  prod: [1, (product, x) => product * x, (sum) => sum],
  l1: [0, (sum, x) => sum + Math.abs(x), (sum) => sum],
  l2: [0, (sum, x) => sum + x * x, Math.sqrt],
  sumSquare: [0, (sum, x) => sum + x * x, (sum) => sum],
  logSum: [0, add, Math.log],
  logSumExp: [-Infinity, most, (sum) => sum],
};

/** x reduced over `axes` (counted from the front). */
export function reduce(x: Values, kind: Reduction, axes: readonly number[], keep: boolean): Values {
  const kept = keptShape(x.shape, axes);
  const index = broadcastIndex(kept, x.shape);
  const [start, step, end] = RULES[kind];
  const sums = new Float64Array(sizeOf(kept)).fill(start);
  for (let i = 0; i < index.length; i++) sums[index[i]!] = step(sums[index[i]!]!, x.data[i]!);
  if (kind === 'logSumExp') {
    const shifted = new Float64Array(sums.length);
    for (let i = 0; i < index.length; i++) shifted[index[i]!]! += Math.exp(x.data[i]! - sums[index[i]!]!);
    for (let i = 0; i < sums.length; i++) sums[i]! += Math.log(shifted[i]!);
  }
  const share = kind === 'mean' ? sums.length / x.data.length : 1;
  for (let i = 0; i < sums.length; i++) sums[i] = end(sums[i]! * share);
  return { shape: reducedShape(x.shape, axes, keep), data: fromDoubles(x.data, sums) };
}

/**
 * Gradient of a reduction's input; of equal largest (or smallest) elements each takes the same share.
 */
export function reduceBackward(
  { x, y, dy }: { readonly x: Values; readonly y: Values; readonly dy: Values },
  kind: Reduction,
  axes: readonly number[],
): Values {
  const index = broadcastIndex(keptShape(x.shape, axes), x.shape);
  const dx = zeros(dy.data, x.shape);
  const share = y.data.length / x.data.length;
  const ties = new Float64Array(y.data.length);
  const others = kind === 'prod' ? productsOfOthers(x, index, y.data.length) : undefined;
  if (kind === 'max' || kind === 'min')
    for (let i = 0; i < index.length; i++) if (x.data[i] === y.data[index[i]!]) ties[index[i]!]!++;
  for (let i = 0; i < index.length; i++) {
    const at = index[i]!;
    dx.data[i] = dy.data[at]! * slope(kind, x.data[i]!, y.data[at]!, share, ties[at]!, others?.[i] ?? 0);
  }
  return dx;
}

/** dy/dx of one element. Positional: called for every element. */
function slope(kind: Reduction, x: number, y: number, share: number, ties: number, others: number): number {
  switch (kind) {
    case 'sum':
      return 1;
    case 'mean':
      return share;
    case 'max':
    case 'min':
      return x === y ? 1 / ties : 0;
    case 'prod':
      return others;
    case 'l1':
      return Math.sign(x);
    case 'l2':
      return y === 0 ? 0 : x / y;
    case 'sumSquare':
      return 2 * x;
    case 'logSum':
      return Math.exp(-y);
    case 'logSumExp':
      return Math.exp(x - y);
  }
}

/** For each element the product of all others that are reduced with it. */
function productsOfOthers(x: Values, index: Int32Array, groups: number): Float64Array {
  const out = new Float64Array(index.length).fill(1);
  for (const backwards of [false, true]) {
    const running = new Float64Array(groups).fill(1);
    for (let k = 0; k < index.length; k++) {
      const i = backwards ? index.length - 1 - k : k;
      out[i]! *= running[index[i]!]!;
      running[index[i]!]! *= x.data[i]!;
    }
  }
  return out;
}

/** Places of the largest (`sign` 1) or smallest (-1) elements along an axis; of equal ones the first, or the last. */
export function argMost(
  x: Values,
  axis: number,
  { keep, sign, last }: { readonly keep: boolean; readonly sign: 1 | -1; readonly last: boolean },
): Values {
  const outer = sizeOf(x.shape.slice(0, axis));
  const length = x.shape[axis]!;
  const inner = sizeOf(x.shape.slice(axis + 1));
  const y = zeros(x.data, reducedShape(x.shape, [axis], keep));
  for (let o = 0, out = 0; o < outer; o++)
    for (let i = 0; i < inner; i++, out++) {
      let best = 0;
      for (let l = 1; l < length; l++) {
        const value = sign * x.data[(o * length + l) * inner + i]!;
        const highest = sign * x.data[(o * length + best) * inner + i]!;
        if (value > highest || (last && value === highest)) best = l;
      }
      y.data[out] = best;
    }
  return y;
}
