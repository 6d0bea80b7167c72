// Stages whose waves come to shared units faster than these serve them: waves queue by the thousand, and units serve
// them in whole rounds (kernels/steps/rounds.as).

import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { Flow, FlowStage } from '../../src/pipeline/index.js';
import { bothRuns } from './both-runs.js';

// To hunt for others: SEED=7 RUNS=20 npx vitest run test/pipeline/rounds
const seed = Number(process.env.SEED ?? 2053);
const times = Number(process.env.RUNS ?? 1);
vi.setConfig({ testTimeout: 60_000 * Math.max(1, times) });

interface Way {
  waves: number;
  serial: boolean;
  /** Ticks between waves before the first common unit, where there is a unit of its own. */
  pace: number | null;
  /** Ticks by which that unit's latency is longer. */
  late: number;
  /** Common units in the order in which waves pass them, each once, and their ticks. */
  common: readonly number[];
  served: number;
  /** Latency and interval of the stage's own unit behind each of them, where there is one. */
  behind: readonly [number, number] | null;
  capacity: number;
  /** Reads what the stage before it writes, or the images themselves. */
  follows: boolean;
}

function flowOf(ways: readonly Way[], images: number): Flow {
  const servers = [0, 1, 2].map((c) => ({ name: `common ${c}` }));
  const unit = (server: number, latency: number, interval: number): FlowStage['units'][number] => ({
    ...{ server, latency, interval },
  });
  const stages = ways.map((way, s): FlowStage => {
    const own = (latency: number, interval: number) => unit(servers.push({ name: `S${s}` }) - 1, latency, interval);
    return {
      ...{ name: `S${s}`, serves: 'image', turn: 0, waves: way.waves, serial: way.serial, needs: [] },
      source: s === 0 || !way.follows,
      units: [
        ...(way.pace === null ? [] : [own(way.pace + way.late, way.pace)]),
        ...way.common.flatMap((server, place) => [
          unit(server, way.served + place, way.served),
          ...(way.behind === null ? [] : [own(way.behind[0] + way.behind[1], way.behind[1])]),
        ]),
      ],
      inputs: s > 0 && way.follows ? [s - 1] : [],
      outputs: [s],
    };
  });
  const buffers = ways.map(({ capacity }, s) => ({
    ...{ name: `b${s}`, capacity: ways[s + 1]?.follows === true ? capacity : Infinity },
  }));
  return {
    ...{ stages, servers, images, buffers },
    ...{ batch: 1, batchBarrier: false, turns: 1, pipelined: true },
    ...{ advance: 'elastic', cycle: 'active', granularity: 'image' },
  };
}

const way: fc.Arbitrary<Way> = fc.record({
  waves: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 40, max: 900 })),
  serial: fc.constantFrom(false, false, false, false, true),
  pace: fc.constantFrom(null, 1, 1, 1, 1, 2, 3, 5),
  late: fc.oneof(fc.constant(1), fc.nat({ max: 12 })),
  common: fc.uniqueArray(fc.nat({ max: 2 }), { minLength: 1, maxLength: 3 }),
  served: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 25 })),
  behind: fc.option(fc.tuple(fc.nat({ max: 3 }), fc.integer({ min: 1, max: 6 }))),
  capacity: fc.integer({ min: 1, max: 3 }),
  follows: fc.boolean(),
});

describe('rounds of waves at shared units', () => {
  it('random ways through common units, in any order of these, equal their event-by-event runs', () => {
    let short = 0;
    fc.assert(
      fc.property(fc.array(way, { minLength: 1, maxLength: 7 }), fc.integer({ min: 1, max: 4 }), (ways, images) => {
        const flow = flowOf(ways, images);
        const { fast, exact } = bothRuns(flow);
        if (fast * 20n < exact) short++;
      }),
      { seed, numRuns: 400 * times },
    );
    expect(short).toBeGreaterThan(60 * Math.min(1, times));
  });

  it('a backlog before two units, one behind the other, takes a step for each change and not for each wave', () => {
    const stage = (waves: number, served: number): Way => ({
      ...{ waves, served, serial: false, pace: 1, late: 1, common: [0, 1], behind: [1, 1], capacity: 2, follows: true },
    });
    const flow = flowOf([stage(40_000, 3), stage(30_000, 2), stage(20_000, 5), stage(25_000, 1)], 7);
    const { fast, exact } = bothRuns(flow);
    expect(exact).toBeGreaterThan(3_000_000n);
    expect(fast).toBeLessThan(700n);
  });

  it('a service that ends within a round lets the next stage in before the rest of that round', () => {
    const unit = (server: number, latency: number, interval: number) => ({ server, latency, interval });
    const stage = (waves: number, own: Pick<FlowStage, 'inputs' | 'outputs' | 'units'>): FlowStage => ({
      ...{ name: 'S', serves: 'image', turn: 0, waves, serial: false, source: own.inputs.length === 0, needs: [] },
      ...own,
    });
    let fewer = 0;
    for (const offset of [6, 7, 8, 9, 10])
      for (const lead of [1, 2, 3])
        for (const served of [1, 2, 3])
          for (const last of [[], [unit(1, 1, 1)], [unit(1, 2, 2)]]) {
            // A's waves come at 6, 11, ... and B's at `offset`, `offset` + 5, ...; C follows A.
            const stages = [
              stage(10, { inputs: [], outputs: [0], units: [unit(2, 6, 5), unit(0, 1, 1), ...last] }),
              stage(40, { inputs: [], outputs: [1], units: [unit(3, offset, 5), unit(0, 1, 1), unit(1, 1, 1)] }),
              stage(20, { inputs: [0], outputs: [2], units: [unit(4, lead, 1), unit(0, served, served)] }),
            ];
            const flow: Flow = {
              ...flowOf([], 2),
              ...{ stages, servers: [0, 1, 2, 3, 4].map((s) => ({ name: `${s}` })) },
              buffers: stages.map((_, b) => ({ name: `b${b}`, capacity: Infinity })),
            };
            const { fast, exact } = bothRuns(flow);
            if (fast * 2n < exact) fewer++;
          }
    expect(fewer).toBeGreaterThan(100);
  });

  it('waves at intervals whose product is beyond 2^63 come in no common round', () => {
    // 3 * 5 * 7 * 2^64: nothing, in 64 bits.
    const paces = [3 * 2 ** 20, 5 * 2 ** 20, 7 * 2 ** 24];
    const ways = paces.map((pace): Way => ({
      ...{ waves: 9, pace, late: 1, common: [0], served: 1, behind: null },
      ...{ serial: false, capacity: 1, follows: false },
    }));
    expect(bothRuns(flowOf(ways, 2)).exact).toBeGreaterThan(50n);
  });
});
