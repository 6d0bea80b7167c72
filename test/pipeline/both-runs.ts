// A flow run with its fast paths and event by event.

import { expect } from 'vitest';
import { STALL_CAUSES, runFlow, type Flow, type FlowResult } from '../../src/pipeline/index.js';

const facts = ({ makespan, firstResult, stages, unitWaves, buffers, events, skippedEvents }: FlowResult): unknown => [
  ...[makespan, firstResult, unitWaves, buffers, events + skippedEvents],
  ...stages.flatMap(({ busy, stalls }) => [busy, ...STALL_CAUSES.map((cause) => stalls[cause])]),
];

/** Events that either run took; expects that both say the same of every time and count. */
export function bothRuns(flow: Flow): { fast: bigint; exact: bigint } {
  const fast = runFlow(flow);
  const exact = runFlow(flow, { exact: true });
  expect(facts(fast)).toEqual(facts(exact));
  return { fast: fast.events, exact: exact.events };
}
