// What a simulation asks of the queue of its events.

/** Pending events, popped in (time, priority, sequence) order; `EventQueue` says what of. */
export interface Queue {
  /** Fields of the event that `pop` last returned. */
  readonly time: number;
  readonly code: number;
  readonly argument: number;
  /** Pending events. */
  readonly size: number;
  /** Events that the queue has served itself, and `pop` never returned. */
  readonly served: number;
  push(time: number, priority: number, code: number, argument: number): void;
  pop(): boolean;
  shift(ticks: number): void;
  clear(): void;
  pending(): number[][];
}
