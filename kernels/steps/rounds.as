// Waves that arrive at a server along straight lines: whole rounds of them at once, without a look at what was before.

import { KEY, PRIORITY, insert, remove } from '../wheels';
import {
  ENTERED, FAR, FREE, HORIZON, INTERVAL, LATENCY, LEAD_INTERVAL, NEAR, NEAR_COUNT, NEXT, NONE, OWN_NEXT, PREVIOUS,
  RUN_FREE, RUN_INTERVAL, RUN_LATENCY, SERIAL, SERVER, STAGE, TO_ENTER, TO_LEAVE, WAITED, before, ended, room,
} from './columns';
import { first, lengthOf, newRun, onLine, paceOf, pushRun, setArrival, shiftBy } from './piles';
import { FOREVER, follows, lookAround, passed } from './reach';

/** Fewer rounds are not worth it. */
const LEAST: i64 = 2;
/** Waves of a round at most. */
const MOST: i64 = 64;
/** Failures that are borne before none is tried any more, beside some for each success. */
const FAILURES = 4096;
const PER_SUCCESS = 4;

/**
 * A stop whose waves arrive in rounds: its next arrival, ticks between arrivals, how many come in a round, of which so
 * many are placed; the last of those, and the run that the round leaves for the next stop.
 */
const AT: usize = 8;
const LINE: usize = 16;
const TIMES: usize = 24;
const PLACED: usize = 32;
const LAST: usize = 40;
const RUN: usize = 44;
const SOURCE: usize = 48;
let sources: usize = 0;
let sourcesEnd: usize = 0;

/** An arrival of the first round, in their order: source, the one before of the same source or 0, `AT`, start. */
const BEFORE: usize = 4;
const START: usize = 16;
const ENTRY: usize = 24;
let entries: usize = 0;
let entriesEnd: usize = 0;

/** Ticks between rounds as they arrive and as they start, and their number. */
let pace: i64 = 0;
let shift: i64 = 0;
let rounds: i64 = 0;
/** Tick before which nothing but waves of the rounds matters to the server; tick at which their first leaves it. */
let horizon: i64 = 0;
let free: i64 = 0;
/** True where the horizon is too near, as it was when others were last looked at. */
let outlived: bool = false;

/** False once rounds have come to nothing too often. */
let tries: bool = false;
let failures: i32 = 0;
/** Stops that began to have a wave to come in the last rounds, less those that ended to. */
export let opened: i32 = 0;

/** @param comesOnce false where a stage comes to a server twice: its waves at one place depend on those at another. */
export function newRounds(stopCount: i32, comesOnce: bool): void {
  sources = room(<usize>stopCount * SOURCE);
  entries = room(<usize>MOST * ENTRY);
  tries = comesOnce;
  failures = 0;
}

/** Ticks between a stop's waves to come, where these arrive along a straight line whoever else is served; else 0. */
// @ts-ignore: decorator
@inline
function lineOf(stop: usize): i64 {
  if (load<u32>(stop, PREVIOUS) != 0) return paceOf(stop);
  const stage = <usize>load<u32>(stop, STAGE);
  return load<i32>(stage, SERIAL) == 1 ? 0 : max(<i64>0, load<i64>(stage, LEAD_INTERVAL));
}

/** How many waves of a stop come along its line before others can. */
// @ts-ignore: decorator
@inline
function mostOf(stop: usize): i64 {
  if (load<u32>(stop, PREVIOUS) != 0) return onLine(stop);
  return load<i64>(<usize>load<u32>(stop, STAGE), TO_ENTER);
}

/**
 * Takes rounds of waves at the server of `stop`, whose next wave is the earliest of all and off the wheels; false where
 * nothing was taken.
 *
 * In a round each stop whose waves arrive along a line has as many as come in `pace` ticks. No wave elsewhere, none
 * that comes to this server otherwise, and no end of a service is earlier than `horizon` (those of the rounds' own
 * services are looked at), so nothing but these waves decides what the server does before. Where it is busy at every
 * arrival of a round, each start of the next one is later by the sum of intervals, as long as it is still busy then.
 * Where it waits for a wave, a second round must start as much later as its waves arrive.
 */
// @ts-ignore: decorator
@inline
export function takeRounds(stop: usize): bool {
  return tries && take(stop);
}

