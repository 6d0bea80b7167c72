// LogNet products (Lee et al., ICASSP 2017): weights and inputs are signed powers of two, products are shifts, sums are
// linear.

import { maxMagnitude } from '../../numerics/formats/dynamic-fixed-point.js';
import { ceilLog2 } from '../../numerics/formats/double.js';
import { logQuant, type LogQuantOptions } from '../../numerics/formats/log-quant.js';
import type { Backend, Numbers, Product, Reals, WeightMatrix } from '../backend.js';
import { DigitalProduct } from './digital-product.js';
import { float64Backend } from './float.js';
import { holdable } from './holdable.js';

/**
 * Values as signed powers of two; the full scale is that of the largest of them.
 * @throws UserError for NaN and infinities
 */
function powers(values: Numbers, length: number, bits: number): Float64Array {
  const own = values.subarray(0, length);
  const largest = holdable('lognet', () => maxMagnitude(own));
  if (largest === 0) return new Float64Array(length);
  const options: LogQuantOptions = { bits, fullScale: ceilLog2(largest), levels: 'codes-and-zero' };
  const least = 2 ** (options.fullScale - 2 ** bits + 2);
  // A magnitude nearer to zero than to the least power is zero.
  return Float64Array.from(own, (x) => (Math.abs(x) < least / 2 ? 0 : logQuant(x, options)));
}

class LogNetProduct extends DigitalProduct {
  readonly #product: Product;

  constructor(
    matrix: WeightMatrix,
    weightBits: number,
    readonly inputBits: number,
  ) {
    super(matrix);
    // The sign is a bit of a weight.
    const values = powers(matrix.values, matrix.values.length, weightBits - 1);
    this.#product = float64Backend.prepare({ ...matrix, values });
  }

  protected multiply(inputs: Numbers, vectors: number, out: Reals): void {
    this.#product.forward(powers(inputs, vectors * this.rows, this.inputBits), vectors, out);
  }

  protected multiplyTransposed(errors: Numbers, vectors: number, out: Reals): void {
    this.#product.transposed(powers(errors, vectors * this.columns, this.inputBits), vectors, out);
  }
}

/** Logarithmic weights of `weightBits` (the sign included) and inputs of `inputBits`. */
export const lognetBackend = (weightBits: number, inputBits: number): Backend => ({
  kind: 'lognet',
  domain: 'real',
  prepare: (matrix) => new LogNetProduct(matrix, weightBits, inputBits),
});
