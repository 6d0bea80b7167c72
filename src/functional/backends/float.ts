// Floating-point products: sums over rows (transposed: columns) in ascending order, each product and sum rounded to the
// type; the WebAssembly kernels and their fallback give the same bits.

import type { Backend, Numbers, Reals, WeightMatrix } from '../backend.js';
import type { ProductSize } from '../wasm/jobs.js';
import { kernels, packPanels, roundUp } from '../wasm/kernels.js';
import { copyRows } from './rows.js';
import { DigitalProduct } from './digital-product.js';

/** Results of a call of the kernels, so that memory is bounded. */
const LARGEST_PART = 1 << 21;

/** What differs between the precisions. */
interface Precision<T extends Float32Array | Float64Array> {
  /** Columns of a panel. */
  readonly lanes: number;
  readonly room: (length: number) => T;
  readonly product: (a: T, b: T, size: ProductSize) => T;
}

const SINGLE: Precision<Float32Array> = {
  lanes: 8,
  room: (length) => new Float32Array(length),
  product: (a, b, size) => kernels().sgemm(a, b, size),
};

const DOUBLE: Precision<Float64Array> = {
  lanes: 4,
  room: (length) => new Float64Array(length),
  product: (a, b, size) => kernels().dgemm(a, b, size),
};

/** A matrix in panels, for products with vectors of `k` numbers to `n`. */
class Panels<T extends Float32Array | Float64Array> {
  readonly #width: number;
  readonly #panels: T;

  constructor(
    readonly precision: Precision<T>,
    readonly k: number,
    readonly n: number,
    at: (row: number, column: number) => number,
  ) {
    const { lanes, room } = precision;
    this.#width = roundUp(n, lanes);
    this.#panels = packPanels(room(this.#width * k), { k, n, lanes }, at);
  }

  /** @param inputs [vectors][k] @param out [vectors][n] */
  multiply(inputs: Numbers, vectors: number, out: Reals): void {
    const { k, n, precision } = this;
    const part = Math.max(1, Math.floor(LARGEST_PART / this.#width));
    for (let from = 0; from < vectors; from += part) {
      const count = Math.min(part, vectors - from);
      const a = precision.room(count * k);
      a.set(inputs.subarray(from * k, (from + count) * k));
      const c = precision.product(a, this.#panels, { m: count, n: this.#width, k });
      copyRows({ data: c, at: 0, stride: this.#width }, { data: out, at: from * n, stride: n }, count, n);
    }
  }
}

/** A product of reals in one precision. */
class FloatProduct<T extends Float32Array | Float64Array> extends DigitalProduct {
  readonly #matrix: WeightMatrix;
  readonly #precision: Precision<T>;
  readonly #forward: Panels<T>;
  #transposed: Panels<T> | null = null;

  constructor(matrix: WeightMatrix, precision: Precision<T>) {
    super(matrix);
    this.#matrix = matrix;
    this.#precision = precision;
    const { rows, columns, values } = matrix;
    this.#forward = new Panels(precision, rows, columns, (r, c) => values[r * columns + c]!);
  }

  protected multiply(inputs: Numbers, vectors: number, out: Reals): void {
    this.#forward.multiply(inputs, vectors, out);
  }

  protected multiplyTransposed(errors: Numbers, vectors: number, out: Reals): void {
    const { rows, columns, values } = this.#matrix;
    this.#transposed ??= new Panels(this.#precision, columns, rows, (c, r) => values[r * columns + c]!);
    this.#transposed.multiply(errors, vectors, out);
  }
}

/** Products of reals in double precision. */
export const float64Backend: Backend = {
  kind: 'float64',
  domain: 'real',
  prepare: (matrix) => new FloatProduct(matrix, DOUBLE),
};

/** Products of reals in single precision. */
export const float32Backend: Backend = {
  kind: 'float32',
  domain: 'real',
  prepare: (matrix) => new FloatProduct(matrix, SINGLE),
};