function take(stop: usize): bool {
  const server = <usize>load<u32>(stop, SERVER);
  let line = lineOf(stop);
  const alone = line == 0;
  if (alone) line = ownLine(stop, server);
  if (line == 0 || mostOf(stop) < LEAST) return false;
  let found = gather(stop, server, line, alone);
  // Others have moved on since they were looked at.
  if (!found && outlived) {
    lookAround(server);
    found = gather(stop, server, line, alone);
  }
  if (found && place()) {
    apply(server);
    failures = max(0, failures - PER_SUCCESS);
    return true;
  }
  if (++failures > FAILURES) tries = false;
  return false;
}

/** Ticks between a first stop's waves where each sets when the next arrives, and nobody else is served; or 0. */
function ownLine(stop: usize, server: usize): i64 {
  if (load<u32>(stop, PREVIOUS) != 0 || load<i64>(server, FREE) > load<i64>(stop, KEY)) return 0;
  const stage = <usize>load<u32>(stop, STAGE);
  return load<i32>(stage, SERIAL) == 1 || load<i64>(stage, LEAD_INTERVAL) == 0 ? 0 : load<i64>(stop, INTERVAL);
}

/** Finds which stops of the server rounds have waves of, and how many rounds; false where there are none. */
function gather(stop: usize, server: usize, line: i64, alone: bool): bool {
  const from = load<i64>(stop, KEY);
  const known = min(load<i64>(server, HORIZON), load<i64>(server, FAR));
  horizon = min(before, known);
  outlived = known < before;
  if (horizon <= from + line) return false;
  pace = line;
  sourcesEnd = sources;
  addSource(stop, from, line);
  const end = server + NEAR + (<usize>load<u32>(server, NEAR_COUNT) << 2);
  let kept = server + NEAR;
  for (let n = kept; n < end; n += 4) {
    const other = <usize>load<u32>(n);
    const at = load<i64>(other, KEY);
    if (at == NONE) continue;
    store<u32>(kept, <u32>other);
    kept += 4;
    if (other == stop) continue;
    const others = alone ? 0 : lineOf(other);
    if (others > 0 && at < from + others && joins(others)) addSource(other, at, others);
    else horizon = min(horizon, at);
  }
  store<u32>(server, <u32>((kept - server - NEAR) >> 2), NEAR_COUNT);
  outlived = outlived && horizon == known;
  return fits();
}

/** Whether rounds of waves at this interval, too, can be short enough: a product that is too large is none. */
// @ts-ignore: decorator
@inline
function joins(line: i64): bool {
  return (pace <= MOST && line <= MOST) || pace % line == 0 || line % pace == 0;
}

// @ts-ignore: decorator
@inline
function addSource(stop: usize, at: i64, line: i64): void {
  store<u32>(sourcesEnd, <u32>stop);
  store<i64>(sourcesEnd, at, AT);
  store<i64>(sourcesEnd, line, LINE);
  sourcesEnd += SOURCE;
  if (pace % line != 0) pace = line % pace == 0 ? line : pace * line;
}

/** How many rounds come before the horizon; false where these are fewer than two, or a round is too long. */
function fits(): bool {
  let waves: i64 = 0;
  rounds = FOREVER;
  for (let s = sources; s < sourcesEnd; s += SOURCE) {
    const times = pace / load<i64>(s, LINE);
    store<i64>(s, times, TIMES);
    store<i64>(s, 0, PLACED);
    waves += times;
    const space = horizon - 1 - load<i64>(s, AT) - (times - 1) * load<i64>(s, LINE);
    const most = mostOf(<usize>load<u32>(s)) / times;
    if (most < LEAST) {
      outlived = false;
      return false;
    }
    if (space < (LEAST - 1) * pace) return false;
    rounds = min(rounds, min(space / pace + 1, most));
  }
  return waves <= MOST;
}

/** Places the waves of a round; false where the starts of rounds do not stand on lines. Takes off those that do not. */
function place(): bool {
  free = load<i64>(<usize>load<u32>(<usize>load<u32>(sources), SERVER), FREE);
  let busy = true;
  shift = 0;
  entriesEnd = entries;
  for (let s = earliestSource(); s != 0; s = earliestSource()) {
    const placed = load<i64>(s, PLACED);
    const at = load<i64>(s, AT) + placed * load<i64>(s, LINE);
    if (free < at) {
      busy = false;
      free = at;
    }
    store<u32>(entriesEnd, <u32>s);
    store<u32>(entriesEnd, placed == 0 ? 0 : load<u32>(s, LAST), BEFORE);
    store<i64>(entriesEnd, at, AT);
    store<i64>(entriesEnd, free, START);
    store<i64>(s, placed + 1, PLACED);
    store<u32>(s, <u32>entriesEnd, LAST);
    entriesEnd += ENTRY;
    const interval = load<i64>(<usize>load<u32>(s), INTERVAL);
    free += interval;
    shift += interval;
  }
  if (!busy) {
    if (!sameAgain()) return false;
    shift = pace;
  } else if (shift < pace)
    for (let e = entries; e < entriesEnd; e += ENTRY)
      rounds = min(rounds, (load<i64>(e, START) - load<i64>(e, AT)) / (pace - shift) + 1);
  return rounds >= LEAST && !runsHold() && endsLate();
}

