// Minifloat products: operands are rounded to the format, sums are float32 in row order, results stay float32.

import { UserError, suggestion } from '../../config/index.js';
import { decodeArray, encodeArray } from '../../numerics/formats/bulk.js';
import type { NumberFormat } from '../../numerics/formats/format.js';
import { MINIFLOAT_NAMES, standardFloat, type MinifloatName } from '../../numerics/formats/minifloat.js';
import type { Backend, Numbers, Product, Reals, WeightMatrix } from '../backend.js';
import { DigitalProduct } from './digital-product.js';
import { float32Backend } from './float.js';
import { holdable } from './holdable.js';
import { isOneOf } from '../../config/typed.js';

class MinifloatProduct extends DigitalProduct {
  readonly #product: Product;
  readonly #format: NumberFormat;

  constructor(matrix: WeightMatrix, format: NumberFormat) {
    super(matrix);
    this.#format = format;
    this.#product = float32Backend.prepare({ ...matrix, values: this.#rounded(matrix.values, matrix.values.length) });
  }

  #rounded(values: Numbers, length: number): Float64Array {
    const codes = holdable('minifloat', () => encodeArray(this.#format, values.subarray(0, length)));
    return decodeArray(this.#format, codes);
  }

  protected multiply(inputs: Numbers, vectors: number, out: Reals): void {
    this.#product.forward(this.#rounded(inputs, vectors * this.rows), vectors, out);
  }

  protected multiplyTransposed(errors: Numbers, vectors: number, out: Reals): void {
    this.#product.transposed(this.#rounded(errors, vectors * this.columns), vectors, out);
  }
}

const isMinifloat = (name: string): name is MinifloatName => isOneOf(MINIFLOAT_NAMES, name);

/** Products of small floats by name. @throws UserError for a name that is none */
export function minifloatBackend(name: string): Backend {
  if (!isMinifloat(name))
    throw new UserError(
      `functional.format: found "${name}", expected one of ${MINIFLOAT_NAMES.join(', ')}` +
        suggestion(name, MINIFLOAT_NAMES),
    );
  const format = standardFloat(name, 'saturate');
  return { kind: 'minifloat', domain: 'real', prepare: (matrix) => new MinifloatProduct(matrix, format) };
}
