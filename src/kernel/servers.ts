// Pipelined servers: each takes a new client every initiation interval and answers after a latency.

/**
 * A bank of servers (SimPy's Resource, gem5's functional unit) kept as columns of numbers.
 * A request is granted first come, first served; requests of one tick come in the order of their events' priorities.
 */
export class Servers {
  readonly count: number;
  /** Tick at which each server can take its next client. */
  readonly #freeAt: Float64Array;

  /** @param freeAt where these ticks are kept, one a server. */
  constructor(count: number, freeAt: Float64Array = new Float64Array(count)) {
    this.count = count;
    this.#freeAt = freeAt;
  }

  /**
   * Grants `server` to a client that asks at `now` and holds it for `interval` ticks; returns the tick at which it
   * starts.
   */
  request(server: number, now: number, interval: number): number {
    const free = this.#freeAt[server]!;
    const start = free > now ? free : now;
    this.#freeAt[server] = start + interval;
    return start;
  }

  /** Ticks from `now` until the server can take its next client. */
  busyFor(server: number, now: number): number {
    return Math.max(0, this.#freeAt[server]! - now);
  }

  /** Follows a rebase of the clock by `ticks`. */
  shift(ticks: number): void {
    for (let i = 0; i < this.count; i++) this.#freeAt[i] = Math.max(0, this.#freeAt[i]! - ticks);
  }
}
