// Products whose results are sums of terms one after the other, forward along rows and transposed along columns.

import type { Numbers, Reals } from '../backend.js';
import { DigitalProduct } from './digital-product.js';

/** How sums run through a matrix that lies row by row. */
export interface SumWalk {
  /** Terms of a sum, and sums of a vector. */
  readonly terms: number;
  readonly results: number;
  /** Weights from term to term, and from result to result. */
  readonly step: number;
  readonly next: number;
}

/** A product whose two directions differ in how they walk through the weights alone. */
export abstract class SummedProduct extends DigitalProduct {
  protected multiply(inputs: Numbers, vectors: number, out: Reals): void {
    const { rows, columns } = this;
    this.sum(inputs, vectors, out, { terms: rows, results: columns, step: columns, next: 1 });
  }

  protected multiplyTransposed(errors: Numbers, vectors: number, out: Reals): void {
    const { rows, columns } = this;
    this.sum(errors, vectors, out, { terms: columns, results: rows, step: 1, next: columns });
  }

  protected abstract sum(inputs: Numbers, vectors: number, out: Reals, walk: SumWalk): void;
}
