import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildMachine } from '../../src/machine/machine.js';
import { FlowResults, runFlow, type Flow } from '../../src/pipeline/index.js';
import { loaded } from '../helpers.js';
import { trainingChain } from './flows.js';
import { flowOf, flowShape, rowFlowOf, rowShape } from './random-flows.js';

describe('results of flows that were run before', () => {
  it('are what a run says, whatever was run before', () => {
    const known = new FlowResults();
    fc.assert(
      fc.property(flowShape(3, 12), fc.nat(), (shape, which) => {
        const flow = flowOf(shape);
        const stage = flow.stages[which % flow.stages.length]!;
        const unit = stage.units[which % stage.units.length]!;
        const near = [
          flow,
          { ...flow, images: flow.images + 1 },
          { ...flow, batch: flow.batch + 1 },
          { ...flow, pipelined: !flow.pipelined },
          { ...flow, cycle: flow.cycle === 'fixed' ? ('active' as const) : ('fixed' as const) },
          { ...flow, advance: flow.advance === 'elastic' ? ('lockstep' as const) : ('elastic' as const) },
          { ...flow, buffers: flow.buffers.map(({ name, capacity }) => ({ name, capacity: capacity + 1 })) },
          { ...flow, stages: flow.stages.map((s) => (s === stage ? { ...s, waves: s.waves + 1 } : s)) },
          { ...flow, stages: flow.stages.map((s) => (s === stage ? { ...s, serial: !s.serial } : s)) },
          {
            ...flow,
            stages: flow.stages.map((s) =>
              s === stage
                ? { ...s, units: s.units.map((u) => (u === unit ? { ...u, latency: u.latency + 1 } : u)) }
                : s,
            ),
          },
        ];
        for (const other of [...near, ...near]) expect(known.run(other)).toEqual(runFlow(other));
      }),
      { seed: 3, numRuns: 25 },
    );
    expect(known.runs).toBeLessThanOrEqual(25 * 10);
  });

  it('by rows are not those by images', () => {
    const known = new FlowResults();
    for (const shape of fc.sample(rowShape(4, 6), { seed: 5, numRuns: 10 })) {
      const flow = rowFlowOf(shape);
      for (const other of [flow, { ...flow, granularity: 'image' as const }])
        expect(known.run(other)).toEqual(runFlow(other));
    }
    expect(known.runs).toBe(20);
  });

  it('of stages that take turns are not those of stages that have their arrays at once', () => {
    const small = ['network=lenet-5', 'workload.mode=inference', 'chip.arrays=64', 'mapping.overflow=reload'];
    const { flow } = buildMachine(loaded('pipelayer', small));
    expect(flow.turns).toBeGreaterThan(1);
    const known = new FlowResults();
    for (const other of [flow, { ...flow, turns: 1 }]) expect(known.run(other)).toEqual(runFlow(other));
    expect(known.runs).toBe(2);
  });

  it('are forgotten, the oldest first, where they take more numbers than may be kept', () => {
    const { flow } = buildMachine(loaded('pipelayer', ['network=lenet-5', 'workload.mode=inference']));
    const other = { ...flow, images: flow.images + 1 };
    for (const [known, runs] of [
      [new FlowResults(), 2],
      [new FlowResults(1), 4],
    ] as const) {
      for (const one of [flow, other, { ...flow }, { ...other }]) known.run(one);
      expect(known.runs).toBe(runs);
    }
  });

  /** One stage of units of its own (latency, interval), which serves one image: 11 numbers, 9 and 3 for each unit. */
  const single = (...units: (readonly [number, number])[]): Flow => {
    const flow = trainingChain({ layers: 1, images: 1, batch: 1, ticks: () => 1, advance: 'elastic' });
    const own = units.map(([latency, interval], server) => ({ server, latency, interval }));
    const stages = [{ ...flow.stages[0]!, outputs: [], units: own }];
    return { ...flow, stages, buffers: [], servers: [{ name: '0' }, { name: '1' }], batchBarrier: false };
  };

  it('take as many numbers as they are of: the oldest gives way to the third, and the others stay', () => {
    const [a, b, c] = [single([1, 1]), single([2, 1]), single([3, 1])];
    const known = new FlowResults(2 * 23);
    for (const flow of [a, b, c, { ...b }, { ...c }]) known.run(flow);
    expect(known.runs).toBe(3);
    expect(known.run({ ...a }).makespan).toBe(1n);
    expect(known.runs).toBe(4);
  });

  it('of the same object are not forgotten as long as it lives', () => {
    const known = new FlowResults(1);
    const flow = single([1, 1]);
    for (const one of [flow, single([2, 1]), flow]) known.run(one);
    expect(known.runs).toBe(2);
  });

  it.each([
    ['as many numbers', single([18, 14]), 18n, single([22, 1]), 22n],
    [
      'another number of numbers',
      single([6177975385, 1702103138]),
      6177975385n,
      single([6783353431, 3249439960], [7, 7]),
      6783353438n,
    ],
  ])('whose hashes are the same are told apart: %s', (_, one, ticks, other, otherTicks) => {
    const known = new FlowResults();
    expect([known.run(one).makespan, known.run(other).makespan, known.runs]).toEqual([ticks, otherTicks, 2]);
  });
});

describe('a run that lasts', () => {
  it.each(['elastic', 'lockstep'] as const)('tells how far it is, within an image too: %s', (advance) => {
    const told: number[][] = [];
    const flow = trainingChain({ layers: 1, images: 1, batch: 1, ticks: () => 3, waves: () => 600_000, advance });
    const { events } = runFlow(flow, { exact: true, progress: (...said) => told.push(said) });
    expect(events).toBeGreaterThan(2 ** 21);
    expect(told.slice(0, 2)).toEqual([
      [told[0]![0], 2 ** 20],
      [told[1]![0], 2 ** 21],
    ]);
    expect(told.every(([share]) => share === 0 || share === 1)).toBe(true);
  });
});
