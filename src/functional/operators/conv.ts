// Convolution over one to three axes with groups, strides, dilations and any padding: forward and backward.

import type { Geometry } from './geometry.js';
import type { Window } from '../../workload/graph/index.js';
import { gemm, transposeInto } from './gemm.js';
import { layoutOf, type MapLayout } from './map-layout.js';
import { reshaped, sizeOf, zeros, zerosLike, type Numbers, type Values } from './values.js';
import { fold, foldErrors, geometryOf, unfold, unfoldErrors, windowOutput } from './windows.js';
import { leading } from '../../config/typed.js';

/** A convolution: x [N, C, ...], w [O, C / groups, ...kernel], b [O]; y [N, O, ...]. */
export interface Convolution extends Window {
  readonly groups: number;
}

/** What a convolution's loops need of its shapes. */
interface Plan {
  readonly geometry: Geometry;
  readonly images: number;
  readonly groups: number;
  /** Channels of a group, in and out. */
  readonly channels: number;
  readonly filters: number;
  /** Rows of a group's matrix: channels x kernel places. */
  readonly rows: number;
  readonly positions: number;
  readonly outputShape: readonly number[];
}

function planOf(convolution: Convolution, x: readonly number[], w: readonly number[]): Plan {
  const spatial = x.slice(2);
  const output = windowOutput(spatial, convolution);
  const geometry = geometryOf(spatial, output, convolution);
  const channels = w[1]!;
  return {
    geometry,
    images: x[0]!,
    groups: convolution.groups,
    channels,
    filters: w[0]! / convolution.groups,
    rows: channels * geometry.places,
    positions: geometry.outputSize,
    outputShape: [x[0]!, w[0]!, ...output],
  };
}

/** Vectors side by side for one of a node's matrices: a group's, a direction's. */
export interface PartVectors<Data = Numbers> {
  readonly part: number;
  readonly vectors: Data;
  readonly count: number;
}

/** A product with the constant matrix of a group: vectors (of image `image`) of rows to as many of columns. */
export type GroupProduct = (vectors: PartVectors, out: Numbers, image: number) => void;

/** All products of a convolution, out of its maps: x [images, groups x channels, ...] to y. */
export interface MapProduct {
  maps(x: Numbers, layout: MapLayout, images: number, y: Numbers): void;
}

/**
 * y of a convolution. `product`, where given, does the matrix products (a backend); else the weights' own precision.
 */
export function conv(
  { x, w, b }: { readonly x: Values; readonly w: Values; readonly b?: Values | undefined },
  convolution: Convolution,
  product?: GroupProduct | MapProduct,
): Values {
  const plan = planOf(convolution, x.shape, w.shape);
  const y = zeros(x.data, plan.outputShape);
  if (typeof product === 'object') product.maps(x.data, layoutOf(plan.geometry, plan.channels), plan.images, y.data);
  else unfoldedProducts(plan, { x: x.data, w: w.data, y: y.data }, product);
  if (b !== undefined) addChannelBias(y, b);
  return y;
}

/** The products of a convolution whose windows are unfolded image by image. */
function unfoldedProducts(
  { geometry, images, groups, channels, filters, rows, positions }: Plan,
  { x, w, y }: Record<'x' | 'w' | 'y', Numbers>,
  product: GroupProduct | undefined,
): void {
  const products = zerosLike(x, product === undefined ? 0 : positions * filters);
  const vectors = zerosLike(x, positions * rows);
  for (let image = 0; image < images; image++)
    for (let group = 0; group < groups; group++) {
      const at = (image * groups + group) * channels * geometry.inputSize;
      const outAt = (image * groups + group) * filters * positions;
      unfold(geometry, channels, { data: x, at }, { data: vectors, positionStride: rows, rowStride: 1 });
      if (product === undefined)
        gemm(
          { m: filters, n: positions, k: rows },
          { data: w, at: group * filters * rows },
          { data: vectors, at: 0 },
          { data: y, at: outAt, rowStride: positions, columnStride: 1, add: false },
        );
      else {
        product({ part: group, vectors, count: positions }, products, image);
        transposeInto({ rows: positions, columns: filters }, { data: products, at: 0 }, { data: y, at: outAt });
      }
    }
}

/** Adds b [C] to y [N, C, ...]. */
export function addChannelBias(y: Values, b: Values): void {
  const [images, channels] = leading(2, y.shape);
  const places = sizeOf(y.shape.slice(2));
  for (let i = 0, at = 0; i < images * channels; i++) {
    const bias = b.data[i % channels]!;
    for (let p = 0; p < places; p++, at++) y.data[at]! += bias;
  }
}

/** Sum of dy [N, C, ...] over all but channels: the gradient of a bias. */
export function channelSums(dy: Values): Values {
  const [images, channels] = leading(2, dy.shape);
  const places = sizeOf(dy.shape.slice(2));
  const sums = new Float64Array(channels);
  for (let i = 0, at = 0; i < images * channels; i++) {
    let sum = 0;
    for (let p = 0; p < places; p++, at++) sum += dy.data[at]!;
    sums[i % channels]! += sum;
  }
  const out = zeros(dy.data, [channels]);
  out.data.set(sums);
  return out;
}

