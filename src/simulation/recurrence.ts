// Exact jumps: when a state recurs, what follows repeats, so whole periods are added instead of simulated (model.md section 6).

import type { StageBank } from './stage-bank.js';

/** States remembered before the search for a period is given up. */
const MOST_STATES = 4096;

interface Anchor {
  key: string;
  image: number;
  time: bigint;
  sums: bigint[];
}

/**
 * Watches the states of a run at comparable moments. The second time a state is seen its totals are noted;
 * the third time the difference is one period, and as many periods are skipped as leave at least one image to simulate.
 */
export class Recurrence {
  readonly #bank: StageBank;
  readonly #seen = new Set<string>();
  #anchor: Anchor | null = null;
  #done: boolean;

  constructor(bank: StageBank) {
    this.#bank = bank;
    this.#done = bank.exact;
  }

  /**
   * Looks at the present state; `settle` brings pending sums up to now, `extra` is state that the bank does not hold.
   * @returns images skipped, 0 for none.
   */
  visit(settle: () => void, extra: readonly number[]): number {
    if (this.#done) return 0;
    const bank = this.#bank;
    const key = bank.stateKey(extra);
    if (this.#anchor?.key !== key) {
      if (this.#anchor === null && this.#seen.has(key)) {
        settle();
        bank.settle();
        this.#anchor = { key, image: bank.started[0]!, time: this.#time(), sums: bank.sums.snapshot() };
      } else if (this.#seen.size < MOST_STATES) {
        this.#seen.add(key);
      } else {
        this.#done = true;
      }
      return 0;
    }
    this.#done = true;
    settle();
    bank.settle();
    const { image, time, sums } = this.#anchor;
    const period = bank.started[0]! - image;
    const last = bank.flow.stages.reduce((most, stage, s) => (stage.serves === 'image' ? Math.max(most, bank.started[s]!) : most), 0);
    const periods = Math.floor((bank.flow.images - 1 - last) / period);
    if (periods <= 0) return 0;
    bank.sums.repeatSince(sums, BigInt(periods));
    bank.base += BigInt(periods) * (this.#time() - time);
    bank.skipImages(periods * period, periods);
    return periods * period;
  }

  #time(): bigint {
    return this.#bank.base + BigInt(this.#bank.simulator.now);
  }
}
