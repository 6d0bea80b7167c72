// Arrays of numbers with shapes, as operators take and give them: row-major, the batch as the first axis.

import { InvariantError } from '../../kernel/index.js';

/** Elements: single or double precision. Sums inside an operator are double precision for both, but for `gemm`. */
export type Numbers = Float32Array | Float64Array;

/** A tensor's elements in row-major order. Integers (tokens, indices) are held as numbers too. */
export interface Values {
  readonly shape: readonly number[];
  readonly data: Numbers;
}

/** Elements of a shape; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

/** Zeros of the same precision. */
export const zerosLike = (like: Numbers, length: number): Numbers =>
  like instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);

/** Zeros of a shape, in the precision of `like`. */
export const zeros = (like: Numbers, shape: readonly number[]): Values => ({
  shape,
  data: zerosLike(like, sizeOf(shape)),
});

/** The same elements under another shape of as many elements; nothing is copied. */
export function reshaped(x: Values, shape: readonly number[]): Values {
  if (sizeOf(shape) !== x.data.length)
    throw new InvariantError(`values: [${x.shape.join(', ')}] cannot be seen as [${shape.join(', ')}]`);
  return { shape, data: x.data };
}

/** An axis counted from the front: -1 is the last of `rank`. */
export const axisOf = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** Adds `from` to `to`, element by element. */
export function accumulate(to: Numbers, from: Numbers): void {
  for (let i = 0; i < to.length; i++) to[i]! += from[i]!;
}
