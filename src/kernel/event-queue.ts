// The pending events of a simulation, popped in (time, priority, sequence) order: a hierarchical timing wheel, a heap for what is far away.

import { FarEvents } from './far-events.js';

/** Bits of the three wheels: level 0 has a slot for every tick of its span, level 1 for every 2^11, level 2 for every 2^21. */
const BITS_0 = 11;
const BITS_1 = 21;
const BITS_2 = 31;
const SLOTS = 2048;
const MASK = SLOTS - 1;
/** Ticks that the wheels reach beyond their base. */
const SPAN = 2 ** BITS_2;
const NONE = -1;

/** Fields of a stored event, side by side: one event, one cache line. */
const TIME = 0;
const PRIORITY = 1;
const CODE = 2;
const ARGUMENT = 3;
const NEXT = 4;
const STRIDE = 8;

/**
 * A priority queue of events, each four integers: time (ticks), priority (smaller first), code and argument.
 * Ties in time and priority are first in, first out. Times must not lie before the event popped last. No object is allocated per event.
 *
 * An event stands at the level of the highest digit in which its time differs from now, in that digit's slot; a slot's list is in order
 * of arrival, and moving a list one level down keeps it. A slot alone in its level and with one event is popped where it stands.
 */
export class EventQueue {
  /** Fields of the event that `pop` last returned. */
  time = 0;
  priority = 0;
  code = 0;
  argument = 0;

  #size = 0;
  /** Tick that the wheels count from; `#now` is relative to it. */
  #base = 0;
  #now = 0;
  readonly #far = new FarEvents();

  /** Head and tail of each slot's list, side by side; occupancy bits of the slots and a summary of them. */
  readonly #slots = new Int32Array(6 * SLOTS).fill(NONE);
  readonly #bits = new Int32Array((3 * SLOTS) >> 5);
  readonly #summary = new Int32Array(6);

  /** The stored events, by the index of their first field; free places form a list. */
  #store: Int32Array;
  #free = NONE;
  #used = 0;

  constructor(capacity = 1024) {
    this.#store = new Int32Array(capacity * STRIDE);
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
    const place = this.#free === NONE ? this.#newPlace() : this.#free;
    const store = this.#store;
    if (place === this.#free) this.#free = store[place + NEXT]!;
    store[place + TIME] = ticks;
    store[place + PRIORITY] = priority;
    store[place + CODE] = code;
    store[place + ARGUMENT] = argument;
    this.#insert(store, place, ticks | 0, this.#now);
  }

  /** Takes the earliest event into the fields; false when the queue is empty. */
  pop(): boolean {
    if (this.#size === 0) return false;
    for (;;) {
      const slot = this.#first(0);
      if (slot !== NONE) {
        this.#take(slot);
        return true;
      }
      let higher = this.#first(1);
      let shift = BITS_0;
      if (higher === NONE) {
        higher = this.#first(2);
        shift = BITS_1;
      }
      if (higher === NONE) {
        this.#advance();
        continue;
      }
      if (this.#slots[2 * higher] === this.#slots[2 * higher + 1]) {
        this.#take(higher);
        return true;
      }
      this.#spread(higher, shift);
    }
  }

  /** Takes `ticks` off the time of every pending event (a rebase of the clock). */
  shift(ticks: number): void {
    this.#base -= ticks;
    this.#far.shift(ticks);
  }

  /** Drops all pending events. */
  clear(): void {
    while (this.pop());
  }

  /** The pending events in order, four numbers each: time, priority, code, argument. */
  pending(): number[][] {
    const near: number[][] = [];
    for (let slot = 0; slot < 3 * SLOTS; slot++) {
      for (let place = this.#slots[2 * slot]!; place !== NONE; place = this.#store[place + NEXT]!) {
        near.push([this.#base + this.#store[place + TIME]!, ...this.#store.subarray(place + PRIORITY, place + ARGUMENT + 1)]);
      }
    }
    // Events of one tick stand in one list, in their order; the sort keeps it.
    near.sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!);
    return [...near, ...this.#far.pending()];
  }

  /** Puts a stored event into the slot of the highest digit in which its time differs from now. */
  #insert(store: Int32Array, place: number, ticks: number, now: number): void {
    const difference = ticks ^ now;
    const slot =
      difference >> BITS_0 === 0 ? ticks & MASK : difference >> BITS_1 === 0 ? SLOTS + ((ticks >> BITS_0) & MASK) : 2 * SLOTS + (ticks >> BITS_1);
    const slots = this.#slots;
    const at = slot << 1;
    store[place + NEXT] = NONE;
    if (slots[at] === NONE) {
      slots[at] = place;
      slots[at + 1] = place;
      const word = slot >> 5;
      this.#bits[word]! |= 1 << (slot & 31);
      this.#summary[word >> 5]! |= 1 << (word & 31);
      return;
    }
    const tail = slots[at + 1]!;
    // Lists of level 0 hold one tick's events: smaller priorities go before.
    if (slot < SLOTS && store[place + PRIORITY]! < store[tail + PRIORITY]!) {
      this.#insertBefore(place, at);
      return;
    }
    store[tail + NEXT] = place;
    slots[at + 1] = place;
  }

  #insertBefore(place: number, at: number): void {
    const store = this.#store;
    const priority = store[place + PRIORITY]!;
    let before = NONE;
    let after = this.#slots[at]!;
    while (store[after + PRIORITY]! <= priority) {
      before = after;
      after = store[after + NEXT]!;
    }
    store[place + NEXT] = after;
    if (before === NONE) this.#slots[at] = place;
    else store[before + NEXT] = place;
  }

  /** The first slot of a level that holds events; NONE without one. */
  #first(level: number): number {
    let half = 2 * level;
    let summary = this.#summary[half]!;
    if (summary === 0) summary = this.#summary[++half]!;
    if (summary === 0) return NONE;
    const word = (half << 5) + 31 - Math.clz32(summary & -summary);
    const bits = this.#bits[word]!;
    return (word << 5) + 31 - Math.clz32(bits & -bits);
  }

  /** Pops the head of a slot's list. */
  #take(slot: number): void {
    const store = this.#store;
    const at = slot << 1;
    const place = this.#slots[at]!;
    const next = store[place + NEXT]!;
    const ticks = store[place + TIME]!;
    this.#slots[at] = next;
    if (next === NONE) this.#clear(slot);
    this.#now = ticks;
    this.time = this.#base + ticks;
    this.priority = store[place + PRIORITY]!;
    this.code = store[place + CODE]!;
    this.argument = store[place + ARGUMENT]!;
    store[place + NEXT] = this.#free;
    this.#free = place;
    this.#size--;
  }

  /** Moves a slot's events down, now that time has come to its span. */
  #spread(slot: number, shift: number): void {
    const store = this.#store;
    let place = this.#slots[slot << 1]!;
    this.#slots[slot << 1] = NONE;
    this.#clear(slot);
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

  #clear(slot: number): void {
    const word = slot >> 5;
    const bits = this.#bits[word]! & ~(1 << (slot & 31));
    this.#bits[word] = bits;
    if (bits === 0) this.#summary[word >> 5]! &= ~(1 << (word & 31));
  }

  #newPlace(): number {
    if (this.#used === this.#store.length) {
      const grown = new Int32Array(2 * this.#used);
      grown.set(this.#store);
      this.#store = grown;
    }
    this.#used += STRIDE;
    return this.#used - STRIDE;
  }
}
