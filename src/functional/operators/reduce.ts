// Reductions over axes: sum, mean, largest, smallest; forward and backward. Places of largest elements.

import { broadcastIndex, fromDoubles } from './broadcast.js';
import { axisOf, sizeOf, zeros, type Values } from './values.js';

export type Reduction = 'sum' | 'mean' | 'max' | 'min' | 'l1' | 'l2' | 'sum-square' | 'prod';

const keptShape = (shape: readonly number[], axes: readonly number[]): number[] =>
  shape.map((size, axis) => (axes.includes(axis) ? 1 : size));

/** Shape after a reduction: axes of length 1 stay with `keep`, else they go. */
export const reducedShape = (shape: readonly number[], axes: readonly number[], keep: boolean): number[] =>
  keep ? keptShape(shape, axes) : shape.filter((_, axis) => !axes.includes(axis));

/** x reduced over `axes`. */
export function reduce(x: Values, kind: Reduction, axes: readonly number[], keep: boolean): Values {
  const inner = axes.map((axis) => axisOf(axis, x.shape.length));
  const kept = keptShape(x.shape, inner);
  const index = broadcastIndex(kept, x.shape);
  const start = kind === 'max' ? -Infinity : kind === 'min' ? Infinity : kind === 'prod' ? 1 : 0;
  const sums = new Float64Array(sizeOf(kept)).fill(start);
  const step = STEPS[kind];
  for (let i = 0; i < index.length; i++) sums[index[i]!] = step(sums[index[i]!]!, x.data[i]!);
  if (kind === 'mean') for (let i = 0; i < sums.length; i++) sums[i]! *= sums.length / x.data.length;
  if (kind === 'l2') for (let i = 0; i < sums.length; i++) sums[i] = Math.sqrt(sums[i]!);
  return { shape: reducedShape(x.shape, inner, keep), data: fromDoubles(x.data, sums) };
}

const add = (sum: number, x: number): number => sum + x;
const STEPS: Record<Reduction, (sum: number, x: number) => number> = {
  sum: add,
  mean: add,
  max: (most, x) => (x > most || Number.isNaN(x) ? x : most),
  min: (least, x) => (x < least || Number.isNaN(x) ? x : least),
  l1: (sum, x) => sum + Math.abs(x),
  l2: (sum, x) => sum + x * x,
  'sum-square': (sum, x) => sum + x * x,
  prod: (product, x) => product * x,
};

/** Gradient of a reduction's input; of equal largest (or smallest) elements each takes the same share. */
export function reduceBackward(x: Values, y: Values, dy: Values, kind: Reduction, axes: readonly number[]): Values {
  const inner = axes.map((axis) => axisOf(axis, x.shape.length));
  const kept = keptShape(x.shape, inner);
  const index = broadcastIndex(kept, x.shape);
  const dx = zeros(dy.data, x.shape);
  const share = y.data.length / x.data.length;
  const ties = new Float64Array(y.data.length);
  if (kind === 'max' || kind === 'min')
    for (let i = 0; i < index.length; i++) if (x.data[i] === y.data[index[i]!]) ties[index[i]!]!++;
  for (let i = 0; i < index.length; i++) {
    const at = index[i]!;
    const e = dy.data[at]!;
    switch (kind) {
      case 'sum':
        dx.data[i] = e;
        break;
      case 'mean':
        dx.data[i] = e * share;
        break;
      case 'max':
      case 'min':
        dx.data[i] = x.data[i] === y.data[at] ? e / ties[at]! : 0;
        break;
      case 'l1':
        dx.data[i] = e * Math.sign(x.data[i]!);
        break;
      case 'l2':
        dx.data[i] = y.data[at] === 0 ? 0 : (e * x.data[i]!) / y.data[at]!;
        break;
      case 'sum-square':
        dx.data[i] = 2 * e * x.data[i]!;
        break;
      case 'prod':
        dx.data[i] = e * productWithout(x, index, at, i);
        break;
    }
  }
  return dx;
}

function productWithout(x: Values, index: Int32Array, at: number, without: number): number {
  let product = 1;
  for (let i = 0; i < index.length; i++) if (index[i] === at && i !== without) product *= x.data[i]!;
  return product;
}

/** Places of the largest (`sign` 1) or smallest (-1) elements along an axis; of equal ones the first, or the last. */
export function argMost(x: Values, axis: number, keep: boolean, sign: 1 | -1, last: boolean): Values {
  const at = axisOf(axis, x.shape.length);
  const outer = sizeOf(x.shape.slice(0, at));
  const length = x.shape[at]!;
  const inner = sizeOf(x.shape.slice(at + 1));
  const y = zeros(x.data, reducedShape(x.shape, [at], keep));
  for (let o = 0, out = 0; o < outer; o++)
    for (let i = 0; i < inner; i++, out++) {
      let best = 0;
      for (let l = 1; l < length; l++) {
        const value = sign * x.data[(o * length + l) * inner + i]!;
        const most = sign * x.data[(o * length + best) * inner + i]!;
        if (value > most || (last && value === most)) best = l;
      }
      y.data[out] = best;
    }
  return y;
}