/** Gradient of a convolution's input. `product`: e [count, filters] to [count, rows] (a transposed product). */
export function convInputGradient(
  xShape: readonly number[],
  { w, dy }: { readonly w: Values; readonly dy: Values },
  convolution: Convolution,
  product?: GroupProduct,
): Values {
  const { geometry, images, groups, channels, filters, rows, positions } = planOf(convolution, xShape, w.shape);
  const dx = zeros(dy.data, xShape);
  const errors = zerosLike(dy.data, positions * filters);
  const vectors = zerosLike(dy.data, positions * rows);
  const matrices = product === undefined ? transposedGroups(w, groups, filters, rows) : undefined;
  for (let image = 0; image < images; image++)
    for (let group = 0; group < groups; group++) {
      const outAt = (image * groups + group) * filters * positions;
      transposeInto({ rows: filters, columns: positions }, { data: dy.data, at: outAt }, { data: errors, at: 0 });
      if (product !== undefined) product({ part: group, vectors: errors, count: positions }, vectors, image);
      else
        gemm(
          { m: positions, n: rows, k: filters },
          { data: errors, at: 0 },
          { data: matrices!, at: group * filters * rows },
          { data: vectors, at: 0, rowStride: 1, columnStride: positions, add: false },
        );
      fold(
        geometry,
        channels,
        product === undefined
          ? { data: vectors, positionStride: 1, rowStride: positions }
          : { data: vectors, positionStride: rows, rowStride: 1 },
        { data: dx.data, at: (image * groups + group) * channels * geometry.inputSize },
      );
    }
  return dx;
}

/**
 * Gradient of a convolution's input as its rotated kernel gives it: `product` takes [count input places, filters x
 * kernel places] to [count, channels] (a second copy of the weights, PipeLayer Sec. 4.4).
 */
export function convInputGradientRotated(
  { xShape, wShape }: { readonly xShape: readonly number[]; readonly wShape: readonly number[] },
  dy: Values,
  convolution: Convolution,
  product: GroupProduct,
): Values {
  const { geometry, images, groups, channels, filters, positions } = planOf(convolution, xShape, wShape);
  const { inputSize, places } = geometry;
  const dx = zeros(dy.data, xShape);
  const vectors = zerosLike(dy.data, inputSize * filters * places);
  const results = zerosLike(dy.data, inputSize * channels);
  for (let image = 0; image < images; image++)
    for (let group = 0; group < groups; group++) {
      unfoldErrors(geometry, filters, { data: dy.data, at: (image * groups + group) * filters * positions }, vectors);
      product({ part: group, vectors, count: inputSize }, results, image);
      transposeInto(
        { rows: inputSize, columns: channels },
        { data: results, at: 0 },
        { data: dx.data, at: (image * groups + group) * channels * inputSize },
      );
    }
  return dx;
}

/** The matrix of each group transposed: [groups, rows, filters]. */
export function transposedGroups(w: Values, groups: number, filters: number, rows: number): Numbers {
  const matrices = zerosLike(w.data, w.data.length);
  for (let group = 0; group < groups; group++)
    transposeInto(
      { rows: filters, columns: rows },
      { data: w.data, at: group * filters * rows },
      { data: matrices, at: group * filters * rows },
    );
  return matrices;
}

/** Gradient of a convolution's weights. */
export function convWeightGradient(x: Values, wShape: readonly number[], dy: Values, convolution: Convolution): Values {
  const { geometry, images, groups, channels, filters, rows, positions } = planOf(convolution, x.shape, wShape);
  const sums = new Float64Array(sizeOf(wShape));
  const columns = zerosLike(x.data, positions * rows);
  for (let image = 0; image < images; image++)
    for (let group = 0; group < groups; group++) {
      unfold(
        geometry,
        channels,
        { data: x.data, at: (image * groups + group) * channels * geometry.inputSize },
        { data: columns, positionStride: 1, rowStride: positions },
      );
      const outAt = (image * groups + group) * filters * positions;
      gemm(
        { m: filters, n: rows, k: positions },
        { data: dy.data, at: outAt },
        { data: columns, at: 0 },
        { data: sums, at: group * filters * rows, rowStride: rows, columnStride: 1, add: true },
      );
    }
  const dw = zeros(x.data, wShape);
  dw.data.set(sums);
  return dw;
}

/** A transposed convolution: x [N, C, ...], w [C, O / groups, ...kernel], b [O]; y [N, O, ...output]. */
export interface TransposedConvolution extends Convolution {
  /** Elements added behind the output by axis, beyond what windows reach. */
  readonly outputPadding: readonly number[];
}

