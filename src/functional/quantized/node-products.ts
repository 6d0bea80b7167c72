// The matrices of one node as integers in a backend: what drives them, what they drive, and errors on their way back.

import type { PartVectors } from '../operators/conv.js';
import type { Backend, Product, WeightMatrix } from '../backend.js';
import type { NodeProducts, ProductPlace } from '../nodes/index.js';
import type { VectorFormat } from '../operators/in-format.js';
import type { Numbers, Values } from '../operators/values.js';
import { zeros } from '../operators/values.js';
import type { Node } from '../../workload/graph/index.js';
import type { CellWidths } from './cell-grids.js';
import { fractionBits, largestOf, toInteger, toIntegers } from './grid.js';
import { partOf, placesOf } from './map-places.js';
import { rotated, turned, type PartMatrix } from './matrices.js';

/** Widths of integers, and whether weights have an exponent of their own in each column. */
export interface IntegerWidths {
  readonly weightBits: number;
  readonly activationBits: number;
  readonly per: 'tensor' | 'channel';
  /** Bits of errors on their way back. Default: those of activations. */
  readonly errorBits?: number;
  /**
   * Products of two activations: on integers in digital units, or with the second operand in the backend's arrays;
   * missing: in double precision.
   */
  readonly pairs?: 'digital' | 'crossbar';
  /** Format of the vector unit. Default: float64. */
  readonly vector?: VectorFormat;
  /** Signals inside recurrent layers. */
  readonly cells?: CellWidths;
  /** Sums of two activations: on a grid of their own (default), or as the vector unit gives them. */
  readonly residuals?: 'grid' | 'vector';
  /** How sums come to their grid: half is added and the rest shifted away (default), or ties go to even. */
  readonly sums?: 'half-up' | 'nearest-even';
}

/** Fraction bits of one node: each matrix' inputs and columns, outputs. */
export interface NodeGrids {
  readonly inputs: readonly number[];
  readonly weights: readonly Int32Array[];
  readonly output: number;
}

/** How the matrices of a node stand in a backend. */
export interface StoredProducts {
  readonly backend: Backend;
  readonly widths: IntegerWidths;
  readonly grids: NodeGrids;
  readonly trial: number;
  /** How often cells were written before: each write draws anew. */
  readonly write: number;
  /** Number of the first image of the present batch. */
  readonly first: () => number;
  /** `dedicated`: errors pass a second copy of the weights; `shared`: the same arrays, read transposed. */
  readonly copies: 'dedicated' | 'shared';
}

/** Products of one node by a backend of integers. */
export interface QuantizedProducts extends NodeProducts {
  /** A matrix a part. */
  readonly products: readonly Product[];
  /** The second copies, once an error has passed them. */
  readonly errorProducts: readonly Product[];
}

