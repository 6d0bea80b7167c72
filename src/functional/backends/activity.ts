// Ones among the bits that drive a matrix, for activity traces.

import type { Numbers } from '../backend.js';

/** Adds, by bit, the ones of the first `length` integers in two's complement of `ones.length` bits. */
export function countOnes(integers: Numbers, length: number, ones: Float64Array): void {
  const bits = ones.length;
  for (let i = 0; i < length; i++) {
    const word = integers[i]! | 0;
    if (word === 0) continue;
    for (let bit = 0; bit < bits; bit++) ones[bit]! += (word >> bit) & 1;
  }
}
