// Waves in the chains of a flow, event by event: the pending events in (time, priority, sequence) order, and arrivals
// at units, which schedule one another. Every other event goes to the caller. src/pipeline/wave-queue.ts calls this;
// src/pipeline/contention.ts does the same in TypeScript for whoever watches each event.

import { KEY, OWN, PRIORITY, clock, insert, open, setClock, take } from '../wheels';

// Times are whole ticks below 2^52, as doubles; a key is the bits of 2^52 + time, so that keys order as times do and
// the ticks are its low bits.
const TOP: f64 = 4503599627370496;

// An event: a record of the wheels (next, priority, key), code, argument.
const CODE: usize = 16;
const ARGUMENT: usize = 20;
const EVENT = 24;

const ARRIVE = 0;
const FINISH = 1;
const PRIORITY_FINISH = 0;
const PRIORITY_ARRIVE = 2;

// What `next` returns.
const EMPTY = 0;
const TAKEN = 1;
/** So many events have gone by. */
const PAUSED = 2;
const PULSE = 1 << 20;
/** A time beyond 2^52 ticks. */
const BEYOND = 3;

// What the caller reads: of the event that was taken last its tick, priority, code and argument; arrivals
// that were served so far.
const TAKEN_TIME: usize = 0;
const TAKEN_PRIORITY: usize = 8;
const TAKEN_CODE: usize = 12;
const TAKEN_ARGUMENT: usize = 16;
const SERVED: usize = 24;

let free: usize = 0;
/** Events until the next pause. */
let left: i32 = PULSE;
let events: usize = 0;
let used: usize = 0;
let end: usize = 0;

// Columns by stage, by unit (flat over all chains), by server.
let freeAt: usize = 0;
let latency: usize = 0;
let interval: usize = 0;
let ownNext: usize = 0;
let waited: usize = 0;
let entered: usize = 0;
let unitServer: usize = 0;
let unitStage: usize = 0;
let nextStop: usize = 0;
let kind: usize = 0;
let toEnter: usize = 0;
let toLeave: usize = 0;
let firstStop: usize = 0;

// What `kind` says of a unit: others use its server, it is the first of its chain, waves of the chain come one by one.
const SHARED = 1;
const FIRST = 2;
const SERIAL = 4;

// @ts-ignore: decorator
@inline
function tickOf(key: u64): f64 {
  return reinterpret<f64>(key) - TOP;
}

// @ts-ignore: decorator
@inline
function keyOf(at: f64): u64 {
  return reinterpret<u64>(at + TOP);
}

/** Lays out the columns and room for `most` events; negative where there is not enough memory. */
export function layout(stages: i32, units: i32, servers: i32, most: i32): i32 {
  let at = OWN;
  freeAt = at; at += servers << 3;
  latency = at; at += units << 3;
  interval = at; at += units << 3;
  ownNext = at; at += units << 3;
  waited = at; at += units << 3;
  entered = at; at += units << 3;
  unitServer = at; at += units << 2;
  unitStage = at; at += units << 2;
  nextStop = at; at += units << 2;
  kind = at; at += units << 2;
  toEnter = at; at += stages << 2;
  toLeave = at; at += stages << 2;
  firstStop = at; at += stages << 2;
  events = used = (at + 7) & ~7;
  end = used + most * EVENT;
  const pages = <i32>((end + 65535) >> 16) - memory.size();
  if (pages > 0 && memory.grow(pages) < 0) return -1;
  open(keyOf(0));
  return 0;
}

/** Addresses of the columns, in the order of the declarations. */
export function column(which: i32): usize {
  switch (which) {
    case 0: return freeAt;
    case 1: return latency;
    case 2: return interval;
    case 3: return ownNext;
    case 4: return waited;
    case 5: return entered;
    case 6: return unitServer;
    case 7: return unitStage;
    case 8: return nextStop;
    case 9: return kind;
    case 10: return toEnter;
    case 11: return toLeave;
    default: return firstStop;
  }
}

// @ts-ignore: decorator
@inline
function put(at: f64, priority: i32, code: i32, argument: i32): void {
  let event = free;
  if (event == 0) {
    event = used;
    used += EVENT;
    if (used > end) unreachable();
  } else free = <usize>load<u32>(event);
  const key = keyOf(at);
  store<i32>(event + PRIORITY, priority);
  store<u64>(event + KEY, key);
  store<i32>(event + CODE, code);
  store<i32>(event + ARGUMENT, argument);
  insert(event, key);
}

