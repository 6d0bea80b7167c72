// Integer products, exact: 16-bit operands with 32-bit sums where they fit, else doubles (to 2^53).

import { InvariantError } from '../../kernel/index.js';
import type {
  Backend,
  IntegerRange,
  Numbers,
  PrepareOptions,
  Product,
  Reals,
  ResultPlaces,
  WeightMatrix,
} from '../backend.js';
import type { Gathered } from '../wasm/jobs.js';
import { kernels, packPairs, roundUp } from '../wasm/kernels.js';
import { maxMagnitude } from '../../numerics/formats/dynamic-fixed-point.js';
import { copyRows, writeResults } from './rows.js';
import { DigitalProduct } from './digital-product.js';
import { float64Backend } from './float.js';

const DEFAULT_INPUTS: IntegerRange = { bits: 8, signed: true };
const LARGEST_PART = 1 << 21;
const LARGEST_16 = 32767;

/** Largest magnitude of the integers of a range. */
const magnitudeOf = ({ bits, signed }: IntegerRange): number => (signed ? 2 ** (bits - 1) : 2 ** bits - 1);

/** A matrix of int16 in panels. */
class Pairs {
  readonly #panels: Int16Array;
  readonly #even: number;
  readonly #width: number;

  constructor(
    readonly k: number,
    readonly n: number,
    at: (row: number, column: number) => number,
  ) {
    this.#even = roundUp(k, 2);
    this.#width = roundUp(n, 8);
    this.#panels = packPairs(k, n, at);
  }

  /** Vectors where they lie in maps, to where results go. */
  multiplyMaps({ data, starts, offsets }: Gathered, out: ResultPlaces): void {
    const width = this.#width;
    const part = Math.max(1, Math.floor(LARGEST_PART / width));
    for (let from = 0; from < starts.length; from += part) {
      const own = starts.subarray(from, from + part);
      const sums = kernels().igemmOf({ data, starts: own, offsets }, this.#panels, width);
      writeResults(sums, { width, columns: this.n, vectors: own.length, from }, out);
    }
  }

  multiply(inputs: Numbers, vectors: number, out: Reals): void {
    const { k, n } = this;
    const part = Math.max(1, Math.floor(LARGEST_PART / this.#width));
    for (let from = 0; from < vectors; from += part) {
      const count = Math.min(part, vectors - from);
      const a = new Int16Array(count * this.#even);
      copyRows({ data: inputs, at: from * k, stride: k }, { data: a, at: 0, stride: this.#even }, count, k);
      const c = kernels().igemm(a, this.#panels, { m: count, n: this.#width, k: this.#even });
      copyRows({ data: c, at: 0, stride: this.#width }, { data: out, at: from * n, stride: n }, count, n);
    }
  }
}

/** A value that is made when it is first asked for. */
type Once<T> = () => T;
function once<T>(make: () => T): Once<T> {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** A matrix by 16-bit pairs where those hold it, and in double precision. */
interface Stored {
  readonly forward: Once<Pairs> | null;
  readonly transposed: Once<Pairs> | null;
  readonly wide: Once<Product>;
}

/** A product whose sums are exact in either way. */
class IntegerProduct extends DigitalProduct {
  readonly isExact = true;
  readonly #matrix: WeightMatrix;
  readonly #inputs: IntegerRange;
  readonly #errors: IntegerRange;
  #stored: Stored;
  /** Where 16-bit pairs hold the matrix as it was prepared; constant matrices stay as they are. */
  readonly forwardMaps: Product['forwardMaps'];

  constructor(matrix: WeightMatrix, { inputs = DEFAULT_INPUTS, errors = { ...inputs, signed: true } }: PrepareOptions) {
    super(matrix, inputs);
    this.#matrix = matrix;
    this.#inputs = inputs;
    this.#errors = errors;
    this.#stored = this.#store(matrix.values);
    const { forward } = this.#stored;
    if (forward === null) return;
    this.forwardMaps = ({ data, ...where }, out) => {
      if (!(data instanceof Int32Array)) throw new InvariantError(`${matrix.name}: maps of integers`);
      this.note({ data, ...where });
      forward().multiplyMaps({ data, ...where }, out);
    };
  }

  rewrite(values: Numbers): void {
    this.#stored = this.#store(values);
  }

  #store(values: Numbers): Stored {
    const { rows, columns } = this;
    const largest = maxMagnitude(values);
    const fits = (range: IntegerRange, terms: number): boolean =>
      magnitudeOf(range) <= LARGEST_16 && largest <= LARGEST_16 && terms * largest * magnitudeOf(range) < 2 ** 31;
    const pairs = (range: IntegerRange, terms: number, make: () => Pairs): Once<Pairs> | null =>
      fits(range, terms) ? once(make) : null;
    return {
      forward: pairs(this.#inputs, rows, () => new Pairs(rows, columns, (r, c) => values[r * columns + c]!)),
      transposed: pairs(this.#errors, columns, () => new Pairs(columns, rows, (c, r) => values[r * columns + c]!)),
      wide: once(() => float64Backend.prepare({ ...this.#matrix, values })),
    };
  }

  protected multiply(inputs: Numbers, vectors: number, out: Reals): void {
    const { forward, wide } = this.#stored;
    if (forward === null) wide().forward(inputs, vectors, out);
    else forward().multiply(inputs, vectors, out);
  }

  protected multiplyTransposed(errors: Numbers, vectors: number, out: Reals): void {
    const { transposed, wide } = this.#stored;
    if (transposed === null) wide().transposed(errors, vectors, out);
    else transposed().multiply(errors, vectors, out);
  }
}

/** Products of integers in digital units. */
export const integerBackend: Backend = {
  kind: 'integer',
  domain: 'integer',
  prepare: (matrix, options = {}) => new IntegerProduct(matrix, options),
};
