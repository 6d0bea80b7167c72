// How often a period of contended waves is sure to repeat, and what it adds. Times change from one to the next along
// straight lines, so a comparison that came out one way goes on to do so until its line crosses zero.

import { KEY, advance, earliest, insert, remove } from '../wheels';
import {
  COUNT, ENTERED, FILLED, FREE, INTERVAL, LATENCY, LOOKED, NEXT, NONE, OWN_NEXT, PLACES, PREVIOUS, RUN_FREE,
  RUN_INTERVAL, RUN_LATENCY, SEEN, SERVER, STAGE, STEADY, TO_ENTER, TO_LEAVE, WAITED, arrivalAt, room,
} from './columns';
import { AT, ENTRY, FREE_AT, LEAVES, OWN_AT, RUN_AT, START } from './log';
import { agreement, dropRun, first, lengthOf, newRun, pushRun, setArrival, shiftBy } from './piles';

const FOREVER: i64 = i64.MAX_VALUE;
/** Periods of fewer arrivals in all are not worth a jump. */
const LEAST: i64 = 4;

/** The period: where it begins and ends in a log, how far before it the one before stands. */
let begin: usize = 0;
let end: usize = 0;
let stride: usize = 0;
/** Its stops in the order of their first arrivals, and the places of all its arrivals, stop by stop. */
let units: usize = 0;
let unitsEnd: usize = 0;
let places: usize = 0;
/** Counts the looks for a period, so that a server and a stop are seen once in each. */
let looks: u64 = 0;

/** @param stopCount stops; @param longest arrivals of a period at most. */
export function newPeriods(stopCount: i32, longest: i32): void {
  units = unitsEnd = room(<usize>stopCount << 2);
  places = room(<usize>longest << 2);
}

/** Ticks by which a time of the period was later than one before. */
// @ts-ignore: decorator
@inline
function pace(entry: usize, field: usize): i64 {
  return load<i64>(entry + field) - load<i64>(entry - stride + field);
}

/** Place in the log of a stop's n-th arrival in the period. */
// @ts-ignore: decorator
@inline
function nthOf(stop: usize, n: i32): usize {
  return <usize>load<u32>(<usize>load<u32>(stop, PLACES) + (<usize>n << 2));
}

/**
 * How often the `period` arrivals before `to` in a log repeat before tick `limit`; 0 where they do not. The arrivals
 * before them must be of the same stops, and both as they were simulated. Where it is not 0, `apply` must follow: the
 * stops of the period are off the wheels.
 *
 * Let S0, S1 and S2 be what all times stood at before, between and behind the two. Where each comparison came out alike
 * in both, the second did to S1 what the first did to S0: each time is one of the state's plus a constant. Where S2 -
 * S1 = S1 - S0, too, a third does it again as long as its comparisons come out so, and S3 - S2 is the same. Compared
 * are: arrivals with each other (their order), with the servers, the stage's own last wave and the run of units behind
 * (the later counts), and counters of waves with zero. All are straight lines in the number of periods, so each gives a
 * bound.
 */
export function bound(to: usize, period: i32, limit: i64): i64 {
  stride = <usize>period * ENTRY;
  begin = to - stride;
  end = to;
  const last = to - ENTRY;
  let periods = beforeLimit(load<i64>(last, AT), pace(last, AT), limit);
  if (periods < 1 || !returns(to, period)) return 0;
  for (let i = begin; i < end; i += ENTRY) {
    periods = min(periods, min(boundArrival(i), boundOrder(i)));
    if (periods < 1) return 0;
  }
  sort();
  for (let u = units; u < unitsEnd; u += 4) {
    const stop = <usize>load<u32>(u);
    periods = min(periods, boundWaves(stop));
    if (periods < 1 || !comesNext(stop)) return 0;
  }
  for (let u = units; u < unitsEnd; u += 4) if (arrivalAt(load<u32>(u)) != NONE) remove(load<u32>(u));
  periods = min(periods, boundOthers());
  // Last: piles may be long, and the fewer periods are left the less of them is looked at.
  for (let u = units; u < unitsEnd && periods >= 1; u += 4) periods = boundPile(<usize>load<u32>(u), periods);
  if (periods >= 1 && periods < FOREVER && periods * <i64>period >= LEAST) return periods;
  putBack();
  return 0;
}

