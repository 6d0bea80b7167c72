// What the waves of a run stand at, as columns of numbers.

import type { Chains } from './chains.js';

/** Where waves stand; times in ticks. Indexes: server, unit (flat over all chains), stage. */
export interface WaveColumns {
  /** Tick at which each server can take its next client. */
  readonly freeAt: Float64Array;
  /** Tick from which the stage itself would let a unit take its next wave. */
  readonly ownNext: Float64Array;
  /**
   * Of each unit since they were last added to the run's sums: ticks that waves waited for those of other stages, and
   * waves that entered. A wave's wait begins when the one before it has started: all together stay below the clock.
   */
  readonly waited: Float64Array;
  readonly entered: Float64Array;
  /** Waves of a stage's present service that are still to enter, and to leave. */
  readonly toEnter: Int32Array;
  readonly toLeave: Int32Array;
}

/** Columns at the start of a run. */
export function newColumns({ unitStage, firstUnit }: Chains, servers: number): WaveColumns {
  const [units, stages] = [unitStage.length, firstUnit.length];
  return {
    freeAt: new Float64Array(servers),
    ownNext: new Float64Array(units),
    waited: new Float64Array(units),
    entered: new Float64Array(units),
    toEnter: new Int32Array(stages),
    toLeave: new Int32Array(stages),
  };
}
