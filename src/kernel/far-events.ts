// Events beyond the reach of the timing wheel: a binary heap in (time, priority, sequence) order.

/** A binary heap over typed arrays; the plain form of `EventQueue`, exact in all its ties. */
export class FarEvents {
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

  constructor(capacity = 16) {
    this.#times = new Float64Array(capacity);
    this.#sequences = new Float64Array(capacity);
    this.#priorities = new Int32Array(capacity);
    this.#codes = new Int32Array(capacity);
    this.#arguments = new Int32Array(capacity);
  }

  get size(): number {
    return this.#size;
  }

  /** Time of the earliest event; the heap must not be empty. */
  get firstTime(): number {
    return this.#times[0]!;
  }

  /** Adds an event. */
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
      if (
        child + 1 < last &&
        this.#before(this.#times[child + 1]!, this.#priorities[child + 1]!, this.#sequences[child + 1]!, child)
      )
        child++;
      if (this.#before(time, priority, sequence, child)) break;
      this.#move(child, hole);
      hole = child;
    }
    this.#put(hole, time, priority, sequence, this.#codes[last]!, this.#arguments[last]!);
    return true;
  }

  /** The events in order, four numbers each: time, priority, code, argument. */
  pending(): number[][] {
    const order = Array.from({ length: this.#size }, (_, i) => i);
    order.sort((a, b) => (this.#before(this.#times[a]!, this.#priorities[a]!, this.#sequences[a]!, b) ? -1 : 1));
    return order.map((i) => [this.#times[i]!, this.#priorities[i]!, this.#codes[i]!, this.#arguments[i]!]);
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
    this.#put(
      to,
      this.#times[from]!,
      this.#priorities[from]!,
      this.#sequences[from]!,
      this.#codes[from]!,
      this.#arguments[from]!,
    );
  }

  /** Positional: called for every event that is sifted, with numbers that stand in columns. */
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
