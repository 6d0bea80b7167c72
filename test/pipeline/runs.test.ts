// Runs whose figures are worked out by hand: stages that take turns, runs that end early, cycles as they are told, and
// what no run can be.

import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../src/kernel/index.js';
import { runFlow, type Flow, type FlowStage, type LogicalCycle } from '../../src/pipeline/index.js';
import { trainingChain } from './flows.js';

/** A stage of one unit of its own. */
const stage = (name: string, server: number, ticks: number, rest: Partial<FlowStage> = {}): FlowStage => ({
  ...{ name, serves: 'image', turn: 0, waves: 1, serial: false, source: false, inputs: [], outputs: [], needs: [] },
  units: [{ server, latency: ticks, interval: ticks }],
  ...rest,
});

const line = (stages: readonly FlowStage[], rest: Partial<Flow> = {}): Flow => ({
  stages,
  buffers: [{ name: 'b', capacity: Infinity }],
  servers: stages.map(({ name }) => ({ name })),
  ...{ images: 1, batch: 1, batchBarrier: false, turns: 1, pipelined: true },
  ...{ advance: 'elastic', cycle: 'active', granularity: 'image' },
  ...rest,
});

describe('stages that take turns', () => {
  const [load0, a, load1, longer, b, update] = [7, 3, 2, 5, 4, 11];
  const flow = line(
    [
      stage('load 0', 0, load0, { serves: 'turn' }),
      stage('A', 1, a, { source: true, outputs: [0] }),
      stage('load 1', 2, load1, { serves: 'turn', turn: 1 }),
      stage('load 1 too', 3, longer, { serves: 'turn', turn: 1 }),
      stage('B', 4, b, { turn: 1, inputs: [0] }),
      stage('U', 5, update, { serves: 'batch' }),
    ],
    { turns: 2, batchBarrier: true },
  );

  const FIRST = [0, 1, 2, 3, 4, 5];
  const LAST = [1, 4, 5, 0, 2, 3];
  it.each([
    ['elastic', 'event by event', true, FIRST],
    ['elastic', 'with fast paths', false, FIRST],
    ['lockstep', 'event by event', true, FIRST],
    ['lockstep', 'with fast paths', false, FIRST],
    ['elastic', 'with fast paths', false, LAST],
    ['lockstep', 'with fast paths', false, LAST],
  ] as const)('write their weights, serve the whole batch, and give way: %s, %s', (advance, _, exact, placed) => {
    const batch = 5;
    for (const [whole, rest] of [
      [1, 0],
      [3, 2],
      [40, 1],
    ] as const) {
      const images = whole * batch + rest;
      // Where a stage of images stands first, batches are jumped over, and the last one is short.
      const last = runFlow({ ...flow, stages: placed.map((s) => flow.stages[s]!), images, batch, advance }, { exact });
      const run = { ...last, stages: flow.stages.map((_, s) => last.stages[placed.indexOf(s)]!) };
      if (placed[0] === 1 && whole === 40 && !exact) expect(run.fastPath.jumps).toHaveLength(1);
      // One batch: both writes of the second turn at once, one image after the other.
      const of = (count: number): number => load0 + count * a + longer + count * b + update;
      const batches = whole + Math.sign(rest);
      expect(run.makespan).toBe(BigInt(whole * of(batch) + Math.sign(rest) * of(rest)));
      expect(run.firstResult).toBe(BigInt(load0 + batch * a + longer + b));
      expect(run.stages.map(({ services }) => Number(services))).toEqual([
        ...[batches, images, batches, batches, images, batches],
      ]);
      expect(run.logicalCycles).toBe(advance === 'elastic' ? null : BigInt(3 * batches + 2 * images));
    }
  });
});

describe('a run that is to end early', () => {
  const after = (flow: Partial<Flow>) => {
    const until = (progress: number): boolean => progress >= 5;
    return runFlow(line([stage('A', 0, 10, { source: true })], { images: 100, buffers: [], ...flow }), {
      exact: true,
      until,
    });
  };

  it.each([{}, { advance: 'lockstep' }, { granularity: 'row' }] as const)('does so: %o', (flow) => {
    const { makespan, fastPath } = after(flow);
    expect([makespan, fastPath.cycleMemo]).toEqual([50n, false]);
  });
});

