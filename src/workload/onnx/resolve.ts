// ONNX's ways of saying axes, shapes and ranges, resolved against a tensor's shape.

import { elementsOf, ShapeError, showShape } from '../graph/index.js';
import type { Attributes } from './attributes.js';
import type { Constant } from './constants.js';

/** An axis counted from 0. @throws ShapeError where there is no such axis */
export function axisOf(axis: number, rank: number): number {
  const found = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(found) || found < 0 || found >= Math.max(rank, 1))
    throw new ShapeError(`there is no axis ${axis} in a tensor of ${rank} axes`);
  return found;
}

/** A list of so many whole numbers of 0 or more, in words of the file. @throws ShapeError where it is another */
export function checkCounts(what: string, found: readonly number[], count: number): void {
  if (found.length !== count || !found.every((one) => Number.isSafeInteger(one) && one >= 0))
    throw new ShapeError(
      `${what} [${found.join(', ')}] should be ${count} whole ${count === 1 ? 'number' : 'numbers'} of 0 or more`,
    );
}

/** The order of the axes that `perm` gives, or from behind. @throws ShapeError where it is none of `rank` axes */
export function permutationOf(attributes: Attributes, rank: number): number[] {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  const given = attributes.ints('perm');
  if (given === undefined) return axes.reverse();
  if ([...given].sort((a, b) => a - b).join() !== axes.join())
    throw new ShapeError(`its perm is [${given.join(', ')}], expected an order of ${rank} axes`);
  return [...given];
}

/** Checks the indices of a gather. @throws ShapeError where one is beyond the axis */
export function checkIndices(indices: ArrayLike<number>, size: number): void {
  const beyond = Array.from(indices).find((index) => index < -size || index >= size);
  if (beyond !== undefined) throw new ShapeError(`its indices have ${beyond}, on an axis of ${size}`);
}

/** Axes of an attribute or (in later opsets) an input; undefined where neither gives any. */
export function axesOf(attributes: Attributes, given: Constant | undefined, rank: number): number[] | undefined {
  const wanted = given === undefined ? attributes.ints('axes') : Array.from(given.numbers());
  if (wanted === undefined || wanted.length === 0) return undefined;
  return [...new Set(wanted.map((axis) => axisOf(axis, rank)))].sort((a, b) => a - b);
}

/**
 * ONNX Reshape's target: 0 keeps an axis (unless allowzero), -1 takes what is left. @throws ShapeError where the sizes
 * do not fit
 */
export function reshapeTarget(from: readonly number[], wanted: readonly number[], attributes: Attributes): number[] {
  const allowZero = attributes.int('allowzero', 0) === 1;
  const shape = wanted.map((size, axis) => (size === 0 && !allowZero ? (from[axis] ?? 0) : size));
  const open = shape.indexOf(-1);
  if (open >= 0) {
    const rest = shape.reduce((product, size, axis) => (axis === open ? product : product * size), 1);
    shape[open] = rest === 0 ? 0 : elementsOf(from) / rest;
  }
  if (shape.some((size) => !Number.isSafeInteger(size) || size < 0) || elementsOf(shape) !== elementsOf(from))
    throw new ShapeError(`${showShape(from)} does not reshape to [${wanted.join(', ')}]`);
  return shape;
}

/**
 * Slice's first indexes, counts and steps of every axis. `given`: starts, ends, axes, steps (from opset 10 on). @throws
 * ShapeError for a step of 0, or lists of different lengths
 */
export function sliceRanges(
  shape: readonly number[],
  given: readonly (readonly number[] | undefined)[],
  attributes: Attributes,
): { starts: number[]; sizes: number[]; steps: number[] } {
  const from = given[0] ?? attributes.ints('starts') ?? [];
  const to = given[1] ?? attributes.ints('ends') ?? [];
  const axes = given[2] ?? attributes.ints('axes') ?? from.map((_, i) => i);
  const by = given[3] ?? from.map(() => 1);
  if ([to, axes, by].some(({ length }) => length !== from.length))
    throw new ShapeError(
      `${from.length} starts, ${to.length} ends, ${axes.length} axes, ${by.length} steps: expected as many of each`,
    );
  const starts = shape.map(() => 0);
  const sizes = [...shape];
  const steps = shape.map(() => 1);
  axes.forEach((one, i) => {
    const axis = axisOf(one, shape.length);
    const size = shape[axis]!;
    const step = by[i]!;
    if (step === 0) throw new ShapeError('a slice with step 0');
    const clip = (at: number, low: number, high: number): number =>
      Math.max(low, Math.min(high, at < 0 ? at + size : at));
    const start = step > 0 ? clip(from[i]!, 0, size) : clip(from[i]!, 0, size - 1);
    const end = step > 0 ? clip(to[i]!, 0, size) : clip(to[i]!, -1, size - 1);
    starts[axis] = start;
    steps[axis] = step;
    sizes[axis] = Math.max(0, Math.ceil((end - start) / step));
  });
  return { starts, sizes, steps };
}
