// Weights that are kept in dynamic fixed point: changes are rounded to the grid as they are added (Gupta et al., ICML
// 2015: stochastic rounding lets changes below half a step count on average).

import { fractionBits, largestOf } from '../quantized/grid.js';
import { roundToEven } from '../operators/quantize.js';
import type { Numbers, Values } from '../operators/values.js';
import { streamOf } from '../streams.js';
import type { WeightWriter } from './trainer.js';

/** How weights are kept. */
export interface FixedPointOptions {
  /** Bits of a weight, its sign included. */
  readonly bits: number;
  readonly rounding: 'nearest' | 'stochastic';
  /** Largest weight that the grid must hold, in units of the largest starting weight of its array. */
  readonly headroom: number;
  readonly seed: number;
}

/** Each array has a grid of its own, set by its starting numbers. Draws are named by array and number of the write. */
export class FixedPointWriter implements WeightWriter {
  readonly #options: FixedPointOptions;
  readonly #fractions = new Map<string, number>();
  readonly #writes = new Map<string, number>();

  constructor(options: FixedPointOptions) {
    this.#options = options;
  }

  prepare(key: string, { data }: Values): void {
    const { bits, headroom } = this.#options;
    // An array that starts at 0 (biases) may grow to 1.
    const largest = largestOf(data) || 1;
    this.#fractions.set(key, fractionBits(largest * headroom, bits));
    this.#round(key, data, 'nearest');
  }

  write(key: string, { data }: Values, change: Numbers): void {
    for (let i = 0; i < data.length; i++) data[i]! += change[i]!;
    this.#round(key, data, this.#options.rounding);
  }

  /** Numbers the draws to come as after so many writes of each array. */
  resume(writes: number): void {
    for (const key of this.#fractions.keys()) this.#writes.set(key, writes);
  }

  #round(key: string, data: Numbers, rounding: FixedPointOptions['rounding']): void {
    const { bits, seed } = this.#options;
    const scale = 2 ** this.#fractions.get(key)!;
    const most = 2 ** (bits - 1) - 1;
    const writes = this.#writes.get(key) ?? 0;
    this.#writes.set(key, writes + 1);
    const draw = rounding === 'stochastic' ? streamOf(seed, `fixed point ${writes} ${key}`) : null;
    for (let i = 0; i < data.length; i++) {
      const steps = data[i]! * scale;
      const whole = draw === null ? roundToEven(steps) : Math.floor(steps + draw());
      data[i] = Math.min(most, Math.max(-most - 1, whole)) / scale;
    }
  }
}