/**
 * Whether what the `period` arrivals before `to` found free has moved since as it did before: of each server, stop and
 * run of units the first that came.
 */
export function returns(to: usize, period: i32): bool {
  const far = <usize>period * ENTRY;
  looks++;
  for (let i = to - far; i < to; i += ENTRY) {
    const stop = <usize>load<u32>(i);
    const server = <usize>load<u32>(stop, SERVER);
    if (load<u64>(server, SEEN) != looks) {
      store<u64>(server, looks, SEEN);
      if (!moved(i, i - far, FREE_AT, load<i64>(server, FREE))) return false;
    }
    if (load<u64>(stop, LOOKED) == looks) continue;
    store<u64>(stop, looks, LOOKED);
    if (!moved(i, i - far, OWN_AT, load<i64>(stop, OWN_NEXT))) return false;
    if (load<i64>(stop, RUN_LATENCY) >= 0 && !moved(i, i - far, RUN_AT, load<i64>(stop, RUN_FREE))) return false;
  }
  return true;
}

// @ts-ignore: decorator
@inline
function moved(i: usize, j: usize, field: usize, now: i64): bool {
  const then = load<i64>(i + field);
  return now - then == then - load<i64>(j + field);
}

/** Sorts the arrivals of the period by stop. */
function sort(): void {
  for (let u = units; u < unitsEnd; u += 4) store<i32>(<usize>load<u32>(u), 0, COUNT);
  unitsEnd = units;
  for (let i = begin; i < end; i += ENTRY) {
    const stop = <usize>load<u32>(i);
    const count = load<i32>(stop, COUNT);
    if (count == 0) {
      store<u32>(unitsEnd, <u32>stop);
      unitsEnd += 4;
    }
    store<i32>(stop, count + 1, COUNT);
  }
  let place = places;
  for (let u = units; u < unitsEnd; u += 4) {
    const stop = <usize>load<u32>(u);
    store<u32>(stop, <u32>place, PLACES);
    store<u32>(stop, <u32>place, FILLED);
    place += <usize>load<i32>(stop, COUNT) << 2;
  }
  for (let i = begin; i < end; i += ENTRY) {
    const stop = <usize>load<u32>(i);
    const to = <usize>load<u32>(stop, FILLED);
    store<u32>(to, <u32>i);
    store<u32>(stop, <u32>to + 4, FILLED);
  }
}

/** A wave is left to enter, and one to leave. */
function boundWaves(stop: usize): i64 {
  const stage = <usize>load<u32>(stop, STAGE);
  const count = <i64>load<i32>(stop, COUNT);
  let periods = FOREVER;
  if (load<u32>(stop, PREVIOUS) == 0) periods = (load<i64>(stage, TO_ENTER) - 1) / count;
  if (load<u32>(stop, NEXT) == 0) periods = min(periods, (load<i64>(stage, TO_LEAVE) - 1) / count);
  return periods;
}

/** Whether the next arrival at a stop of the period, where one is known, is as foreseen. */
function comesNext(stop: usize): bool {
  const at = arrivalAt(stop);
  const entry = nthOf(stop, 0);
  return at == NONE || at == load<i64>(entry, AT) + pace(entry, AT);
}

/** Arrivals that are no part of the period wait for their time, which does not move: the last one comes before them. */
function boundOthers(): i64 {
  const last = end - ENTRY;
  const others = earliest();
  return beforeLimit(load<i64>(last, AT), pace(last, AT), others == u64.MAX_VALUE ? FOREVER : <i64>others);
}

