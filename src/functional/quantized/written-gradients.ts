// Gradients of a node's matrices in a backend's arrays: what an image brings is written into them as integers, its
// errors drive them.

import { InvariantError } from '../../kernel/index.js';
import type { Node } from '../../workload/graph/index.js';
import type { Backend, Product } from '../backend.js';
import type { GradientArrays, WrittenProduct } from '../operators/gradient-arrays.js';
import type { Numbers } from '../operators/values.js';
import { fractionBits, largestOf, toIntegers } from './grid.js';

/** How the gradients of a node run. */
interface WrittenOptions {
  readonly backend: Backend;
  readonly mapping: GradientArrays['mapping'];
  /** Bits of what is written and of errors, signs included. */
  readonly weightBits: number;
  readonly errorBits: number;
  /** Fraction bits of what is written, by part. */
  readonly fractions: readonly number[];
  readonly trial: number;
  /** Number of the first image of the present batch, which names the draws of its writes. */
  readonly first: () => number;
}

/** The gradient arrays of a node, a matrix a part; each image writes them anew. */
export class WrittenGradients implements GradientArrays {
  /** By part, once an image has been written. */
  readonly products: Product[] = [];
  readonly mapping: GradientArrays['mapping'];
  readonly #node: Node;
  readonly #options: WrittenOptions;

  constructor(node: Node, options: WrittenOptions) {
    this.#node = node;
    this.#options = options;
    this.mapping = options.mapping;
  }

  product({ part, image, rows, columns, written, vectors, count }: WrittenProduct, out: Numbers): void {
    const { backend, weightBits, errorBits, fractions, first } = this.#options;
    const size = rows * columns;
    const values = new Int32Array(size);
    toIntegers(written, fractions[part]!, weightBits, values);
    const own = vectors.subarray(0, count * rows);
    const fraction = fractionBits(largestOf(own), errorBits);
    const words = new Int32Array(own.length);
    toIntegers(own, fraction, errorBits, words);
    const at = first() + image;
    const product = (this.products[part] ??= this.#prepare(part, rows, columns));
    if (product.rewrite === undefined) throw new InvariantError(`${backend.kind}: arrays cannot be written anew`);
    product.rewrite(values, at);
    product.forward(words, count, out, { image: at, vectorsPerImage: count });
    const unit = 2 ** -(fraction + fractions[part]!);
    for (let i = 0; i < count * columns; i++) out[i]! *= unit;
  }

  #prepare(part: number, rows: number, columns: number): Product {
    const { backend, weightBits, errorBits, fractions, trial } = this.#options;
    const { name } = this.#node;
    const parts = fractions.length;
    const matrix = {
      name: `${parts === 1 ? name : `${name}/${part}`} gradient`,
      ...{ rows, columns, values: new Int32Array(rows * columns) },
    };
    const group = parts === 1 ? {} : { group: { index: part, of: parts } };
    return backend.prepare({ ...matrix, ...group }, { inputs: { bits: errorBits, signed: true }, weightBits, trial });
  }
}