describe('logical cycles as they are told', () => {
  // So long that the origin of time moves on the way.
  const unit = 2 ** 36;
  const ticks = (s: number): number => (10 + 3 * s) * unit;
  const told = (simulated: boolean): { cycles: LogicalCycle[]; events: bigint } => {
    const cycles: LogicalCycle[] = [];
    const flow = trainingChain({ layers: 1, images: 3, batch: 2, ticks });
    const shared = {
      ...flow,
      stages: flow.stages.map((own) => ({ ...own, units: own.units.map((one) => ({ ...one, server: 0 })) })),
    };
    const { events } = runFlow(shared, {
      cycles: {
        memo: new Map(),
        simulated: () => simulated,
        told: (cycle) => cycles.push({ ...cycle, active: [...cycle.active], causes: [] }),
      },
    });
    return { cycles, events };
  };

  it('of a batch of two and one of one, all stages at one unit', () => {
    // F, E, G and U, by cycle: which are at work, and on which image or batch.
    const [F, E, G, U] = [0, 1, 2, 3];
    const expected = [
      { active: [F], images: [0] },
      { active: [F, E], images: [1, 0] },
      { active: [E, G], images: [1, 0] },
      { active: [G], images: [1] },
      { active: [U], images: [0] },
      { active: [F], images: [2] },
      { active: [E], images: [2] },
      { active: [G], images: [2] },
      { active: [U], images: [1] },
    ];
    const { cycles, events } = told(true);
    expect(cycles.map(({ active, images }) => ({ active, images }))).toEqual(expected);
    let now = 0;
    for (const [i, { cycle, start, end, last, active, finish }] of cycles.entries()) {
      // They queue at the unit in their order.
      const ends = active.map((_, n) => now + active.slice(0, n + 1).reduce((sum, s) => sum + ticks(s), 0));
      expect({ cycle, start, end, last, finish }).toEqual({
        ...{ cycle: i, start: now, end: ends.at(-1), last: active.at(-1), finish: ends },
      });
      now = end;
    }
    // Those that went before need not be simulated.
    const again = told(false);
    expect(again.cycles).toEqual(cycles);
    expect(again.events).toBeLessThan(events);
  });
});

describe('what a run says of its fast paths', () => {
  const [server, other, third] = [0, 1, 2];
  /** A chain of two units, one that both stages may use, and a stage of one. */
  const flow = (shared: boolean, rest: Partial<Flow>): Flow =>
    line(
      [
        stage('A', server, 3, {
          ...{ source: true, outputs: [0], waves: 4 },
          units: [
            { server, latency: 3, interval: 3 },
            { server: third, latency: 2, interval: 1 },
          ],
        }),
        stage('B', shared ? server : other, 5, { inputs: [0] }),
      ],
      { servers: ['A', 'B', 'C'].map((name) => ({ name })), images: 1000, ...rest },
    );

  it.each([
    [false, 'elastic', false],
    [true, 'elastic', false],
    [false, 'lockstep', true],
    [true, 'lockstep', true],
  ] as const)('shared %s, %s: what is folded, remembered and jumped over', (shared, advance, remembered) => {
    const [fast, exact] = [false, true].map((slow) => runFlow(flow(shared, { advance }), { exact: slow }));
    const { jumps, ...said } = fast!.fastPath;
    // A's second unit is nobody else's.
    expect(said).toEqual({
      ...(shared ? { foldedStages: 0, foldedUnits: 1 } : { foldedStages: 2, foldedUnits: 0 }),
      cycleMemo: remembered,
    });
    expect(jumps).toHaveLength(1);
    const [{ atImage, images, periods }] = jumps as [(typeof jumps)[number]];
    expect([images % periods, atImage + images < 1000, images > 900]).toEqual([0, true, true]);
    expect(exact!.fastPath).toEqual({ foldedStages: 0, foldedUnits: 0, cycleMemo: false, jumps: [] });
    expect([exact!.skippedEvents, fast!.events + fast!.skippedEvents]).toEqual([0n, exact!.events]);
    // Four waves through two units and an end, one through one and an end.
    expect(exact!.events).toBe(1000n * (4n * 2n + 1n + 1n + 1n));
    const sets = fast!.stages.map((one) => one.sets);
    if (advance === 'elastic') expect(sets).toEqual([null, null]);
    else
      expect([
        sets.reduce((sum, one) => sum + one!.cycles, 0n),
        sets.reduce((sum, one) => sum + one!.ticks, 0n),
      ]).toEqual([fast!.logicalCycles, fast!.makespan]);
  });

  it('by rows a wave is issued, goes through its units, and leaves', () => {
    const needs = [{ producer: 0, waves: Int32Array.of(4), first: Int32Array.of(0) }];
    const images = flow(false, { granularity: 'row' });
    const rows = { ...images, stages: images.stages.map((one, s) => (s === 1 ? { ...one, needs } : one)) };
    const [fast, exact] = [false, true].map((slow) => runFlow(rows, { exact: slow }));
    expect(exact!.events).toBe(1000n * (4n * (2n + 2n) + 1n + 2n));
    expect([exact!.skippedEvents, fast!.events + fast!.skippedEvents]).toEqual([0n, exact!.events]);
    expect(fast!.events).toBeLessThan(500n);
    // The last wave of an image is there 3 ticks x 4 and 2 after its first; B takes 5 more.
    expect([fast!.makespan, fast!.firstResult]).toEqual([1000n * 12n + 2n + 5n, 19n]);
  });
});

