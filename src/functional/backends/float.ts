// Floating-point products: float64 sums in row order, float32 rounds every product and sum.

import type { Backend, Numbers, Reals, WeightMatrix } from '../backend.js';
import { DigitalProduct } from './digital-product.js';

/** The product in double precision: sums run over rows (transposed: columns) in order. */
class Float64Product extends DigitalProduct {
  readonly #values: Float64Array;

  constructor(matrix: WeightMatrix) {
    super(matrix);
    this.#values = Float64Array.from(matrix.values);
  }

  protected multiply(inputs: Numbers, vectors: number, out: Reals): void {
    const { rows, columns } = this;
    const values = this.#values;
    const sums = new Float64Array(columns);
    for (let v = 0; v < vectors; v++) {
      sums.fill(0);
      for (let r = 0; r < rows; r++) {
        const x = inputs[v * rows + r]!;
        if (x === 0) continue;
        const at = r * columns;
        for (let c = 0; c < columns; c++) sums[c]! += x * values[at + c]!;
      }
      out.set(sums, v * columns);
    }
  }

  protected multiplyTransposed(errors: Numbers, vectors: number, out: Reals): void {
    const { rows, columns } = this;
    const values = this.#values;
    for (let v = 0; v < vectors; v++)
      for (let r = 0; r < rows; r++) {
        let sum = 0;
        for (let c = 0; c < columns; c++) sum += errors[v * columns + c]! * values[r * columns + c]!;
        out[v * rows + r] = sum;
      }
  }
}

/** Products of reals in double precision. */
export const float64Backend: Backend = {
  kind: 'float64',
  domain: 'real',
  prepare: (matrix) => new Float64Product(matrix),
};