/** Server, own last wave and run are each as much later or earlier than the wave as to count or not to. */
function boundArrival(i: usize): i64 {
  const stop = <usize>load<u32>(i);
  const at = load<i64>(i, AT);
  const slope = pace(i, AT);
  let periods = alike(load<i64>(i, OWN_AT) - at, pace(i, OWN_AT) - slope);
  periods = min(periods, alike(load<i64>(i, FREE_AT) - at, pace(i, FREE_AT) - slope));
  if (load<i64>(stop, RUN_LATENCY) < 0) return periods;
  const slack = load<i64>(i, RUN_AT) - load<i64>(i, START) - load<i64>(stop, LATENCY);
  return min(periods, alike(slack, pace(i, RUN_AT) - pace(i, START)));
}

/** The arrival comes before the next one, in the period after the last too: what comes in it is pending before. */
function boundOrder(i: usize): i64 {
  const wraps = i == end - ENTRY;
  const follower = wraps ? begin : i + ENTRY;
  const slope = pace(follower, AT);
  const gap = load<i64>(follower, AT) + (wraps ? slope : 0) - load<i64>(i, AT);
  const least: i64 = load<u32>(follower) < load<u32>(i) ? 1 : 0;
  return staysAbove(gap - least, slope - pace(i, AT)) - 1;
}

/**
 * At most `periods`, as far as the pile of the stop holds what the period takes (and one arrival more: the next to come
 * must not come before its turn), or for ever where each period puts into it what it takes.
 */
function boundPile(stop: usize, periods: i64): i64 {
  const before = <usize>load<u32>(stop, PREVIOUS);
  store<i32>(stop, 0, STEADY);
  if (before == 0) return periods;
  const count = load<i32>(stop, COUNT);
  const each = <i64>count;
  const length = lengthOf(stop);
  // More than the pile holds where the product would be too large.
  const looked = periods > length / each ? length : min(length, periods * each + 1);
  const pattern = newRun(count, looked);
  for (let n = 0; n < count; n++) {
    const entry = nthOf(stop, n);
    const slope = pace(entry, AT);
    setArrival(pattern, n, load<i64>(entry, AT) + slope, slope);
  }
  const seen = agreement(stop, pattern, looked);
  dropRun(pattern);
  if (seen < looked) return min(periods, (seen - 1) / each);
  if (looked < length) return periods;
  if (load<i32>(before, COUNT) != count) return min(periods, (looked - 1) / each);
  let place = <i32>(looked % each);
  for (let n = 0; n < count; n++) {
    if (pace(nthOf(before, n), LEAVES) != pace(nthOf(stop, place), AT)) return min(periods, (looked - 1) / each);
    if (++place == count) place = 0;
  }
  store<i32>(stop, 1, STEADY);
  return periods;
}

/** Moves all that waves stand at over the `periods` further periods that `bound` has found. */
export function apply(periods: i64): void {
  for (let i = begin; i < end; i += ENTRY) {
    const stop = <usize>load<u32>(i);
    const free = load<i64>(i, START) + load<i64>(stop, INTERVAL) + periods * pace(i, START);
    store<i64>(<usize>load<u32>(stop, SERVER), free, FREE);
    store<i64>(stop, free, OWN_NEXT);
    if (load<i64>(stop, RUN_LATENCY) >= 0)
      store<i64>(stop, load<i64>(i, LEAVES) + load<i64>(stop, RUN_INTERVAL) + periods * pace(i, LEAVES), RUN_FREE);
  }
  for (let u = units; u < unitsEnd; u += 4) {
    const stop = <usize>load<u32>(u);
    const stage = <usize>load<u32>(stop, STAGE);
    const waves = periods * <i64>load<i32>(stop, COUNT);
    if (load<u32>(stop, PREVIOUS) == 0) {
      store<i64>(stage, load<i64>(stage, TO_ENTER) - waves, TO_ENTER);
      const at = arrivalAt(stop);
      if (at != NONE) store<i64>(stop, at + periods * pace(nthOf(stop, 0), AT), KEY);
    }
    if (load<u32>(stop, NEXT) == 0) store<i64>(stage, load<i64>(stage, TO_LEAVE) - waves, TO_LEAVE);
    store<i64>(stop, load<i64>(stop, ENTERED) + waves, ENTERED);
    wait(stop, periods);
  }
  for (let u = units; u < unitsEnd; u += 4) {
    const stop = <usize>load<u32>(u);
    const next = <usize>load<u32>(stop, NEXT);
    if (load<u32>(stop, PREVIOUS) != 0) pass(stop, periods);
    if (next != 0 && load<i32>(next, COUNT) == 0) pass(next, periods);
  }
  const last = end - ENTRY;
  advance(<u64>(load<i64>(last, AT) + periods * pace(last, AT)));
  putBack();
}

