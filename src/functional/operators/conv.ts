// Convolution over one to three axes with groups, strides, dilations and any padding: forward and backward.

import type { Window } from '../../workload/graph/index.js';
import { gradientProducts, spreadProducts, windowProducts, type Plan } from './conv-products.js';
import { transposeInto } from './gemm.js';
import { mapGradient, type GradientArrays } from './gradient-arrays.js';
import { layoutOf, type MapLayout } from './map-layout.js';
import { reshaped, sizeOf, zeros, zerosLike, type Numbers, type Values } from './values.js';
import { fold, foldErrors, geometryOf, unfold, unfoldErrors, windowOutput } from './windows.js';
import { leading } from '../../config/typed.js';

/** A convolution: x [N, C, ...], w [O, C / groups, ...kernel], b [O]; y [N, O, ...]. */
export interface Convolution extends Window {
  readonly groups: number;
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
  else if (product === undefined) windowProducts(plan, { x: x.data, w: w.data, y: y.data });
  else unfoldedProducts(plan, x.data, y.data, product);
  if (b !== undefined) addChannelBias(y, b);
  return y;
}

/** A backend's products of a convolution whose windows are unfolded image by image. */
function unfoldedProducts(
  { geometry, images, groups, channels, filters, rows, positions }: Plan,
  x: Numbers,
  y: Numbers,
  product: GroupProduct,
): void {
  const products = zerosLike(x, positions * filters);
  const vectors = zerosLike(x, positions * rows);
  for (let image = 0; image < images; image++)
    for (let group = 0; group < groups; group++) {
      const at = (image * groups + group) * channels * geometry.inputSize;
      const outAt = (image * groups + group) * filters * positions;
      unfold(geometry, channels, { data: x, at }, { data: vectors, positionStride: rows, rowStride: 1 });
      product({ part: group, vectors, count: positions }, products, image);
      transposeInto({ rows: positions, columns: filters }, { data: products, at: 0 }, { data: y, at: outAt });
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
  const plan = planOf(convolution, xShape, w.shape);
  const { geometry, images, groups, channels, filters, rows, positions } = plan;
  const dx = zeros(dy.data, xShape);
  if (product === undefined) {
    spreadProducts(plan, { w: transposedGroups(w, groups, filters, rows), errors: dy.data, maps: dx.data });
    return dx;
  }
  const errors = zerosLike(dy.data, positions * filters);
  const vectors = zerosLike(dy.data, positions * rows);
  for (let image = 0; image < images; image++)
    for (let group = 0; group < groups; group++) {
      const outAt = (image * groups + group) * filters * positions;
      transposeInto({ rows: filters, columns: positions }, { data: dy.data, at: outAt }, { data: errors, at: 0 });
      product({ part: group, vectors: errors, count: positions }, vectors, image);
      fold(
        geometry,
        channels,
        { data: vectors, positionStride: rows, rowStride: 1 },
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

/** Gradient of a convolution's weights; `arrays`, where given, multiply. */
export function convWeightGradient(
  { x, dy }: { readonly x: Values; readonly dy: Values },
  wShape: readonly number[],
  convolution: Convolution,
  arrays?: GradientArrays,
): Values {
  const plan = planOf(convolution, x.shape, wShape);
  if (arrays !== undefined)
    return mapGradient(plan, wShape, { maps: x.data, taken: dy.data, mapsAreWritten: true }, arrays);
  const sums = new Float64Array(sizeOf(wShape));
  gradientProducts(plan, { x: x.data, errors: dy.data }, sums);
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
  const plan = transposedPlan(t, x.shape, w.shape);
  const y = zeros(x.data, plan.outputShape);
  const { groups, filters, rows } = plan;
  spreadProducts(plan, { w: transposedGroups(w, groups, filters, rows), errors: x.data, maps: y.data });
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

/** Gradient of a transposed convolution's weights; `arrays`, where given, multiply. */
export function convTransposeWeightGradient(
  { x, dy }: { readonly x: Values; readonly dy: Values },
  wShape: readonly number[],
  t: TransposedConvolution,
  arrays?: GradientArrays,
): Values {
  if (arrays === undefined) return convWeightGradient({ x: dy, dy: x }, wShape, asConvolution(t));
  const sides = { maps: dy.data, taken: x.data, mapsAreWritten: false };
  return mapGradient(transposedPlan(t, x.shape, wShape), wShape, sides, arrays);
}
