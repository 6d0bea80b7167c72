// How often a period of contended waves is sure to repeat, and what it adds. Times between them change as straight
// lines, so a comparison that came out one way goes on to do so until its line crosses zero.

import type { Chains } from './chains.js';
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

/** Periods that will come for sure. */
export interface WavePlan {
  periods: number;
  /** Moves the state over them and tells, for each unit, waves that entered and ticks that they waited. */
  apply(count: (k: number, entered: number, waited: bigint) => void): void;
}

/** The arrivals of a period at a unit: their places in the log, in order. */
type Places = Map<number, number[]>;

/**
 * Bounds how often the last `period` arrivals of the log repeat before tick `end`; null where they do not.
 *
 * The state moves from period to period by the same ticks (the log has seen that twice), and every time in a period is
 * one of the state's plus a constant, as long as each comparison comes out as before. Compared are: arrivals with each
 * other (their order), with the servers, the stage's own last wave and the run of units behind (the later counts), and
 * counters of waves with zero. All are straight lines in the number of periods, so each gives a bound.
 */
export function boundPeriods(
  chains: Chains,
  state: WaveState,
  log: WaveLog,
  period: number,
  end: number,
): WavePlan | null {
  const from = log.count - period;
  const last = log.count - 1;
  const places = placesOf(log, from);
  const moved = (times: Float64Array, i: number): number => times[i]! - times[i - period]!;
  let periods = beforeLimit(log.at[last]!, moved(log.at, last), end);
  const bound = (most: number): void => {
    if (most < periods) periods = most;
  };

  for (let i = from; i <= last; i++) {
    const at = log.at[i]!;
    const pace = moved(log.at, i);
    bound(sameSide(log.free[i]! - at, moved(log.free, i) - pace));
    const ahead = log.own[i]! - at;
    const before = ahead - moved(log.own, i) + pace;
    if (ahead * before < 0) return null;
    bound(sameSide(ahead, ahead - before));
    const k = log.unit[i]!;
    if (chains.runLatency[k]! >= 0) {
      const result = log.start[i]! + chains.latency[k]!;
      bound(sameSide(log.run[i]! - result, moved(log.run, i) - moved(log.start, i)));
    }
    const follower = i < last ? i + 1 : from;
    const gap = log.at[follower]! + (i < last ? 0 : moved(log.at, from)) - at;
    const least = log.unit[follower]! < k ? 1 : 0;
    // In the period after the last one too: what comes in it is pending before.
    bound(staysAbove(gap - least, moved(log.at, follower) - pace) - 1);
  }
  for (let k = 0; k < state.next.length && periods > 0; k++) {
    const next = state.next[k]!;
    const own = places.get(k);
    if (own === undefined) {
      // It waits for its time, which does not move.
      if (next !== Infinity) bound(beforeLimit(log.at[last]!, moved(log.at, last), next));
      continue;
    }
    if (next !== Infinity && next !== log.at[own[0]!]! + moved(log.at, own[0]!)) return null;
    const stage = chains.unitStage[k]!;
    if (k === chains.firstStop[stage]) bound(Math.floor((state.toEnter[stage]! - 1) / own.length));
    if (chains.nextStop[k]! < 0) bound(Math.floor((state.toLeave[stage]! - 1) / own.length));
  }
  const kept = new Set<number>();
  for (const [k, own] of places) {
    const before = chains.previousStop[k]!;
    if (before < 0) continue;
    const { lasts, most } = pileLasts(state.piles[k]!, log, period, own, places.get(before) ?? []);
    if (lasts) kept.add(k);
    else bound(most);
  }
  if (!(periods >= 1 && periods < Infinity)) return null;
  return {
    periods,
    apply: (count) => {
      move(chains, state, log, period, periods, places, kept, count);
    },
  };
}

function placesOf(log: WaveLog, from: number): Places {
  const places: Places = new Map();
  for (let i = from; i < log.count; i++) {
    const own = places.get(log.unit[i]!);
    if (own === undefined) places.set(log.unit[i]!, [i]);
    else own.push(i);
  }
  return places;
}

