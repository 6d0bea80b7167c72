// Resize by nearest neighbour or linear interpolation along any axes (ONNX's Resize), forward and backward.

import { sizeOf, zeros, type Values } from './values.js';

/** How a place of the output is seen in the input (ONNX's coordinate_transformation_mode). */
export type Coordinates = 'asymmetric' | 'half-pixel' | 'pytorch-half-pixel' | 'align-corners';
/** Which neighbour is nearest (ONNX's nearest_mode). */
export type Rounding = 'floor' | 'ceil' | 'round-prefer-floor' | 'round-prefer-ceil';

/** A resize of x to `sizes` (all axes, the batch too). `scales`: output over input by axis, as the node gives it. */
export interface Resize {
  readonly mode: 'nearest' | 'linear';
  readonly coordinates: Coordinates;
  readonly rounding: Rounding;
  readonly sizes: readonly number[];
  readonly scales: readonly number[];
}

/** For each output along an axis: two neighbours and the share of the second. */
interface Taps {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly share: Float64Array;
}

function place(output: number, input: number, outputs: number, scale: number, coordinates: Coordinates): number {
  switch (coordinates) {
    case 'asymmetric':
      return output / scale;
    case 'half-pixel':
      return (output + 0.5) / scale - 0.5;
    case 'pytorch-half-pixel':
      return outputs > 1 ? (output + 0.5) / scale - 0.5 : 0;
    case 'align-corners':
      return outputs > 1 ? (output * (input - 1)) / (outputs - 1) : 0;
  }
}

function nearest(at: number, rounding: Rounding): number {
  switch (rounding) {
    case 'floor':
      return Math.floor(at);
    case 'ceil':
      return Math.ceil(at);
    case 'round-prefer-floor':
      return Math.ceil(at - 0.5);
    case 'round-prefer-ceil':
      return Math.floor(at + 0.5);
  }
}

function tapsOf(input: number, outputs: number, scale: number, resize: Resize): Taps {
  const taps = { low: new Int32Array(outputs), high: new Int32Array(outputs), share: new Float64Array(outputs) };
  const inside = (at: number): number => Math.min(input - 1, Math.max(0, at));
  for (let o = 0; o < outputs; o++) {
    const at = place(o, input, outputs, scale, resize.coordinates);
    if (resize.mode === 'nearest') taps.low[o] = taps.high[o] = inside(nearest(at, resize.rounding));
    else {
      const clamped = inside(at);
      taps.low[o] = Math.floor(clamped);
      taps.high[o] = inside(Math.floor(clamped) + 1);
      taps.share[o] = clamped - Math.floor(clamped);
    }
  }
  return taps;
}

/** Calls `axis(outer, input, output, inner, taps)` for each axis that changes; linear resize is separable. */
function changedAxes(shape: readonly number[], resize: Resize): { axis: number; taps: Taps }[] {
  return shape.flatMap((size, axis) => {
    const outputs = resize.sizes[axis]!;
    return outputs === size ? [] : [{ axis, taps: tapsOf(size, outputs, resize.scales[axis]!, resize) }];
  });
}

/** x resized to `sizes`. */
export function resize(x: Values, parameters: Resize): Values {
  let current = x;
  for (const { axis, taps } of changedAxes(x.shape, parameters)) {
    const shape = current.shape.map((size, a) => (a === axis ? taps.low.length : size));
    const next = zeros(x.data, shape);
    const outer = sizeOf(shape.slice(0, axis));
    const inner = sizeOf(shape.slice(axis + 1));
    const input = current.shape[axis]!;
    for (let o = 0, at = 0; o < outer; o++)
      for (let t = 0; t < taps.low.length; t++) {
        const low = (o * input + taps.low[t]!) * inner;
        const high = (o * input + taps.high[t]!) * inner;
        const share = taps.share[t]!;
        for (let i = 0; i < inner; i++, at++)
          next.data[at] =
            share === 0
              ? current.data[low + i]!
              : (1 - share) * current.data[low + i]! + share * current.data[high + i]!;
      }
    current = next;
  }
  return current;
}

/** Gradient of a resize's input. */
export function resizeBackward(xShape: readonly number[], dy: Values, parameters: Resize): Values {
  let current = dy;
  for (const { axis, taps } of changedAxes(xShape, parameters).reverse()) {
    const shape = current.shape.map((size, a) => (a === axis ? xShape[axis]! : size));
    const next = zeros(dy.data, shape);
    const outer = sizeOf(shape.slice(0, axis));
    const inner = sizeOf(shape.slice(axis + 1));
    const input = xShape[axis]!;
    for (let o = 0, at = 0; o < outer; o++)
      for (let t = 0; t < taps.low.length; t++) {
        const low = (o * input + taps.low[t]!) * inner;
        const high = (o * input + taps.high[t]!) * inner;
        const share = taps.share[t]!;
        for (let i = 0; i < inner; i++, at++) {
          next.data[low + i]! += (1 - share) * current.data[at]!;
          if (share !== 0) next.data[high + i]! += share * current.data[at]!;
        }
      }
    current = next;
  }
  return current;
}
