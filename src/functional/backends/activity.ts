// Ones among the bits that drive a matrix, for activity traces.

import type { Numbers } from '../backend.js';
import type { Gathered } from '../wasm/jobs.js';

/** Adds, by bit, the ones of the vectors' integers in two's complement of `ones.length` bits. */
export function countOnes({ data, starts, offsets }: Gathered<Numbers>, ones: Float64Array): void {
  const bits = ones.length;
  for (const start of starts)
    for (const offset of offsets) {
      const word = data[start + offset]! | 0;
      if (word === 0) continue;
      for (let bit = 0; bit < bits; bit++) ones[bit]! += (word >> bit) & 1;
    }
}
