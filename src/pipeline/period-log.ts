// Periods of periods: jumps over waves that come again and again in the same order.

import { WaveLog } from './wave-log.js';

/** Jumps are first searched for a period when there are as many, and again whenever they have grown by a half. */
const FIRST_LOOK = 3;
/** Arrivals of a period of jumps at most, those that were jumped over among them. */
const LONGEST = 2 ** 17;

/**
 * What the log holds since it was last restarted, as sections: each ends with a period that was then jumped over so and
 * so often. Where sections repeat, the arrivals of all that they stand for are a period too, a long one; written out
 * in full they can be bounded and added as any other.
 */
export class PeriodLog {
  readonly #log: WaveLog;
  /** Where each section ends in the log, the arrivals of the period at its end, and how often they came once more. */
  readonly #end: number[] = [];
  readonly #period: number[] = [];
  readonly #periods: number[] = [];
  #sections = 0;
  #look = FIRST_LOOK;
  /** Two long periods in full. */
  readonly #full = new WaveLog();

  constructor(log: WaveLog) {
    this.#log = log;
  }

  /** The last two long periods in full. */
  get full(): WaveLog {
    return this.#full;
  }

  /** Forgets all, as the log has. */
  restart(): void {
    this.#sections = 0;
    this.#look = FIRST_LOOK;
  }

  /** The last `period` arrivals of the log were jumped over `periods` times. True when it is time for `longPeriod`. */
  note(period: number, periods: number): boolean {
    const section = this.#sections++;
    this.#end[section] = this.#log.count;
    this.#period[section] = period;
    this.#periods[section] = periods;
    return this.#sections >= this.#look;
  }

  /**
   * Arrivals of the shortest period of sections; `full` ends with two of them. The last three are of the same arrivals
   * and as many jumps, times differ from one to the next by the same ticks, and within a period that was jumped over
   * all by as many. 0 where there is none.
   */
  longPeriod(): number {
    const sections = this.#sections;
    this.#look = Math.ceil(sections * 1.5);
    for (let count = 1; 3 * count <= sections; count++)
      if (this.#alike(count) && this.#repeats(count)) return this.#writeOut(count);
    return 0;
  }

  /** Sections with the same numbers of arrivals and jumps. */
  #alike(count: number): boolean {
    for (let s = this.#sections - 1; s >= this.#sections - 2 * count; s--) {
      const t = s - count;
      if (this.#periods[s] !== this.#periods[t] || this.#period[s] !== this.#period[t]) return false;
      if (this.#length(s) !== this.#length(t)) return false;
    }
    return true;
  }

  #repeats(count: number): boolean {
    const log = this.#log;
    const first = this.#sections - count;
    const from = this.#begin(first);
    const long = this.#end[this.#sections - 1]! - from;
    if (!log.repeats(from, this.#end[this.#sections - 1]!, long)) return false;
    for (let s = first; s < this.#sections; s++) {
      const period = this.#period[s]!;
      for (let i = this.#end[s]! - period; i < this.#end[s]!; i++)
        if (!log.equallyApart(i, i - period, long)) return false;
    }
    return true;
  }

  /** Writes the last `2 * count` sections out; returns the arrivals of half of them, 0 where these are too many. */
  #writeOut(count: number): number {
    const log = this.#log;
    const full = this.#full;
    full.restart();
    const first = this.#sections - 2 * count;
    let arrivals = this.#end[this.#sections - 1]! - this.#begin(first);
    for (let s = first; s < this.#sections; s++) arrivals += this.#period[s]! * this.#periods[s]!;
    if (arrivals > 2 * LONGEST) return 0;
    for (let s = first; s < this.#sections; s++) {
      const end = this.#end[s]!;
      const period = this.#period[s]!;
      for (let i = this.#begin(s); i < end; i++) full.noteMoved(log, i, i, 0);
      for (let n = 1; n <= this.#periods[s]!; n++)
        for (let i = end - period; i < end; i++) full.noteMoved(log, i, i - period, n);
    }
    return arrivals / 2;
  }

  #begin(section: number): number {
    return section === 0 ? 0 : this.#end[section - 1]!;
  }

  #length(section: number): number {
    return this.#end[section]! - this.#begin(section);
  }
}