/** Output sizes of a transposed convolution: stride (size - 1) + extent of the kernel - pads + outputPadding. */
export const transposedOutput = (spatial: readonly number[], t: TransposedConvolution): number[] =>
  spatial.map(
    (size, axis) =>
      t.strides[axis]! * (size - 1) +
      (t.kernel[axis]! - 1) * t.dilations[axis]! +
      1 -
      t.padBegin[axis]! -
      t.padEnd[axis]! +
      t.outputPadding[axis]!,
  );

/** The plan of the convolution whose transpose this is: it goes from the output's map to the input's. */
function transposedPlan(t: TransposedConvolution, x: readonly number[], w: readonly number[]): Plan {
  const spatial = x.slice(2);
  const output = transposedOutput(spatial, t);
  const geometry = geometryOf(output, spatial, t);
  const channels = w[1]!;
  return {
    geometry,
    images: x[0]!,
    groups: t.groups,
    channels,
    filters: x[1]! / t.groups,
    rows: channels * geometry.places,
    positions: geometry.outputSize,
    outputShape: [x[0]!, channels * t.groups, ...output],
  };
}

/**
 * y of a transposed convolution. `product`, where given, does the matrix products of a backend: a vector an output
 * place, [count, C / groups x kernel places] to [count, O / groups]; else a vector an input place is spread and added.
 */
export function convTranspose(
  { x, w, b }: { readonly x: Values; readonly w: Values; readonly b?: Values | undefined },
  t: TransposedConvolution,
  product?: GroupProduct,
): Values {
  if (product !== undefined) {
    const { outputShape: shape } = transposedPlan(t, x.shape, w.shape);
    const y = convInputGradientRotated({ xShape: shape, wShape: w.shape }, x, asConvolution(t), product);
    if (b !== undefined) addChannelBias(y, b);
    return y;
  }
  const { geometry, images, groups, channels, filters, rows, positions, outputShape } = transposedPlan(
    t,
    x.shape,
    w.shape,
  );
  const y = zeros(x.data, outputShape);
  const inputs = zerosLike(x.data, positions * filters);
  const vectors = zerosLike(x.data, positions * rows);
  const matrices = transposedGroups(w, groups, filters, rows);
  for (let image = 0; image < images; image++)
    for (let group = 0; group < groups; group++) {
      transposeInto(
        { rows: filters, columns: positions },
        { data: x.data, at: (image * groups + group) * filters * positions },
        { data: inputs, at: 0 },
      );
      gemm(
        { m: positions, n: rows, k: filters },
        { data: inputs, at: 0 },
        { data: matrices, at: group * filters * rows },
        { data: vectors, at: 0, rowStride: rows, columnStride: 1, add: false },
      );
      fold(
        geometry,
        channels,
        { data: vectors, positionStride: rows, rowStride: 1 },
        { data: y.data, at: (image * groups + group) * channels * geometry.inputSize },
      );
    }
  if (b !== undefined) addChannelBias(y, b);
  return y;
}

/** Gradient of a transposed convolution's input. `product`: e [count, rows] to [count, filters]. */
export function convTransposeInputGradient(
  xShape: readonly number[],
  { w, dy }: { readonly w: Values; readonly dy: Values },
  t: TransposedConvolution,
  product?: GroupProduct,
): Values {
  const { outputShape } = transposedPlan(t, xShape, w.shape);
  return conv({ x: reshaped(dy, outputShape), w: reshaped(w, w.shape) }, asConvolution(t), product);
}

/**
 * Gradient of a transposed convolution's input by transposed reads: `product` takes errors [count output places,
 * O / groups] to [count, C / groups x kernel places], which are gathered at the input places.
 */
export function convTransposeInputGradientScattered(
  { xShape, wShape }: { readonly xShape: readonly number[]; readonly wShape: readonly number[] },
  dy: Values,
  t: TransposedConvolution,
  product: GroupProduct,
): Values {
  const { geometry, images, groups, channels, filters, positions } = transposedPlan(t, xShape, wShape);
  const { inputSize, places } = geometry;
  const dx = zeros(dy.data, xShape);
  const errors = zerosLike(dy.data, inputSize * channels);
  const vectors = zerosLike(dy.data, inputSize * filters * places);
  for (let image = 0; image < images; image++)
    for (let group = 0; group < groups; group++) {
      const own = image * groups + group;
      transposeInto(
        { rows: channels, columns: inputSize },
        { data: dy.data, at: own * channels * inputSize },
        { data: errors, at: 0 },
      );
      product({ part: group, vectors: errors, count: inputSize }, vectors, image);
      foldErrors(geometry, filters, vectors, { data: dx.data, at: own * filters * positions });
    }
  return dx;
}

/** The convolution from y to x with the same weights; its outputs end where x ends. */
const asConvolution = (t: TransposedConvolution): Convolution => ({
  ...t,
  padEnd: t.padEnd.map((pad, axis) => pad - t.outputPadding[axis]!),
});

/** Gradient of a transposed convolution's weights. */
export const convTransposeWeightGradient = (
  x: Values,
  wShape: readonly number[],
  dy: Values,
  t: TransposedConvolution,
): Values => convWeightGradient(dy, wShape, x, asConvolution(t));
