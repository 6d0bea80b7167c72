// What the waves that are to come to other stops can mean to a server: until when nothing but its own waves matters.

import { KEY } from '../wheels';
import {
  FAR, FREE, HAS_STOPS, HORIZON, INTERVAL, LATENCY, LEAD_INTERVAL, LISTED, MOST_NEAR, NEAR, NEAR_COUNT, NEXT, NONE,
  PREVIOUS, RUN_LATENCY, SERIAL, SERVER, STAGE, TO_ENTER, TO_LEAVE, room,
} from './columns';
import { last, lengthOf } from './piles';

export const FOREVER: i64 = i64.MAX_VALUE;

/**
 * Stops at which waves may be to come, each once: stop and server, and the tick before which its waves matter to no
 * other server, as it was when it was last found. It only moves on, but where `comes` and `passed` find it anew.
 */
const OWNER: usize = 4;
const MATTERS: usize = 8;
const ENTRY: usize = 16;
let listed: usize = 0;
let listedEnd: usize = 0;
/** Their servers. */
let busyServers: usize = 0;
let busyServersEnd: usize = 0;

export function newReach(stopCount: i32): void {
  listed = listedEnd = room(<usize>stopCount * ENTRY);
  busyServers = busyServersEnd = room(<usize>stopCount << 2);
}

/** Keeps a stop to which a wave is to come, its server, and what it means elsewhere; returns that. */
function list(stop: usize, at: i64): i64 {
  const matters = mattersAt(stop, at);
  let entry = <usize>load<u32>(stop, LISTED);
  if (entry == 0) {
    entry = listedEnd;
    listedEnd += ENTRY;
    store<u32>(stop, <u32>entry, LISTED);
    store<u32>(entry, <u32>stop);
    store<u32>(entry, load<u32>(stop, SERVER), OWNER);
    keepServer(<usize>load<u32>(stop, SERVER));
  }
  store<i64>(entry, matters, MATTERS);
  return matters;
}

// @ts-ignore: decorator
@inline
function keepServer(server: usize): void {
  if (load<u32>(server, HAS_STOPS) == 1) return;
  store<u32>(server, 1, HAS_STOPS);
  store<u32>(busyServersEnd, <u32>server);
  busyServersEnd += 4;
}

/** Takes a stop off the list, to which no wave is to come; the last entry takes its place. */
function unlist(entry: usize): void {
  store<u32>(<usize>load<u32>(entry), 0, LISTED);
  listedEnd -= ENTRY;
  if (entry == listedEnd) return;
  memory.copy(entry, listedEnd, ENTRY);
  store<u32>(<usize>load<u32>(entry), <u32>entry, LISTED);
}

/** A stage's first wave is to come to its first stop at tick `at`. */
export function comes(stop: usize, at: i64): void {
  const matters = list(stop, at);
  near(stop, at);
  const own = <usize>load<u32>(stop, SERVER);
  for (let s = busyServers; s < busyServersEnd; s += 4) {
    const server = <usize>load<u32>(s);
    if (server != own && load<i64>(server, HORIZON) > matters) store<i64>(server, matters, HORIZON);
  }
}

/**
 * A wave that leaves `server` is to come to a stop at tick `at`. What it means to a third server was known before it
 * left.
 */
export function follows(server: usize, stop: usize, at: i64): void {
  near(stop, at);
  passed(server, stop);
}

/** The last wave that was to come to `server` may have passed on to a stop: what it means there is certain then. */
export function passed(server: usize, stop: usize): void {
  const at = load<i64>(stop, KEY);
  if (at != NONE) store<i64>(server, min(load<i64>(server, HORIZON), list(stop, at)), HORIZON);
}

/** A wave is to come to a stop again: the stop is near, or nothing is from that wave on. */
function near(stop: usize, at: i64): void {
  const server = <usize>load<u32>(stop, SERVER);
  const count = <usize>load<u32>(server, NEAR_COUNT);
  if (load<i64>(server, FAR) <= at) return;
  for (let n: usize = 0; n < count; n++) if (<usize>load<u32>(server + (n << 2), NEAR) == stop) return;
  if (count == MOST_NEAR) store<i64>(server, at, FAR);
  else {
    store<u32>(server + (count << 2), <u32>stop, NEAR);
    store<u32>(server, <u32>count + 1, NEAR_COUNT);
  }
}

/** Times have moved: what is known of them is to be found again. */
export function forget(): void {
  for (let s = busyServers; s < busyServersEnd; s += 4) {
    const server = <usize>load<u32>(s);
    store<i64>(server, 0, HORIZON);
    store<i64>(server, 0, FAR);
  }
  for (let l = listed; l < listedEnd; l += ENTRY) store<i64>(l, 0, MATTERS);
}

/**
 * The earliest tick at which waves to come at this stop can matter elsewhere: arrive at a later stop, end a service, or
 * let the next wave enter. Where waves of the service are to come to stops before it, these say more: FOREVER.
 */
function mattersAt(stop: usize, arrival: i64): i64 {
  let at = arrival;
  const stage = <usize>load<u32>(stop, STAGE);
  if (load<u32>(stop, NEXT) == 0 && load<i32>(stage, SERIAL) == 0) {
    if (load<u32>(stop, PREVIOUS) != 0) {
      if (load<i64>(stage, TO_LEAVE) > lengthOf(stop)) return FOREVER;
      at = last(stop);
    } else {
      const interval = load<i64>(stage, LEAD_INTERVAL);
      at += (load<i64>(stage, TO_ENTER) - 1) * (interval < 0 ? load<i64>(stop, INTERVAL) : interval);
    }
  }
  const free = load<i64>(<usize>load<u32>(stop, SERVER), FREE);
  return max(at, free) + load<i64>(stop, LATENCY) + max(<i64>0, load<i64>(stop, RUN_LATENCY));
}

/** Finds what can matter to a server, and which stops of it the next waves come to. */
export function lookAround(server: usize): void {
  let elsewhere = FOREVER;
  let far = FOREVER;
  let end = server + NEAR;
  const most = end + 4 * MOST_NEAR;
  for (let l = listed; l < listedEnd; ) {
    const own = <usize>load<u32>(l, OWNER) == server;
    if (!own && load<i64>(l, MATTERS) >= elsewhere) {
      l += ENTRY;
      continue;
    }
    const stop = <usize>load<u32>(l);
    const at = load<i64>(stop, KEY);
    if (at == NONE) {
      unlist(l);
      continue;
    }
    l += ENTRY;
    if (!own) {
      const matters = mattersAt(stop, at);
      store<i64>(l - ENTRY, matters, MATTERS);
      elsewhere = min(elsewhere, matters);
      continue;
    }
    if (end == most) {
      // The latest of those that are near stands last.
      const latest = <usize>load<u32>(end - 4);
      const then = load<i64>(latest, KEY);
      far = min(far, max(at, then));
      if (at >= then) continue;
      end -= 4;
    }
    let place = end;
    end += 4;
    for (; place > server + NEAR && load<i64>(<usize>load<u32>(place - 4), KEY) > at; place -= 4)
      store<u32>(place, load<u32>(place - 4));
    store<u32>(place, <u32>stop);
  }
  store<i64>(server, elsewhere, HORIZON);
  store<i64>(server, far, FAR);
  store<u32>(server, <u32>((end - server - NEAR) >> 2), NEAR_COUNT);
}
