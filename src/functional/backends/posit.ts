// Posit products: operands are posits, sums are kept in a quire and rounded once.

import { posit, type PositFormat } from '../../numerics/formats/posit.js';
import { encodeArray, decodeArray } from '../../numerics/formats/bulk.js';
import type { Backend, Numbers, Reals, WeightMatrix } from '../backend.js';
import { SummedProduct, type SumWalk } from './summed-product.js';
import { PairSum } from './exact-sums.js';

/** Values rounded to a posit format. */
const rounded = (format: PositFormat, values: Numbers): Float64Array =>
  decodeArray(format, encodeArray(format, values));

class PositProduct extends SummedProduct {
  readonly #values: Float64Array;
  readonly #format: PositFormat;

  constructor(matrix: WeightMatrix, format: PositFormat) {
    super(matrix);
    this.#format = format;
    this.#values = rounded(format, matrix.values);
  }

  protected sum(inputs: Numbers, vectors: number, out: Reals, { terms, results, step, next }: SumWalk): void {
    const format = this.#format;
    const values = this.#values;
    const x = rounded(format, inputs.subarray(0, vectors * terms));
    const sum = new PairSum();
    for (let v = 0; v < vectors; v++)
      for (let o = 0; o < results; o++) {
        sum.clear();
        for (let t = 0; t < terms; t++) sum.add(x[v * terms + t]! * values[t * step + o * next]!);
        out[v * results + o] = Number.isNaN(sum.high) ? NaN : format.decode(format.encodeExact(sum.value));
      }
  }
}

/** Products of posits of `bits` bits, at most 16 (their products fit doubles), with a quire. */
export function positBackend(bits: number, exponentBits: number): Backend {
  const format = posit({ bits, exponentBits });
  return { kind: 'posit', domain: 'real', prepare: (matrix) => new PositProduct(matrix, format) };
}
