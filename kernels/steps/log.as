// The last arrivals of waves at stops, and the jumps over periods of them.

import { arrivalAt, room } from './columns';

// An arrival: stop, tick, when server, stage and run were free, start, and when the wave left the unit and entered the
// run of units behind it.
export const AT: usize = 8;
export const FREE_AT: usize = 16;
export const OWN_AT: usize = 24;
export const RUN_AT: usize = 32;
export const START: usize = 40;
export const LEAVES: usize = 48;
export const ENTRY: usize = 56;

/** Arrivals that are searched for a period, which may be half of them. */
const SEARCHED = 4096;
/** Arrivals that are kept at most, with those before earlier jumps. */
const KEPT = 1 << 16;
/** Arrivals are first searched for a period when there are as many, and again whenever they have grown by a half. */
const FIRST_LOOK = 6;

/** Sections of the log: each ends with a period that was then jumped over. End, arrivals of the period, how often. */
const PERIOD: usize = 4;
const TIMES: usize = 8;
const SECTION: usize = 16;
/** Sections are first searched for a period when there are as many, and again whenever they have grown by a half. */
const FIRST_SECTIONS = 3;
/** Arrivals of a period of sections at most, those that were jumped over among them. */
const LONGEST: i64 = 1 << 17;

let log: usize = 0;
/** Where arrivals are searched from, where the next one goes, where it is time to look, where no more can be. */
let from: usize = 0;
export let top: usize = 0;
export let look: usize = 0;
let full: usize = 0;

let sections: usize = 0;
let sectionsEnd: usize = 0;
let sectionsLook: usize = 0;
/** Two long periods in full. */
let written: usize = 0;
export let writtenEnd: usize = 0;

export function newLog(): void {
  log = room(KEPT * ENTRY);
  sections = room(KEPT * SECTION);
  written = 0;
  restart();
}

/** Forgets all: what comes is not to be compared with what was. */
export function restart(): void {
  from = top = log;
  look = log + FIRST_LOOK * ENTRY;
  full = log + SEARCHED * ENTRY;
  sectionsEnd = sections;
  sectionsLook = sections + FIRST_SECTIONS * SECTION;
}

/** Searches only what comes; false where no more can be kept. */
export function cut(): bool {
  from = top;
  look = from + FIRST_LOOK * ENTRY;
  full = min(from + SEARCHED * ENTRY, log + KEPT * ENTRY);
  return look <= full;
}

// @ts-ignore: decorator
@inline
export function isFull(): bool {
  return top == full;
}

/** Notes an arrival. */
// @ts-ignore: decorator
@inline
export function note(stop: usize, at: i64, freeAt: i64, own: i64, run: i64, start: i64, leaves: i64): void {
  const entry = top;
  store<u32>(entry, <u32>stop);
  store<i64>(entry, at, AT);
  store<i64>(entry, freeAt, FREE_AT);
  store<i64>(entry, own, OWN_AT);
  store<i64>(entry, run, RUN_AT);
  store<i64>(entry, start, START);
  store<i64>(entry, leaves, LEAVES);
  top = entry + ENTRY;
}

/** Arrivals that are searched; sets when to look next. */
export function searched(): i32 {
  const bytes = top - from;
  const arrivals = <i32>(bytes / ENTRY);
  look = min(from + <usize>((3 * arrivals + 1) >> 1) * ENTRY, full);
  return arrivals;
}

/**
 * The shortest period of at least `least` arrivals in the last `most`: those of the same stops as the ones before, and
 * the arrival that comes next is as late as the first of them was. 0 where there is none.
 */
export function samePeriod(least: i32, most: i32): i32 {
  const last = load<u32>(top - ENTRY);
  for (let period = least; 2 * period <= most; period++) {
    const stride = <usize>period * ENTRY;
    if (load<u32>(top - ENTRY - stride) != last || !goesOn(top - stride, stride)) continue;
    if (sameStops(top, period)) return period;
  }
  return 0;
}