/** Waves that are to come to a stop, as far as they are known. */
// @ts-ignore: decorator
@inline
function leftOf(stop: usize): i64 {
  if (load<u32>(stop, PREVIOUS) != 0) return lengthOf(stop);
  return load<i64>(<usize>load<u32>(stop, STAGE), TO_ENTER);
}

/** Takes the last round off where a service could end before all waves of the round have come. */
function endsLate(): bool {
  const latest = load<i64>(entriesEnd - ENTRY, AT) + (rounds - 1) * pace;
  for (let s = sources; s < sourcesEnd; s += SOURCE) {
    const stop = <usize>load<u32>(s);
    if (leftOf(stop) > rounds * load<i64>(s, TIMES) || leavesAt(s, stop) > latest) continue;
    rounds--;
    break;
  }
  return rounds >= LEAST;
}

/** Tick at which the last wave of a source in the last round leaves the stop and the units behind it. */
// @ts-ignore: decorator
@inline
function leavesAt(s: usize, stop: usize): i64 {
  const start = load<i64>(<usize>load<u32>(s, LAST), START) + (rounds - 1) * shift;
  return start + load<i64>(stop, LATENCY) + max(<i64>0, load<i64>(stop, RUN_LATENCY));
}

/** The source whose next wave of the round is the earliest, of equals the first in the order of stops; 0: no more. */
function earliestSource(): usize {
  let found: usize = 0;
  let earliest = FOREVER;
  for (let s = sources; s < sourcesEnd; s += SOURCE) {
    const placed = load<i64>(s, PLACED);
    if (placed == load<i64>(s, TIMES)) continue;
    const at = load<i64>(s, AT) + placed * load<i64>(s, LINE);
    if (at > earliest || (at == earliest && priorityOf(s) > priorityOf(found))) continue;
    found = s;
    earliest = at;
  }
  return found;
}

// @ts-ignore: decorator
@inline
function priorityOf(source: usize): i32 {
  return load<i32>(<usize>load<u32>(source), PRIORITY);
}

/** Whether a second round, from tick `free` on, starts `pace` ticks after the first. */
function sameAgain(): bool {
  let next = free;
  for (let e = entries; e < entriesEnd; e += ENTRY) {
    next = max(next, load<i64>(e, AT) + pace);
    if (next != load<i64>(e, START) + pace) return false;
    next += load<i64>(<usize>load<u32>(<usize>load<u32>(e)), INTERVAL);
  }
  return true;
}

/** Whether a wave would wait for the run of units behind its stop. */
function runsHold(): bool {
  for (let e = entries; e < entriesEnd; e += ENTRY) {
    const source = <usize>load<u32>(e);
    const stop = <usize>load<u32>(source);
    if (load<i64>(stop, RUN_LATENCY) < 0) continue;
    const start = load<i64>(e, START);
    const before = <usize>load<u32>(e, BEFORE);
    const interval = load<i64>(stop, RUN_INTERVAL);
    if (before != 0) {
      if (start - load<i64>(before, START) < interval) return true;
    } else {
      if (load<i64>(stop, RUN_FREE) > start + load<i64>(stop, LATENCY)) return true;
      if (start + shift - load<i64>(<usize>load<u32>(source, LAST), START) < interval) return true;
    }
  }
  return false;
}

/** Moves all that waves stand at over the rounds. */
function apply(server: usize): void {
  store<i64>(server, free + (rounds - 1) * shift, FREE);
  opened = 0;
  for (let s = sources; s < sourcesEnd; s += SOURCE) {
    const times = load<i64>(s, TIMES);
    if (load<u32>(<usize>load<u32>(s), NEXT) != 0) store<u32>(s, <u32>newRun(<i32>times, rounds * times), RUN);
    store<i64>(s, 0, PLACED);
  }
  for (let e = entries; e < entriesEnd; e += ENTRY) serve(e);
  for (let s = sources; s < sourcesEnd; s += SOURCE) {
    const stop = <usize>load<u32>(s);
    if (s != sources) remove(stop);
    passOn(s, stop);
    moveArrival(s, stop);
  }
}

