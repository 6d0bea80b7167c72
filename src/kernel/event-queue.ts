// The pending events of a simulation, popped in (time, priority, sequence) order: a hierarchical timing wheel, a heap
// for what is far away.

import { FarEvents } from './far-events.js';
import type { Queue } from './queue.js';

/** Low bits of time that the first wheel, and the first and second, tell apart; the third reaches up to 2^31 ticks. */
const BITS_1 = 10;
const BITS_2 = 20;
/** Ticks that the wheels reach beyond their base. */
const SPAN = 2 ** 31;
/** Slots of the three wheels, one after the other: 1024, 1024 and 2048. */
const FIRST_1 = 1024;
const FIRST_2 = 2048;
const SLOTS = 4096;

/**
 * One array holds everything, so that hot code loads one base address. First the slots' list heads, four fields each:
 * first event, last
 * event, a priority below all (so that an empty list ends in one), nothing. An empty list's last event is its own head.
 * Then which
 * slots hold events: a bit each, and a summary of those words. Then the events, five fields each: next event, time,
 * priority, code, argument.
 */
const HEAD = 4;
const NEXT = 0;
const LAST = 1;
const TIME = 1;
const PRIORITY = 2;
const CODE = 3;
const ARGUMENT = 4;
const STRIDE = 5;
const SUMMARY = SLOTS * HEAD;
const BITS = SUMMARY + (SLOTS >> 10);
const EVENTS = BITS + (SLOTS >> 5);
/** No event: the head of slot 0 stands there. */
const NONE = 0;
const LOWEST = -(2 ** 31);

/**
 * By the leading zeros of how a time differs from now: the wheel's first slot, the shift and the mask that give the
 * slot in it.
 */
const byZeros = (first: number, second: number, third: number): Int32Array =>
  Int32Array.from({ length: 33 }, (_, zeros) => (32 - zeros <= BITS_1 ? first : 32 - zeros <= BITS_2 ? second : third));
const FIRST_SLOT = byZeros(0, FIRST_1, FIRST_2);
const SHIFT = byZeros(0, BITS_1, BITS_2);
const MASK = byZeros(1023, 1023, 2047);

/**
 * A priority queue of events, each four integers: time (ticks), priority (smaller first), code and argument.
 * Ties in time and priority are first in, first out. Times must be whole and not lie before the event popped last
 * (`Simulator.schedule`
 * checks that; `push` does not). No object is allocated per event.
 *
 * An event stands on the wheel of the highest digit in which its time differs from now, in that digit's slot; a slot's
 * list is in order
 * of arrival, and moving a list one wheel down keeps it. A slot that comes first and holds one event is popped where it
 * stands.
 */
export class EventQueue implements Queue {
  /** Fields of the event that `pop` last returned. */
  time = 0;
  priority = 0;
  code = 0;
  argument = 0;
  readonly served = 0;

  #size = 0;
  /** Tick that the wheels count from; `#now` is relative to it. */
  #base = 0;
  #now = 0;
  readonly #far = new FarEvents();
  #store: Int32Array;
  /** First of the places that events have left, a list; end of the places that were ever used. */
  #free = NONE;
  #used = EVENTS;

  constructor(capacity = 1024) {
    this.#store = new Int32Array(EVENTS + capacity * STRIDE);
    for (let head = 0; head < SUMMARY; head += HEAD) {
      this.#store[head + LAST] = head;
      this.#store[head + PRIORITY] = LOWEST;
    }
  }

  get size(): number {
    return this.#size;
  }

  /** Adds an event at an integer tick. */
  push(time: number, priority: number, code: number, argument: number): void {
    this.#size++;
    const ticks = time - this.#base;
    if (ticks >= SPAN) {
      this.#far.push(time, priority, code, argument);
      return;
    }
    let place = this.#free;
    if (place === NONE) place = this.#newPlace();
    else this.#free = this.#store[place + NEXT]!;
    const store = this.#store;
    store[place + TIME] = ticks;
    store[place + PRIORITY] = priority;
    store[place + CODE] = code;
    store[place + ARGUMENT] = argument;
    this.#insert(store, place, ticks | 0, this.#now);
  }

