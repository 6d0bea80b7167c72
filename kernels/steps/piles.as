// Waves on their way to a stop, by their ticks in order: a list of runs, and behind them a ring of numbers.

import { IN_RING, IN_RUNS, MASK, RING, RING_FIRST, RUN_HEAD, RUN_TAIL, given, taken } from './columns';

// A run: a pattern of arrivals that comes again and again, each of them later by its own pace whenever it does. Next
// run, arrivals of the pattern, arrivals left; place in the pattern of the next one and how often the pattern came
// before; then (tick, pace) of each.
const SIZE: usize = 4;
const LENGTH: usize = 8;
const PLACE: usize = 16;
const ROUND: usize = 24;
const PATTERN: usize = 32;
const PACE: usize = 8;

/** Of fewer arrivals no run is made. */
const LEAST_RUN = 4;

// @ts-ignore: decorator
@inline
function bytesOf(size: i32): usize {
  return PATTERN + (<usize>size << 4);
}

/** A run of `length` arrivals in a pattern of `size`, which is to be set. */
export function newRun(size: i32, length: i64): usize {
  const run = taken(bytesOf(size));
  store<i32>(run, size, SIZE);
  store<i64>(run, length, LENGTH);
  store<i64>(run, 0, PLACE);
  store<i64>(run, 0, ROUND);
  return run;
}

export function dropRun(run: usize): void {
  given(run, bytesOf(load<i32>(run, SIZE)));
}

// @ts-ignore: decorator
@inline
export function setArrival(run: usize, i: i32, tick: i64, pace: i64): void {
  const at = run + (<usize>i << 4);
  store<i64>(at, tick, PATTERN);
  store<i64>(at, pace, PATTERN + PACE);
}

// @ts-ignore: decorator
@inline
function arrival(run: usize, place: i64, round: i64): i64 {
  const at = run + (<usize>place << 4);
  return load<i64>(at, PATTERN) + round * load<i64>(at, PATTERN + PACE);
}

// @ts-ignore: decorator
@inline
function firstOf(run: usize): i64 {
  return arrival(run, load<i64>(run, PLACE), load<i64>(run, ROUND));
}

/** Takes off the first `count` of a run; returns how many are left. */
function shiftRun(run: usize, count: i64): i64 {
  let place = load<i64>(run, PLACE) + count;
  const size = <i64>load<i32>(run, SIZE);
  if (place >= size) {
    store<i64>(run, load<i64>(run, ROUND) + place / size, ROUND);
    place %= size;
  }
  store<i64>(run, place, PLACE);
  const left = load<i64>(run, LENGTH) - count;
  store<i64>(run, left, LENGTH);
  return left;
}

// @ts-ignore: decorator
@inline
export function lengthOf(stop: usize): i64 {
  return load<i64>(stop, IN_RUNS) + <i64>load<u32>(stop, IN_RING);
}

/** The earliest; there must be one. */
// @ts-ignore: decorator
@inline
export function first(stop: usize): i64 {
  if (load<i64>(stop, IN_RUNS) > 0) return firstOf(<usize>load<u32>(stop, RUN_HEAD));
  return ring(stop, 0);
}

// @ts-ignore: decorator
@inline
function ring(stop: usize, i: u32): i64 {
  const place = (load<u32>(stop, RING_FIRST) + i) & load<u32>(stop, MASK);
  return load<i64>(<usize>load<u32>(stop, RING) + (<usize>place << 3));
}

/** The latest; there must be one. */
export function last(stop: usize): i64 {
  const count = load<u32>(stop, IN_RING);
  if (count > 0) return ring(stop, count - 1);
  const run = <usize>load<u32>(stop, RUN_TAIL);
  const size = <i64>load<i32>(run, SIZE);
  const place = load<i64>(run, PLACE) + load<i64>(run, LENGTH) - 1;
  return arrival(run, place % size, load<i64>(run, ROUND) + place / size);
}

/** Ticks between the first arrivals where they stand on one straight line; 0 where they do not. */
// @ts-ignore: decorator
@inline
export function paceOf(stop: usize): i64 {
  if (load<i64>(stop, IN_RUNS) == 0) return 0;
  const run = <usize>load<u32>(stop, RUN_HEAD);
  return load<i32>(run, SIZE) == 1 ? load<i64>(run, PATTERN + PACE) : 0;
}

