// The engine against an independent model of the same equations (max-plus.ts). CI tries 890 flows; `npm run max-plus`
// tries more, and other seeds.

import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi, type TestContext } from 'vitest';
import { STALL_CAUSES, runFlow, type Flow, type FlowResult, type FlowStage } from '../../src/pipeline/index.js';
import { predict, type Prediction } from './max-plus.js';
import { flowOf, flowShape, rowFlowOf, rowShape, turnFlowOf, turnShape } from './random-flows.js';

const seed = Number(process.env.SEED ?? 1981);
const times = Number(process.env.RUNS ?? 1);
vi.setConfig({ testTimeout: 60_000 * Math.max(1, times) });

/** What the model predicts, as the engine says it. */
function said({ makespan, firstResult, logicalCycles, stages, buffers }: FlowResult): Prediction {
  return {
    makespan: Number(makespan),
    firstResult: Number(firstResult),
    logicalCycles: logicalCycles === null ? null : Number(logicalCycles),
    stages: stages.map(({ services, busy, stalls, sets }) => ({
      services: Number(services),
      busy: Number(busy),
      stalls: {
        input: Number(stalls.input),
        output: Number(stalls.output),
        unit: Number(stalls.unit),
        lockstep: Number(stalls.lockstep),
        batch: Number(stalls.batch),
      },
      sets: sets === null ? null : { cycles: Number(sets.cycles), ticks: Number(sets.ticks) },
    })),
    buffers: buffers.map(({ peak, area, lifetimeCycles }) => ({ peak, area: Number(area), lifetimeCycles })),
  };
}

declare module 'vitest' {
  interface TaskMeta {
    /** Flows that a test has compared, as `npm run max-plus` counts them. */
    flows?: number;
  }
}

beforeEach(({ task }) => {
  task.meta.flows = 0;
});

/** Counts the flows whose stages waited for what each cause names, so that none is compared at zero only. */
const seen = Object.fromEntries(STALL_CAUSES.map((cause) => [cause, 0]));

function compare({ meta }: TestContext['task'], flow: Flow): void {
  const predicted = predict(flow);
  const [fast, exact] = [false, true].map((slow) => runFlow(flow, { exact: slow }));
  const waves = flow.stages.map(({ waves, units }, s) =>
    units.map(() => BigInt(waves * predicted.stages[s]!.services)),
  );
  for (const run of [fast!, exact!]) {
    expect(said(run)).toEqual(predicted);
    expect(run.unitWaves).toEqual(waves);
  }
  // An event for each wave at each unit and one for the end of a service; by rows one for the issue and one for the end
  // of each wave.
  const more = ({ waves }: FlowStage): number => (flow.granularity === 'row' ? 2 * waves : 1);
  const events = flow.stages.reduce(
    (sum, stage, s) => sum + predicted.stages[s]!.services * (stage.waves * stage.units.length + more(stage)),
    0,
  );
  expect([Number(exact!.events), exact!.skippedEvents]).toEqual([events, 0n]);
  expect(Number(fast!.events + fast!.skippedEvents)).toBe(events);
  for (const cause of STALL_CAUSES) if (predicted.stages.some(({ stalls }) => stalls[cause] > 0)) seen[cause]!++;
  meta.flows!++;
}

describe('makespan, busy times and waits equal the max-plus recurrences, to the tick', () => {
  it('elastic and lockstep, with units of their own and shared ones', ({ task }) => {
    fc.assert(
      fc.property(flowShape(4, 9), (shape) => {
        compare(task, flowOf(shape));
      }),
      { seed, numRuns: 300 * times },
    );
  });

  it('rows', ({ task }) => {
    fc.assert(
      fc.property(rowShape(6, 6), (shape) => {
        compare(task, rowFlowOf(shape));
      }),
      { seed, numRuns: 120 * times },
    );
  });

  it('long services, whose waves repeat', ({ task }) => {
    fc.assert(
      fc.property(flowShape(60, 3), (shape) => {
        compare(task, flowOf({ ...shape, shared: true }));
      }),
      { seed, numRuns: 80 * times },
    );
  });

  it('stages that take turns', ({ task }) => {
    fc.assert(
      fc.property(turnShape(3, 12), (shape) => {
        compare(task, turnFlowOf(shape));
      }),
      { seed, numRuns: 120 * times },
    );
  });

  it('stages that stand in another order than images pass them', ({ task }) => {
    fc.assert(
      fc.property(flowShape(3, 12), fc.array(fc.nat(), { minLength: 7, maxLength: 7 }), (shape, places) => {
        const flow = flowOf(shape);
        const placed = flow.stages.map((stage, s) => ({ stage, place: places[s]! }));
        compare(task, { ...flow, stages: placed.sort((a, b) => a.place - b.place).map(({ stage }) => stage) });
      }),
      { seed, numRuns: 120 * times },
    );
  });

  it('long times that nothing divides, over which the clock is set back', ({ task }) => {
    const ticks = (short: number): number => (short === 0 ? 0 : short * 2 ** 30 + 1);
    const long = (flow: Flow): Flow => ({
      ...flow,
      stages: flow.stages.map((stage) => ({
        ...stage,
        units: stage.units.map(({ server, latency, interval }) => ({
          ...{ server, latency: ticks(latency), interval: ticks(interval) },
        })),
      })),
    });
    const flows = fc.oneof(
      flowShape(4, 9).map(flowOf),
      rowShape(6, 6).map(rowFlowOf),
      turnShape(3, 12).map(turnFlowOf),
    );
    fc.assert(
      fc.property(flows, (flow) => {
        compare(task, long(flow));
      }),
      { seed, numRuns: 150 * times },
    );
  });

  // The few cases of mutation testing need not show every cause.
  it.skipIf(times < 1)('every cause of waiting was seen in at least 20 of them', () => {
    for (const cause of STALL_CAUSES) expect(seen[cause], cause).toBeGreaterThanOrEqual(20);
  });
});
