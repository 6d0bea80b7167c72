// Sums of products that are exact (or good to 106 bits) in doubles, for accumulators that round once at the end.

import { add, fromNumber, type Dyadic } from '../../numerics/formats/dyadic.js';

/**
 * A sum of products of two doubles that each product of a format's numbers fits: two doubles carry it, the second what
 * rounding took from the first (Knuth's TwoSum).
 */
export class PairSum {
  high = 0;
  low = 0;

  clear(): void {
    this.high = 0;
    this.low = 0;
  }

  /** Adds a product that a double holds exactly. */
  add(product: number): void {
    const sum = this.high + product;
    const part = sum - this.high;
    this.low += this.high - (sum - part) + (product - part);
    this.high = sum;
  }

  /** The sum as an exact number. */
  get value(): Dyadic {
    return add(fromNumber(this.high), fromNumber(this.low));
  }
}
