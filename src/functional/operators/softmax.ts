// Softmax, its logarithm, and the losses that training minimizes: forward and backward.

import { axisOf, sizeOf, zeros, zerosLike, type Values } from './values.js';

/** The lines along an axis: outer x length x inner, elements `inner` apart. */
function linesOf(shape: readonly number[], axis: number): { outer: number; length: number; inner: number } {
  const at = axisOf(axis, shape.length);
  return { outer: sizeOf(shape.slice(0, at)), length: shape[at]!, inner: sizeOf(shape.slice(at + 1)) };
}

/** Softmax along an axis, the largest subtracted first; `log`: its logarithm. */
export function softmax(x: Values, axis: number, log = false): Values {
  const { outer, length, inner } = linesOf(x.shape, axis);
  const y = zeros(x.data, x.shape);
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++) {
      const at = o * length * inner + i;
      let most = -Infinity;
      for (let l = 0, p = at; l < length; l++, p += inner) if (x.data[p]! > most) most = x.data[p]!;
      let sum = 0;
      for (let l = 0, p = at; l < length; l++, p += inner) sum += Math.exp(x.data[p]! - most);
      const norm = Math.log(sum);
      for (let l = 0, p = at; l < length; l++, p += inner)
        y.data[p] = log ? x.data[p]! - most - norm : Math.exp(x.data[p]! - most) / sum;
    }
  return y;
}

/** Gradient of softmax's (or its logarithm's) input from its value y. */
export function softmaxBackward(y: Values, dy: Values, axis: number, log = false): Values {
  const { outer, length, inner } = linesOf(y.shape, axis);
  const dx = zeros(dy.data, y.shape);
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++) {
      const at = o * length * inner + i;
      let sum = 0;
      for (let l = 0, p = at; l < length; l++, p += inner) sum += log ? dy.data[p]! : dy.data[p]! * y.data[p]!;
      for (let l = 0, p = at; l < length; l++, p += inner)
        dx.data[p] = log ? dy.data[p]! - Math.exp(y.data[p]!) * sum : y.data[p]! * (dy.data[p]! - sum);
    }
  return dx;
}

/** A loss with its gradient with respect to x, and the loss of each row (sample or place). */
export interface Loss {
  readonly loss: number;
  readonly gradient: Values;
  readonly byRow: Float64Array;
}

/**
 * Cross entropy of softmax of x [N, C, ...] with labels (N x places, integers); `mean` divides by samples x places.
 * The gradient is computed without subtracting 1 from a probability near 1 (the sum of the others is taken).
 */
export function crossEntropy(x: Values, labels: ArrayLike<number>, reduction: 'mean' | 'sum'): Loss {
  const { outer, length, inner } = linesOf(x.shape, 1);
  const gradient = zeros(x.data, x.shape);
  const byRow = new Float64Array(outer * inner);
  const share = reduction === 'mean' ? 1 / byRow.length : 1;
  const weights = new Float64Array(length);
  let loss = 0;
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++) {
      const at = o * length * inner + i;
      const label = labels[o * inner + i]!;
      let most = -Infinity;
      for (let l = 0, p = at; l < length; l++, p += inner) if (x.data[p]! > most) most = x.data[p]!;
      let others = 0;
      for (let l = 0, p = at; l < length; l++, p += inner) {
        weights[l] = Math.exp(x.data[p]! - most);
        if (l !== label) others += weights[l]!;
      }
      const sum = others + weights[label]!;
      // log1p where the label is the largest: its loss is small beside 1.
      const logit = x.data[at + label * inner]!;
      const row = logit === most ? Math.log1p(others) : Math.log(sum) - (logit - most);
      byRow[o * inner + i] = row;
      loss += row;
      for (let l = 0, p = at; l < length; l++, p += inner)
        gradient.data[p] = share * (l === label ? -others / sum : weights[l]! / sum);
    }
  return { loss: loss * share, gradient, byRow };
}

/** Mean (or sum) over all elements of (x - target)^2. */
export function meanSquare(x: Values, target: Values, reduction: 'mean' | 'sum'): Loss {
  const data = zerosLike(x.data, x.data.length);
  const rows = x.shape[0] ?? 1;
  const byRow = new Float64Array(rows);
  const share = reduction === 'mean' ? 1 / data.length : 1;
  let loss = 0;
  for (let i = 0; i < data.length; i++) {
    const difference = x.data[i]! - target.data[i]!;
    byRow[Math.floor((i * rows) / data.length)]! += difference * difference;
    loss += difference * difference;
    data[i] = 2 * share * difference;
  }
  return { loss: loss * share, gradient: { shape: x.shape, data }, byRow };
}
