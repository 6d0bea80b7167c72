// Products of two activations (attention) on hardware: both operands are integers; the second is written into arrays,
// or both meet in digital units.

import { InvariantError } from '../../kernel/index.js';
import type { Node } from '../../workload/graph/index.js';
import type { Backend, IntegerRange, Product } from '../backend.js';
import type { MatrixPair, PairProduct } from '../operators/matmul.js';
import { toIntegers } from './grid.js';

/** How the products of a node run. */
interface PairOptions {
  readonly backend: Backend;
  /** Bits and fraction bits of the operand that drives, and of the one that is written. */
  readonly inputs: IntegerRange;
  readonly inputFraction: number;
  readonly weightBits: number;
  readonly weightFraction: number;
  readonly trial: number;
  /** Number of the first image of the present batch. */
  readonly first: () => number;
  /** Matrices of an image, and their shape. */
  readonly matrices: number;
  readonly rows: number;
  readonly columns: number;
}

/** The products of a node's two inputs in a backend, a matrix for each head, written anew for each image. */
export class StoredPairs {
  /** By matrix. */
  readonly products: readonly Product[];
  readonly #options: PairOptions;

  constructor({ name }: Node, options: PairOptions) {
    this.#options = options;
    const { backend, inputs, weightBits, trial, rows, columns, matrices } = options;
    this.products = Array.from({ length: matrices }, (_, index) => {
      const one = matrices === 1;
      const matrix = { name: one ? name : `${name}/${index}`, rows, columns, values: new Int32Array(rows * columns) };
      const group = one ? {} : { group: { index, of: matrices } };
      return backend.prepare({ ...matrix, ...group }, { inputs, weightBits, trial });
    });
  }

  readonly multiply: PairProduct = ({ m, a, b, out, image, matrix }: MatrixPair) => {
    const { inputs, inputFraction, weightBits, weightFraction, first, backend } = this.#options;
    const values = new Int32Array(b.length);
    toIntegers(b, weightFraction, weightBits, values);
    const words = new Int32Array(a.length);
    toIntegers(a, inputFraction, inputs.bits, words);
    const at = first() + image;
    const product = this.products[matrix]!;
    if (product.rewrite === undefined) throw new InvariantError(`${backend.kind}: no products of two activations`);
    product.rewrite(values, at);
    product.forward(words, m, out, { image: at, vectorsPerImage: m });
    const unit = 2 ** -(inputFraction + weightFraction);
    for (let i = 0; i < out.length; i++) out[i]! *= unit;
  };
}