/** Arrivals on that line, but for the last where the one behind it comes before the line's next would. */
// @ts-ignore: decorator
@inline
export function onLine(stop: usize): i64 {
  const run = <usize>load<u32>(stop, RUN_HEAD);
  const length = load<i64>(run, LENGTH);
  if (length == lengthOf(stop)) return length;
  const behind = length < load<i64>(stop, IN_RUNS) ? firstOf(<usize>load<u32>(run)) : ring(stop, 0);
  return behind < firstOf(run) + length * load<i64>(run, PATTERN + PACE) ? length - 1 : length;
}

/** Puts one behind all; returns how many there were. */
// @ts-ignore: decorator
@inline
export function push(stop: usize, tick: i64): i64 {
  const count = load<u32>(stop, IN_RING);
  if (count > load<u32>(stop, MASK)) grow(stop);
  const place = (load<u32>(stop, RING_FIRST) + count) & load<u32>(stop, MASK);
  store<i64>(<usize>load<u32>(stop, RING) + (<usize>place << 3), tick);
  store<u32>(stop, count + 1, IN_RING);
  return <i64>count + load<i64>(stop, IN_RUNS);
}

/** Sets an empty pile up. */
export function newPile(stop: usize): void {
  store<u32>(stop, <u32>taken(64), RING);
  store<u32>(stop, 7, MASK);
}

function grow(stop: usize): void {
  const size = (<usize>load<u32>(stop, MASK) + 1) << 3;
  const old = <usize>load<u32>(stop, RING);
  const larger = taken(2 * size);
  for (let i: u32 = 0; i < load<u32>(stop, IN_RING); i++) store<i64>(larger + (<usize>i << 3), ring(stop, i));
  given(old, size);
  store<u32>(stop, <u32>larger, RING);
  store<u32>(stop, 2 * load<u32>(stop, MASK) + 1, MASK);
  store<u32>(stop, 0, RING_FIRST);
}

/** Takes the first off; returns how many are left. */
// @ts-ignore: decorator
@inline
export function shift(stop: usize): i64 {
  if (load<i64>(stop, IN_RUNS) > 0) return shiftBy(stop, 1);
  store<u32>(stop, (load<u32>(stop, RING_FIRST) + 1) & load<u32>(stop, MASK), RING_FIRST);
  const left = load<u32>(stop, IN_RING) - 1;
  store<u32>(stop, left, IN_RING);
  return <i64>left;
}

/** Takes the first `count` off; returns how many are left. */
export function shiftBy(stop: usize, count: i64): i64 {
  let left = count;
  while (left > 0 && load<i64>(stop, IN_RUNS) > 0) {
    const run = <usize>load<u32>(stop, RUN_HEAD);
    const some = min(left, load<i64>(run, LENGTH));
    left -= some;
    store<i64>(stop, load<i64>(stop, IN_RUNS) - some, IN_RUNS);
    if (shiftRun(run, some) == 0) {
      store<u32>(stop, load<u32>(run), RUN_HEAD);
      dropRun(run);
    }
  }
  store<u32>(stop, (load<u32>(stop, RING_FIRST) + <u32>left) & load<u32>(stop, MASK), RING_FIRST);
  store<u32>(stop, load<u32>(stop, IN_RING) - <u32>left, IN_RING);
  return lengthOf(stop);
}

/** Puts a run behind all; it is the pile's own from then on. */
export function pushRun(stop: usize, run: usize): void {
  let length = load<i64>(run, LENGTH);
  if (length < LEAST_RUN) {
    for (; length > 0; length = shiftRun(run, 1)) push(stop, firstOf(run));
    dropRun(run);
    return;
  }
  const count = load<u32>(stop, IN_RING);
  if (count > 0) {
    const before = newRun(<i32>count, <i64>count);
    for (let i: u32 = 0; i < count; i++) setArrival(before, <i32>i, ring(stop, i), 0);
    append(stop, before);
    store<u32>(stop, 0, IN_RING);
  }
  append(stop, run);
}

