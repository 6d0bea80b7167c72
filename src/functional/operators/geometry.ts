// What unfolding needs to know of windows that slide over maps.

import type { Numbers } from './values.js';

/** A window over a map, lifted to depth x height x width (lists of three); axes that are not there are 1. */
export interface Geometry {
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Padding before the first element. */
  readonly begins: readonly number[];
  /** Elements of the kernel, of the input map and of the output map of one channel. */
  readonly places: number;
  readonly inputSize: number;
  readonly outputSize: number;
}

/** Maps, channel after channel, from a place on. */
export interface Maps<Data = Numbers | Int32Array> {
  readonly data: Data;
  readonly at: number;
}

/** Unfolded windows: element (position p, row r) stands at `p x positionStride + r x rowStride`. */
export interface Unfolded<Data = Numbers | Int32Array> {
  readonly data: Data;
  readonly positionStride: number;
  readonly rowStride: number;
}
