// The engine against an independent model of the same equations (max-plus.ts). CI tries 500 flows; `npm run max-plus`
// tries 10,000, and SEED=7 others.

import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { STALL_CAUSES, runFlow, type Flow, type FlowResult } from '../../src/pipeline/index.js';
import { predict, type Prediction } from './max-plus.js';
import { flowOf, flowShape, rowFlowOf, rowShape } from './random-flows.js';

const seed = Number(process.env.SEED ?? 1981);
const times = Number(process.env.RUNS ?? 1);
vi.setConfig({ testTimeout: 60_000 * Math.max(1, times) });

/** What the model predicts, as the engine says it. */
function said({ makespan, firstResult, logicalCycles, stages }: FlowResult): Prediction {
  return {
    makespan: Number(makespan),
    firstResult: Number(firstResult),
    logicalCycles: logicalCycles === null ? null : Number(logicalCycles),
    stages: stages.map(({ busy, stalls }) => ({
      busy: Number(busy),
      stalls: {
        input: Number(stalls.input),
        output: Number(stalls.output),
        unit: Number(stalls.unit),
        lockstep: Number(stalls.lockstep),
        batch: Number(stalls.batch),
      },
    })),
  };
}

/** Counts the flows whose stages waited for what each cause names, so that none is compared at zero only. */
const seen = Object.fromEntries(STALL_CAUSES.map((cause) => [cause, 0]));

function compare(flow: Flow): void {
  const predicted = predict(flow);
  expect(said(runFlow(flow))).toEqual(predicted);
  expect(said(runFlow(flow, { exact: true }))).toEqual(predicted);
  for (const cause of STALL_CAUSES) if (predicted.stages.some(({ stalls }) => stalls[cause] > 0)) seen[cause]!++;
}

describe('makespan, busy times and waits equal the max-plus recurrences, to the tick', () => {
  it('elastic and lockstep, with units of their own and shared ones', () => {
    fc.assert(
      fc.property(flowShape(4, 9), (shape) => {
        compare(flowOf(shape));
      }),
      { seed, numRuns: 300 * times },
    );
  });

  it('rows', () => {
    fc.assert(
      fc.property(rowShape(6, 6), (shape) => {
        compare(rowFlowOf(shape));
      }),
      { seed, numRuns: 120 * times },
    );
  });

  it('long services, whose waves repeat', () => {
    fc.assert(
      fc.property(flowShape(60, 3), (shape) => {
        compare(flowOf({ ...shape, shared: true }));
      }),
      { seed, numRuns: 80 * times },
    );
  });

  // The few cases of mutation testing need not show every cause.
  it.skipIf(times < 1)('every cause of waiting was seen in at least 20 of them', () => {
    for (const cause of STALL_CAUSES) expect(seen[cause], cause).toBeGreaterThanOrEqual(20);
  });
});
