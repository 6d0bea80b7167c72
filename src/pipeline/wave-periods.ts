// How often a period of contended waves is sure to repeat, and what it adds. Times change from one to the next along
// straight lines, so a comparison that came out one way goes on to do so until its line crosses zero.

import type { Chains } from './chains.js';
import { ArrivalRun } from './arrival-run.js';
import type { Pile } from './pile.js';
import type { WaveLog } from './wave-log.js';

/** What decides the waves to come, in ticks. Indexes: unit (flat over all chains), server, stage. */
export interface WaveState {
  /** The next arrival at each unit; Infinity where there is none. */
  next: Float64Array;
  /** At stops behind the first: all arrivals that are known, the next one among them. */
  piles: Pile[];
  freeAt: Float64Array;
  ownNext: Float64Array;
  runFree: Float64Array;
  toEnter: Float64Array;
  toLeave: Float64Array;
}

/**
 * Reads the last arrivals of a log as a period. The state moves from period to period by the same ticks (the log has
 * seen that twice), and every time in a period is one of the state's plus a constant, as long as each comparison comes
 * out as before. Compared are: arrivals with each other (their order), with the servers, the stage's own last wave and
 * the run of units behind (the later counts), and counters of waves with zero. All are straight lines in the number of
 * periods, so each gives a bound.
 */
export class WavePeriods {
  readonly #chains: Chains;
  readonly #state: WaveState;
  readonly #log: WaveLog;
  #period = 0;
  /** Units of the period in the order of their first arrivals. */
  readonly #units: Int32Array;
  #unitCount = 0;
  /** Arrivals of each unit in the period, and where their places in the log stand in `#places`. */
  readonly #count: Int32Array;
  readonly #first: Int32Array;
  #places: Int32Array;
  /** 1 where the pile of a stop is as it was after each period, and only moves. */
  readonly #steady: Uint8Array;
  /** What a pile must hold. */
  readonly #pattern = new ArrivalRun(0, 0);

  constructor(chains: Chains, state: WaveState, log: WaveLog) {
    const units = chains.unitStage.length;
    this.#chains = chains;
    this.#state = state;
    this.#log = log;
    this.#units = new Int32Array(units);
    this.#count = new Int32Array(units);
    this.#first = new Int32Array(units);
    this.#places = new Int32Array(log.unit.length);
    this.#steady = new Uint8Array(units);
  }

  /** The units of the period. */
  get units(): Int32Array {
    return this.#units.subarray(0, this.#unitCount);
  }

