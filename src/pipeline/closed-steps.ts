// Contended waves between two ends of services: simulated one by one until they repeat, then whole periods at once.

import { InvariantError } from '../kernel/index.js';
import type { Chains } from './chains.js';
import { PeriodLog } from './period-log.js';
import { Pile } from './pile.js';
import { WaveLog } from './wave-log.js';
import { WavePeriods, type WaveState } from './wave-periods.js';

/** Beyond this doubles would no longer be exact once a latency is added. */
const LAST_TICK = 2 ** 52;

/**
 * Waves at the stops of all chains. Of each stop the next arrival is known and those behind it wait in its pile; the
 * earliest of all (of equals, the first in order of stages and chains) is taken, as the event queue would. Every
 * arrival is noted in a log; where the log repeats, periods are added instead (docs/kernel.md). Indexes: stage, unit.
 */
export class ClosedSteps {
  readonly #chains: Chains;
  readonly #ends: (stage: number, at: number) => void;
  readonly #log = new WaveLog();
  readonly #state: WaveState;
  readonly #periods: WavePeriods;
  /** Jumps over periods since the log was restarted, and what they repeat. */
  readonly #jumps = new PeriodLog(this.#log);
  readonly #longPeriods: WavePeriods;
  /** Units with an arrival to come, a binary heap by arrival and unit. */
  readonly #heap: Int32Array;
  /** The arrivals of the units in the heap, place by place. */
  readonly #arrivals: Float64Array;
  #size = 0;
  /** 1 for units that were found in the heap, while it is made anew. */
  readonly #listed: Uint8Array;
  readonly #entered: Float64Array;
  readonly #waited: Float64Array;
  /** Waiting that is too large for doubles. */
  readonly #largeWaits: bigint[];
  #steps = 0;

