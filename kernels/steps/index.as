// Contended waves between two ends of services: simulated one by one until they repeat, then whole periods at once.
// src/pipeline/closed-steps.ts calls this; docs/kernel.md says how and why. Ticks are whole numbers below 2^52.

import { KEY, PRIORITY, earliest, empty, insert, open, setClock, takeBefore } from '../wheels';
import {
  ENTERED, FIRST_STOP, FREE, INTERVAL, LATENCY, LEAD, LEAD_INTERVAL, NEXT, NONE, NUMBER, OWN_NEXT, PREVIOUS, RUN_FREE,
  RUN_INTERVAL, RUN_LATENCY, SERIAL, SERVER, SERVER_SIZE, STAGE, STOP, TO_ENTER, TO_LEAVE, WAITED, WAVES, arrivalAt,
  before, ended, ends, endsEnd, given, noneEnded, place, room, serverOf, serversEnd, stageOf, stopOf, stops, stopsEnd,
  taken,
} from './columns';
import {
  cut, isFull, look, newLog, note, noteJump, restart, samePeriod, sameSections, searched, searchedSections, top,
  writeOut, writtenEnd,
} from './log';
import { apply, bound, newPeriods, returns } from './periods';
import { first, lengthOf, movePile, newPile, push, shift, writePile } from './piles';
import { comes, follows, forget, newReach, passed } from './reach';
import { newRounds, opened, takeRounds } from './rounds';

/** Arrivals of the longest period. */
const LONGEST = 1 << 17;

/** Stops with an arrival to come. */
let pending: i32 = 0;
let steps: f64 = 0;
/** What the caller writes, and what it reads, as doubles. */
let fields: usize = 0;
let out: usize = 0;
let outBytes: usize = 0;

/**
 * Lays out a run of so many stages, stops and servers; what was laid out before is gone.
 * @param comesOnce 1 where no stage comes to a server twice.
 */
export function layout(stages: i32, stopCount: i32, servers: i32, comesOnce: i32): void {
  place(stages, stopCount, servers);
  open(0);
  pending = 0;
  steps = 0;
  fields = room(64);
  newLog();
  newPeriods(stopCount, LONGEST);
  newReach(stopCount);
  newRounds(stopCount, comesOnce == 1);
  outBytes = 1024;
  out = taken(outBytes);
}

/** Where eight doubles stand that the caller writes for `setStage`, `setStop`, `begin` and `run`. */
export function record(): usize {
  return fields;
}

/**
 * Stage `s`: waves of a service, 1 where they come one by one, ticks to its first stop and between waves there
 * (negative: the stop's own), the number of its first stop.
 */
export function setStage(s: i32): void {
  const stage = stageOf(s);
  store<i64>(stage, <i64>load<f64>(fields), WAVES);
  store<i32>(stage, <i32>load<f64>(fields, 8), SERIAL);
  store<i64>(stage, <i64>load<f64>(fields, 16), LEAD);
  store<i64>(stage, <i64>load<f64>(fields, 24), LEAD_INTERVAL);
  store<u32>(stage, <u32>stopOf(<i32>load<f64>(fields, 32)), FIRST_STOP);
  store<f64>(stage, <f64>s, NUMBER);
}

/**
 * Stop `k`: its stage and server, latency and interval, those of the run behind it (latency negative: none), the number
 * of the stop behind it (negative: none).
 */
export function setStop(k: i32): void {
  const stop = stopOf(k);
  store<i32>(stop, k, PRIORITY);
  store<i64>(stop, NONE, KEY);
  store<u32>(stop, <u32>stageOf(<i32>load<f64>(fields)), STAGE);
  store<u32>(stop, <u32>serverOf(<i32>load<f64>(fields, 8)), SERVER);
  store<i64>(stop, <i64>load<f64>(fields, 16), LATENCY);
  store<i64>(stop, <i64>load<f64>(fields, 24), INTERVAL);
  store<i64>(stop, <i64>load<f64>(fields, 32), RUN_LATENCY);
  store<i64>(stop, <i64>load<f64>(fields, 40), RUN_INTERVAL);
  newPile(stop);
  const next = <i32>load<f64>(fields, 48);
  if (next < 0) return;
  store<u32>(stop, <u32>stopOf(next), NEXT);
  store<u32>(stopOf(next), <u32>stop, PREVIOUS);
}

