// Arrivals to come at one stop.

/** Ticks at which waves will reach a stop, in order: a queue in a ring of numbers. */
export class Pile {
  #ring = new Float64Array(4);
  #first = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The earliest; there must be one. */
  get first(): number {
    return this.#ring[this.#first]!;
  }

  at(index: number): number {
    return this.#ring[(this.#first + index) & (this.#ring.length - 1)]!;
  }

  /** Puts one behind all; returns how many there are. */
  push(time: number): number {
    if (this.#length === this.#ring.length) this.#grow();
    this.#ring[(this.#first + this.#length) & (this.#ring.length - 1)] = time;
    return ++this.#length;
  }

  /** Takes off the first `count`; returns how many are left. */
  shift(count = 1): number {
    this.#first = (this.#first + count) & (this.#ring.length - 1);
    this.#length -= count;
    return this.#length;
  }

  /** Moves one by `ticks`. */
  move(index: number, ticks: number): void {
    this.#ring[(this.#first + index) & (this.#ring.length - 1)]! += ticks;
  }

  /** Moves all by `ticks`. */
  add(ticks: number): void {
    for (let i = 0; i < this.#length; i++) this.move(i, ticks);
  }

  #grow(): void {
    const ring = new Float64Array(2 * this.#ring.length);
    for (let i = 0; i < this.#length; i++) ring[i] = this.at(i);
    this.#ring = ring;
    this.#first = 0;
  }
}