  /**
   * How often the last `period` arrivals of the log repeat before tick `end`; less than 1 where they do not.
   * @param pending units with an arrival to come.
   */
  bound(period: number, end: number, pending: Int32Array): number {
    const log = this.#log;
    this.#read(period);
    const last = log.count - 1;
    let periods = beforeLimit(log.at[last]!, this.#pace(log.at, last), end);
    for (let p = 0; p < pending.length && periods >= 1; p++) periods = Math.min(periods, this.#boundNext(pending[p]!));
    for (let u = 0; u < this.#unitCount && periods >= 1; u++)
      periods = Math.min(periods, this.#boundWaves(this.#units[u]!));
    for (let i = log.count - period; i <= last && periods >= 1; i++)
      periods = Math.min(periods, this.#boundArrival(i), this.#boundOrder(i));
    for (let u = 0; u < this.#unitCount && periods >= 1; u++) periods = this.#boundPile(this.#units[u]!, periods);
    return periods < Infinity ? periods : 0;
  }

  /** Moves the state over `periods` periods; `count` hears, for each unit, what waves entered and what they waited. */
  apply(periods: number, count: (k: number, entered: number, waited: number, waitedMore: bigint) => void): void {
    const { freeAt, ownNext, runFree, next, toEnter, toLeave } = this.#state;
    const { unitServer, unitStage, interval, runLatency, runInterval, firstStop, nextStop } = this.#chains;
    const log = this.#log;
    for (let i = log.count - this.#period; i < log.count; i++) {
      const k = log.unit[i]!;
      const free = log.start[i]! + interval[k]! + periods * this.#pace(log.start, i);
      freeAt[unitServer[k]!] = free;
      ownNext[k] = free;
      if (runLatency[k]! >= 0) runFree[k] = log.leaves[i]! + runInterval[k]! + periods * this.#pace(log.leaves, i);
    }
    for (let u = 0; u < this.#unitCount; u++) {
      const k = this.#units[u]!;
      const stage = unitStage[k]!;
      const waves = periods * this.#count[k]!;
      if (k === firstStop[stage]) {
        toEnter[stage]! -= waves;
        next[k]! += periods * this.#pace(log.at, this.#place(k, 0));
      }
      if (nextStop[k]! < 0) toLeave[stage]! -= waves;
      this.#wait(k, periods, count);
    }
    for (let u = 0; u < this.#unitCount; u++) {
      const k = this.#units[u]!;
      if (this.#chains.previousStop[k]! >= 0) this.#movePile(k, periods);
      const stop = nextStop[k]!;
      if (stop >= 0 && this.#count[stop] === 0) this.#movePile(stop, periods);
    }
  }

  /** Sorts the arrivals of the period by unit. */
  #read(period: number): void {
    const log = this.#log;
    for (let u = 0; u < this.#unitCount; u++) this.#count[this.#units[u]!] = 0;
    this.#unitCount = 0;
    this.#period = period;
    const from = log.count - period;
    for (let i = from; i < log.count; i++) {
      const k = log.unit[i]!;
      if (this.#count[k]!++ === 0) this.#units[this.#unitCount++] = k;
    }
    if (this.#places.length < period) this.#places = new Int32Array(log.unit.length);
    let place = 0;
    for (let u = 0; u < this.#unitCount; u++) {
      const k = this.#units[u]!;
      this.#first[k] = place;
      place += this.#count[k]!;
      this.#count[k] = 0;
    }
    for (let i = from; i < log.count; i++) {
      const k = log.unit[i]!;
      this.#places[this.#first[k]! + this.#count[k]!++] = i;
    }
  }

  /** Place in the log of the unit's n-th arrival in the period. */
  #place(k: number, n: number): number {
    return this.#places[this.#first[k]! + n]!;
  }

  /** Ticks by which a time of the log was later than a period before. */
  #pace(times: Float64Array, i: number): number {
    return times[i]! - times[i - this.#period]!;
  }

  /** An arrival that is no part of the period waits for its time, which does not move; others must be as foreseen. */
  #boundNext(k: number): number {
    const log = this.#log;
    const next = this.#state.next[k]!;
    const last = log.count - 1;
    if (this.#count[k] === 0) return beforeLimit(log.at[last]!, this.#pace(log.at, last), next);
    const place = this.#place(k, 0);
    return next === log.at[place]! + this.#pace(log.at, place) ? Infinity : 0;
  }

  /** A wave is left to enter, and one to leave. */
  #boundWaves(k: number): number {
    const { unitStage, firstStop, nextStop } = this.#chains;
    const stage = unitStage[k]!;
    let periods = Infinity;
    if (k === firstStop[stage]) periods = Math.floor((this.#state.toEnter[stage]! - 1) / this.#count[k]!);
    if (nextStop[k]! < 0) periods = Math.min(periods, Math.floor((this.#state.toLeave[stage]! - 1) / this.#count[k]!));
    return periods;
  }

  /** Server, own last wave and run are each as much later or earlier than the wave as to count or not to. */
  #boundArrival(i: number): number {
    const log = this.#log;
    const k = log.unit[i]!;
    const at = log.at[i]!;
    const pace = this.#pace(log.at, i);
    const ahead = log.own[i]! - at;
    const growth = this.#pace(log.own, i) - pace;
    // Only the later of the two is known to move along a line; which one it is must be so since the period before.
    if (ahead * (ahead - growth) < 0) return 0;
    let periods = Math.min(sameSide(ahead, growth), sameSide(log.free[i]! - at, this.#pace(log.free, i) - pace));
    if (this.#chains.runLatency[k]! >= 0) {
      const slack = log.run[i]! - log.start[i]! - this.#chains.latency[k]!;
      periods = Math.min(periods, sameSide(slack, this.#pace(log.run, i) - this.#pace(log.start, i)));
    }
    return periods;
  }

  /** The arrival comes before the next one, in the period after the last too: what comes in it is pending before. */
  #boundOrder(i: number): number {
    const log = this.#log;
    const wraps = i === log.count - 1;
    const follower = wraps ? log.count - this.#period : i + 1;
    const pace = this.#pace(log.at, follower);
    const gap = log.at[follower]! + (wraps ? pace : 0) - log.at[i]!;
    const least = log.unit[follower]! < log.unit[i]! ? 1 : 0;
    return staysAbove(gap - least, pace - this.#pace(log.at, i)) - 1;
  }

  /**
   * At most `periods`, as far as the pile of the stop holds what the period takes (and one arrival more: the next to
   * come must not come before its turn), or for ever where each period puts into it what it takes.
   */
  #boundPile(k: number, periods: number): number {
    const before = this.#chains.previousStop[k]!;
    this.#steady[k] = 0;
    if (before < 0) return periods;
    const log = this.#log;
    const pile = this.#state.piles[k]!;
    const taken = this.#count[k]!;
    const looked = Math.min(pile.length, periods * taken + 1);
    const pattern = this.#pattern;
    pattern.become(taken, looked);
    for (let i = 0; i < taken; i++) {
      const place = this.#place(k, i);
      pattern.paces[i] = this.#pace(log.at, place);
      pattern.times[i] = log.at[place]! + pattern.paces[i]!;
    }
    const seen = pile.agreement(pattern, looked);
    if (seen < looked) return Math.min(periods, Math.floor((seen - 1) / taken));
    if (looked < pile.length) return periods;
    if (this.#count[before] !== taken) return Math.min(periods, Math.floor((looked - 1) / taken));
    for (let i = 0; i < taken; i++) {
      const pace = this.#pace(log.leaves, this.#place(before, i));
      if (pace !== this.#pace(log.at, this.#place(k, (looked + i) % taken)))
        return Math.min(periods, Math.floor((looked - 1) / taken));
    }
    this.#steady[k] = 1;
    return periods;
  }

  /** Ticks that the unit's waves wait in `periods` further periods: an arithmetic series for each of a period. */
  #wait(
    k: number,
    periods: number,
    count: (k: number, entered: number, waited: number, waitedMore: bigint) => void,
  ): void {
    const { start, own, at } = this.#log;
    let once = 0;
    let growth = 0;
    for (let n = 0; n < this.#count[k]!; n++) {
      const i = this.#place(k, n);
      const j = i - this.#period;
      const waited = start[i]! - Math.max(own[i]!, at[i]!);
      once += waited;
      growth += waited - start[j]! + Math.max(own[j]!, at[j]!);
    }
    const series = (periods * (periods + 1)) / 2;
    const all = periods * once + series * growth;
    const small = periods * once + series * Math.abs(growth) <= Number.MAX_SAFE_INTEGER / 1024;
    const exact = small ? 0n : BigInt(periods) * BigInt(once) + BigInt(series) * BigInt(growth);
    count(k, periods * this.#count[k]!, small ? all : 0, exact);
  }

  /** Takes from the pile of a stop and puts into it what `periods` periods do. */
  #movePile(k: number, periods: number): void {
    const log = this.#log;
    const { previousStop, runLatency } = this.#chains;
    const pile = this.#state.piles[k]!;
    const taken = this.#count[k]!;
    if (this.#steady[k] === 1 && taken > 0) {
      const moved = new ArrivalRun(Math.min(taken, pile.length), pile.length);
      for (let i = 0; i < moved.times.length; i++) {
        const place = this.#place(k, i);
        moved.paces[i] = this.#pace(log.at, place);
        moved.times[i] = log.at[place]! + (1 + periods) * moved.paces[i]!;
      }
      pile.shift(pile.length);
      pile.pushRun(moved);
    } else {
      const before = previousStop[k]!;
      const size = this.#count[before]!;
      const behind = Math.max(0, runLatency[before]!);
      pile.shift(periods * taken);
      if (size > 0) {
        const come = new ArrivalRun(size, periods * size);
        for (let i = 0; i < size; i++) {
          const place = this.#place(before, i);
          come.paces[i] = this.#pace(log.leaves, place);
          come.times[i] = log.leaves[place]! + behind + come.paces[i]!;
        }
        pile.pushRun(come);
      }
    }
    this.#state.next[k] = pile.length > 0 ? pile.first : Infinity;
  }
}

/** Periods that an arrival at `at`, later by `pace` each, comes before `limit`. */
function beforeLimit(at: number, pace: number, limit: number): number {
  return limit < Infinity && pace > 0 ? Math.floor((limit - 1 - at) / pace) : Infinity;
}

/** Periods in which `slack`, growing by `slope` each, does not pass zero. */
function sameSide(slack: number, slope: number): number {
  if (slope === 0 || (slope > 0 ? slack > 0 : slack < 0)) return Infinity;
  return Math.floor(-slack / slope);
}

/** Periods in which `slack`, growing by `slope` each, is not negative. */
function staysAbove(slack: number, slope: number): number {
  if (slack < 0) return 0;
  return slope < 0 ? Math.floor(slack / -slope) : Infinity;
}