/** Puts the stops of the period on the wheels. */
function putBack(): void {
  for (let u = units; u < unitsEnd; u += 4) {
    const stop = <usize>load<u32>(u);
    const at = arrivalAt(stop);
    if (at != NONE) insert(stop, <u64>at);
  }
}

/** Ticks that the stop's waves wait in `periods` further periods: an arithmetic series for each of a period. */
function wait(stop: usize, periods: i64): void {
  let once: i64 = 0;
  let growth: i64 = 0;
  for (let n = 0; n < load<i32>(stop, COUNT); n++) {
    const i = nthOf(stop, n);
    const waited = waitOf(i);
    once += waited;
    growth += waited - waitOf(i - stride);
  }
  const all = periods * once + ((periods * (periods + 1)) >> 1) * growth;
  store<i64>(stop, load<i64>(stop, WAITED) + all, WAITED);
}

// @ts-ignore: decorator
@inline
function waitOf(i: usize): i64 {
  return load<i64>(i, START) - max(load<i64>(i, OWN_AT), load<i64>(i, AT));
}

/** Takes from the pile of a stop and puts into it what `periods` periods do. */
function pass(stop: usize, periods: i64): void {
  const count = load<i32>(stop, COUNT);
  if (count > 0 && load<i32>(stop, STEADY) == 1) {
    const length = lengthOf(stop);
    const size = <i32>min(<i64>count, length);
    const run = newRun(size, length);
    for (let n = 0; n < size; n++) {
      const entry = nthOf(stop, n);
      const slope = pace(entry, AT);
      setArrival(run, n, load<i64>(entry, AT) + (1 + periods) * slope, slope);
    }
    shiftBy(stop, length);
    pushRun(stop, run);
  } else {
    const before = <usize>load<u32>(stop, PREVIOUS);
    const size = load<i32>(before, COUNT);
    const behind = max(<i64>0, load<i64>(before, RUN_LATENCY));
    shiftBy(stop, periods * <i64>count);
    if (size > 0) {
      const run = newRun(size, periods * <i64>size);
      for (let n = 0; n < size; n++) {
        const entry = nthOf(before, n);
        const slope = pace(entry, LEAVES);
        setArrival(run, n, load<i64>(entry, LEAVES) + behind + slope, slope);
      }
      pushRun(stop, run);
    }
  }
  store<i64>(stop, lengthOf(stop) > 0 ? first(stop) : NONE, KEY);
}

/** Periods that an arrival at `at`, later by `slope` each, comes before `limit`. */
function beforeLimit(at: i64, slope: i64, limit: i64): i64 {
  return slope > 0 ? (limit - 1 - at) / slope : FOREVER;
}

/**
 * Periods in which `slack`, growing by `slope` each, does not pass zero; 0 where it did since the one before: only the
 * later of two times is known to move along a line, and which one it is must have been so.
 */
// @ts-ignore: decorator
@inline
function alike(slack: i64, slope: i64): i64 {
  if (slope == 0 || (slope > 0 ? slack > 0 && slack >= slope : slack < 0 && slack <= slope)) return FOREVER;
  if (slope > 0 ? slack > 0 : slack < 0) return 0;
  return -slack / slope;
}

/** Periods in which `slack`, growing by `slope` each, is not negative. */
// @ts-ignore: decorator
@inline
function staysAbove(slack: i64, slope: i64): i64 {
  if (slack < 0) return 0;
  return slope < 0 ? slack / -slope : FOREVER;
}