/** Puts the matrices of a node into a backend. */
export function quantizedProducts(
  node: Node,
  matrices: readonly PartMatrix[],
  { backend, widths, grids, trial, write, first, copies }: StoredProducts,
): QuantizedProducts {
  const { activationBits, weightBits, errorBits = activationBits } = widths;
  const inputs = { bits: activationBits, signed: true };
  const errors = { bits: errorBits, signed: true };
  const name = (part: number): string => (matrices.length === 1 ? node.name : `${node.name}/${part}`);
  const halves = node.operator.kind === 'recurrent' && widths.cells?.halves === true;
  const groupOf = (part: number): Pick<WeightMatrix, 'group'> =>
    halves || matrices.length === 1 ? {} : { group: { index: part, of: matrices.length } };
  const integers = matrices.map(({ rows, columns, values }, part) => {
    const out = new Float64Array(values.length);
    const fractions = grids.weights[part]!;
    for (let i = 0; i < out.length; i++) out[i] = toInteger(values[i]!, fractions[i % columns]!, weightBits);
    return { rows, columns, values: out };
  });
  const products = integers.map((matrix, part) =>
    backend.prepare({ name: name(part), ...matrix, ...groupOf(part) }, { inputs, errors, weightBits, trial, write }),
  );
  const places = kernelPlaces(node);
  const second: Product[] = [];
  const secondOf = (part: number): Product =>
    (second[part] ??= backend.prepare(
      {
        name: `${name(part)}*`,
        ...groupOf(part),
        ...(places === null ? turned(integers[part]!) : rotated(integers[part]!, places)),
      },
      { inputs: errors, weightBits, trial, write },
    ));
  const placeOf = ({ image, vectorsPerImage, from }: ProductPlace): ProductPlace => ({
    image: first() + image,
    vectorsPerImage,
    from,
  });

  /** Errors [count, length] as integers, an exponent for each image: the largest error sets it. */
  function driven(
    { vectors: from, count }: PartVectors,
    length: number,
    weights: (i: number) => number,
    vectorsPerImage: number,
  ): { words: Int32Array; fractions: Int32Array } {
    const size = count * length;
    const weighted = new Float64Array(size);
    for (let i = 0; i < size; i++) weighted[i] = from[i]! * weights(i % length);
    const words = new Int32Array(size);
    const block = Math.max(1, Math.min(count, vectorsPerImage)) * length;
    const fractions = new Int32Array(Math.ceil(size / block));
    for (let at = 0, image = 0; at < size; at += block, image++) {
      const own = weighted.subarray(at, at + block);
      const fraction = (fractions[image] = fractionBits(largestOf(own), errorBits));
      toIntegers(own, fraction, errorBits, words.subarray(at, at + block));
    }
    return { words, fractions };
  }

  const scaledBack = (out: Numbers, size: number, fractions: Int32Array): void => {
    const block = size / fractions.length;
    for (let i = 0; i < size; i++) out[i]! *= 2 ** -fractions[Math.floor(i / block)]!;
  };

  /** What an error of a column is worth: the column's weights count in units of 2^-fraction. */
  const worth = (part: number, perColumn: number): ((i: number) => number) => {
    const scales = Float64Array.from(grids.weights[part]!, (fraction) => 2 ** -fraction);
    return (i) => scales[Math.floor(i / perColumn)]!;
  };

  const wordsOf = (x: Numbers, part: number): Int32Array => {
    const words = new Int32Array(x.length);
    toIntegers(x, grids.inputs[part]!, activationBits, words);
    return words;
  };

  const units = grids.weights.map((fractions, part) =>
    Float64Array.from(fractions, (fraction) => 2 ** -(grids.inputs[part]! + fraction)),
  );
  const driveWords = (
    { part, vectors: words, count }: PartVectors<Int32Array>,
    out: Numbers,
    place: ProductPlace,
  ): void => {
    const { columns } = integers[part]!;
    products[part]!.forward(words, count, out, placeOf(place));
    const scales = units[part]!;
    for (let v = 0, i = 0; v < count; v++) for (let c = 0; c < columns; c++, i++) out[i]! *= scales[c]!;
  };

  const base: QuantizedProducts = {
    products,
    errorProducts: second,
    halves,
    ...(places === null || node.operator.kind !== 'conv'
      ? {}
      : mapsOf(products, units, { words: (x) => wordsOf(x, 0), first })),
    forward: ({ part, vectors, count }, out, place) => {
      const words = wordsOf(vectors.subarray(0, count * integers[part]!.rows), part);
      driveWords({ part, vectors: words, count }, out, place);
    },
    transposed: (from, out, place) => {
      const { part, count } = from;
      const { rows, columns } = integers[part]!;
      const { words, fractions } = driven(from, columns, worth(part, 1), place.vectorsPerImage);
      if (copies === 'shared') products[part]!.transposed(words, count, out, placeOf(place));
      else secondOf(part).forward(words, count, out, placeOf(place));
      scaledBack(out, count * rows, fractions);
    },
  };
  if (copies === 'shared' || places === null) return base;
  return {
    ...base,
    rotated: (from, out, place) => {
      const { part, count } = from;
      const product = secondOf(part);
      const { words, fractions } = driven(from, product.rows, worth(part, places), place.vectorsPerImage);
      product.forward(words, count, out, placeOf(place));
      scaledBack(out, count * product.columns, fractions);
    },
  };
}

/** All products of a convolution out of its maps, where its matrices take them. */
function mapsOf(
  products: readonly Product[],
  units: readonly Float64Array[],
  { words, first }: { readonly words: (x: Numbers) => Int32Array; readonly first: () => number },
): Pick<NodeProducts, 'maps'> {
  if (products.some(({ forwardMaps }) => forwardMaps === undefined)) return {};
  const groups = products.length;
  return {
    maps: (x, layout, images, y) => {
      const data = layout.words(words(x), images * groups);
      const vectorsPerImage = layout.geometry.outputSize;
      products.forEach((product, part) => {
        product.forwardMaps!(
          partOf(layout, data, { part, groups, images }),
          {
            ...placesOf(layout, product.columns, { part, groups }),
            data: y,
            scales: units[part]!,
          },
          { image: first(), vectorsPerImage, from: 0 },
        );
      });
    },
  };
}

/** Places of the kernel of a convolution, transposed or not; null for other nodes. */
const kernelPlaces = ({ operator }: Node): number | null =>
  operator.kind === 'conv' || operator.kind === 'convTranspose'
    ? operator.kernel.reduce((product, size) => product * size, 1)
    : null;

/** Errors [images, ...] of a node's output on the grids that drive arrays, an exponent for each image. */
export function errorsOnGrid(errors: Values, bits: number): Values {
  const y = zeros(errors.data, errors.shape);
  const size = y.data.length / Math.max(1, errors.shape[0] ?? 1);
  for (let at = 0; at < y.data.length; at += size) {
    const own = errors.data.subarray(at, at + size);
    const fraction = fractionBits(largestOf(own), bits);
    const unit = 2 ** -fraction;
    for (let i = 0; i < size; i++) y.data[at + i] = toInteger(own[i]!, fraction, bits) * unit;
  }
  return y;
}
