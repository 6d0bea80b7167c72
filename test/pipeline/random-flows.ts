// Random flows: stages in a line with ways over others, units of their own and units that any may share.

import fc from 'fast-check';
import type { Flow, FlowStage } from '../../src/pipeline/index.js';

const unit = fc.record({
  // Short ones meet at one tick.
  latency: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 60 })),
  ratio: fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true })),
  /** Which of the servers that stages share it is, where they share any. */
  server: fc.option(fc.nat({ max: 2 })),
});

const stageOf = (mostWaves: number) =>
  fc.record({
    units: fc.array(unit, { minLength: 1, maxLength: 5 }),
    waves: fc.integer({ min: 1, max: mostWaves }),
    serial: fc.boolean(),
    capacity: fc.integer({ min: 1, max: 4 }),
    /** A stage may also read the output of an earlier one. */
    skipFrom: fc.option(fc.nat({ max: 7 })),
  });

/** Shapes of flows whose stages have at most `mostWaves` waves, of at most `mostImages` images. */
export const flowShape = (mostWaves: number, mostImages: number) =>
  fc.record({
    stages: fc.array(stageOf(mostWaves), { minLength: 1, maxLength: 6 }),
    images: fc.integer({ min: 1, max: mostImages }),
    batch: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 13, max: 90 })),
    barrier: fc.boolean(),
    update: fc.boolean(),
    pipelined: fc.boolean(),
    shared: fc.boolean(),
    bounded: fc.boolean(),
    advance: fc.constantFrom<'elastic' | 'lockstep'>('elastic', 'lockstep'),
    cycle: fc.constantFrom<'active' | 'fixed'>('active', 'fixed'),
  });

export type FlowShape = ReturnType<typeof flowShape> extends fc.Arbitrary<infer T> ? T : never;

/** The flow of a shape. */
export function flowOf(shape: FlowShape): Flow {
  const servers: { name: string }[] = [{ name: 'common 0' }, { name: 'common 1' }, { name: 'common 2' }];
  const stages: FlowStage[] = shape.stages.map((stage, j) => ({
    name: `S${j}`,
    serves: 'image',
    turn: 0,
    waves: stage.waves,
    serial: stage.serial,
    units: stage.units.map(({ latency, ratio, server: common }, u) => {
      const use = servers.push({ name: `S${j}.${u}` }) - 1;
      return { server: shape.shared && common !== null ? common : use, latency, interval: Math.floor(latency * ratio) };
    }),
    inputs:
      j === 0 ? [] : [...new Set([j - 1, ...(stage.skipFrom !== null && stage.skipFrom < j ? [stage.skipFrom] : [])])],
    outputs: j < shape.stages.length - 1 ? [j] : [],
    source: j === 0,
    needs: [],
  }));
  const buffers = shape.stages.map((stage, j) => ({
    name: `b${j}`,
    capacity:
      shape.bounded &&
      !shape.stages.some((other, k) => k > j + 1 && other.skipFrom === j) &&
      j < shape.stages.length - 1
        ? stage.capacity
        : Infinity,
  }));
  if (shape.barrier && shape.update) {
    servers.push({ name: 'U' });
    stages.push({
      name: 'U',
      serves: 'batch',
      turn: 0,
      waves: 2,
      serial: false,
      units: [{ server: servers.length - 1, latency: 9, interval: 4 }],
      inputs: [],
      outputs: [],
      source: false,
      needs: [],
    });
  }
  return {
    stages,
    buffers,
    servers,
    images: shape.images,
    batch: shape.batch,
    batchBarrier: shape.barrier,
    turns: 1,
    pipelined: shape.pipelined,
    advance: shape.advance,
    cycle: shape.cycle,
    granularity: 'image',
  };
}

