// What the waves of a run stand at: stops, stages and servers as records in memory, and room for what grows.

import { KEY, OWN } from '../wheels';

/** Key of a stop at which no wave is known to arrive. */
export const NONE: i64 = i64.MAX_VALUE;

// A stop: a record of the wheels (next, priority, key: the next arrival at it), then what it is, where it stands.
export const INTERVAL: usize = 16;
export const LATENCY: usize = 24;
/** Tick from which the stage itself would let the unit take its next wave. */
export const OWN_NEXT: usize = 32;
/** Ticks that waves waited for others, and waves that entered, since both were last taken. */
export const WAITED: usize = 40;
export const ENTERED: usize = 48;
/** Tick at which the run of units behind the stop can take its next wave; its latency (negative: none), interval. */
export const RUN_FREE: usize = 56;
export const RUN_LATENCY: usize = 64;
export const RUN_INTERVAL: usize = 72;
export const SERVER: usize = 80;
export const STAGE: usize = 84;
/** The stop behind this and the one before it; 0: there is none. */
export const NEXT: usize = 88;
export const PREVIOUS: usize = 92;
// The waves on their way to it, in their order (piles.as): runs, and behind them a ring.
export const RING: usize = 96;
export const MASK: usize = 100;
export const RING_FIRST: usize = 104;
export const IN_RING: usize = 108;
export const RUN_HEAD: usize = 112;
export const RUN_TAIL: usize = 116;
export const IN_RUNS: usize = 120;
// Of the period that is being looked at (periods.as): its arrivals, how many, and where the places of these stand.
export const COUNT: usize = 128;
export const PLACES: usize = 132;
export const FILLED: usize = 136;
/** 1 where the waves on their way are as they were after each period, and only move. */
export const STEADY: usize = 140;
/** The last look for a period that came by. */
export const LOOKED: usize = 144;
/** Where it stands in the list of stops at which waves may be to come (reach.as); 0: not in it. */
export const LISTED: usize = 152;
export const STOP: usize = 160;

// A stage: waves of its service that are to enter and to leave; ticks from its start to its first stop, and between
// waves there (negative: the stop's own).
export const TO_ENTER: usize = 0;
export const TO_LEAVE: usize = 8;
export const LEAD: usize = 16;
export const LEAD_INTERVAL: usize = 24;
export const WAVES: usize = 32;
export const FIRST_STOP: usize = 40;
export const SERIAL: usize = 44;
export const NUMBER: usize = 48;
const STAGE_SIZE: usize = 56;

// A server: tick at which it can take its next client; the last look for a period that came by.
export const FREE: usize = 0;
export const SEEN: usize = 8;
// What is known of those who can come to it (reach.as): before HORIZON nothing elsewhere matters to it, before FAR no
// wave comes to a stop of it but to those that are near.
export const HORIZON: usize = 16;
export const FAR: usize = 24;
export const NEAR_COUNT: usize = 32;
export const HAS_STOPS: usize = 36;
export const NEAR: usize = 40;
export const MOST_NEAR = 8;
export const SERVER_SIZE: usize = NEAR + 4 * MOST_NEAR;

/** Stops, one after the other in the order of stages and chains. */
export let stops: usize = 0;
export let stopsEnd: usize = 0;
let stages: usize = 0;
let servers: usize = 0;
export let serversEnd: usize = 0;

/** Ends of services that the present call has found: numbers of stages and ticks, in pairs of doubles. */
export let ends: usize = 0;
export let endsEnd: usize = 0;
/** The earliest of them, or the tick before which the call simulates. */
export let before: i64 = 0;

/** Where what is free begins, and blocks that are free again, by the power of two that is their size. */
let top: usize = 0;
const FREE_BLOCKS: usize = OWN;
const CLASSES: usize = 32;

/** Lays out records for so many stages, stops and servers, all zero; what was there before is gone. */
export function place(stageCount: i32, stopCount: i32, serverCount: i32): void {
  top = FREE_BLOCKS + 4 * CLASSES;
  stages = room(stageCount * STAGE_SIZE);
  servers = room(serverCount * SERVER_SIZE);
  serversEnd = servers + serverCount * SERVER_SIZE;
  stops = room(stopCount * STOP);
  stopsEnd = stops + stopCount * STOP;
  memory.fill(FREE_BLOCKS, 0, stopsEnd - FREE_BLOCKS);
  ends = endsEnd = room(<usize>stageCount << 4);
}

/** No end of a service has been found, and arrivals before tick `limit` are to be simulated. */
export function noneEnded(limit: i64): void {
  endsEnd = ends;
  before = limit;
}

/** The last wave of a stage's service leaves at `tick`. */
export function ended(stage: usize, tick: i64): void {
  store<f64>(endsEnd, load<f64>(stage, NUMBER));
  store<f64>(endsEnd, <f64>tick, 8);
  endsEnd += 16;
  before = min(before, tick);
}

/** Memory that stays taken; never returns where there is none. */
export function room(bytes: usize): usize {
  const at = top;
  top += (bytes + 7) & ~7;
  const pages = <i32>((top + 65535) >> 16) - memory.size();
  if (pages > 0 && memory.grow(max(pages, 16)) < 0 && memory.grow(pages) < 0) unreachable();
  return at;
}

/** A block of at least so many bytes, as large as the next power of two; what it holds is anything. */
export function taken(bytes: usize): usize {
  const size = max(6, 32 - clz(<i32>bytes - 1));
  const list = FREE_BLOCKS + (<usize>size << 2);
  const block = <usize>load<u32>(list);
  if (block == 0) return room(<usize>1 << size);
  store<u32>(list, load<u32>(block));
  return block;
}

/** Gives a block of so many bytes back. */
export function given(block: usize, bytes: usize): void {
  const size = max(6, 32 - clz(<i32>bytes - 1));
  const list = FREE_BLOCKS + (<usize>size << 2);
  store<u32>(block, load<u32>(list));
  store<u32>(list, <u32>block);
}

// @ts-ignore: decorator
@inline
export function stopOf(number: i32): usize {
  return stops + <usize>number * STOP;
}

// @ts-ignore: decorator
@inline
export function stageOf(number: i32): usize {
  return stages + <usize>number * STAGE_SIZE;
}

// @ts-ignore: decorator
@inline
export function serverOf(number: i32): usize {
  return servers + <usize>number * SERVER_SIZE;
}

/** The next arrival at a stop, or NONE. */
// @ts-ignore: decorator
@inline
export function arrivalAt(stop: usize): i64 {
  return load<i64>(stop, KEY);
}