  /** Takes the earliest event into the fields; false when the queue is empty. */
  pop(): boolean {
    if (this.#size === 0) return false;
    const store = this.#store;
    for (;;) {
      let group = SUMMARY;
      let words = store[group]!;
      if (words === 0) words = store[++group]!;
      if (words === 0) words = store[++group]!;
      if (words === 0) words = store[++group]!;
      if (words === 0) {
        this.#advance();
        return this.pop();
      }
      const word = ((group - SUMMARY) << 5) + 31 - Math.clz32(words & -words);
      const bits = store[BITS + word]!;
      const slot = (word << 5) + 31 - Math.clz32(bits & -bits);
      const head = slot * HEAD;
      const place = store[head + NEXT]!;
      const next = store[place + NEXT]!;
      if (next !== NONE && slot >= FIRST_1) {
        this.#spread(slot);
        continue;
      }
      store[head + NEXT] = next;
      if (next === NONE) {
        store[head + LAST] = head;
        const left = bits & (bits - 1);
        store[BITS + word] = left;
        if (left === 0) store[group] = words & (words - 1);
      }
      const ticks = store[place + TIME]!;
      this.#now = ticks;
      this.time = this.#base + ticks;
      this.priority = store[place + PRIORITY]!;
      this.code = store[place + CODE]!;
      this.argument = store[place + ARGUMENT]!;
      store[place + NEXT] = this.#free;
      this.#free = place;
      this.#size--;
      return true;
    }
  }

  /** Takes `ticks` off the time of every pending event (a rebase of the clock). */
  shift(ticks: number): void {
    this.#base -= ticks;
    this.#far.shift(ticks);
  }

  /** Drops all pending events; the next may come from the time of the last popped on. */
  clear(): void {
    const [base, now, time] = [this.#base, this.#now, this.time];
    while (this.pop());
    this.#base = base;
    this.#now = now;
    this.time = time;
  }

  /** The pending events in order, four numbers each: time, priority, code, argument. */
  pending(): number[][] {
    if (this.#size === 0) return [];
    const near: number[][] = [];
    const store = this.#store;
    for (let word = BITS; word < EVENTS; word++) {
      for (let bits = store[word]!; bits !== 0; bits &= bits - 1) {
        const slot = ((word - BITS) << 5) + 31 - Math.clz32(bits & -bits);
        for (let place = store[slot * HEAD + NEXT]!; place !== NONE; place = store[place + NEXT]!) {
          near.push([
            this.#base + store[place + TIME]!,
            store[place + PRIORITY]!,
            store[place + CODE]!,
            store[place + ARGUMENT]!,
          ]);
        }
      }
    }
    // Events of one tick stand in one list, in their order; the sort keeps it.
    near.sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!);
    return [...near, ...this.#far.pending()];
  }

  /**
   * Puts a stored event at the end of the list of its slot; on the first wheel, where a slot is one tick, behind those
   * of its priority.
   */
  #insert(store: Int32Array, place: number, ticks: number, now: number): void {
    const zeros = Math.clz32(ticks ^ now);
    const slot = FIRST_SLOT[zeros]! + ((ticks >> SHIFT[zeros]!) & MASK[zeros]!);
    const head = slot * HEAD;
    const last = store[head + LAST]!;
    if (store[place + PRIORITY]! < store[last + PRIORITY]! && slot < FIRST_1) {
      this.#insertBefore(place, head);
      return;
    }
    store[place + NEXT] = NONE;
    store[last + NEXT] = place;
    store[head + LAST] = place;
    const word = slot >> 5;
    store[BITS + word]! |= 1 << (slot & 31);
    store[SUMMARY + (word >> 5)]! |= 1 << (word & 31);
  }

  #insertBefore(place: number, head: number): void {
    const store = this.#store;
    const priority = store[place + PRIORITY]!;
    let before = head;
    let after = store[head + NEXT]!;
    while (store[after + PRIORITY]! <= priority) {
      before = after;
      after = store[after + NEXT]!;
    }
    store[place + NEXT] = after;
    store[before + NEXT] = place;
  }

  /** Moves a slot's events down, now that time has come to its span. */
  #spread(slot: number): void {
    const store = this.#store;
    const shift = slot < FIRST_2 ? BITS_1 : BITS_2;
    const head = slot * HEAD;
    const word = slot >> 5;
    let place = store[head + NEXT]!;
    store[head + NEXT] = NONE;
    store[head + LAST] = head;
    if ((store[BITS + word]! &= ~(1 << (slot & 31))) === 0) store[SUMMARY + (word >> 5)]! &= ~(1 << (word & 31));
    // The first tick of the slot's span: no event lies before it.
    const now = (store[place + TIME]! >> shift) << shift;
    this.#now = now;
    while (place !== NONE) {
      const next = store[place + NEXT]!;
      this.#insert(store, place, store[place + TIME]!, now);
      place = next;
    }
  }

  /** The wheels are empty: they move to the first far event, and take in all that they reach. */
  #advance(): void {
    const far = this.#far;
    this.#base = far.firstTime;
    this.#now = 0;
    while (far.size > 0 && far.firstTime - this.#base < SPAN) {
      far.pop();
      this.#size--;
      this.push(far.time, far.priority, far.code, far.argument);
    }
  }

  #newPlace(): number {
    if (this.#used + STRIDE > this.#store.length) {
      const grown = new Int32Array(2 * this.#used);
      grown.set(this.#store);
      this.#store = grown;
    }
    this.#used += STRIDE;
    return this.#used - STRIDE;
  }
}
