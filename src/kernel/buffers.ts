// Bounded buffers: an entry is reserved when its producer starts, readable when it finishes, free when its last reader
// releases it.

import type { Observer } from './observer.js';
import { InvariantError } from './simulator.js';

/**
 * A bank of buffers (SimPy's Store) with back-pressure: a producer may only start when `hasRoom`.
 * Occupancy is measured over time: `peak` and `area` (entries x ticks) of the readable entries; states that last no
 * time do not count.
 */
export class Buffers {
  readonly count: number;
  readonly #capacity: Float64Array;
  readonly #reserved: Float64Array;
  readonly #readable: Float64Array;
  readonly #peak: Float64Array;
  /** Readable entries x ticks since the last `takeArea`. */
  readonly #area: Float64Array;
  /** What of it no longer fits into doubles. */
  readonly #largeArea: bigint[];
  readonly #changedAt: Float64Array;
  readonly #observer: Observer | null;

  /** @param capacities entries each buffer can hold; Infinity for no bound. */
  constructor(capacities: readonly number[], observer: Observer | null = null) {
    this.count = capacities.length;
    this.#capacity = Float64Array.from(capacities);
    this.#reserved = new Float64Array(this.count);
    this.#readable = new Float64Array(this.count);
    this.#peak = new Float64Array(this.count);
    this.#area = new Float64Array(this.count);
    this.#largeArea = Array.from({ length: this.count }, () => 0n);
    this.#changedAt = new Float64Array(this.count);
    this.#observer = observer;
  }

  /** Entries that are taken. */
  reserved(buffer: number): number {
    return this.#reserved[buffer]!;
  }

  /** Entries that hold a finished token. */
  readable(buffer: number): number {
    return this.#readable[buffer]!;
  }

  /** Most readable entries that lasted any time. */
  peak(buffer: number): number {
    return this.#peak[buffer]!;
  }

  /** Readable entries x ticks since it was last taken, up to the last `settle`. */
  takeArea(buffer: number): bigint {
    const area = this.#largeArea[buffer]! + BigInt(this.#area[buffer]!);
    this.#area[buffer] = 0;
    this.#largeArea[buffer] = 0n;
    return area;
  }

  hasRoom(buffer: number): boolean {
    return this.#reserved[buffer]! < this.#capacity[buffer]!;
  }

  /** Takes an entry for a token that is being made (SimPy's put request). */
  reserve(buffer: number, now: number): void {
    this.#reserved[buffer]!++;
    this.#observer?.level(buffer, now, this.#reserved[buffer]!, this.#readable[buffer]!);
  }

  /** The reserved entry's token is there (put). */
  publish(buffer: number, now: number): void {
    this.#settle(buffer, now);
    this.#readable[buffer]!++;
    this.#observer?.level(buffer, now, this.#reserved[buffer]!, this.#readable[buffer]!);
  }

  /** The oldest token has been read by all its readers; its entry is free (get). */
  release(buffer: number, now: number): void {
    this.#settle(buffer, now);
    if (this.#readable[buffer]! === 0)
      throw new InvariantError(`buffer ${buffer} released an entry that nobody published`);
    this.#readable[buffer]!--;
    this.#reserved[buffer]!--;
    this.#observer?.level(buffer, now, this.#reserved[buffer]!, this.#readable[buffer]!);
  }

  /** Closes the measurement of every buffer at `now`. */
  settle(now: number): void {
    for (let b = 0; b < this.count; b++) this.#settle(b, now);
  }

  /** Follows a rebase of the clock by `ticks`, after `settle`. */
  shift(ticks: number): void {
    for (let b = 0; b < this.count; b++) this.#changedAt[b]! -= ticks;
  }

  #settle(buffer: number, now: number): void {
    const elapsed = now - this.#changedAt[buffer]!;
    if (elapsed === 0) return;
    const readable = this.#readable[buffer]!;
    if (readable > this.#peak[buffer]!) this.#peak[buffer] = readable;
    const area = this.#area[buffer]! + readable * elapsed;
    if (area <= Number.MAX_SAFE_INTEGER) this.#area[buffer] = area;
    else this.#largeArea[buffer]! += BigInt(readable) * BigInt(elapsed);
    this.#changedAt[buffer] = now;
  }
}
