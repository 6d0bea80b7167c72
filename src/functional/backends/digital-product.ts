// What products without analog hardware share: shape checks, no conversions, ones among driven bits.

import { InvariantError } from '../../kernel/index.js';
import {
  checkVectors,
  noStatistics,
  sideBySide,
  type Activity,
  type DrivenVectors,
  type IntegerRange,
  type Numbers,
  type Product,
  type ProductStatistics,
  type Reals,
  type VectorPlace,
  type WeightMatrix,
} from '../backend.js';
import type { Gathered } from '../wasm/jobs.js';
import { countOnes } from './activity.js';

/** A product in digital units: subclasses say how vectors multiply. */
export abstract class DigitalProduct implements Product {
  readonly rows: number;
  readonly columns: number;
  readonly statistics: ProductStatistics = noStatistics();
  /** Digital units have no analog sums. */
  readonly histogram = null;
  readonly #name: string;
  #ones: Float64Array | null = null;
  #values = 0;

  /** @param driven the integers that drive the matrix; undefined for reals, whose bits are not counted */
  constructor(
    matrix: WeightMatrix,
    readonly driven?: IntegerRange,
  ) {
    this.#name = matrix.name;
    this.rows = matrix.rows;
    this.columns = matrix.columns;
    if (matrix.values.length !== matrix.rows * matrix.columns)
      throw new InvariantError(`${matrix.name}: ${matrix.values.length} weights of ${matrix.rows} x ${matrix.columns}`);
  }

  forward(inputs: Numbers, vectors: number, out: Reals, place?: VectorPlace): void {
    this.#enter({ inputs, vectors, length: this.rows }, out, this.columns);
    this.multiply(inputs, vectors, out, place?.vectorsPerImage ?? 1);
  }

  transposed(errors: Numbers, vectors: number, out: Reals, place?: VectorPlace): void {
    this.#enter({ inputs: errors, vectors, length: this.columns }, out, this.rows);
    this.multiplyTransposed(errors, vectors, out, place?.vectorsPerImage ?? 1);
  }

  keepHistogram(): void {
    // There is none to keep.
  }

  keepActivity(): void {
    this.#ones ??= new Float64Array(this.driven?.bits ?? 0);
  }

  get activity(): Activity | null {
    return this.#ones === null || this.driven === undefined ? null : { values: this.#values, ones: this.#ones };
  }

  calibrate(): void {
    Object.assign(this.statistics, noStatistics());
    this.#ones?.fill(0);
    this.#values = 0;
  }

  /** @param together vectors of an image */
  protected abstract multiply(inputs: Numbers, vectors: number, out: Reals, together: number): void;
  protected abstract multiplyTransposed(errors: Numbers, vectors: number, out: Reals, together: number): void;

  #enter({ inputs, vectors, length }: DrivenVectors, out: Reals, results: number): void {
    checkVectors(this.#name, { inputs, vectors, length }, out, results);
    this.note(sideBySide(inputs, vectors, length));
  }

  /** Counts vectors and, where they are counted, ones. */
  protected note(vectors: Gathered<Numbers>): void {
    this.statistics.vectors += vectors.starts.length;
    if (this.#ones === null || this.driven === undefined) return;
    countOnes(vectors, this.#ones);
    this.#values += vectors.starts.length * vectors.offsets.length;
  }
}