describe('what fast paths must not take for the same', () => {
  it.each([false, true])(
    'waves of an image that are still to come by rows, with nothing on its way: exact %s',
    (exact) => {
      const alone = (server: number, waves: number): Partial<FlowStage> => ({
        ...{ waves, serial: true },
        units: [{ server, latency: 1, interval: 0 }],
      });
      const needs = [{ producer: 0, waves: Int32Array.of(1, 1, 2), first: Int32Array.of(0, 0, 0) }];
      const rows = line(
        [
          stage('A', 0, 1, { ...alone(0, 2), source: true, outputs: [0] }),
          stage('B', 1, 1, { ...alone(1, 3), inputs: [0], needs }),
        ],
        { images: 29, granularity: 'row' },
      );
      const { makespan, firstResult, stages, buffers } = runFlow(rows, { exact });
      // B takes a tick a wave from A's first on; A has made 58 by then, of which B frees two each three ticks.
      const ends = Array.from({ length: 29 }, (_, i) => 1 + 3 * (i + 1));
      expect([makespan, firstResult]).toEqual([BigInt(ends.at(-1)!), BigInt(ends[0]!)]);
      const entries = ends.reduce((sum, end, i) => sum + (end - (2 * i + 1)) + (end - (2 * i + 2)), 0);
      expect(buffers[0]!.area).toBe(BigInt(entries));
      expect(stages.map(({ busy }) => busy)).toEqual([58n, 87n]);
    },
  );

  it.each([false, true])(
    'images of a batch that are not there, where the stage in front is not the first: exact %s',
    (exact) => {
      // A's image is B's 3 ticks later, and the update follows: nothing of a fourth image may begin before it.
      const flow = line(
        [
          stage('B', 0, 3, { inputs: [0] }),
          stage('A', 1, 10, { source: true, outputs: [0] }),
          stage('U', 2, 11, { serves: 'batch' }),
        ],
        { images: 9, batch: 3, batchBarrier: true },
      );
      const { makespan, stages } = runFlow(flow, { exact });
      expect(makespan).toBe(BigInt(3 * (3 * 10 + 3 + 11)));
      // The end of B and the update, behind each batch but the last.
      expect(stages[1]!.stalls.batch).toBe(2n * 14n);
    },
  );
});

describe('what no run can be', () => {
  const common = (first: number): Flow =>
    line(
      [
        stage('A', 0, first, {
          source: true,
          outputs: [0],
          waves: 2,
          units: [{ server: 0, latency: first, interval: first }],
        }),
        stage('B', 0, 1, { inputs: [0] }),
      ],
      { servers: [{ name: 'common' }] },
    );

  it.each([
    ['no waves', line([stage('A', 0, 1, { waves: 0 })]), /no waves or no units/],
    ['no units', line([stage('A', 0, 1, { units: [] })]), /no waves or no units/],
    ['interval', line([stage('A', 0, 1, { units: [{ server: 0, latency: 1, interval: 2 }] })]), /exceeds its latency/],
    ['nobody fills its buffer', line([stage('A', 0, 1, { inputs: [0] })]), /ended with stage A at image 0 of 1/],
    ['a wave beyond what ticks count', common(2 ** 52 + 2), /a wave arrives at/],
  ])('%s', (_, flow, words) => {
    expect(() => runFlow(flow)).toThrow(InvariantError);
    expect(() => runFlow(flow)).toThrow(words);
  });

  it('a wave at the last tick is one', () => {
    expect(runFlow(common(2 ** 51)).makespan).toBe(2n ** 52n + 1n);
  });
});

it('a long run that nobody watches tells nobody', () => {
  const flow = line([stage('A', 0, 1, { source: true, waves: 2 ** 20 })], { buffers: [] });
  expect(runFlow(flow, { exact: true }).makespan).toBe(2n ** 20n);
});
