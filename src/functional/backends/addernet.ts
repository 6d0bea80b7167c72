// AdderNet products (Chen et al., CVPR 2020): negative sums of absolute differences.

import { UserError } from '../../config/index.js';
import type { Backend, Numbers, Reals, WeightMatrix } from '../backend.js';
import { DigitalProduct } from './digital-product.js';

class AdderProduct extends DigitalProduct {
  readonly #values: Float64Array;

  constructor(matrix: WeightMatrix) {
    super(matrix);
    this.#values = Float64Array.from(matrix.values);
  }

  /** out[v, c] = - sum over r of |inputs[v, r] - values[r, c]|. */
  protected multiply(inputs: Numbers, vectors: number, out: Reals): void {
    const { rows, columns } = this;
    const values = this.#values;
    const sums = new Float64Array(columns);
    for (let v = 0; v < vectors; v++) {
      sums.fill(0);
      for (let r = 0; r < rows; r++) {
        const x = inputs[v * rows + r]!;
        for (let c = 0; c < columns; c++) sums[c]! -= Math.abs(x - values[r * columns + c]!);
      }
      out.set(sums, v * columns);
    }
  }

  protected multiplyTransposed(): void {
    throw new UserError(
      'functional.backend addernet: its errors depend on the inputs (HardTanh of the differences) and are no ' +
        'transposed product; expected the operators of the graph',
    );
  }
}

/** Sums of absolute differences in double precision. */
export const addernetBackend: Backend = {
  kind: 'addernet',
  domain: 'real',
  prepare: (matrix) => new AdderProduct(matrix),
};
