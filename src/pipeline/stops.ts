// Which units of a flow's chains see their waves one by one.

import type { FlowStage } from './flow.js';

/**
 * Stops: the units at which waves are simulated. Units that nobody else uses need not be: waves keep their order, so a
 * run of such units acts
 * as one unit with the sum of their latencies and the longest of their intervals (docs/kernel.md). Indexes: stage, unit
 * (flat over all chains).
 */
export interface Stops {
  /** First stop of the stage, and ticks from the chain's start to it. Means nothing in a chain without stops. */
  first: Int32Array;
  lead: Float64Array;
  /**
   * Ticks between waves at the first stop, set by the units before it; negative where the stop is the first unit and
   * sets them itself.
   */
  leadInterval: Float64Array;
  /** The stop behind each stop; negative behind the last. */
  next: Int32Array;
  /** The run of units between a stop and the next: latency (negative where there is none) and interval. */
  runLatency: Float64Array;
  runInterval: Float64Array;
  /** The unit whose count of waves is also each unit's. */
  countedAt: Int32Array;
}

/**
 * The stops of `stages`: all units when `exact`, else those of `shared` servers (1 for each unit). A stage that uses a
 * server twice stops at every
 * unit, since its own waves meet there. A chain without stops has its waves counted at each unit.
 */
export function placeStops(stages: readonly FlowStage[], shared: Uint8Array, exact: boolean): Stops {
  const stops: Stops = {
    first: new Int32Array(stages.length),
    lead: new Float64Array(stages.length),
    leadInterval: new Float64Array(stages.length).fill(-1),
    next: new Int32Array(shared.length).fill(-1),
    runLatency: new Float64Array(shared.length).fill(-1),
    runInterval: new Float64Array(shared.length),
    countedAt: Int32Array.from(shared, (_, k) => k),
  };
  let first = 0;
  stages.forEach(({ units }, s) => {
    const all = exact || new Set(units.map(({ server }) => server)).size < units.length;
    let stop = -1;
    units.forEach(({ latency, interval }, u) => {
      const k = first + u;
      if (all || shared[k] === 1) {
        if (stop >= 0) stops.next[stop] = k;
        else {
          stops.first[s] = k;
          stops.countedAt.fill(k, first, k);
        }
        stop = k;
      } else if (stop < 0) {
        stops.lead[s]! += latency;
        stops.leadInterval[s] = Math.max(stops.leadInterval[s]!, interval);
      } else {
        stops.runLatency[stop] = Math.max(0, stops.runLatency[stop]!) + latency;
        stops.runInterval[stop] = Math.max(stops.runInterval[stop]!, interval);
        stops.countedAt[k] = stop;
      }
    });
    first += units.length;
  });
  return stops;
}
