// Ends of services as the only events of a run: few at a time, and nearly always in the order in which they are known.

import type { Queue } from '../kernel/index.js';
import { FINISH, PRIORITY_FINISH } from './events.js';

/** A queue of FINISH events in (time, sequence) order, kept in that order; of each stage there is one at most. */
export class EndQueue implements Queue {
  readonly code = FINISH;
  readonly served = 0;
  time = 0;
  argument = 0;
  /** Ticks and stages from `#first` to `#end`. */
  readonly #times: Float64Array;
  readonly #stages: Int32Array;
  #first = 0;
  #end = 0;

  constructor(stages: number) {
    this.#times = new Float64Array(2 * stages);
    this.#stages = new Int32Array(2 * stages);
  }

  get size(): number {
    return this.#end - this.#first;
  }

  /** Tick of the earliest; Infinity where there is none. */
  get next(): number {
    return this.#first < this.#end ? this.#times[this.#first]! : Infinity;
  }

  push(time: number, _priority: number, _code: number, stage: number): void {
    if (this.#end === this.#times.length) this.#moveToFront();
    // Where none is left, what stood there last sends it either way, and both are right.
    const place = time < this.#times[(this.#first + this.#end) >> 1]! ? this.#openEarly(time) : this.#openLate(time);
    this.#times[place] = time;
    this.#stages[place] = stage;
  }

  pop(): boolean {
    if (this.#first === this.#end) return false;
    this.time = this.#times[this.#first]!;
    this.argument = this.#stages[this.#first++]!;
    return true;
  }

  shift(ticks: number): void {
    for (let i = this.#first; i < this.#end; i++) this.#times[i]! -= ticks;
    this.time -= ticks;
  }

  clear(): void {
    this.#first = this.#end;
  }

  pending(): number[][] {
    return Array.from(this.#times.subarray(this.#first, this.#end), (time, i) => [
      ...[time, PRIORITY_FINISH, FINISH, this.#stages[this.#first + i]!],
    ]);
  }

  /** Room for an end, made by moving those before it; there is a later one. */
  #openEarly(time: number): number {
    if (this.#first === 0) return this.#openLate(time);
    const times = this.#times;
    const stages = this.#stages;
    let place = --this.#first;
    for (; times[place + 1]! <= time; place++) {
      times[place] = times[place + 1]!;
      stages[place] = stages[place + 1]!;
    }
    return place;
  }

  /** Room for an end, made by moving those behind it. */
  #openLate(time: number): number {
    const times = this.#times;
    const stages = this.#stages;
    let place = this.#end++;
    for (; place > this.#first && times[place - 1]! > time; place--) {
      times[place] = times[place - 1]!;
      stages[place] = stages[place - 1]!;
    }
    return place;
  }

  #moveToFront(): void {
    this.#times.copyWithin(0, this.#first, this.#end);
    this.#stages.copyWithin(0, this.#first, this.#end);
    this.#end -= this.#first;
    this.#first = 0;
  }
}