// @ts-ignore: decorator
@inline
function expect(stop: usize, at: i64): void {
  store<i64>(stop, at, KEY);
  insert(stop, <u64>at);
}


/** A first wave enters the stage's chain at tick `at`. */
function enter(stage: usize, at: i64): void {
  const stop = <usize>load<u32>(stage, FIRST_STOP);
  const reaches = at + load<i64>(stage, LEAD);
  expect(stop, reaches);
  comes(stop, reaches);
  pending++;
}

/** A service of stage `s` begins: its first wave enters the chain at the tick in the first field. */
export function begin(s: i32): void {
  const stage = stageOf(s);
  store<i64>(stage, load<i64>(stage, WAVES), TO_ENTER);
  store<i64>(stage, load<i64>(stage, WAVES), TO_LEAVE);
  enter(stage, <i64>load<f64>(fields));
  restart();
}

/**
 * Simulates all arrivals before the tick in the first field, or before the first end of a service that they lead to;
 * returns how many ends of services became known.
 */
export function run(): i32 {
  let served = 0;
  noneEnded(<i64>load<f64>(fields));
  for (;;) {
    const stop = takeBefore(<u64>before);
    if (stop == 0) break;
    if (takeRounds(stop)) {
      pending += opened;
      restart();
      continue;
    }
    served++;
    const at = load<i64>(stop, KEY);
    const server = <usize>load<u32>(stop, SERVER);
    const free = load<i64>(server, FREE);
    const own = load<i64>(stop, OWN_NEXT);
    const run = load<i64>(stop, RUN_FREE);
    const start = max(free, at);
    const after = start + load<i64>(stop, INTERVAL);
    store<i64>(server, after, FREE);
    store<i64>(stop, after, OWN_NEXT);
    store<i64>(stop, load<i64>(stop, WAITED) + start - max(own, at), WAITED);
    store<i64>(stop, load<i64>(stop, ENTERED) + 1, ENTERED);
    let leaves = start + load<i64>(stop, LATENCY);
    const runLatency = load<i64>(stop, RUN_LATENCY);
    if (runLatency >= 0) {
      leaves = max(leaves, run);
      store<i64>(stop, leaves + load<i64>(stop, RUN_INTERVAL), RUN_FREE);
      note(stop, at, free, own, run, start, leaves);
      leaves += runLatency;
    } else note(stop, at, free, own, run, start, leaves);

    const stage = <usize>load<u32>(stop, STAGE);
    if (load<u32>(stop, PREVIOUS) == 0) {
      const entering = load<i64>(stage, TO_ENTER) - 1;
      store<i64>(stage, entering, TO_ENTER);
      if (entering > 0 && load<i32>(stage, SERIAL) == 0) {
        const interval = load<i64>(stage, LEAD_INTERVAL);
        expect(stop, interval < 0 ? after : at + interval);
      } else {
        store<i64>(stop, NONE, KEY);
        pending--;
        if (entering == 0) restart();
      }
    } else if (shift(stop) > 0) expect(stop, first(stop));
    else {
      store<i64>(stop, NONE, KEY);
      pending--;
    }

    const next = <usize>load<u32>(stop, NEXT);
    if (next != 0) {
      if (push(next, leaves) == 0) {
        expect(next, leaves);
        follows(server, next, leaves);
        pending++;
      } else if (arrivalAt(stop) == NONE) passed(server, next);
    } else {
      const leaving = load<i64>(stage, TO_LEAVE) - 1;
      store<i64>(stage, leaving, TO_LEAVE);
      if (leaving == 0) {
        restart();
        ended(stage, leaves);
      } else if (load<i32>(stage, SERIAL) == 1) {
        enter(stage, leaves);
      }
    }
    if (top >= look && !jump(before) && isFull()) restart();
  }
  steps += <f64>served;
  return <i32>((endsEnd - ends) >> 4);
}

/** Adds what is sure to come before tick `limit`, by the logs of arrivals and of jumps; false where nothing is. */
function jump(limit: i64): bool {
  const most = searched();
  for (let period = samePeriod(1, most); period > 0; period = samePeriod(period + 1, most)) {
    const periods = bound(top, period, limit);
    if (periods < 1) continue;
    apply(periods);
    if (noteJump(period, periods) && jumpLong(limit)) restart();
    else if (!cut()) restart();
    return true;
  }
  return false;
}

