// Resampling along any axes (ONNX's Resize): nearest, linear and cubic; forward and backward.

import type { Resize } from '../../workload/graph/index.js';
import { sizeOf, zeros, type Values } from './values.js';

/** For each output along an axis: `width` neighbours and their weights. */
interface Taps {
  readonly outputs: number;
  readonly width: number;
  readonly index: Int32Array;
  readonly weight: Float64Array;
}

/** Place in the input of an output (ONNX's coordinate_transformation_mode). */
function place(
  output: number,
  { input, outputs, scale }: { readonly input: number; readonly outputs: number; readonly scale: number },
  resize: Resize,
): number {
  switch (resize.coordinates) {
    case 'asymmetric':
      return output / scale;
    case 'half_pixel':
      return (output + 0.5) / scale - 0.5;
    case 'half_pixel_symmetric': {
      const adjustment = outputs / (scale * input);
      const centre = input / 2;
      return centre * (1 - adjustment) + (output + 0.5) / scale - 0.5;
    }
    case 'pytorch_half_pixel':
      return outputs > 1 ? (output + 0.5) / scale - 0.5 : 0;
    case 'align_corners':
      return outputs > 1 ? (output * (input - 1)) / (outputs - 1) : 0;
    case 'tf_half_pixel_for_nn':
      return (output + 0.5) / scale;
  }
}

function nearest(at: number, rounding: Resize['rounding']): number {
  switch (rounding) {
    case 'floor':
      return Math.floor(at);
    case 'ceil':
      return Math.ceil(at);
    case 'round_prefer_floor':
      return Math.ceil(at - 0.5);
    case 'round_prefer_ceil':
      return Math.floor(at + 0.5);
  }
}

/** Weights of the four neighbours of a place `t` behind the second (Keys 1981). */
function cubic(t: number, a: number): number[] {
  const near = (x: number): number => ((a + 2) * x - (a + 3)) * x * x + 1;
  const far = (x: number): number => ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return [far(t + 1), near(t), near(1 - t), far(2 - t)];
}

function tapsOf(input: number, outputs: number, scale: number, resize: Resize): Taps {
  const width = resize.mode === 'nearest' ? 1 : resize.mode === 'linear' ? 2 : 4;
  const index = new Int32Array(outputs * width);
  const weight = new Float64Array(outputs * width);
  const inside = (at: number): number => Math.min(input - 1, Math.max(0, at));
  for (let o = 0; o < outputs; o++) {
    const at = place(o, { input, outputs, scale }, resize);
    if (resize.mode === 'nearest') {
      index[o] = inside(nearest(at, resize.rounding));
      weight[o] = 1;
      continue;
    }
    const from = resize.mode === 'linear' ? inside(at) : at;
    const base = Math.floor(from);
    const shares =
      resize.mode === 'linear' ? [1 - (from - base), from - base] : cubic(at - base, resize.cubicCoefficient);
    for (let t = 0; t < width; t++) {
      index[o * width + t] = inside(base + t - (width === 4 ? 1 : 0));
      weight[o * width + t] = shares[t]!;
    }
  }
  return { outputs, width, index, weight };
}

/**
 * The axes that change, each with its taps: resampling is separable. A scale may move values along an axis that keeps
 * its size (2 x 1.25 is 2). Axes count the batch.
 */
const changedAxes = (xShape: readonly number[], resize: Resize): { axis: number; taps: Taps }[] =>
  resize.sizes.flatMap((outputs, sampleAxis) => {
    const axis = sampleAxis + 1;
    const size = xShape[axis]!;
    const scale = resize.scales[sampleAxis]!;
    return outputs === size && scale === 1 ? [] : [{ axis, taps: tapsOf(size, outputs, scale, resize) }];
  });

/** One axis resampled (`back`: the transpose, errors added to where they came from). */
function along(
  x: Values,
  axis: number,
  {
    size,
    input,
    taps,
    back,
  }: { readonly size: number; readonly input: number; readonly taps: Taps; readonly back: boolean },
): Values {
  const shape = x.shape.map((length, a) => (a === axis ? size : length));
  const y = zeros(x.data, shape);
  const outer = sizeOf(shape.slice(0, axis));
  const inner = sizeOf(shape.slice(axis + 1));
  const { outputs, width, index, weight } = taps;
  for (let o = 0; o < outer; o++)
    for (let t = 0; t < outputs * width; t++) {
      const share = weight[t]!;
      const wide = (o * outputs + Math.floor(t / width)) * inner;
      const narrow = (o * input + index[t]!) * inner;
      if (share === 0) continue;
      if (back) for (let i = 0; i < inner; i++) y.data[narrow + i]! += share * x.data[wide + i]!;
      else for (let i = 0; i < inner; i++) y.data[wide + i]! += share * x.data[narrow + i]!;
    }
  return y;
}

/** x [N, ...] resampled to the graph's sizes. */
export function resize(x: Values, parameters: Resize): Values {
  let current = x;
  for (const { axis, taps } of changedAxes(x.shape, parameters))
    current = along(current, axis, { size: taps.outputs, input: current.shape[axis]!, taps, back: false });
  return current;
}

/** Gradient of a resampling's input. */
export function resizeBackward(xShape: readonly number[], dy: Values, parameters: Resize): Values {
  let current = dy;
  for (const { axis, taps } of changedAxes(xShape, parameters).reverse())
    current = along(current, axis, { size: xShape[axis]!, input: xShape[axis]!, taps, back: true });
  return current;
}
