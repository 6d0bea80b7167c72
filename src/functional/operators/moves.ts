// Operators that only move elements: concat, split, slice, pad, transpose, gather; forward and backward.

import { stridedIndex } from './broadcast.js';
import { stridesOf } from '../../workload/graph/index.js';
import { axisOf, sizeOf, zeros, type Values } from './values.js';

/** y with the axes of x in the order `axes`. */
export function transpose(x: Values, axes: readonly number[]): Values {
  const strides = stridesOf(x.shape);
  const shape = axes.map((axis) => x.shape[axis]!);
  const index = stridedIndex(
    shape,
    axes.map((axis) => strides[axis]!),
    0,
  );
  const y = zeros(x.data, shape);
  for (let i = 0; i < index.length; i++) y.data[i] = x.data[index[i]!]!;
  return y;
}

/** The order of axes that undoes `axes`. */
export function inverseAxes(axes: readonly number[]): number[] {
  const inverse = new Array<number>(axes.length);
  axes.forEach((axis, i) => (inverse[axis] = i));
  return inverse;
}

/** Inputs behind each other along an axis. */
export function concat(inputs: readonly Values[], axis: number): Values {
  const first = inputs[0]!;
  const at = axisOf(axis, first.shape.length);
  const lengths = inputs.map(({ shape }) => sizeOf(shape.slice(at)));
  const row = lengths.reduce((sum, length) => sum + length, 0);
  const total = inputs.reduce((sum, { shape }) => sum + shape[at]!, 0);
  const y = zeros(
    first.data,
    first.shape.map((size, a) => (a === at ? total : size)),
  );
  const outer = sizeOf(first.shape.slice(0, at));
  let offset = 0;
  inputs.forEach(({ data }, i) => {
    const length = lengths[i]!;
    for (let o = 0; o < outer; o++) y.data.set(data.subarray(o * length, (o + 1) * length), o * row + offset);
    offset += length;
  });
  return y;
}

/** Parts of `lengths` along an axis: split, and concat backwards. */
export function split(x: Values, axis: number, lengths: readonly number[]): Values[] {
  const at = axisOf(axis, x.shape.length);
  const inner = sizeOf(x.shape.slice(at + 1));
  const outer = sizeOf(x.shape.slice(0, at));
  const row = x.shape[at]! * inner;
  let offset = 0;
  return lengths.map((length) => {
    const part = zeros(
      x.data,
      x.shape.map((size, a) => (a === at ? length : size)),
    );
    const size = length * inner;
    for (let o = 0; o < outer; o++) part.data.set(x.data.subarray(o * row + offset, o * row + offset + size), o * size);
    offset += size;
    return part;
  });
}

/** A slice by axis: first place, step (negative: backwards) and number of places; lists over all axes. */
export interface Slice {
  readonly starts: readonly number[];
  readonly steps: readonly number[];
  readonly lengths: readonly number[];
}

function sliceIndex(shape: readonly number[], { starts, steps, lengths }: Slice): Int32Array {
  const strides = stridesOf(shape);
  return stridedIndex(
    lengths,
    strides.map((stride, axis) => stride * steps[axis]!),
    strides.reduce((sum, stride, axis) => sum + stride * starts[axis]!, 0),
  );
}

/** The elements of a slice. */
export function slice(x: Values, parameters: Slice): Values {
  const index = sliceIndex(x.shape, parameters);
  const y = zeros(x.data, parameters.lengths);
  for (let i = 0; i < index.length; i++) y.data[i] = x.data[index[i]!]!;
  return y;
}

/** Gradient of a slice's input: 0 beside the slice. */
export function sliceBackward(xShape: readonly number[], dy: Values, parameters: Slice): Values {
  const index = sliceIndex(xShape, parameters);
  const dx = zeros(dy.data, xShape);
  for (let i = 0; i < index.length; i++) dx.data[index[i]!]! += dy.data[i]!;
  return dx;
}

