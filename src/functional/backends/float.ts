// Floating-point products: sums over rows (transposed: columns) in ascending order, each product and sum rounded to the
// type; the WebAssembly kernels and their fallback give the same bits.

import { InvariantError } from '../../kernel/index.js';
import type { Backend, Numbers, Product, Reals, ResultPlaces, WeightMatrix } from '../backend.js';
import type { Gathered, ProductSize } from '../wasm/jobs.js';
import { kernels, packPanels, roundUp } from '../wasm/kernels.js';
import { copyRows, writeResults } from './rows.js';
import { DigitalProduct } from './digital-product.js';

/** Results of a call of the kernels, so that memory is bounded. */
const LARGEST_PART = 1 << 21;

/** What differs between the precisions. */
interface Precision<T extends Float32Array | Float64Array> {
  /** Columns of a panel. */
  readonly lanes: number;
  readonly room: (length: number) => T;
  readonly product: (a: T, b: T, size: ProductSize) => T;
  /** For vectors where they lie in maps, which give doubles. */
  readonly productOf?: (a: Gathered<Float64Array>, b: T, n: number) => Float64Array;
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
  productOf: (a, b, n) => kernels().dgemmOf(a, b, n),
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

  /** Vectors where they lie in maps, to where results go; undefined where the kernels have no such product. */
  get ofMaps(): ((vectors: Gathered<Float64Array>, out: ResultPlaces) => void) | undefined {
    const { productOf } = this.precision;
    if (productOf === undefined) return undefined;
    return ({ data, starts, offsets }, out) => {
      const width = this.#width;
      const part = Math.max(1, Math.floor(LARGEST_PART / width));
      for (let from = 0; from < starts.length; from += part) {
        const own = starts.subarray(from, from + part);
        const sums = productOf({ data, starts: own, offsets }, this.#panels, width);
        writeResults(sums, { width, columns: this.n, vectors: own.length, from }, out);
      }
    };
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
  readonly forwardMaps: Product['forwardMaps'];

  constructor(matrix: WeightMatrix, precision: Precision<T>) {
    super(matrix);
    this.#matrix = matrix;
    this.#precision = precision;
    const { rows, columns, values } = matrix;
    this.#forward = new Panels(precision, rows, columns, (r, c) => values[r * columns + c]!);
    const { ofMaps } = this.#forward;
    if (ofMaps === undefined) return;
    this.forwardMaps = ({ data, ...where }, out) => {
      if (!(data instanceof Float64Array)) throw new InvariantError(`${matrix.name}: maps of doubles`);
      this.note({ data, ...where });
      ofMaps({ data, ...where }, out);
    };
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
