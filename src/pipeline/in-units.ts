// A flow in units of the greatest ticks that divide all of its times: smaller numbers, which the queues of events take
// with fewer moves. A result is said in ticks again.

import { mapped } from '../kernel/index.js';
import { STALL_CAUSES, type Flow, type FlowResult, type StallCause } from './flow.js';

/** The greatest ticks that all times of a flow are multiples of; at least 1. */
export function unitOf({ stages }: Flow): number {
  let unit = 0;
  for (const { units } of stages)
    for (const { latency, interval } of units) {
      if (latency % unit !== 0) unit = commonDivisor(unit, latency);
      if (interval % unit !== 0) unit = commonDivisor(unit, interval);
      if (unit === 1) return 1;
    }
  return Math.max(1, unit);
}

/** The flow with its times in units of `unit` ticks, of which all are multiples. */
export function inUnits(flow: Flow, unit: number): Flow {
  return {
    ...flow,
    stages: mapped(flow.stages, (stage) => ({
      ...stage,
      units: mapped(stage.units, ({ server, latency, interval }) => ({
        ...{ server, latency: latency / unit, interval: interval / unit },
      })),
    })),
  };
}

/** The result of a flow whose times were in units of `unit` ticks, in ticks. */
export function inTicks(result: FlowResult, unit: number): FlowResult {
  const by = BigInt(unit);
  const stalls = (of: Record<StallCause, bigint>): Record<StallCause, bigint> => {
    const ticks = { ...of };
    for (const cause of STALL_CAUSES) ticks[cause] *= by;
    return ticks;
  };
  return {
    ...result,
    makespan: result.makespan * by,
    firstResult: result.firstResult * by,
    stages: mapped(result.stages, (stage) => ({
      ...stage,
      busy: stage.busy * by,
      stalls: stalls(stage.stalls),
      sets: stage.sets === null ? null : { cycles: stage.sets.cycles, ticks: stage.sets.ticks * by },
    })),
    buffers: mapped(result.buffers, (buffer) => ({ ...buffer, area: buffer.area * by })),
  };
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