/** Padding by axis; negative numbers cut. `wrap` is ONNX's mode of that name. */
export interface Pad {
  readonly begins: readonly number[];
  readonly ends: readonly number[];
  readonly mode: 'constant' | 'reflect' | 'edge' | 'wrap';
  readonly value: number;
}

/** For each element of the padded tensor the one of x that stands there, or -1. */
function padIndex(shape: readonly number[], { begins, ends, mode }: Pad): { shape: number[]; index: Int32Array } {
  const strides = stridesOf(shape);
  const padded = shape.map((size, axis) => size + begins[axis]! + ends[axis]!);
  let index = new Int32Array(1);
  shape.forEach((size, axis) => {
    const places = Int32Array.from({ length: padded[axis]! }, (_, i) => source(i - begins[axis]!, size, mode));
    const stride = strides[axis]!;
    const next = new Int32Array(index.length * places.length);
    for (let o = 0, at = 0; o < index.length; o++)
      for (let i = 0; i < places.length; i++, at++)
        next[at] = index[o]! < 0 || places[i]! < 0 ? -1 : index[o]! + places[i]! * stride;
    index = next;
  });
  return { shape: padded, index };
}

function source(at: number, size: number, mode: Pad['mode']): number {
  if (at >= 0 && at < size) return at;
  switch (mode) {
    case 'constant':
      return -1;
    case 'edge':
      return at < 0 ? 0 : size - 1;
    case 'wrap':
      return ((at % size) + size) % size;
    case 'reflect': {
      const period = Math.max(1, 2 * (size - 1));
      const inside = ((at % period) + period) % period;
      return inside < size ? inside : period - inside;
    }
  }
}

/** x with padding around it. */
export function pad(x: Values, parameters: Pad): Values {
  const { shape, index } = padIndex(x.shape, parameters);
  const y = zeros(x.data, shape);
  for (let i = 0; i < index.length; i++) y.data[i] = index[i]! < 0 ? parameters.value : x.data[index[i]!]!;
  return y;
}

/** Gradient of a padded tensor's input. */
export function padBackward(xShape: readonly number[], dy: Values, parameters: Pad): Values {
  const { index } = padIndex(xShape, parameters);
  const dx = zeros(dy.data, xShape);
  for (let i = 0; i < index.length; i++) if (index[i]! >= 0) dx.data[index[i]!]! += dy.data[i]!;
  return dx;
}

/**
 * Slices of x along an axis by index (ONNX's Gather; an embedding with axis 0); negative indices count from the end.
 */
export function gather(x: Values, indices: Values, axis: number): Values {
  const at = axisOf(axis, x.shape.length);
  const inner = sizeOf(x.shape.slice(at + 1));
  const outer = sizeOf(x.shape.slice(0, at));
  const length = x.shape[at]!;
  const count = indices.data.length;
  const y = zeros(x.data, [...x.shape.slice(0, at), ...indices.shape, ...x.shape.slice(at + 1)]);
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < count; i++) {
      const from = (o * length + axisOf(indices.data[i]!, length)) * inner;
      y.data.set(x.data.subarray(from, from + inner), (o * count + i) * inner);
    }
  return y;
}

/** Gradient of what was gathered from: places that were read more than once add up. */
export function gatherBackward(xShape: readonly number[], indices: Values, dy: Values, axis: number): Values {
  const at = axisOf(axis, xShape.length);
  const inner = sizeOf(xShape.slice(at + 1));
  const outer = sizeOf(xShape.slice(0, at));
  const length = xShape[at]!;
  const count = indices.data.length;
  const dx = zeros(dy.data, xShape);
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < count; i++) {
      const to = (o * length + axisOf(indices.data[i]!, length)) * inner;
      const from = (o * count + i) * inner;
      for (let e = 0; e < inner; e++) dx.data[to + e]! += dy.data[from + e]!;
    }
  return dx;
}
