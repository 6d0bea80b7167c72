// LogNet products (Lee et al., ICASSP 2017): weights and inputs are signed powers of two, products are shifts, sums are
// linear.

import { maxMagnitude } from '../../numerics/formats/dynamic-fixed-point.js';
import { ceilLog2 } from '../../numerics/formats/double.js';
import { logQuant, type LogQuantOptions } from '../../numerics/formats/log-quant.js';
import type { Backend, Numbers, Product, Reals, WeightMatrix } from '../backend.js';
import { DigitalProduct } from './digital-product.js';
import { float64Backend } from './float.js';
import { holdable } from './holdable.js';

/** Values as signed powers of two up to the power that holds `largest`; larger ones stand at it. */
function powers(values: Numbers, bits: number, largest: number): Float64Array {
  if (largest === 0) return new Float64Array(values.length);
  const options: LogQuantOptions = { bits, fullScale: ceilLog2(largest), levels: 'codes-and-zero' };
  const least = 2 ** (options.fullScale - 2 ** bits + 2);
  // A magnitude nearer to zero than to the least power is zero.
  return Float64Array.from(values, (x) => (Math.abs(x) < least / 2 ? 0 : logQuant(x, options)));
}

/** The largest magnitude. @throws UserError for NaN and infinities */
const largestOf = (values: Numbers): number => holdable('lognet', () => maxMagnitude(values));

/** Values a block of `length` after the other, each on a full scale of its own where `range` gives none for all. */
function powersByBlock(values: Numbers, length: number, bits: number, range?: number): Float64Array {
  const out = new Float64Array(values.length);
  for (let at = 0; at < values.length; at += length) {
    const own = values.subarray(at, at + length);
    const largest = largestOf(own);
    out.set(powers(own, bits, range ?? largest), at);
  }
  return out;
}

class LogNetProduct extends DigitalProduct {
  readonly #product: Product;

  constructor(
    matrix: WeightMatrix,
    weightBits: number,
    readonly inputBits: number,
    readonly range: number | undefined,
  ) {
    super(matrix);
    // The sign is a bit of a weight.
    const values = powers(matrix.values, weightBits - 1, largestOf(matrix.values));
    this.#product = float64Backend.prepare({ ...matrix, values });
  }

  protected multiply(inputs: Numbers, vectors: number, out: Reals, together: number): void {
    const own = inputs.subarray(0, vectors * this.rows);
    this.#product.forward(powersByBlock(own, together * this.rows, this.inputBits, this.range), vectors, out);
  }

  protected multiplyTransposed(errors: Numbers, vectors: number, out: Reals, together: number): void {
    const own = errors.subarray(0, vectors * this.columns);
    this.#product.transposed(powersByBlock(own, together * this.columns, this.inputBits), vectors, out);
  }
}

/**
 * Logarithmic weights of `weightBits` (sign included) and inputs of `inputBits`. A layer's full scales are its largest
 * weight and the range of its inputs; an error's is that of its image.
 */
export const lognetBackend = (weightBits: number, inputBits: number): Backend => ({
  kind: 'lognet',
  domain: 'real',
  hasRanges: true,
  prepare: (matrix, { range } = {}) => new LogNetProduct(matrix, weightBits, inputBits, range),
});