/** Adds long periods, of sections that end with a jump each; false where there are none. */
function jumpLong(limit: i64): bool {
  const most = searchedSections();
  for (let count = 1; 2 * count <= most; count++) {
    const arrivals = sameSections(count);
    if (arrivals == 0 || !returns(top, arrivals)) continue;
    const period = writeOut(count);
    if (period == 0) return false;
    const periods = bound(writtenEnd, period, limit);
    if (periods < 1) continue;
    apply(periods);
    return true;
  }
  return false;
}

/** Stops with an arrival to come. */
export function expected(): i32 {
  return pending;
}

/** The earliest arrival; there must be one. */
export function nextArrival(): f64 {
  return <f64>earliest();
}

/** Arrivals that were simulated one by one. */
export function simulated(): f64 {
  return steps;
}

/** Where the ends of services stand that the last `run` found. */
export function foundEnds(): usize {
  return ends;
}

/** Of each stop the waves that entered and the ticks that they waited, since both were last taken, as pairs. */
export function takeCounts(): usize {
  let at = written(<usize>(stopsEnd - stops) / STOP * 16);
  for (let stop = stops; stop < stopsEnd; stop += STOP, at += 16) {
    store<f64>(at, <f64>load<i64>(stop, ENTERED));
    store<f64>(at, <f64>load<i64>(stop, WAITED), 8);
    store<i64>(stop, 0, ENTERED);
    store<i64>(stop, 0, WAITED);
  }
  return out;
}

/** Waves of a stage's present service that are to enter, and to leave. */
export function toEnter(s: i32): f64 {
  return <f64>load<i64>(stageOf(s), TO_ENTER);
}

export function toLeave(s: i32): f64 {
  return <f64>load<i64>(stageOf(s), TO_LEAVE);
}

/** Waves on their way to each stop behind a chain's first, as doubles. */
export function lengths(): usize {
  let at = written(<usize>(stopsEnd - stops) / STOP * 8);
  for (let stop = stops; stop < stopsEnd; stop += STOP, at += 8) store<f64>(at, <f64>lengthOf(stop));
  return out;
}

/**
 * Times that decide the future, less `now`: of each server and of each stop (stage, run, next arrival or -1), as
 * doubles.
 */
export function times(now: f64): usize {
  const present = <i64>now;
  let at = written(<usize>(serversEnd - serverOf(0)) / SERVER_SIZE * 8 + <usize>(stopsEnd - stops) / STOP * 24);
  for (let server = serverOf(0); server < serversEnd; server += SERVER_SIZE, at += 8)
    later(at, load<i64>(server, FREE), present);
  for (let stop = stops; stop < stopsEnd; stop += STOP, at += 24) {
    later(at, load<i64>(stop, OWN_NEXT), present);
    later(at + 8, load<i64>(stop, RUN_FREE), present);
    store<f64>(at, arrivalAt(stop) == NONE ? -1 : <f64>(arrivalAt(stop) - present), 16);
  }
  return out;
}

function later(at: usize, tick: i64, now: i64): void {
  store<f64>(at, <f64>max(<i64>0, tick - now));
}

/** All waves on their way to stops, less `now`, stop by stop, as doubles. */
export function queues(now: f64): usize {
  let count: i64 = 0;
  for (let stop = stops; stop < stopsEnd; stop += STOP) count += lengthOf(stop);
  let at = written(<usize>count << 3);
  for (let stop = stops; stop < stopsEnd; stop += STOP) at = writePile(stop, at, <i64>now);
  return out;
}

/** Room for so many bytes to be read by the caller. */
function written(bytes: usize): usize {
  if (bytes > outBytes) {
    given(out, outBytes);
    outBytes = 2 * bytes;
    out = taken(outBytes);
  }
  return out;
}

/** Follows a rebase of the clock to zero by `ticks`. */
export function rebase(ticks: f64): void {
  const by = <i64>ticks;
  for (let server = serverOf(0); server < serversEnd; server += SERVER_SIZE)
    store<i64>(server, max(<i64>0, load<i64>(server, FREE) - by), FREE);
  empty();
  setClock(0);
  for (let stop = stops; stop < stopsEnd; stop += STOP) {
    store<i64>(stop, max(<i64>0, load<i64>(stop, OWN_NEXT) - by), OWN_NEXT);
    store<i64>(stop, max(<i64>0, load<i64>(stop, RUN_FREE) - by), RUN_FREE);
    movePile(stop, -by);
    if (arrivalAt(stop) != NONE) expect(stop, arrivalAt(stop) - by);
  }
  forget();
  restart();
}
