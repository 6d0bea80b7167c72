// The clock and its event loop: a simulation environment in integer ticks.

import { EventQueue } from './event-queue.js';
import type { Observer } from './observer.js';
import type { Queue } from './queue.js';

/** Ticks beyond which doubles would no longer be exact integers once a delay is added. */
const LAST_TICK = 2 ** 52;

/** A run's pulse beats once in so many events, less one: some tenths of a second. */
const PULSE_MASK = 2 ** 20 - 1;

/** An internal rule of the kernel was broken: a bug, never a user's mistake. */
export class InvariantError extends Error {
  override name = 'InvariantError';
}

/**
 * SimPy's Environment and gem5's EventManager in one: `schedule` events, then `run` them in (time, priority, sequence)
 * order. Events carry an integer code and argument; one dispatch function handles them all.
 */
export class Simulator {
  readonly #queue: Queue;
  readonly #observer: Observer | null;
  readonly #pulse: (() => void) | null;
  #now = 0;
  #events = 0;
  /** Ticks before the present origin of time. */
  #origin = 0n;

  /**
   * @param pulse called now and then while events are dispatched, for whoever shows progress.
   * @param queue what is pending is kept in, from the start of the run.
   */
  constructor(observer: Observer | null = null, pulse: (() => void) | null = null, queue: Queue = new EventQueue()) {
    this.#queue = queue;
    this.#observer = observer;
    this.#pulse = pulse;
  }

  /** Present time in ticks since the last rebase. */
  get now(): number {
    return this.#now;
  }

  /** Ticks since the start of the run. */
  get time(): bigint {
    return this.#origin + BigInt(this.#now);
  }

  /** Events dispatched so far. */
  get events(): number {
    return this.#events + this.#queue.served;
  }

  /** Events that are scheduled and not yet dispatched. */
  get scheduled(): number {
    return this.#queue.size;
  }

  /**
   * Schedules an event `delay` ticks (an integer, not negative) from now. @throws InvariantError for what is none, or
   * lies beyond 2^52 ticks.
   */
  schedule(delay: number, priority: number, code: number, argument: number): void {
    const time = this.#now + delay;
    if (!(delay >= 0 && time <= LAST_TICK && Number.isInteger(delay)))
      throw new InvariantError(
        `event scheduled ${delay} ticks from ${this.#now}, expected a whole ` +
          `number of ticks, at most up to ${LAST_TICK}`,
      );
    this.#queue.push(time, priority, code, argument);
  }

  /**
   * Schedules an event at tick `time`, for code that only adds whole ticks. @throws InvariantError for a time in the
   * past or beyond 2^52 ticks.
   */
  scheduleAt(time: number, priority: number, code: number, argument: number): void {
    if (!(time >= this.#now && time <= LAST_TICK)) throw outOfReach(time, this.#now);
    this.#queue.push(time, priority, code, argument);
  }

  /** Dispatches events until none is left. */
  run(dispatch: (code: number, argument: number) => void): void {
    const queue = this.#queue;
    const observer = this.#observer;
    const pulse = this.#pulse;
    while (queue.pop()) {
      this.#now = queue.time;
      if ((++this.#events & PULSE_MASK) === 0 && pulse !== null) pulse();
      if (observer !== null) observer.event(queue.time);
      dispatch(queue.code, queue.argument);
    }
  }

  /** Ends `run` after the event that is being dispatched: what is pending is dropped. */
  stop(): void {
    this.#queue.clear();
  }

  /**
   * Moves the clock on to tick `time`, over which nothing is pending. @throws InvariantError for a time in the past.
   */
  advance(time: number): void {
    if (!(time >= this.#now)) throw new InvariantError(`clock moved to ${time}, now ${this.#now}`);
    this.#now = time;
  }

  /** Adds `ticks` to the time of the run and to nothing else: what is pending stays as far from now as it is. */
  leap(ticks: bigint): void {
    this.#origin += ticks;
  }

  /** Moves the origin of time to now, so that long runs stay exact; returns the ticks taken off. */
  rebase(): number {
    const ticks = this.#now;
    this.#queue.shift(ticks);
    this.#origin += BigInt(ticks);
    this.#now = 0;
    return ticks;
  }

  /** The pending events in order, four numbers each: ticks from now, priority, code, argument. */
  pending(): number[][] {
    return this.#queue.pending().map(([time, ...rest]) => [time! - this.#now, ...rest]);
  }
}

/** Apart from the hot code that throws it, so that this stays short enough to be inlined. */
const outOfReach = (time: number, now: number): InvariantError =>
  new InvariantError(`event scheduled at ${time}, expected from ${now} to ${LAST_TICK}`);