  /** @param ends hears when a service is known to end: stage and tick. */
  constructor(chains: Chains, servers: number, ends: (stage: number, at: number) => void) {
    const units = chains.unitStage.length;
    const stages = chains.waves.length;
    this.#chains = chains;
    this.#ends = ends;
    this.#heap = new Int32Array(units);
    this.#arrivals = new Float64Array(units);
    this.#listed = new Uint8Array(units);
    this.#entered = new Float64Array(units);
    this.#waited = new Float64Array(units);
    this.#largeWaits = Array.from({ length: units }, () => 0n);
    this.#state = {
      next: new Float64Array(units).fill(Infinity),
      piles: Array.from({ length: units }, () => new Pile()),
      freeAt: new Float64Array(servers),
      ownNext: new Float64Array(units),
      runFree: new Float64Array(units),
      toEnter: new Float64Array(stages),
      toLeave: new Float64Array(stages),
    };
    this.#periods = new WavePeriods(chains, this.#state, this.#log);
    this.#longPeriods = new WavePeriods(chains, this.#state, this.#jumps.full);
  }

  /** True where no wave is to come. */
  get idle(): boolean {
    return this.#size === 0;
  }

  /** Arrivals that were simulated one by one. */
  get steps(): number {
    return this.#steps;
  }

  /** A service begins: its first wave enters the chain at tick `now`. */
  begin(stage: number, now: number): void {
    const { waves, firstStop, lead } = this.#chains;
    const first = firstStop[stage]!;
    this.#state.toEnter[stage] = waves[stage]!;
    this.#state.toLeave[stage] = waves[stage]!;
    this.#state.next[first] = now + lead[stage]!;
    this.#insert(first);
    this.#restart();
  }

  /** Simulates all arrivals before tick `limit`, or before the first end of a service that they lead to. */
  run(limit: number): void {
    const { next, piles, freeAt, ownNext, runFree, toEnter, toLeave } = this.#state;
    const { unitStage, unitServer, latency, interval, firstStop, nextStop, lead, leadInterval } = this.#chains;
    const { serial, runLatency, runInterval } = this.#chains;
    const log = this.#log;
    let end = limit;
    while (this.#size > 0) {
      const k = this.#heap[0]!;
      const at = this.#arrivals[0]!;
      if (at >= end) return;
      if (at > LAST_TICK) throw new InvariantError(`a wave arrives at ${at}, expected at most ${LAST_TICK}`);
      const stage = unitStage[k]!;
      const server = unitServer[k]!;
      const free = freeAt[server]!;
      const own = ownNext[k]!;
      const start = free > at ? free : at;
      const after = start + interval[k]!;
      freeAt[server] = after;
      ownNext[k] = after;
      const waited = start - (own > at ? own : at);
      let leaves = start + latency[k]!;
      const run = runFree[k]!;
      if (runLatency[k]! >= 0) {
        if (run > leaves) leaves = run;
        runFree[k] = leaves + runInterval[k]!;
        log.note(k, at, free, own, run, start, leaves);
        leaves += runLatency[k]!;
      } else {
        log.note(k, at, free, own, run, start, leaves);
      }
      this.#entered[k]!++;
      if ((this.#waited[k]! += waited) > LAST_TICK) this.#spill(k);
      this.#steps++;

      const isFirst = k === firstStop[stage];
      if (isFirst && --toEnter[stage]! > 0 && serial[stage] === 0) {
        next[k] = leadInterval[stage]! < 0 ? after : at + leadInterval[stage]!;
        this.#sink(0);
      } else if (!isFirst && piles[k]!.shift() > 0) {
        next[k] = piles[k]!.first;
        this.#sink(0);
      } else {
        this.#removeTop();
      }
      if (isFirst && toEnter[stage] === 0) this.#restart();

      const stop = nextStop[k]!;
      if (stop >= 0) this.#follow(stop, leaves);
      else if (--toLeave[stage]! === 0) {
        this.#restart();
        this.#ends(stage, leaves);
        if (leaves < end) end = leaves;
      } else if (serial[stage] === 1) {
        const first = firstStop[stage]!;
        next[first] = leaves + lead[stage]!;
        this.#insert(first);
      }
      if (log.due && !this.#jump(end) && log.full) this.#restart();
    }
  }

  /** Hands over what was counted since: waves that entered unit `k`, ticks that they waited. */
  settle(take: (k: number, entered: number, waited: bigint) => void): void {
    for (let k = 0; k < this.#entered.length; k++) {
      const jumped = this.#largeWaits[k]!;
      if (this.#entered[k] === 0 && jumped === 0n) continue;
      take(k, this.#entered[k]!, jumped + BigInt(this.#waited[k]!));
      this.#entered[k] = 0;
      this.#waited[k] = 0;
      this.#largeWaits[k] = 0n;
    }
  }

  /** The counters here that decide the future. `busy`: the stage is in a service. */
  counts(busy: (stage: number) => boolean, counts: number[]): void {
    const { piles, toEnter, toLeave } = this.#state;
    for (let s = 0; s < toEnter.length; s++) if (busy(s)) counts.push(toEnter[s]!, toLeave[s]!);
    for (const pile of piles) counts.push(pile.length);
  }

  /** The times here that decide the future, relative to `now`. */
  times(now: number, times: number[]): void {
    const { next, freeAt, ownNext, runFree } = this.#state;
    for (const free of freeAt) times.push(free > now ? free - now : 0);
    for (let k = 0; k < next.length; k++) {
      times.push(Math.max(0, ownNext[k]! - now), Math.max(0, runFree[k]! - now));
      times.push(next[k] === Infinity ? -1 : next[k]! - now);
    }
  }

  /** All arrivals that are known at stops behind the first, relative to `now`; there may be tens of thousands. */
  queues(now: number): Float64Array {
    const { piles } = this.#state;
    const times = new Float64Array(piles.reduce((sum, { length }) => sum + length, 0));
    let t = 0;
    for (const pile of piles) {
      pile.write(times, t, now);
      t += pile.length;
    }
    return times;
  }

  /** Follows a rebase of the clock by `ticks`. */
  shift(ticks: number): void {
    const { next, piles, freeAt, ownNext, runFree } = this.#state;
    for (const times of [freeAt, ownNext, runFree])
      for (let i = 0; i < times.length; i++) times[i] = Math.max(0, times[i]! - ticks);
    for (let k = 0; k < next.length; k++) {
      next[k]! -= ticks;
      this.#arrivals[k]! -= ticks;
      piles[k]!.add(-ticks);
    }
    this.#restart();
  }

  /** What comes is not to be compared with what was. */
  #restart(): void {
    this.#log.restart();
    this.#jumps.restart();
  }

  /** Moves the ticks waited at unit `k` where they fit before they outgrow doubles. */
  #spill(k: number): void {
    this.#largeWaits[k]! += BigInt(this.#waited[k]!);
    this.#waited[k] = 0;
  }

  /** A wave will reach stop `k` at tick `at`, behind those that are on their way to it. */
  #follow(k: number, at: number): void {
    if (this.#state.piles[k]!.push(at) > 1) return;
    this.#state.next[k] = at;
    this.#insert(k);
  }

  /** Adds what is sure to come before tick `end`, by the logs of arrivals and of jumps; false where nothing is. */
  #jump(end: number): boolean {
    const period = this.#log.period();
    const periods = period === 0 ? 0 : this.#add(this.#periods, period, end);
    if (periods === 0) return false;
    const long = this.#jumps.note(period, periods) ? this.#jumps.longPeriod() : 0;
    if (long > 0 && this.#add(this.#longPeriods, long, end) > 0) this.#restart();
    else if (!this.#log.cut()) this.#restart();
    return true;
  }

  /** Adds as many periods of `period` arrivals as are sure to come before tick `end`; returns how many. */
  #add(waves: WavePeriods, period: number, end: number): number {
    const heap = this.#heap;
    const periods = waves.bound(period, Math.min(end, LAST_TICK), heap.subarray(0, this.#size));
    if (!(periods >= 1)) return 0;
    waves.apply(periods, this.#countJumped);
    // Arrivals may have come to stops that had none, or gone.
    const { next } = this.#state;
    let size = 0;
    this.#listed.fill(0);
    for (let i = 0; i < this.#size; i++) {
      this.#listed[heap[i]!] = 1;
      if (next[heap[i]!] !== Infinity) heap[size++] = heap[i]!;
    }
    const { nextStop } = this.#chains;
    for (const k of waves.units) {
      size = this.#include(k, size);
      if (nextStop[k]! >= 0) size = this.#include(nextStop[k]!, size);
    }
    this.#size = size;
    for (let i = size - 1; i >= 0; i--) this.#sink(i);
    return periods;
  }

  readonly #countJumped = (k: number, entered: number, waited: number, waitedMore: bigint): void => {
    this.#entered[k]! += entered;
    if ((this.#waited[k]! += waited) > LAST_TICK) this.#spill(k);
    if (waitedMore !== 0n) this.#largeWaits[k]! += waitedMore;
  };

  /** Puts unit `k` behind the first `size` of the heap where it has an arrival to come and is not listed yet. */
  #include(k: number, size: number): number {
    if (this.#listed[k] === 1 || this.#state.next[k] === Infinity) return size;
    this.#listed[k] = 1;
    this.#heap[size] = k;
    return size + 1;
  }

  #insert(k: number): void {
    const heap = this.#heap;
    const arrivals = this.#arrivals;
    const at = this.#state.next[k]!;
    let hole = this.#size++;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const later = arrivals[parent]!;
      if (later < at || (later === at && heap[parent]! < k)) break;
      heap[hole] = heap[parent]!;
      arrivals[hole] = later;
      hole = parent;
    }
    heap[hole] = k;
    arrivals[hole] = at;
  }

  #removeTop(): void {
    this.#state.next[this.#heap[0]!] = Infinity;
    this.#heap[0] = this.#heap[--this.#size]!;
    this.#sink(0);
  }

  /** Puts the unit at place `from` where it belongs, by its next arrival. */
  #sink(from: number): void {
    const heap = this.#heap;
    const arrivals = this.#arrivals;
    const size = this.#size;
    if (size === 0) return;
    const k = heap[from]!;
    const at = this.#state.next[k]!;
    let hole = from;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= size) break;
      let first = arrivals[child]!;
      if (child + 1 < size) {
        const second = arrivals[child + 1]!;
        if (second < first || (second === first && heap[child + 1]! < heap[child]!)) {
          child++;
          first = second;
        }
      }
      if (at < first || (at === first && k < heap[child]!)) break;
      heap[hole] = heap[child]!;
      arrivals[hole] = first;
      hole = child;
    }
    heap[hole] = k;
    arrivals[hole] = at;
  }
}
