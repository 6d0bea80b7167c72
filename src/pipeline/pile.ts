// Arrivals to come at one stop.

import { ArrivalRun } from './arrival-run.js';

/** Of fewer arrivals no run is made. */
const LEAST_RUN = 16;

/** Ticks at which waves will reach a stop, in order: a queue of runs, and behind them a ring of numbers. */
export class Pile {
  #runs: ArrivalRun[] = [];
  /** The first run that is not empty; all runs before it are done. */
  #firstRun = 0;
  /** Arrivals in runs. */
  #inRuns = 0;
  #ring = new Float64Array(4);
  #first = 0;
  /** Arrivals in the ring. */
  #inRing = 0;

  get length(): number {
    return this.#inRuns + this.#inRing;
  }

  /** The earliest; there must be one. */
  get first(): number {
    return this.#inRuns > 0 ? this.#runs[this.#firstRun]!.first : this.#ring[this.#first]!;
  }

  /** Puts one behind all; returns how many there are. */
  push(time: number): number {
    if (this.#inRing === this.#ring.length) this.#grow();
    this.#ring[(this.#first + this.#inRing) & (this.#ring.length - 1)] = time;
    return ++this.#inRing + this.#inRuns;
  }

  /** Puts a run behind all; it is the pile's own from then on. */
  pushRun(run: ArrivalRun): void {
    if (run.length < LEAST_RUN) {
      for (; run.length > 0; run.shift()) this.push(run.first);
      return;
    }
    if (this.#inRing > 0) {
      const ring = new ArrivalRun(this.#inRing, this.#inRing);
      this.#writeRing(ring.times, 0, 0);
      this.#add(ring);
      this.#inRing = 0;
    }
    this.#add(run);
  }

  /** Takes off the first `count`; returns how many are left. */
  shift(count = 1): number {
    let left = count;
    while (left > 0 && this.#inRuns > 0) {
      const run = this.#runs[this.#firstRun]!;
      const taken = Math.min(left, run.length);
      left -= taken;
      this.#inRuns -= taken;
      if (run.shift(taken) === 0) this.#nextRun();
    }
    this.#first = (this.#first + left) & (this.#ring.length - 1);
    this.#inRing -= left;
    return this.#inRuns + this.#inRing;
  }

  /** Moves all by `ticks`. */
  add(ticks: number): void {
    for (let r = this.#firstRun; r < this.#runs.length; r++) this.#runs[r]!.add(ticks);
    for (let i = 0; i < this.#inRing; i++) this.#ring[(this.#first + i) & (this.#ring.length - 1)]! += ticks;
  }

  /** Writes all into `into`, less `now`, from `from` on. */
  write(into: Float64Array, from: number, now: number): void {
    let at = from;
    for (let r = this.#firstRun; r < this.#runs.length; r++) {
      const run = this.#runs[r]!;
      run.write(into, at, now);
      at += run.length;
    }
    this.#writeRing(into, at, now);
  }

  /** How many of the first `most` are as those of `run`. */
  agreement(run: ArrivalRun, most: number): number {
    let seen = 0;
    for (let r = this.#firstRun; r < this.#runs.length && seen < most; r++) {
      const part = Math.min(this.#runs[r]!.length, most - seen);
      const agree = this.#runs[r]!.agreement(run, seen, part);
      seen += agree;
      if (agree < part) return seen;
    }
    const rest = Math.min(this.#inRing, most - seen);
    for (let i = 0; i < rest; i++, seen++)
      if (this.#ring[(this.#first + i) & (this.#ring.length - 1)] !== run.at(seen)) return seen;
    return seen;
  }

  #add(run: ArrivalRun): void {
    this.#runs.push(run);
    this.#inRuns += run.length;
  }

  /** The first run is empty. */
  #nextRun(): void {
    this.#firstRun++;
    if (2 * this.#firstRun < this.#runs.length) return;
    this.#runs.splice(0, this.#firstRun);
    this.#firstRun = 0;
  }

  #writeRing(into: Float64Array, from: number, now: number): void {
    for (let i = 0; i < this.#inRing; i++)
      into[from + i] = this.#ring[(this.#first + i) & (this.#ring.length - 1)]! - now;
  }

  #grow(): void {
    const ring = new Float64Array(2 * this.#ring.length);
    this.#writeRing(ring, 0, 0);
    this.#ring = ring;
    this.#first = 0;
  }
}