function append(stop: usize, run: usize): void {
  if (load<i64>(stop, IN_RUNS) > 0) store<u32>(<usize>load<u32>(stop, RUN_TAIL), <u32>run);
  else store<u32>(stop, <u32>run, RUN_HEAD);
  store<u32>(run, 0);
  store<u32>(stop, <u32>run, RUN_TAIL);
  store<i64>(stop, load<i64>(stop, IN_RUNS) + load<i64>(run, LENGTH), IN_RUNS);
}

// @ts-ignore: decorator
@inline
function runsOf(stop: usize): usize {
  return load<i64>(stop, IN_RUNS) > 0 ? <usize>load<u32>(stop, RUN_HEAD) : 0;
}

/** Moves all by `ticks`. */
export function movePile(stop: usize, ticks: i64): void {
  for (let run = runsOf(stop); run != 0; run = <usize>load<u32>(run))
    for (let i = 0; i < load<i32>(run, SIZE); i++) {
      const at = run + (<usize>i << 4);
      store<i64>(at, load<i64>(at, PATTERN) + ticks, PATTERN);
    }
  for (let i: u32 = 0; i < load<u32>(stop, IN_RING); i++) {
    const place = (load<u32>(stop, RING_FIRST) + i) & load<u32>(stop, MASK);
    const at = <usize>load<u32>(stop, RING) + (<usize>place << 3);
    store<i64>(at, load<i64>(at) + ticks);
  }
}

/** Writes all from `into` on as doubles, less `now`; returns where they end. */
export function writePile(stop: usize, into: usize, now: i64): usize {
  for (let run = runsOf(stop); run != 0; run = <usize>load<u32>(run)) {
    let place = load<i64>(run, PLACE);
    let round = load<i64>(run, ROUND);
    for (let i = load<i64>(run, LENGTH); i > 0; i--, into += 8) {
      store<f64>(into, <f64>(arrival(run, place, round) - now));
      if (++place < <i64>load<i32>(run, SIZE)) continue;
      place = 0;
      round++;
    }
  }
  for (let i: u32 = 0; i < load<u32>(stop, IN_RING); i++, into += 8) store<f64>(into, <f64>(ring(stop, i) - now));
  return into;
}

/** How many of the first `most` of a pile are as those of `run`. */
export function agreement(stop: usize, run: usize, most: i64): i64 {
  let seen: i64 = 0;
  for (let own = runsOf(stop); own != 0 && seen < most; own = <usize>load<u32>(own)) {
    const part = min(load<i64>(own, LENGTH), most - seen);
    const agree = agreementOf(own, run, seen, part);
    seen += agree;
    if (agree < part) return seen;
  }
  const rest = <u32>min(<i64>load<u32>(stop, IN_RING), most - seen);
  const size = <i64>load<i32>(run, SIZE);
  let place = load<i64>(run, PLACE) + seen;
  let round = load<i64>(run, ROUND) + place / size;
  place %= size;
  for (let i: u32 = 0; i < rest; i++, seen++) {
    if (ring(stop, i) != arrival(run, place, round)) return seen;
    if (++place == size) {
      place = 0;
      round++;
    }
  }
  return seen;
}

/**
 * How many of the first `most` of a run are as those of `other` from its `from`-th on. Both are straight lines in the
 * number of their common patterns, so two of these tell of all.
 */
function agreementOf(run: usize, other: usize, from: i64, most: i64): i64 {
  const a = <i64>load<i32>(run, SIZE);
  const b = <i64>load<i32>(other, SIZE);
  const looked = min(most, 2 * a * (b / commonDivisor(a, b)));
  let place = load<i64>(run, PLACE);
  let round = load<i64>(run, ROUND);
  let otherPlace = load<i64>(other, PLACE) + from;
  let otherRound = load<i64>(other, ROUND) + otherPlace / b;
  otherPlace %= b;
  for (let i: i64 = 0; i < looked; i++) {
    if (arrival(run, place, round) != arrival(other, otherPlace, otherRound)) return i;
    if (++place == a) {
      place = 0;
      round++;
    }
    if (++otherPlace == b) {
      otherPlace = 0;
      otherRound++;
    }
  }
  return most;
}

function commonDivisor(a: i64, b: i64): i64 {
  while (b != 0) {
    const rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}
