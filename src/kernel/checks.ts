// `--check`: an observer that watches the kernel's invariants and throws at the first that breaks.

import type { Observer, ServiceTimes } from './observer.js';
import { InvariantError } from './simulator.js';

/** Watches that time never runs backwards, servers never overlap, capacities hold and no token comes from nowhere. */
export class InvariantChecker implements Observer {
  /** Events and services seen. */
  events = 0;
  services = 0;
  #now = 0;
  readonly #release = new Map<number, number>();
  readonly #capacity: (buffer: number) => number;

  /** @param capacity entries that a buffer may hold (reserved ones included). */
  constructor(capacity: (buffer: number) => number) {
    this.#capacity = capacity;
  }

  event(time: number): void {
    this.events++;
    if (time < this.#now) throw new InvariantError(`nothing in the past: event at ${time}, now ${this.#now}`);
    if (!Number.isSafeInteger(time)) throw new InvariantError(`integer ticks: event at ${time}`);
    this.#now = time;
  }

  service(server: number, client: number, { start, release, finish }: ServiceTimes): void {
    this.services++;
    const free = this.#release.get(server) ?? 0;
    if (start < free)
      throw new InvariantError(
        `one client at a time: server ${server} took client ${client} at ${start}, busy until ${free}`,
      );
    if (start < this.#now || release < start || finish < start) {
      throw new InvariantError(
        `services run forward: server ${server} at ${this.#now}: ${start}, ${release}, ${finish}`,
      );
    }
    this.#release.set(server, release);
  }

  level(buffer: number, time: number, reserved: number, readable: number): void {
    if (time < this.#now)
      throw new InvariantError(`nothing in the past: buffer ${buffer} changed at ${time}, now ${this.#now}`);
    if (readable < 0 || reserved < readable)
      throw new InvariantError(`tokens conserved: buffer ${buffer} holds ${readable} of ${reserved} reserved`);
    if (reserved > this.#capacity(buffer)) {
      throw new InvariantError(`capacity kept: buffer ${buffer} holds ${reserved} of ${this.#capacity(buffer)}`);
    }
  }

  /** Follows a rebase of the clock by `ticks`. */
  rebase(ticks: number): void {
    this.#now -= ticks;
    for (const [server, release] of this.#release) this.#release.set(server, Math.max(0, release - ticks));
  }
}