/** Periods that an arrival at `at`, later by `pace` each, comes before `limit`. */
function beforeLimit(at: number, pace: number, limit: number): number {
  if (limit === Infinity) return Infinity;
  return pace > 0 ? Math.floor((limit - 1 - at) / pace) : Infinity;
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

/**
 * Whether the pile of a stop, from which each period takes the arrivals at `own` and to which it adds those that left
 * at `before`, repeats for ever; else for how many periods what it now holds does (and one arrival more: the next to
 * come must not come before its turn).
 */
function pileLasts(
  pile: Pile,
  log: WaveLog,
  period: number,
  own: readonly number[],
  before: readonly number[],
): { lasts: boolean; most: number } {
  const pace = (place: number): number => log.at[place]! - log.at[place - period]!;
  const taken = own.length;
  for (let i = 0; i < pile.length; i++) {
    const place = own[i % taken]!;
    if (pile.at(i) !== log.at[place]! + (1 + Math.floor(i / taken)) * pace(place))
      return { lasts: false, most: Math.floor((i - 1) / taken) };
  }
  const lasts =
    before.length === taken &&
    before.every(
      (place, i) => log.leaves[place]! - log.leaves[place - period]! === pace(own[(pile.length + i) % taken]!),
    );
  return { lasts, most: Math.floor((pile.length - 1) / taken) };
}

function move(
  chains: Chains,
  state: WaveState,
  log: WaveLog,
  period: number,
  periods: number,
  places: Places,
  kept: ReadonlySet<number>,
  count: (k: number, entered: number, waited: bigint) => void,
): void {
  const moved = (times: Float64Array, i: number): number => periods * (times[i]! - times[i - period]!);
  for (let i = log.count - period; i < log.count; i++) {
    const k = log.unit[i]!;
    const free = log.start[i]! + chains.interval[k]! + moved(log.start, i);
    state.freeAt[chains.unitServer[k]!] = free;
    state.ownNext[k] = free;
    if (chains.runLatency[k]! >= 0) state.runFree[k] = log.leaves[i]! + chains.runInterval[k]! + moved(log.leaves, i);
  }
  for (const [k, own] of places) {
    const stage = chains.unitStage[k]!;
    if (k === chains.firstStop[stage]) {
      state.toEnter[stage]! -= periods * own.length;
      state.next[k]! += moved(log.at, own[0]!);
    }
    if (chains.nextStop[k]! < 0) state.toLeave[stage]! -= periods * own.length;
    count(k, periods * own.length, waitedIn(log, period, own, BigInt(periods)));
  }
  movePiles(chains, state, log, period, periods, places, kept);
}

/** Ticks that the arrivals at `own` wait in `periods` further periods: an arithmetic series each. */
function waitedIn(log: WaveLog, period: number, own: readonly number[], periods: bigint): bigint {
  const waited = (i: number): number => log.start[i]! - Math.max(log.own[i]!, log.at[i]!);
  let once = 0;
  let growth = 0;
  for (const i of own) {
    once += waited(i);
    growth += waited(i) - waited(i - period);
  }
  return periods * BigInt(once) + ((periods * (periods + 1n)) / 2n) * BigInt(growth);
}

function movePiles(
  chains: Chains,
  state: WaveState,
  log: WaveLog,
  period: number,
  periods: number,
  places: Places,
  kept: ReadonlySet<number>,
): void {
  for (let k = 0; k < state.piles.length; k++) {
    const previous = chains.previousStop[k]!;
    if (previous < 0) continue;
    const own = places.get(k) ?? [];
    const before = places.get(previous) ?? [];
    if (own.length === 0 && before.length === 0) continue;
    const pile = state.piles[k]!;
    if (kept.has(k)) {
      for (let i = 0; i < pile.length; i++) {
        const place = own[i % own.length]!;
        pile.move(i, periods * (log.at[place]! - log.at[place - period]!));
      }
    } else {
      pile.shift(periods * own.length);
      const run = Math.max(0, chains.runLatency[previous]!);
      for (let n = 1; n <= periods; n++)
        for (const place of before)
          pile.push(log.leaves[place]! + run + n * (log.leaves[place]! - log.leaves[place - period]!));
    }
    state.next[k] = pile.length > 0 ? pile.first : Infinity;
  }
}
