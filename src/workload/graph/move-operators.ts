// Operators that move or copy numbers and compute nothing, with every attribute resolved.

/** Joins its inputs along `axis`. */
export interface Concat {
  readonly kind: 'concat';
  readonly axis: number;
}

/** Parts of `sizes` along `axis`, an output each. */
export interface Split {
  readonly kind: 'split';
  readonly axis: number;
  readonly sizes: readonly number[];
}

/** For every axis: first index, count, and step (may be negative). */
export interface Slice {
  readonly kind: 'slice';
  readonly starts: readonly number[];
  readonly sizes: readonly number[];
  readonly steps: readonly number[];
}

/** Padding of every axis (negative: cropping). `value` is NaN where it is the parameter `value`. */
export interface Pad {
  readonly kind: 'pad';
  readonly begin: readonly number[];
  readonly end: readonly number[];
  readonly mode: 'constant' | 'reflect' | 'edge' | 'wrap';
  readonly value: number;
}

/** The same numbers in row-major order under another shape (flatten, squeeze, unsqueeze, reshape, identity). */
export interface Reshape {
  readonly kind: 'reshape';
  readonly shape: readonly number[];
}

/** Output axis i is input axis permutation[i]. */
export interface Transpose {
  readonly kind: 'transpose';
  readonly permutation: readonly number[];
}

/** Broadcast to `shape`. */
export interface Expand {
  readonly kind: 'expand';
  readonly shape: readonly number[];
}

/** The input repeated `repeats` times along each axis. */
export interface Tile {
  readonly kind: 'tile';
  readonly repeats: readonly number[];
}

/** Blocks of channels to space (pixel shuffle) or back; [C, H, W]. `order`: ONNX DepthToSpace's mode. */
export interface Shuffle {
  readonly kind: 'shuffle';
  readonly to: 'space' | 'depth';
  readonly block: number;
  readonly order: 'DCR' | 'CRD';
}

/**
 * data[..., indices, ...] along `axis`: the axis is replaced by the indices' shape. Inputs [data, indices]; with
 * `lookup` the data are the parameter `table` (an embedding, batch aside entirely) and the one input is the indices;
 * constant indices are a constant tensor.
 */
export interface Gather {
  readonly kind: 'gather';
  readonly axis: number;
  readonly lookup: boolean;
}

/** Index to a vector of `depth` along a new axis: `on` at the index, `off` elsewhere. */
export interface OneHot {
  readonly kind: 'oneHot';
  readonly axis: number;
  readonly depth: number;
  readonly on: number;
  readonly off: number;
}
