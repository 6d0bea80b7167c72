// The last arrivals of waves, and whether they repeat.

/** Arrivals that are searched for a period, which may be a third of them. */
const SEARCHED = 6144;
/** Arrivals that are kept at most, with those before earlier jumps. */
const KEPT = 2 ** 16;
/** Arrivals are first searched for a period when there are as many, and again whenever they have grown by a half. */
const FIRST_LOOK = 9;

/**
 * Columns of what decided each arrival: unit, arrival, when server, stage and run were free, start, end. Ticks. What
 * came before a jump over periods is kept (`PeriodLog` reads it), and no longer searched.
 */
export class WaveLog {
  unit: Int32Array;
  at: Float64Array;
  free: Float64Array;
  own: Float64Array;
  run: Float64Array;
  start: Float64Array;
  /** When the wave left the unit and entered the run of units behind it. */
  leaves: Float64Array;
  #count = 0;
  /** Where the arrivals begin that are searched. */
  #from = 0;
  #look = FIRST_LOOK;

  /** @param length arrivals for which there is room at first. */
  constructor(length = SEARCHED) {
    this.unit = new Int32Array(length);
    [this.at, this.free, this.own, this.run, this.start, this.leaves] = columns(length);
  }

  get count(): number {
    return this.#count;
  }

  /** True when it is time to look for a period. */
  get due(): boolean {
    return this.#count >= this.#look;
  }

  /** True when no arrival more can be searched or kept. */
  get full(): boolean {
    return this.#count === Math.min(this.#from + SEARCHED, KEPT);
  }

  /** Forgets all: what comes is not to be compared with what was. */
  restart(): void {
    this.#count = 0;
    this.#from = 0;
    this.#look = FIRST_LOOK;
  }

  /** Searches only what comes; false where no more can be kept. */
  cut(): boolean {
    this.#from = this.#count;
    this.#lookAt(this.#from + FIRST_LOOK);
    return this.#from + FIRST_LOOK <= KEPT;
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
    const searched = this.#count - this.#from;
    this.#lookAt(this.#from + Math.min(SEARCHED, Math.ceil(searched * 1.5)));
    for (let period = 1; 3 * period <= searched; period++)
      if (this.repeats(this.#count - period, this.#count, period)) return period;
    return 0;
  }

  /** True where the arrivals from `from` to before `to` are as those one and two periods before, in equal steps. */
  repeats(from: number, to: number, period: number): boolean {
    for (let i = to - 1; i >= from; i--) if (!this.#repeats(i, period)) return false;
    return true;
  }

  /** True where each time of arrival `i` differs from that `distance` arrivals before as those of arrival `j` do. */
  equallyApart(i: number, j: number, distance: number): boolean {
    return (
      apart(this.at, i, j, distance) &&
      apart(this.start, i, j, distance) &&
      apart(this.leaves, i, j, distance) &&
      apart(this.free, i, j, distance) &&
      apart(this.own, i, j, distance) &&
      apart(this.run, i, j, distance)
    );
  }

  /** Arrival `i` of another log, moved by `times` what it came later there than arrival `j`. */
  noteMoved(log: WaveLog, i: number, j: number, times: number): void {
    if (this.#count === this.unit.length) this.#grow();
    this.note(
      log.unit[i]!,
      moved(log.at, i, j, times),
      moved(log.free, i, j, times),
      moved(log.own, i, j, times),
      moved(log.run, i, j, times),
      moved(log.start, i, j, times),
      moved(log.leaves, i, j, times),
    );
  }

  #repeats(i: number, period: number): boolean {
    const j = i - period;
    return this.unit[i] === this.unit[j] && this.unit[i] === this.unit[j - period] && this.equallyApart(i, j, period);
  }

  /** Sets when to look next; until then there is room. */
  #lookAt(count: number): void {
    this.#look = Math.min(count, KEPT);
    while (this.#look > this.unit.length) this.#grow();
  }

  #grow(): void {
    const { unit, at, free, own, run, start, leaves } = this;
    this.unit = new Int32Array(2 * unit.length);
    this.unit.set(unit);
    [this.at, this.free, this.own, this.run, this.start, this.leaves] = columns(2 * unit.length);
    this.at.set(at);
    this.free.set(free);
    this.own.set(own);
    this.run.set(run);
    this.start.set(start);
    this.leaves.set(leaves);
  }
}

const apart = (times: Float64Array, i: number, j: number, distance: number): boolean =>
  times[i]! - times[i - distance]! === times[j]! - times[j - distance]!;

const moved = (times: Float64Array, i: number, j: number, by: number): number =>
  times[i]! + by * (times[i]! - times[j]!);

type Six = [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];

function columns(length: number): Six {
  const column = (): Float64Array => new Float64Array(length);
  return [column(), column(), column(), column(), column(), column()];
}
