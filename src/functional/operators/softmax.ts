// Softmax and its logarithm: forward and backward.

import { axisOf, sizeOf, zeros, type Values } from './values.js';

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
