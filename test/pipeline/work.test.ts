// How much of a run is simulated one by one, counted in events: fast paths that no longer find what repeats would still
// be exact, and take hours. The flows are always the same ones.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STALL_CAUSES, runFlow, type Flow, type FlowResult } from '../../src/pipeline/index.js';
import { flowOf, flowShape, rowFlowOf, rowShape } from './random-flows.js';

const drawn = <T>(shape: fc.Arbitrary<T>, seed: number): T[] => fc.sample(shape, { numRuns: 150, seed });

const WAVES = drawn(flowShape(400, 3), 11).map((shape) => flowOf({ ...shape, shared: true }));

/** Flows, the most events that they may take together, and images that are jumped over. */
const SERIES: [string, Flow[], number, number][] = [
  ['waves of long services at shared units', WAVES, 49_976, 0],
  [
    'images, elastic',
    drawn(flowShape(3, 120), 12).map((shape) => flowOf({ ...shape, advance: 'elastic', barrier: false })),
    24_126,
    5211,
  ],
  [
    'images, lockstep',
    drawn(flowShape(3, 120), 13).map((shape) => flowOf({ ...shape, advance: 'lockstep', barrier: false })),
    3998,
    7152,
  ],
  [
    'images at shared units',
    drawn(flowShape(3, 120), 14).map((shape) => flowOf({ ...shape, shared: true, barrier: false })),
    24_898,
    6298,
  ],
  [
    'batches',
    drawn(flowShape(3, 200), 15).map((shape) => flowOf({ ...shape, barrier: true, batch: 1 + (shape.batch % 7) })),
    5311,
    12_477,
  ],
  ['rows', drawn(rowShape(4, 60), 16).map(rowFlowOf), 30_435, 2664],
];

/** What must be the same whatever path was taken. */
const facts = (run: FlowResult): object => ({ ...run, events: 0n, skippedEvents: 0n, fastPath: null });

describe('what fast paths simulate', () => {
  it.each(SERIES)('%s: equal to the event-by-event runs, with at most so many events', (_, flows, most, jumped) => {
    let events = 0;
    let images = 0;
    for (const flow of flows) {
      const run = runFlow(flow);
      expect(facts(run)).toEqual(facts(runFlow(flow, { exact: true })));
      events += Number(run.events);
      for (const jump of run.fastPath.jumps) {
        expect(jump.images % jump.periods).toBe(0);
        expect(jump.atImage + jump.images).toBeLessThanOrEqual(flow.images);
        images += jump.images;
      }
    }
    // Fewer events are welcome: these are what it takes now.
    expect(events).toBeLessThanOrEqual(most);
    expect(images).toBeGreaterThanOrEqual(jumped);
  });

  it('times that are 2^30 times as long give runs that are, waits beyond what doubles count included', () => {
    const factor = 2 ** 30;
    for (const flow of WAVES) {
      const long = flow.stages.map((stage) => ({
        ...stage,
        units: stage.units.map(({ server, latency, interval }) => ({
          ...{ server, latency: latency * factor, interval: interval * factor },
        })),
      }));
      const times = ({ makespan, firstResult, stages }: FlowResult, by: bigint): bigint[] => [
        makespan * by,
        firstResult * by,
        ...stages.flatMap(({ busy, stalls }) => [busy * by, ...STALL_CAUSES.map((cause) => stalls[cause] * by)]),
      ];
      expect(times(runFlow({ ...flow, stages: long }), 1n)).toEqual(times(runFlow(flow), BigInt(factor)));
    }
  });
});