/** Adds an event at tick `at`. */
export function push(at: f64, priority: i32, code: i32, argument: i32): void {
  put(at, priority, code, argument);
}

/** Takes the earliest event off the wheels; 0: there is none. Its place is free, and what it says stands there still. */
// @ts-ignore: decorator
@inline
function takeEvent(): usize {
  const event = take();
  if (event != 0) {
    store<u32>(event, <u32>free);
    free = event;
  }
  return event;
}

/** Shows an event that was taken to the caller. */
function show(event: usize): void {
  store<f64>(TAKEN_TIME, tickOf(load<u64>(event + KEY)));
  store<i32>(TAKEN_PRIORITY, load<i32>(event + PRIORITY));
  store<i32>(TAKEN_CODE, load<i32>(event + CODE));
  store<i32>(TAKEN_ARGUMENT, load<i32>(event + ARGUMENT));
}

/** Takes the earliest event, whatever it is. */
export function pop(): i32 {
  const event = takeEvent();
  if (event == 0) return EMPTY;
  show(event);
  return TAKEN;
}

/** Serves arrivals until the earliest event is none, which is taken. */
export function next(): i32 {
  let ahead = left;
  let served = 0;
  let state = EMPTY;
  while (state == EMPTY) {
    if (ahead == 0) {
      ahead = PULSE;
      state = PAUSED;
      break;
    }
    const event = takeEvent();
    if (event == 0) break;
    ahead--;
    if (load<i32>(event + CODE) == ARRIVE) {
      served++;
      state = arrive(load<i32>(event + ARGUMENT), tickOf(clock()));
    } else {
      show(event);
      state = TAKEN;
    }
  }
  left = ahead;
  store<f64>(SERVED, load<f64>(SERVED) + served);
  return state;
}

/** Pending events. */
export function size(): i32 {
  let count = <i32>((used - events) / EVENT);
  for (let place = free; place != 0; place = <usize>load<u32>(place)) count--;
  return count;
}

/** Sets the clock while nothing is pending. */
export function rewind(at: f64): void {
  setClock(keyOf(at));
}

/** A wave reaches unit `k` at tick `at`; EMPTY, or BEYOND where it would leave it too late. */
// @ts-ignore: decorator
@inline
function arrive(k: i32, at: f64): i32 {
  const eights = <usize>k << 3;
  const fours = <usize>k << 2;
  const s = <usize>load<i32>(unitStage + fours) << 2;
  const grantedAt = freeAt + (<usize>load<i32>(unitServer + fours) << 3);
  const open = load<f64>(grantedAt);
  const start = open > at ? open : at;
  const opens = start + load<f64>(interval + eights);
  store<f64>(grantedAt, opens);
  const leaves = start + load<f64>(latency + eights);
  const within = leaves < TOP ? EMPTY : BEYOND;
  const flags = load<i32>(kind + fours);
  if (flags & SHARED) {
    const own = load<f64>(ownNext + eights);
    store<f64>(waited + eights, load<f64>(waited + eights) + start - (own > at ? own : at));
    store<f64>(ownNext + eights, opens);
  }
  store<f64>(entered + eights, load<f64>(entered + eights) + 1);
  if (flags & FIRST) {
    const entering = load<i32>(toEnter + s) - 1;
    store<i32>(toEnter + s, entering);
    if (entering > 0 && !(flags & SERIAL)) put(opens, PRIORITY_ARRIVE + k, ARRIVE, k);
  }
  const stop = load<i32>(nextStop + fours);
  if (stop >= 0) {
    put(leaves, PRIORITY_ARRIVE + stop, ARRIVE, stop);
    return within;
  }
  const leaving = load<i32>(toLeave + s) - 1;
  store<i32>(toLeave + s, leaving);
  if (leaving == 0) put(leaves, PRIORITY_FINISH, FINISH, <i32>(s >> 2));
  else if (flags & SERIAL) {
    const first = load<i32>(firstStop + s);
    put(leaves, PRIORITY_ARRIVE + first, ARRIVE, first);
  }
  return within;
}
