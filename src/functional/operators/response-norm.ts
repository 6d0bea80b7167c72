// Local response norm over channels (ONNX's LRN): y = x / (bias + alpha / size sum of squares)^beta.

import type { Lrn } from '../../workload/graph/index.js';
import { sizeOf, zeros, type Values } from './values.js';
import { leading } from '../../config/typed.js';

/** The channels whose squares channel `c` takes: [first, end). */
const windowOf = (c: number, channels: number, size: number): [number, number] => [
  Math.max(0, c - Math.floor((size - 1) / 2)),
  Math.min(channels, c + Math.ceil((size - 1) / 2) + 1),
];

/** The bases bias + alpha / size sum of squares, of x [N, C, ...]. */
function basesOf(x: Values, { size, alpha, bias }: Lrn): Float64Array {
  const [images, channels] = leading(2, x.shape);
  const places = sizeOf(x.shape.slice(2));
  const bases = new Float64Array(x.data.length);
  for (let n = 0; n < images; n++)
    for (let c = 0; c < channels; c++) {
      const [first, end] = windowOf(c, channels, size);
      for (let p = 0; p < places; p++) {
        let squares = 0;
        for (let d = first; d < end; d++) squares += x.data[(n * channels + d) * places + p]! ** 2;
        bases[(n * channels + c) * places + p] = bias + (alpha / size) * squares;
      }
    }
  return bases;
}

/** y of the norm. */
export function localResponseNorm(x: Values, norm: Lrn): Values {
  const bases = basesOf(x, norm);
  return { shape: x.shape, data: x.data.map((value, i) => value / bases[i]! ** norm.beta) };
}

/** Gradient of the norm's input. */
export function localResponseNormBackward(x: Values, dy: Values, norm: Lrn): Values {
  const { size, alpha, beta } = norm;
  const [images, channels] = leading(2, x.shape);
  const places = sizeOf(x.shape.slice(2));
  const bases = basesOf(x, norm);
  const dx = zeros(dy.data, x.shape);
  for (let n = 0; n < images; n++)
    for (let c = 0; c < channels; c++) {
      const [first, end] = windowOf(c, channels, size);
      for (let p = 0; p < places; p++) {
        const at = (n * channels + c) * places + p;
        const e = dy.data[at]!;
        dx.data[at]! += e / bases[at]! ** beta;
        const share = (-2 * alpha * beta * e * x.data[at]!) / (size * bases[at]! ** (beta + 1));
        for (let d = first; d < end; d++) {
          const other = (n * channels + d) * places + p;
          dx.data[other]! += share * x.data[other]!;
        }
      }
    }
  return dx;
}