/** Adds what the waves of an arrival wait, and where they go. */
function serve(e: usize): void {
  const source = <usize>load<u32>(e);
  const stop = <usize>load<u32>(source);
  const next = <usize>load<u32>(stop, NEXT);
  const at = load<i64>(e, AT);
  const start = load<i64>(e, START);
  const before = <usize>load<u32>(e, BEFORE);
  const drift = shift - pace;
  let waited = rounds * (start - at) + drift * ((rounds * (rounds - 1)) >> 1);
  const interval = load<i64>(stop, INTERVAL);
  if (before != 0) waited -= positives(load<i64>(before, START) + interval - at, drift, rounds);
  else {
    const own = load<i64>(<usize>load<u32>(source, LAST), START) + interval - pace;
    waited -= max(<i64>0, load<i64>(stop, OWN_NEXT) - at) + positives(own - at, drift, rounds - 1);
  }
  store<i64>(stop, load<i64>(stop, WAITED) + waited, WAITED);
  if (next == 0) return;
  const placed = load<i64>(source, PLACED);
  const reaches = start + load<i64>(stop, LATENCY) + max(<i64>0, load<i64>(stop, RUN_LATENCY));
  setArrival(<usize>load<u32>(source, RUN), <i32>placed, reaches, shift);
  store<i64>(source, placed + 1, PLACED);
}

/** The sum of those of `slack + k * drift` that are positive, of `count` from k = 0 on. */
function positives(slack: i64, drift: i64, count: i64): i64 {
  let from: i64 = 0;
  let to = count;
  if (drift > 0) from = slack >= 0 ? 0 : min(count, (drift - 1 - slack) / drift);
  else if (slack < 0) return 0;
  else if (drift < 0) to = min(count, slack / -drift + 1);
  return (to - from) * slack + drift * (((from + to - 1) * (to - from)) >> 1);
}

/** The waves of a source have been served: they leave the stage, or are on their way to its next stop. */
function passOn(s: usize, stop: usize): void {
  const stage = <usize>load<u32>(stop, STAGE);
  const waves = rounds * load<i64>(s, TIMES);
  const lastStart = load<i64>(<usize>load<u32>(s, LAST), START) + (rounds - 1) * shift;
  store<i64>(stop, load<i64>(stop, ENTERED) + waves, ENTERED);
  store<i64>(stop, lastStart + load<i64>(stop, INTERVAL), OWN_NEXT);
  if (load<i64>(stop, RUN_LATENCY) >= 0)
    store<i64>(stop, lastStart + load<i64>(stop, LATENCY) + load<i64>(stop, RUN_INTERVAL), RUN_FREE);
  const next = <usize>load<u32>(stop, NEXT);
  if (next == 0) {
    const left = load<i64>(stage, TO_LEAVE) - waves;
    store<i64>(stage, left, TO_LEAVE);
    if (left == 0) ended(stage, leavesAt(s, stop));
    return;
  }
  pushRun(next, <usize>load<u32>(s, RUN));
  if (load<i64>(next, KEY) != NONE) return;
  store<i64>(next, first(next), KEY);
  insert(next, <u64>first(next));
  follows(<usize>load<u32>(stop, SERVER), next, first(next));
  opened++;
}

/** What arrives next at a source. */
function moveArrival(s: usize, stop: usize): void {
  const waves = rounds * load<i64>(s, TIMES);
  let at = load<i64>(s, AT) + rounds * pace;
  let left: i64 = 0;
  if (load<u32>(stop, PREVIOUS) == 0) {
    const stage = <usize>load<u32>(stop, STAGE);
    left = load<i64>(stage, TO_ENTER) - waves;
    store<i64>(stage, left, TO_ENTER);
  } else {
    left = shiftBy(stop, waves);
    if (left > 0) at = first(stop);
  }
  if (left == 0) {
    store<i64>(stop, NONE, KEY);
    opened--;
    const next = <usize>load<u32>(stop, NEXT);
    if (next != 0) passed(<usize>load<u32>(stop, SERVER), next);
    return;
  }
  store<i64>(stop, at, KEY);
  insert(stop, <u64>at);
}
