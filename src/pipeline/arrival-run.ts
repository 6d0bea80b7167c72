// Arrivals in a pattern that comes again and again, each time later along straight lines.

/** Ticks in order: a pattern of `times`, each of them later by its own of `paces` whenever it comes again. */
export class ArrivalRun {
  times: Float64Array;
  paces: Float64Array;
  #size: number;
  #length: number;
  /** Place in the pattern of the next one, and how often the pattern has come before. */
  #place = 0;
  #round = 0;

  /**
   * `times` and `paces` are to be set.
   * @param size ticks of the pattern.
   * @param length arrivals; the last pattern need not be whole.
   */
  constructor(size: number, length: number) {
    this.times = new Float64Array(size);
    this.paces = new Float64Array(size);
    this.#size = size;
    this.#length = length;
  }

  get length(): number {
    return this.#length;
  }

  /** The earliest; there must be one. */
  get first(): number {
    return this.times[this.#place]! + this.#round * this.paces[this.#place]!;
  }

  /** Begins anew as a run of other arrivals: `times` and `paces` are to be set. */
  become(size: number, length: number): void {
    if (size > this.times.length) {
      this.times = new Float64Array(2 * size);
      this.paces = new Float64Array(2 * size);
    }
    this.#size = size;
    this.#length = length;
    this.#place = 0;
    this.#round = 0;
  }

  /** Takes off the first `count`; returns how many are left. */
  shift(count = 1): number {
    this.#place += count;
    if (this.#place >= this.#size) {
      this.#round += Math.floor(this.#place / this.#size);
      this.#place %= this.#size;
    }
    return (this.#length -= count);
  }

  /** Moves all by `ticks`. */
  add(ticks: number): void {
    for (let i = 0; i < this.#size; i++) this.times[i]! += ticks;
  }

  /** The one behind the first `index`. */
  at(index: number): number {
    const place = this.#place + index;
    const round = Math.floor(place / this.#size);
    const inPattern = place - round * this.#size;
    return this.times[inPattern]! + (this.#round + round) * this.paces[inPattern]!;
  }

  /** Writes all into `into`, less `now`, from `from` on. */
  write(into: Float64Array, from: number, now: number): void {
    let place = this.#place;
    let round = this.#round;
    for (let i = from; i < from + this.#length; i++) {
      into[i] = this.times[place]! + round * this.paces[place]! - now;
      if (++place === this.#size) {
        place = 0;
        round++;
      }
    }
  }

  /**
   * How many of the first `most` are as those of `other` from its `from`-th on. Both are straight lines in the number
   * of their common patterns, so two of these tell of all.
   */
  agreement(other: ArrivalRun, from: number, most: number): number {
    const a = this.#size;
    const b = other.#size;
    const looked = Math.min(most, 2 * a * (b / commonDivisor(a, b)));
    let place = this.#place;
    let round = this.#round;
    let otherPlace = other.#place + from;
    let otherRound = other.#round + Math.floor(otherPlace / b);
    otherPlace %= b;
    for (let i = 0; i < looked; i++) {
      const time = this.times[place]! + round * this.paces[place]!;
      if (time !== other.times[otherPlace]! + otherRound * other.paces[otherPlace]!) return i;
      if (++place === a) {
        place = 0;
        round++;
      }
      if (++otherPlace === b) {
        otherPlace = 0;
        otherRound++;
      }
    }
    return most;
  }
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
