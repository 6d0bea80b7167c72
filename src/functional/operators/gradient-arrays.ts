// Gradients of matrices as arrays give them: the layer's input is written into them, its errors drive them (PipeLayer
// Sec. 4.4.1). `unrolled`: a row an output place, a column a row of the weights' matrix, a vector an output; `plain`: a
// row an input place, a column a channel, a vector an output at a place of the kernel.

import { transposeInto } from './gemm.js';
import type { Plan } from './conv-products.js';
import { zeros, zerosLike, type Numbers, type Values } from './values.js';
import { unfold, unfoldErrors } from './windows.js';

/** What one image writes into the arrays of a part, [rows][columns], and what drives them, [count][rows]. */
export interface WrittenProduct {
  readonly part: number;
  readonly image: number;
  readonly rows: number;
  readonly columns: number;
  readonly written: Numbers;
  readonly vectors: Numbers;
  readonly count: number;
}

/** Arrays that are written anew for each image. */
export interface GradientArrays {
  readonly mapping: 'unrolled' | 'plain';
  /** vectors times what is written, to out [count][columns]. */
  product(job: WrittenProduct, out: Numbers): void;
}

/** Both operands of a convolution's weight gradient. */
interface Sides {
  /** [images, groups x channels, ...]: what windows slide over. */
  readonly maps: Numbers;
  /** [images, groups x filters, positions]. */
  readonly taken: Numbers;
  /** The maps are the layer's input (a convolution), or its errors (a transposed one). */
  readonly mapsAreWritten: boolean;
}

/** A sum over places: by place [places][a], and what meets it, [b][places]. */
interface Contraction {
  readonly places: number;
  readonly a: number;
  readonly b: number;
  readonly byPlace: Numbers;
  readonly other: Numbers;
  /** Where result (b, a) belongs in the weights of a part. */
  readonly at: (b: number, a: number) => number;
}

/** Gradient of a convolution's weights, transposed or not, image after image. */
export function mapGradient(plan: Plan, wShape: readonly number[], sides: Sides, arrays: GradientArrays): Values {
  const { images, groups, filters, rows } = plan;
  const dw = zeros(sides.taken, wShape);
  const unrolled = arrays.mapping === 'unrolled';
  const sum = unrolled === sides.mapsAreWritten ? overOutputs : overInputs;
  for (let image = 0; image < images; image++)
    for (let part = 0; part < groups; part++) {
      const { places, a, b, byPlace, other, at } = sum(plan, sides, image * groups + part);
      const [columns, count] = unrolled ? [a, b] : [b, a];
      const out = zerosLike(dw.data, columns * count);
      const [written, vectors] = unrolled
        ? [byPlace, other]
        : [transposed(other, b, places), transposed(byPlace, places, a)];
      arrays.product({ part, image, rows: places, columns, written, vectors, count }, out);
      const first = part * filters * rows;
      for (let v = 0; v < count; v++)
        for (let c = 0; c < columns; c++) dw.data[first + (unrolled ? at(v, c) : at(c, v))]! += out[v * columns + c]!;
    }
  return dw;
}

/** Over output places: windows unfolded, against what stands there. */
function overOutputs({ geometry, channels, filters, rows, positions }: Plan, sides: Sides, map: number): Contraction {
  const byPlace = zerosLike(sides.maps, positions * rows);
  const x = { data: sides.maps, at: map * channels * geometry.inputSize };
  unfold(geometry, channels, x, { data: byPlace, positionStride: rows, rowStride: 1 });
  const other = sides.taken.subarray(map * filters * positions, (map + 1) * filters * positions);
  return { places: positions, a: rows, b: filters, byPlace, other, at: (f, row) => f * rows + row };
}

/** Over input places: what stands at outputs, shifted by each place of the kernel, against the maps. */
function overInputs({ geometry, channels, filters, rows, positions }: Plan, sides: Sides, map: number): Contraction {
  const { inputSize, places: taps } = geometry;
  const a = filters * taps;
  const byPlace = zerosLike(sides.maps, inputSize * a);
  unfoldErrors(geometry, filters, { data: sides.taken, at: map * filters * positions }, byPlace);
  const other = sides.maps.subarray(map * channels * inputSize, (map + 1) * channels * inputSize);
  const at = (c: number, shifted: number): number => Math.floor(shifted / taps) * rows + c * taps + (shifted % taps);
  return { places: inputSize, a, b: channels, byPlace, other, at };
}

/** [rows][columns] to [columns][rows]. */
function transposed(from: Numbers, rows: number, columns: number): Numbers {
  const to = zerosLike(from, rows * columns);
  transposeInto({ rows, columns }, { data: from, at: 0 }, { data: to, at: 0 });
  return to;
}

/** Vectors of a layer along one axis and the errors of its results, one image after the other. */
export interface VectorSides {
  readonly part: number;
  readonly images: number;
  /** Vectors of an image. */
  readonly places: number;
  /** [images, places, inputs] and [images, places, outputs]. */
  readonly inputs: Values;
  readonly errors: Values;
}

/** Adds the gradient [outputs, inputs] of a matrix. */
export function vectorGradient(
  { part, images, places, inputs, errors }: VectorSides,
  arrays: GradientArrays,
  dw: Numbers,
): void {
  const [columns, count] = [inputs.shape.at(-1)!, errors.shape.at(-1)!];
  const out = zerosLike(dw, columns * count);
  for (let image = 0; image < images; image++) {
    const written = inputs.data.subarray(image * places * columns, (image + 1) * places * columns);
    const own = errors.data.subarray(image * places * count, (image + 1) * places * count);
    const vectors = transposed(own, places, count);
    arrays.product({ part, image, rows: places, columns, written, vectors, count }, out);
    for (let i = 0; i < out.length; i++) dw[i]! += out[i]!;
  }
}