/** Whether the next arrival at the stop of arrival `i` comes as much after it as it came after the one before. */
// @ts-ignore: decorator
@inline
function goesOn(i: usize, stride: usize): bool {
  const at = load<i64>(i, AT);
  return arrivalAt(<usize>load<u32>(i)) - at == at - load<i64>(i - stride, AT);
}

function sameStops(to: usize, period: i32): bool {
  const stride = <usize>period * ENTRY;
  for (let i = to - ENTRY; i >= to - stride; i -= ENTRY) if (load<u32>(i) != load<u32>(i - stride)) return false;
  return true;
}

/** The last `period` arrivals of the log were jumped over `times` times; true when it is time to look for a period. */
export function noteJump(period: i32, times: i64): bool {
  store<u32>(sectionsEnd, <u32>top);
  store<i32>(sectionsEnd, period, PERIOD);
  store<i64>(sectionsEnd, times, TIMES);
  sectionsEnd += SECTION;
  return sectionsEnd >= sectionsLook;
}

/** Sections since the log was restarted; sets when to look next. */
export function searchedSections(): i32 {
  const count = <i32>((sectionsEnd - sections) / SECTION);
  sectionsLook = sections + <usize>((3 * count + 1) >> 1) * SECTION;
  return count;
}

/** Where a section begins in the log. */
// @ts-ignore: decorator
@inline
function beginOf(section: usize): usize {
  return section == sections ? log : <usize>load<u32>(section - SECTION);
}

/**
 * Arrivals in the log of the last `count` sections where they are as the `count` before: of the same stops, jumped over
 * as often. 0 where they are not.
 */
export function sameSections(count: i32): i32 {
  const distance = <usize>count * SECTION;
  const first = sectionsEnd - distance;
  for (let s = sectionsEnd - SECTION; s >= first; s -= SECTION) {
    const t = s - distance;
    if (load<i64>(s, TIMES) != load<i64>(t, TIMES) || load<i32>(s, PERIOD) != load<i32>(t, PERIOD)) return 0;
    if (<usize>load<u32>(s) - beginOf(s) != <usize>load<u32>(t) - beginOf(t)) return 0;
  }
  const arrivals = <i32>((top - beginOf(first)) / ENTRY);
  return sameStops(top, arrivals) ? arrivals : 0;
}

/** Writes the last `2 * count` sections in full; returns the arrivals of half of them, 0 where they are too many. */
export function writeOut(count: i32): i32 {
  const first = sectionsEnd - <usize>(2 * count) * SECTION;
  let arrivals = <i64>((top - beginOf(first)) / ENTRY);
  for (let s = first; s < sectionsEnd; s += SECTION) arrivals += <i64>load<i32>(s, PERIOD) * load<i64>(s, TIMES);
  if (arrivals > 2 * LONGEST) return 0;
  if (written == 0) written = room(<usize>(2 * LONGEST) * ENTRY);
  writtenEnd = written;
  for (let s = first; s < sectionsEnd; s += SECTION) {
    const end = <usize>load<u32>(s);
    const stride = <usize>load<i32>(s, PERIOD) * ENTRY;
    const size = end - beginOf(s);
    memory.copy(writtenEnd, beginOf(s), size);
    writtenEnd += size;
    for (let n: i64 = 1; n <= load<i64>(s, TIMES); n++)
      for (let i = end - stride; i < end; i += ENTRY) writeMoved(i, i - stride, n);
  }
  return <i32>(arrivals >> 1);
}

/** Writes arrival `i`, moved by `times` what it came later than arrival `j`. */
function writeMoved(i: usize, j: usize, times: i64): void {
  store<u32>(writtenEnd, load<u32>(i));
  for (let field = AT; field < ENTRY; field += 8) {
    const tick = load<i64>(i + field);
    store<i64>(writtenEnd + field, tick + times * (tick - load<i64>(j + field)));
  }
  writtenEnd += ENTRY;
}
