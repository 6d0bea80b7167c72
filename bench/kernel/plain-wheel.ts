// The queue that short delays ask for: one wheel with a slot a tick, a heap for what lies beyond it. A candidate,
// measured beside the others.

import { FarEvents } from '../../src/kernel/far-events.js';

const SLOTS = 4096;

/**
 * A timing wheel of 4096 slots of `scale` ticks (the common divisor of all delays); lists in order of arrival, so that
 * ties are first in, first out.
 */
export class PlainWheel {
  time = 0;
  argument = 0;
  readonly #scale: number;
  readonly #far = new FarEvents();
  readonly #heads = new Int32Array(SLOTS).fill(-1);
  readonly #tails = new Int32Array(SLOTS).fill(-1);
  readonly #bits = new Int32Array(SLOTS >> 5);
  readonly #next: Int32Array;
  readonly #arguments: Int32Array;
  #near = 0;
  #free = -1;
  #used = 0;
  #now = 0;

  constructor(capacity: number, scale: number) {
    this.#scale = scale;
    this.#next = new Int32Array(capacity);
    this.#arguments = new Int32Array(capacity);
  }

  push(time: number, _priority: number, _code: number, argument: number): void {
    const tick = time / this.#scale;
    if (tick - this.#now >= SLOTS) this.#far.push(tick, 0, 0, argument);
    else this.#put(tick, argument);
  }

  #put(tick: number, argument: number): void {
    const place = this.#free === -1 ? this.#used++ : this.#free;
    if (place === this.#free) this.#free = this.#next[place]!;
    this.#arguments[place] = argument;
    this.#next[place] = -1;
    const slot = tick & (SLOTS - 1);
    if (this.#heads[slot] === -1) this.#heads[slot] = place;
    else this.#next[this.#tails[slot]!] = place;
    this.#tails[slot] = place;
    this.#bits[slot >> 5]! |= 1 << (slot & 31);
    this.#near++;
  }

  pop(): boolean {
    const far = this.#far;
    if (this.#near === 0) {
      if (far.size === 0) return false;
      this.#now = far.firstTime;
    }
    const slot = this.#near === 0 ? this.#now & (SLOTS - 1) : this.#first();
    const tick = this.#now + ((slot - this.#now) & (SLOTS - 1));
    this.#now = tick;
    // Far events that the wheel now reaches come before any that are pushed from here on.
    while (far.size > 0 && far.firstTime - tick < SLOTS) {
      far.pop();
      this.#put(far.time, far.argument);
    }
    const place = this.#heads[slot]!;
    this.#heads[slot] = this.#next[place]!;
    if (this.#heads[slot] === -1) this.#bits[slot >> 5]! &= ~(1 << (slot & 31));
    this.#next[place] = this.#free;
    this.#free = place;
    this.#near--;
    this.time = tick * this.#scale;
    this.argument = this.#arguments[place]!;
    return true;
  }

  /** The first slot at or after now, around the wheel, that holds events. */
  #first(): number {
    const start = this.#now & (SLOTS - 1);
    let word = start >> 5;
    let bits = this.#bits[word]! & (-1 << (start & 31));
    while (bits === 0) {
      word = (word + 1) & ((SLOTS >> 5) - 1);
      bits = this.#bits[word]!;
    }
    return (word << 5) + 31 - Math.clz32(bits & -bits);
  }
}