/** Shapes of flows that work by rows. */
export const rowShape = (mostWaves: number, mostImages: number) =>
  fc.record({
    stages: fc.array(
      fc.record({
        stage: stageOf(mostWaves),
        /** What share of the producer's waves are there when a wave can be issued, and how many it looks back on. */
        shares: fc.array(fc.nat({ max: 100 }), { minLength: mostWaves, maxLength: mostWaves }),
        window: fc.integer({ min: 1, max: 4 }),
        spare: fc.integer({ min: 0, max: 3 }),
      }),
      { minLength: 1, maxLength: 5 },
    ),
    images: fc.integer({ min: 1, max: mostImages }),
    pipelined: fc.boolean(),
    shared: fc.boolean(),
    bounded: fc.boolean(),
  });

export type RowShape = ReturnType<typeof rowShape> extends fc.Arbitrary<infer T> ? T : never;

/** The row-granular flow of a shape. */
export function rowFlowOf(shape: RowShape): Flow {
  const flow = flowOf({
    ...shape,
    stages: shape.stages.map(({ stage }) => stage),
    batch: 1,
    barrier: false,
    update: false,
    bounded: false,
    advance: 'elastic',
    cycle: 'active',
  });
  const stages = flow.stages.map((stage, s) => {
    const { shares, window } = shape.stages[s]!;
    const needs = stage.inputs.map((producer) => {
      const all = flow.stages[producer]!.waves;
      const there = Int32Array.from(
        shares.slice(0, stage.waves).sort((a, b) => a - b),
        (share) => Math.max(1, Math.round((share * all) / 100)),
      );
      return { producer, waves: there, first: there.map((last) => Math.max(0, last - window)) };
    });
    return { ...stage, needs };
  });
  const buffers = flow.buffers.map((buffer, b) => {
    const readers = stages.filter(({ inputs }) => inputs.includes(b)).length;
    const bounded = shape.bounded && readers === 1 && b + 1 < shape.stages.length;
    return bounded ? { ...buffer, capacity: 4 + shape.stages[b]!.spare } : buffer;
  });
  return { ...flow, stages, buffers, granularity: 'row' };
}

/** Shapes of flows whose stages take turns. */
export const turnShape = (mostWaves: number, mostImages: number) =>
  fc.record({
    shape: flowShape(mostWaves, mostImages),
    /** Stages behind which the next turn begins. */
    cuts: fc.uniqueArray(fc.nat({ max: 4 }), { minLength: 1, maxLength: 3 }),
    /** At least one for each turn. */
    writes: fc.array(stageOf(mostWaves), { minLength: 4, maxLength: 6 }),
    writesFirst: fc.boolean(),
  });

export type TurnShape = ReturnType<typeof turnShape> extends fc.Arbitrary<infer T> ? T : never;

/** The flow of a shape: buffers between stages of two turns have no bound, as they hold a batch. */
export function turnFlowOf({ shape, cuts, writes, writesFirst }: TurnShape): Flow {
  const flow = flowOf({ ...shape, pipelined: true });
  const last = shape.stages.length - 1;
  const within = cuts.filter((cut) => cut < last);
  const turns = within.length + 1;
  if (turns === 1) return flow;
  const turnOf = (j: number): number => within.filter((cut) => cut < j).length;
  const servers = [...flow.servers];
  const loads = writes.map(({ units, waves, serial }, w): FlowStage => ({
    ...{ name: `W${w}`, serves: 'turn', turn: w % turns, waves, serial, source: false },
    units: units.map(({ latency, ratio, server: common }, u) => ({
      server: shape.shared && common !== null ? common : servers.push({ name: `W${w}.${u}` }) - 1,
      ...{ latency, interval: Math.floor(latency * ratio) },
    })),
    ...{ inputs: [], outputs: [], needs: [] },
  }));
  const stages = flow.stages.map((stage, j) => (stage.serves === 'image' ? { ...stage, turn: turnOf(j) } : stage));
  return {
    ...flow,
    stages: writesFirst ? [...loads, ...stages] : [...stages, ...loads],
    buffers: flow.buffers.map((buffer, j) => (within.includes(j) ? { ...buffer, capacity: Infinity } : buffer)),
    ...{ servers, turns },
  };
}
