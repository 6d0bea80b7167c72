// Named streams of random draws, and normal numbers out of them.

import seedrandom from 'seedrandom';

/** A stream of uniform numbers, named by what it is for; equal names give equal draws. */
export const uniformStream = (seed: number, ...name: readonly (string | number)[]): seedrandom.PRNG =>
  seedrandom.xor128(`functional:${seed}:${name.join(':')}`);

/** Keys that a counter-based generator takes from a named stream. */
export const streamKey = (seed: number, ...name: readonly (string | number)[]): number =>
  seedrandom.alea(`functional:${seed}:${name.join(':')}`).int32();

/** Standard normal numbers by the polar method (Marsaglia and Bray, 1964). */
export class NormalStream {
  readonly #uniform: seedrandom.PRNG;
  #spare = 0;
  #kept = false;

  constructor(seed: number, ...name: readonly (string | number)[]) {
    this.#uniform = uniformStream(seed, ...name);
  }

  next(): number {
    if (this.#kept) {
      this.#kept = false;
      return this.#spare;
    }
    for (;;) {
      const x = 2 * this.#uniform.double() - 1;
      const y = 2 * this.#uniform.double() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      this.#spare = y * scale;
      this.#kept = true;
      return x * scale;
    }
  }
}
