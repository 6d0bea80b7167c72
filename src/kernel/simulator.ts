// The clock and its event loop: a simulation environment in integer ticks.

import { EventQueue } from './event-queue.js';
import type { Observer } from './observer.js';

/** Ticks beyond which doubles would no longer be exact integers once a delay is added. */
const LAST_TICK = 2 ** 52;

/** An internal rule of the kernel was broken: a bug, never a user's mistake. */
export class InvariantError extends Error {
  override name = 'InvariantError';
}

/**
 * SimPy's Environment and gem5's EventManager in one: `schedule` events, then `run` them in (time, priority, sequence)
 * order.
 * Events carry an integer code and argument; one dispatch function handles them all.
 */
export class Simulator {
  /** Present time in ticks since the last rebase. */
  now = 0;
  /** Events dispatched so far. */
  events = 0;
  readonly queue = new EventQueue();
  readonly observer: Observer | null;

  constructor(observer: Observer | null = null) {
    this.observer = observer;
  }

  /**
   * Schedules an event `delay` ticks (an integer, not negative) from now. @throws InvariantError for what is none, or
   * lies beyond 2^52 ticks.
   */
  schedule(delay: number, priority: number, code: number, argument: number): void {
    const time = this.now + delay;
    if (!(delay >= 0 && time <= LAST_TICK && Number.isInteger(delay)))
      throw new InvariantError(
        `event scheduled ${delay} ticks from ${this.now}, expected a whole number of ticks, at most up to ${LAST_TICK}`,
      );
    this.queue.push(time, priority, code, argument);
  }

  /** Dispatches events until none is left. */
  run(dispatch: (code: number, argument: number) => void): void {
    const { queue, observer } = this;
    while (queue.pop()) {
      this.now = queue.time;
      this.events++;
      if (observer !== null) observer.event(queue.time);
      dispatch(queue.code, queue.argument);
    }
  }

  /** Ends `run` after the event that is being dispatched: what is pending is dropped. */
  stop(): void {
    this.queue.clear();
  }

  /** Moves the origin of time to now, so that long runs stay exact; returns the ticks taken off. */
  rebase(): number {
    const ticks = this.now;
    this.queue.shift(ticks);
    this.now = 0;
    return ticks;
  }
}
