// The last arrivals of waves, and whether they repeat.

/** Arrivals that are kept; a period may be a third of it. */
const CAPACITY = 6144;
/** A log is first searched for a period when it has this many arrivals, and again whenever it has grown by a half. */
const FIRST_LOOK = 9;

/** Columns of what decided each arrival: unit, arrival, when server, stage and run were free, start, end. Ticks. */
export class WaveLog {
  readonly unit = new Int32Array(CAPACITY);
  readonly at = new Float64Array(CAPACITY);
  readonly free = new Float64Array(CAPACITY);
  readonly own = new Float64Array(CAPACITY);
  readonly run = new Float64Array(CAPACITY);
  readonly start = new Float64Array(CAPACITY);
  /** When the wave left the unit and entered the run of units behind it. */
  readonly leaves = new Float64Array(CAPACITY);
  #count = 0;
  #look = FIRST_LOOK;

  get count(): number {
    return this.#count;
  }

  /** True when it is time to look for a period. */
  get due(): boolean {
    return this.#count >= this.#look;
  }

  /** True when no arrival more can be kept. */
  get full(): boolean {
    return this.#count === CAPACITY;
  }

  /** Forgets all: what comes is not to be compared with what was. */
  restart(): void {
    this.#count = 0;
    this.#look = FIRST_LOOK;
  }

  /** Notes an arrival. Positional: called for every arrival in the loop of closed steps. */
  note(unit: number, at: number, free: number, own: number, run: number, start: number, leaves: number): void {
    const i = this.#count++;
    this.unit[i] = unit;
    this.at[i] = at;
    this.free[i] = free;
    this.own[i] = own;
    this.run[i] = run;
    this.start[i] = start;
    this.leaves[i] = leaves;
  }

  /**
   * Arrivals of the shortest period: the last three of them are of the same units in the same order, and each time
   * differs from the one a period before as that did from the one before it. 0 where there is none.
   */
  period(): number {
    this.#look = Math.min(CAPACITY, Math.ceil(this.#count * 1.5));
    const last = this.#count - 1;
    for (let period = 1; 3 * period <= this.#count; period++) {
      let i = last;
      while (i > last - period && this.#repeats(i, period)) i--;
      if (i === last - period) return period;
    }
    return 0;
  }

  #repeats(i: number, period: number): boolean {
    const j = i - period;
    const k = j - period;
    return (
      this.unit[i] === this.unit[j] &&
      this.unit[i] === this.unit[k] &&
      steady(this.at, i, j, k) &&
      steady(this.start, i, j, k) &&
      steady(this.leaves, i, j, k) &&
      steady(this.free, i, j, k) &&
      steady(this.own, i, j, k) &&
      steady(this.run, i, j, k)
    );
  }
}

const steady = (times: Float64Array, i: number, j: number, k: number): boolean =>
  times[i]! - times[j]! === times[j]! - times[k]!;
