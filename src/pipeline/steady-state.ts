// Exact jumps: when a state recurs, what follows repeats, so whole periods are added instead of simulated
// (docs/model.md section 6).

import type { StageBank } from './stage-bank.js';

/** No state beside the bank's. */
export const NOTHING = (): readonly number[] => [];

/** The anchor moves on once it has been compared for this share of all visits so far. */
const PATIENCE = 1 / 4;

interface Anchor {
  glance: number;
  counts: readonly number[];
  times: readonly number[];
  queues: Float64Array;
  image: number;
  time: bigint;
  sums: bigint[];
}

/**
 * Watches the states of a run at comparable moments for one that comes back (Brent's cycle search: one state is kept
 * and compared with
 * all that follow, and a later one takes its place now and then, so that a period of any length is found without
 * storing the states).
 * What came between is one period: as many of them as fit are added to the totals, and the run ends so much earlier.
 */
export class SteadyState {
  readonly #bank: StageBank;
  #anchor: Anchor | null = null;
  #visits = 0;
  #anchoredAt = 0;
  #done: boolean;
  /** Images that the last stage had started when the search began: while it waits for one, no state comes back. */
  #startedLast: number;
  /** Images of a batch where the run may end with a period of one; 0. */
  readonly #batch: number;

  /**
   * @param batch where states are visited when a batch opens and nothing else of an older one is to come: its images.
   * The last batch is then like those before, but for what waits for the next.
   */
  constructor(bank: StageBank, batch = 0) {
    this.#bank = bank;
    this.#batch = batch;
    this.#done = bank.exact;
    this.#startedLast = bank.startedLast;
  }

  /** Keeps the state in which the run starts: the first period may lead back to it. */
  start(): void {
    if (!this.#done) this.#anchor = this.#present(this.#bank.counts([]));
  }

  /** What was seen before no longer leads to what comes (a new batch has opened). */
  restart(): void {
    this.#anchor = null;
    this.#visits = 0;
    this.#done = this.#bank.exact;
    this.#startedLast = this.#bank.startedLast;
  }

  /**
   * Looks at the present state. `settle` brings pending sums up to now, `extra` is state that the bank does not hold,
   * and `end` is the image before which nothing but the stages' own state decides what happens: at least one image
   * short of it is simulated, unless periods of one batch lead to the end of the run.
   * @returns images that need no longer be simulated; the flow has so many fewer, nothing else has moved.
   */
  visit(settle: () => void, extra: () => readonly number[], end: number): number {
    if (this.#done) return 0;
    const bank = this.#bank;
    if (bank.startedLast === this.#startedLast) return 0;
    const furthest = bank.furthestImage();
    const left = end - furthest;
    if (left < (this.#batch > 0 ? 1 : 2)) return 0;
    this.#visits++;
    const anchor = this.#anchor;
    if (
      anchor !== null &&
      anchor.glance === bank.glance() &&
      equal(anchor.counts, bank.counts(extra())) &&
      equal(anchor.times, bank.times()) &&
      equal(anchor.queues, bank.queues())
    ) {
      this.#done = true;
      settle();
      bank.settle();
      const { image, time, sums } = anchor;
      const period = bank.image - image;
      const whole = period === this.#batch && furthest === bank.started(0);
      const periods = Math.floor((whole ? left : left - 1) / period);
      if (periods > 0) bank.jump(periods, period, time, sums);
      return periods * period;
    }
    if (anchor === null || this.#visits - this.#anchoredAt > PATIENCE * this.#anchoredAt) {
      settle();
      bank.settle();
      this.#anchor = this.#present(bank.counts(extra()));
      this.#anchoredAt = this.#visits;
    }
    return 0;
  }

  #present(counts: readonly number[]): Anchor {
    const bank = this.#bank;
    return {
      glance: bank.glance(),
      counts,
      times: bank.times(),
      queues: bank.queues(),
      image: bank.image,
      time: bank.simulator.time,
      sums: bank.sums.snapshot(),
    };
  }
}

function equal(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
