// The pending events of a simulation, popped in (time, priority, sequence) order.

/**
 * A priority queue of events, each four integers: time (ticks), priority (smaller first), code and argument.
 * Ties in time and priority are first in, first out. No object is allocated per event.
 */
export class EventQueue {
  /** Fields of the event that `pop` last returned. */
  time = 0;
  priority = 0;
  code = 0;
  argument = 0;

  #size = 0;
  #sequence = 0;
  #times: Float64Array;
  #sequences: Float64Array;
  #priorities: Int32Array;
  #codes: Int32Array;
  #arguments: Int32Array;

  constructor(capacity = 1024) {
    this.#times = new Float64Array(capacity);
    this.#sequences = new Float64Array(capacity);
    this.#priorities = new Int32Array(capacity);
    this.#codes = new Int32Array(capacity);
    this.#arguments = new Int32Array(capacity);
  }

  get size(): number {
    return this.#size;
  }

  /** Adds an event. `time` is an integer tick, not before the last popped one (the simulator checks). */
  push(time: number, priority: number, code: number, argument: number): void {
    if (this.#size === this.#times.length) this.#grow();
    const sequence = this.#sequence++;
    let hole = this.#size++;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (!this.#before(time, priority, sequence, parent)) break;
      this.#move(parent, hole);
      hole = parent;
    }
    this.#put(hole, time, priority, sequence, code, argument);
  }

  /** Takes the earliest event into the fields; false when the queue is empty. */
  pop(): boolean {
    if (this.#size === 0) return false;
    this.time = this.#times[0]!;
    this.priority = this.#priorities[0]!;
    this.code = this.#codes[0]!;
    this.argument = this.#arguments[0]!;
    const last = --this.#size;
    if (last === 0) return true;
    const time = this.#times[last]!;
    const priority = this.#priorities[last]!;
    const sequence = this.#sequences[last]!;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= last) break;
      if (child + 1 < last && this.#before(this.#times[child + 1]!, this.#priorities[child + 1]!, this.#sequences[child + 1]!, child)) child++;
      if (this.#before(time, priority, sequence, child)) break;
      this.#move(child, hole);
      hole = child;
    }
    this.#put(hole, time, priority, sequence, this.#codes[last]!, this.#arguments[last]!);
    return true;
  }

  /** Takes `ticks` off the time of every pending event (a rebase of the clock). */
  shift(ticks: number): void {
    for (let i = 0; i < this.#size; i++) this.#times[i]! -= ticks;
  }

  #before(time: number, priority: number, sequence: number, at: number): boolean {
    if (time !== this.#times[at]!) return time < this.#times[at]!;
    if (priority !== this.#priorities[at]!) return priority < this.#priorities[at]!;
    return sequence < this.#sequences[at]!;
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#times[from]!, this.#priorities[from]!, this.#sequences[from]!, this.#codes[from]!, this.#arguments[from]!);
  }

  #put(at: number, time: number, priority: number, sequence: number, code: number, argument: number): void {
    this.#times[at] = time;
    this.#priorities[at] = priority;
    this.#sequences[at] = sequence;
    this.#codes[at] = code;
    this.#arguments[at] = argument;
  }

  #grow(): void {
    const size = 2 * this.#times.length;
    this.#times = grown(this.#times, new Float64Array(size));
    this.#sequences = grown(this.#sequences, new Float64Array(size));
    this.#priorities = grown(this.#priorities, new Int32Array(size));
    this.#codes = grown(this.#codes, new Int32Array(size));
    this.#arguments = grown(this.#arguments, new Int32Array(size));
  }
}

function grown<T extends Float64Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
