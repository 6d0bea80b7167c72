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

  it('ends of services that are known before the origin of time moves are known behind it', () => {
    // A quarter of the ticks after which it moves, which it does when R has ended.
    const q = 2 ** 34;
    const common = (ticks: number): FlowStage['units'] => [{ server: 4, latency: ticks, interval: ticks }];
    const stages = [
      stage('R', 0, 4 * q, { source: true }),
      stage('P', 1, 8 * q, { source: true, outputs: [0] }),
      stage('B', 2, 0, { source: true, waves: 6, units: common(3 * q) }),
      stage('C', 3, 0, { inputs: [0], units: common(q) }),
    ];
    const servers = ['R', 'P', 'B', 'C', 'common'].map((name) => ({ name }));
    const flow = line(stages, { servers, images: 1, buffers: [{ name: 'b', capacity: Infinity }] });
    for (const exact of [false, true]) {
      const run = runFlow(flow, { exact });
      // C comes at 8 q, and goes before B's fourth wave, which comes at 9 q; both wait for a q.
      expect(run.makespan).toBe(BigInt(19 * q));
      expect(run.stages.map(({ busy }) => Number(busy) / q)).toEqual([4, 8, 19, 2]);
      expect(run.stages.map(({ stalls }) => Number(stalls.unit) / q)).toEqual([0, 0, 1, 1]);
    }
  });

  it('by rows waves that have waited together wait again for the unit behind', () => {
    const unit = (server: number, ticks: number): FlowStage['units'][number] => ({
      ...{ server, latency: ticks, interval: ticks },
    });
    const stages = [
      stage('A', 0, 0, { source: true, waves: 4, units: [unit(0, 2), unit(1, 10)] }),
      stage('B', 0, 0, { source: true, units: [unit(0, 30)] }),
    ];
    const flow = line(stages, { granularity: 'row', images: 1, batchBarrier: false });
    for (const exact of [false, true]) {
      const run = runFlow(flow, { exact });
      // A's waves are issued at 0, 10, 20, 30, of which three wait until B's has gone at 32; the unit behind takes one
      // of them each 10 ticks from 34 on.
      expect([run.makespan, run.firstResult]).toEqual([64n, 32n]);
      // The first of the three waits for B's, the others for their own stage's.
      expect(run.stages.map(({ stalls }) => stalls.unit)).toEqual([22n, 2n]);
    }
  });

  it('the last batch of one image is as the one before', () => {
    const flow = line([stage('A', 0, 3, { source: true }), stage('U', 1, 11, { serves: 'batch' })], {});
    const { makespan, fastPath } = runFlow(flow);
    expect(makespan).toBe(28n);
    expect(fastPath.jumps).toEqual([{ atImage: 1, images: 1, periods: 1 }]);
  });
});
