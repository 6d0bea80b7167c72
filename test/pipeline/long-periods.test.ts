// Stages that enter through one shared unit, are served by another and leave through the first: waves repeat in short
// periods between two that leave, and these again in long ones.

import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { Flow, FlowStage } from '../../src/pipeline/index.js';
import { bothRuns } from './both-runs.js';

// To hunt for others: SEED=7 RUNS=20 npx vitest run test/pipeline/long-periods
const seed = Number(process.env.SEED ?? 2029);
const times = Number(process.env.RUNS ?? 1);
vi.setConfig({ testTimeout: 60_000 * Math.max(1, times) });

interface Way {
  waves: number;
  /** Ticks of the common unit, and of those before and behind it. */
  served: number;
  before: number;
  behind: number;
  /** Ticks of the bus a wave; the stage waits for the one before it. */
  bus: number;
  follows: boolean;
  leaves: boolean;
}

function flowOf(ways: readonly Way[], images: number): Flow {
  const own = (name: string) => ({ name });
  const servers = [own('bus'), own('common'), ...ways.flatMap((_, s) => [own(`before ${s}`), own(`behind ${s}`)])];
  const unit = (server: number, ticks: number): FlowStage['units'][number] => ({
    ...{ server, latency: ticks, interval: ticks },
  });
  const stages = ways.map((way, s): FlowStage => ({
    ...{ name: `S${s}`, serves: 'image', turn: 0, waves: way.waves, serial: false, needs: [] },
    source: s === 0 || !way.follows,
    units: [
      ...[unit(0, way.bus), unit(2 + 2 * s, way.before), unit(1, way.served), unit(3 + 2 * s, way.behind)],
      ...(way.leaves ? [unit(0, way.bus)] : []),
    ],
    inputs: s > 0 && way.follows ? [s - 1] : [],
    outputs: [s],
  }));
  return {
    ...{ stages, servers, images, buffers: ways.map((_, s) => ({ name: `b${s}`, capacity: Infinity })) },
    ...{ batch: 1, batchBarrier: false, turns: 1, pipelined: true },
    ...{ advance: 'elastic', cycle: 'active', granularity: 'image' },
  };
}

const way = fc.record({
  waves: fc.integer({ min: 1, max: 1500 }),
  served: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 10, max: 150 })),
  before: fc.integer({ min: 0, max: 3 }),
  behind: fc.integer({ min: 0, max: 9 }),
  bus: fc.constantFrom(1, 2, 2, 2, 3),
  follows: fc.boolean(),
  leaves: fc.constantFrom(true, true, false),
});

describe('periods of periods', () => {
  it('random ways through a bus and a common unit equal their event-by-event runs', () => {
    let long = 0;
    fc.assert(
      fc.property(fc.array(way, { minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 3 }), (ways, images) => {
        const flow = flowOf(ways, images);
        const { fast, exact } = bothRuns(flow);
        if (fast * 20n < exact) long++;
      }),
      { seed, numRuns: 150 * times },
    );
    expect(long).toBeGreaterThan(20 * Math.min(1, times));
  });

  const two: readonly Way[] = [
    { waves: 30_000, served: 60, before: 2, behind: 2, bus: 2, follows: false, leaves: true },
    { waves: 30_000, served: 100, before: 2, behind: 2, bus: 2, follows: false, leaves: true },
  ];

  it('a wave that leaves after every 40 that enter does not make 60,000 of them steps', () => {
    const flow = flowOf(two, 1);
    const { fast, exact } = bothRuns(flow);
    expect(exact).toBeGreaterThan(300_000n);
    expect(fast).toBeLessThan(1500n);
  });
});
