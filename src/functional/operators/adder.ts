// AdderNet's layer, y = -sum |x - w| over the window, with the gradients of its paper (Chen et al., CVPR 2020,
// arXiv:1912.13200, section 3.2): not the derivatives, which are signs.

import { addChannelBias, type Convolution } from './conv.js';
import { sizeOf, zeros, zerosLike, type Values } from './values.js';
import { fold, geometryOf, unfold, windowOutput } from './windows.js';

/** y of an AdderNet layer; padding counts as x = 0. Shapes and groups as of a convolution. */
export function adder(x: Values, w: Values, b: Values | undefined, convolution: Convolution): Values {
  const spatial = x.shape.slice(2);
  const output = windowOutput(spatial, convolution);
  const geometry = geometryOf(spatial, output, convolution);
  const { groups } = convolution;
  const channels = w.shape[1]!;
  const filters = w.shape[0]! / groups;
  const rows = channels * geometry.places;
  const positions = geometry.outputSize;
  const y = zeros(x.data, [x.shape[0]!, w.shape[0]!, ...output]);
  const vectors = zerosLike(x.data, positions * rows);
  for (let map = 0; map < x.shape[0]! * groups; map++) {
    unfold(
      geometry,
      channels,
      { data: x.data, at: map * channels * geometry.inputSize },
      { data: vectors, positionStride: rows, rowStride: 1 },
    );
    for (let f = 0; f < filters; f++) {
      const wAt = ((map % groups) * filters + f) * rows;
      const outAt = (map * filters + f) * positions;
      for (let p = 0; p < positions; p++) {
        let sum = 0;
        for (let r = 0, v = p * rows; r < rows; r++, v++) sum += Math.abs(vectors[v]! - w.data[wAt + r]!);
        y.data[outAt + p] = -sum;
      }
    }
  }
  if (b !== undefined) addChannelBias(y, b);
  return y;
}

/** Gradients of an AdderNet layer by the paper's rules: dw = sum of e (x - w), dx = sum of e clip(w - x, -1, 1). */
export function adderBackward(
  x: Values,
  w: Values,
  dy: Values,
  convolution: Convolution,
): { input: Values; weight: Values } {
  const spatial = x.shape.slice(2);
  const geometry = geometryOf(spatial, dy.shape.slice(2), convolution);
  const { groups } = convolution;
  const channels = w.shape[1]!;
  const filters = w.shape[0]! / groups;
  const rows = channels * geometry.places;
  const positions = geometry.outputSize;
  const dx = zeros(x.data, x.shape);
  const sums = new Float64Array(sizeOf(w.shape));
  const vectors = zerosLike(x.data, positions * rows);
  const errors = zerosLike(x.data, positions * rows);
  for (let map = 0; map < x.shape[0]! * groups; map++) {
    const at = map * channels * geometry.inputSize;
    unfold(geometry, channels, { data: x.data, at }, { data: vectors, positionStride: rows, rowStride: 1 });
    errors.fill(0);
    for (let f = 0; f < filters; f++) {
      const wAt = ((map % groups) * filters + f) * rows;
      for (let p = 0; p < positions; p++) {
        const e = dy.data[(map * filters + f) * positions + p]!;
        for (let r = 0, v = p * rows; r < rows; r++, v++) {
          const difference = vectors[v]! - w.data[wAt + r]!;
          sums[wAt + r]! += e * difference;
          errors[v]! -= e * (difference > 1 ? 1 : difference < -1 ? -1 : difference);
        }
      }
    }
    fold(geometry, channels, { data: errors, positionStride: rows, rowStride: 1 }, { data: dx.data, at });
  }
  const dw = zeros(x.data, w.shape);
  dw.data.set(sums);
  return { input: dx, weight: dw };
}

/**
 * AdderNet's own step size (its equation 13): the gradient over its norm, times the root of its elements, times eta;
 * 0 where the gradient is 0.
 */
export function adaptedGradient(dw: Values, eta: number): Values {
  let squares = 0;
  for (const value of dw.data) squares += value * value;
  const factor = squares === 0 ? 0 : (eta * Math.sqrt(dw.data.length)) / Math.sqrt(squares);
  return { shape: dw.shape, data: dw.data.map((value) => value * factor) };
}
