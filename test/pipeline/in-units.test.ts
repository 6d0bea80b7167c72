import fc from 'fast-check';
import { expect, it } from 'vitest';
import { InvariantChecker } from '../../src/kernel/index.js';
import { inTicks, unitOf } from '../../src/pipeline/in-units.js';
import { runFlow, type Flow } from '../../src/pipeline/index.js';
import type { CycleMemo } from '../../src/pipeline/stage-bank.js';
import { flowOf, flowShape } from './random-flows.js';
import { trainingChain } from './flows.js';

const longer = (flow: Flow, by: number): Flow => ({
  ...flow,
  stages: flow.stages.map((stage) => ({
    ...stage,
    units: stage.units.map(({ server, latency, interval }) => ({
      ...{ server, latency: latency * by, interval: interval * by },
    })),
  })),
});

it('the unit of a run is the greatest ticks that divide all of its times', () => {
  const chain = (times: readonly number[]): Flow =>
    trainingChain({ layers: 2, images: 1, batch: 1, ticks: (k) => times[k % times.length]! });
  expect(unitOf(chain([50_880, 100_000]))).toBe(160);
  expect(unitOf(chain([2000, 2000]))).toBe(2000);
  expect(unitOf(chain([7, 2000]))).toBe(1);
  expect(unitOf(chain([0, 0]))).toBe(1);
});

it('a run in units says in ticks what one in ticks does, followed or not', () => {
  fc.assert(
    fc.property(flowShape(12, 40), fc.integer({ min: 2, max: 5000 }), (shape, by) => {
      const flow = flowOf(shape);
      const long = longer(flow, by);
      const run = runFlow(long);
      expect(run).toEqual(inTicks(runFlow(flow), by));
      const followed = runFlow(long, {
        cycles: { memo: new Map<string, CycleMemo>(), simulated: () => false, told: () => undefined },
      });
      expect({ ...followed, fastPath: null, events: 0n, skippedEvents: 0n }).toEqual({
        ...run,
        fastPath: null,
        events: 0n,
        skippedEvents: 0n,
      });
      const watched = runFlow(long, { exact: true, observer: new InvariantChecker(() => Infinity) });
      expect(runFlow(long, { exact: true })).toEqual(watched);
    }),
    { seed: 41, numRuns: 150 },
  );
});
