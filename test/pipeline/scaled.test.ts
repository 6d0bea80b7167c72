// Runs whose times are all longer by one factor: what they say is longer by it, however often the origin of time moves
// on the way. And cases by hand of what random flows seldom show.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STALL_CAUSES, runFlow, type Flow, type FlowResult, type FlowStage } from '../../src/pipeline/index.js';
import { flowOf, flowShape, rowFlowOf, rowShape } from './random-flows.js';

const FACTOR = 2 ** 30;
const drawn = <T>(shape: fc.Arbitrary<T>, seed: number): T[] => fc.sample(shape, { numRuns: 30, seed });

const longer = (flow: Flow): Flow => ({
  ...flow,
  stages: flow.stages.map((stage) => ({
    ...stage,
    units: stage.units.map(({ server, latency, interval }) => ({
      ...{ server, latency: latency * FACTOR, interval: interval * FACTOR },
    })),
  })),
});

const times = ({ makespan, firstResult, stages, buffers }: FlowResult, by: bigint): bigint[] => [
  ...[makespan * by, firstResult * by],
  ...stages.flatMap(({ busy, stalls }) => [busy * by, ...STALL_CAUSES.map((cause) => stalls[cause] * by)]),
  ...buffers.map(({ area }) => area * by),
];

describe('times that are 2^30 times as long', () => {
  it.each([
    ['by rows', drawn(rowShape(4, 20), 7).map(rowFlowOf)],
    ['at shared units', drawn(flowShape(40, 6), 8).map((shape) => flowOf({ ...shape, shared: true }))],
  ])('%s', (_, flows) => {
    for (const flow of flows) expect(times(runFlow(longer(flow)), 1n)).toEqual(times(runFlow(flow), BigInt(FACTOR)));
  });

  it('in logical cycles as they are told', () => {
    const told = (flow: Flow, by: number): number[] => {
      const ticks: number[] = [];
      runFlow(flow, {
        cycles: {
          memo: new Map(),
          simulated: () => false,
          told: ({ start, end, finish }) => ticks.push(...[start, end, ...finish].map((tick) => tick * by)),
        },
      });
      return ticks;
    };
    for (const shape of drawn(flowShape(5, 12), 13)) {
      const flow = flowOf({ ...shape, advance: 'lockstep' });
      expect(told(longer(flow), 1)).toEqual(told(flow, FACTOR));
    }
  });
});

const stage = (name: string, server: number, ticks: number, rest: Partial<FlowStage> = {}): FlowStage => ({
  ...{ name, serves: 'image', turn: 0, waves: 1, serial: false, source: false, inputs: [], outputs: [], needs: [] },
  units: [{ server, latency: ticks, interval: ticks }],
  ...rest,
});
const line = (stages: readonly FlowStage[], rest: Partial<Flow>): Flow => ({
  ...{ stages, buffers: [], servers: stages.map(({ name }) => ({ name })), images: 2, batch: 1, batchBarrier: true },
  ...{ turns: 1, pipelined: true, advance: 'elastic', cycle: 'active', granularity: 'image' },
  ...rest,
});

describe('by hand', () => {
  it('what waits for the next batch does not wait for its input', () => {
    const { makespan, stages } = runFlow(
      line([stage('A', 0, 3, { source: true }), stage('U', 1, 11, { serves: 'batch' })], {}),
    );
    // The batch that follows the last update never comes.
    expect([makespan, stages[0]!.stalls.batch, stages[0]!.stalls.input]).toEqual([28n, 11n, 0n]);
  });

  it('stages of images and of batches do not meet in a cycle, of fixed length too', () => {
    const shared = [stage('A', 0, 10, { source: true }), stage('U', 0, 7, { serves: 'batch' })];
    expect(runFlow(line(shared, { advance: 'lockstep', cycle: 'fixed' })).makespan).toBe(40n);
  });

  it('a run that ends early has skipped no events', () => {
    const flow = line([stage('A', 0, 10, { source: true })], { images: 100, batchBarrier: false });
    const { events, skippedEvents } = runFlow(flow, { exact: true, until: (progress) => progress >= 5 });
    // A wave and an end of each of five images, the last of which is not counted as served.
    expect([events, skippedEvents]).toEqual([10n, 0n]);
  });

  it('cycles that are to be simulated are, also those of stages that share no unit', () => {
    const flow = line([stage('A', 0, 10, { source: true })], { advance: 'lockstep', batchBarrier: false });
    const watched = (simulated: boolean): bigint =>
      runFlow(flow, { cycles: { memo: new Map(), simulated: () => simulated, told: () => undefined } }).events;
    // An end of each of two services, or of the first alone.
    expect([watched(true), watched(false), runFlow(flow).events]).toEqual([2n, 1n, 0n]);
  });

  it('a wave that arrives at the last tick is one', () => {
    const slow = { server: 0, latency: 2 ** 51, interval: 2 ** 51 };
    // B shares the unit of no time behind it.
    const units = [slow, { server: 1, latency: 0, interval: 0 }];
    const waves = [
      stage('A', 0, 0, { source: true, waves: 2, outputs: [0], units }),
      stage('B', 1, 1, { inputs: [0] }),
    ];
    const buffers = [{ name: 'b', capacity: Infinity }];
    const { makespan } = runFlow(line(waves, { images: 1, batchBarrier: false, buffers }));
    expect(makespan).toBe(2n ** 52n + 1n);
  });
});
