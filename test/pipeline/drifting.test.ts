// Waves of two stages that meet at shared units at paces of their own: waits grow, gaps close, orders change, and a
// third stage begins in between. Every period that is added at once must be one that comes; random flows are seldom so.

import { describe, expect, it } from 'vitest';
import { STALL_CAUSES, runFlow, type Flow, type FlowResult, type FlowStage } from '../../src/pipeline/index.js';

/** Servers: leads of A and B, the two shared ones, ways between them, and C's way and end. */
const SERVERS = ['lead A', 'lead B', 'shared 0', 'shared 1', 'way A', 'way B', 'P', 'C'].map((name) => ({ name }));

interface Drift {
  /** Ticks between waves of A and of B, and what each takes of the first shared unit. */
  every: readonly [a: number, b: number];
  first: readonly [a: number, b: number];
  /** What each takes of the second shared unit; none where stages have but one. */
  second?: readonly [a: number, b: number];
  waves: readonly [a: number, b: number];
  /** Ticks until C begins, which waits long at the second unit. */
  begins?: number;
  images?: number;
  /** Ticks between waves on the ways, and ticks until A and B come first; 5, and 0. */
  ways?: readonly [a: number, b: number];
  leads?: readonly [a: number, b: number];
}

function flowOf(drift: Drift, by = 1): Flow {
  const { every, first, second, waves, begins, images = 1, ways = [5, 5], leads = [0, 0] } = drift;
  const unit = (server: number, ticks: number): FlowStage['units'][number] => ({
    ...{ server, latency: ticks * by, interval: ticks * by },
  });
  const of = (i: 0 | 1): FlowStage => ({
    ...{ name: 'AB'[i]!, serves: 'image', turn: 0, waves: waves[i], serial: false, source: true },
    ...{ inputs: [], outputs: [], needs: [] },
    units: [
      { ...unit(i, every[i]), latency: (every[i] + i + leads[i]) * by },
      unit(2, first[i]),
      // Waves queue up on a long way.
      ...(second === undefined ? [] : [{ ...unit(4 + i, ways[i]), latency: 60 * by }, unit(3, second[i])]),
    ],
  });
  const late: FlowStage[] =
    begins === undefined
      ? []
      : [
          { ...of(0), name: 'P', waves: 1, units: [unit(6, begins)], outputs: [0] },
          { ...of(0), name: 'C', waves: 1, source: false, units: [unit(7, 900), unit(3, 1)], inputs: [0] },
          { ...of(0), name: 'D', waves: 1, units: [unit(3, 1)] },
        ];
  return {
    ...{ stages: [of(0), of(1), ...late], buffers: [{ name: 'b', capacity: Infinity }], servers: SERVERS, images },
    ...{ batch: 1, batchBarrier: false, turns: 1, pipelined: true },
    ...{ advance: 'elastic', cycle: 'active', granularity: 'image' },
  };
}

const times = ({ makespan, stages }: FlowResult, by = 1n): bigint[] => [
  makespan * by,
  ...stages.flatMap(({ busy, stalls }) => [busy * by, ...STALL_CAUSES.map((cause) => stalls[cause] * by)]),
];

const equal = (drift: Drift): void => {
  const flow = flowOf(drift);
  expect([drift, times(runFlow(flow))]).toEqual([drift, times(runFlow(flow, { exact: true }))]);
};

const paces = [1, 4, 6, 7, 9].flatMap((a) => [1, 3, 7, 8].map((b) => [a, b] as const));

describe('waves at paces of their own', () => {
  it.each([
    [10, 10],
    [10, 11],
    [13, 10],
    [10, 20],
    [21, 10],
  ] as const)('every %d and %d ticks, at one shared unit and at two', (...every) => {
    for (const first of paces) {
      equal({ every, first, waves: [60, 50] });
      for (const second of [
        [2, 9],
        [8, 3],
      ] as const)
        equal({ every, first, second, waves: [60, 50], images: 2 });
    }
  });

  it('with a stage that begins at any moment', () => {
    for (let begins = 1; begins < 160; begins++)
      for (const first of [
        [4, 7],
        [7, 4],
        [6, 7],
        [1, 8],
      ] as const)
        for (const every of [
          [10, 10],
          [10, 11],
          [9, 10],
        ] as const)
          equal({ every, first, waves: [60, 50], begins });
  });

  it('on ways that take waves more slowly than these come at first', () => {
    // A's waves pile up before its way; the pile goes down once B's waves come between them.
    for (const every of [3, 4, 5] as const)
      for (const way of [6, 7, 9] as const)
        for (const lead of [20, 32, 90] as const)
          for (const second of [
            [6, 4],
            [2, 3],
            [4, 6],
          ] as const)
            equal({ every: [every, every], first: [4, 6], second, waves: [80, 64], ways: [way, 9], leads: [3, lead] });
  });

  it('2^30 + 1 times as long', () => {
    // No power of two: every digit of a sum counts. Waits grow by one for hundreds of periods, or shrink.
    const by = 2 ** 30 + 1;
    for (const [every, first] of [
      [
        [1000, 1000],
        [400, 601],
      ],
      [
        [1001, 1000],
        [400, 500],
      ],
    ] as const) {
      const drift = { every, first, waves: [1000, 1000] } as const;
      expect(times(runFlow(flowOf(drift, by)))).toEqual(times(runFlow(flowOf(drift)), BigInt(by)));
      equal(drift);
    }
  });
});

/** Latency, interval and server (null: its own) of the units of a stage, its waves, and whether they go one by one. */
type Row = readonly [units: readonly (readonly [number, number, number | null])[], waves: number, serial: boolean];

const lineOf = (
  rows: readonly Row[],
  images: number,
  capacities: readonly number[],
  skips: readonly number[],
): Flow => {
  const servers = ['common 0', 'common 1', 'common 2'].map((name) => ({ name }));
  const stages = rows.map(([units, waves, serial], j): FlowStage => ({
    ...{ name: `S${j}`, serves: 'image', turn: 0, waves, serial, source: j === 0, needs: [] },
    units: units.map(([latency, interval, common], u) => ({
      ...{ latency, interval, server: common ?? servers.push({ name: `S${j}.${u}` }) - 1 },
    })),
    inputs: j === 0 ? [] : [...new Set([j - 1, skips[j]! < j ? skips[j]! : j - 1])],
    outputs: j < rows.length - 1 ? [j] : [],
  }));
  return {
    ...{ stages, servers, images, buffers: capacities.map((capacity, j) => ({ name: `b${j}`, capacity })) },
    ...{ batch: 1, batchBarrier: false, turns: 1, pipelined: true },
    ...{ advance: 'elastic', cycle: 'active', granularity: 'image' },
  };
};

describe('states that differ in one thing alone are not the same (of 25,000 random flows one shows it)', () => {
  it.each([
    [
      'waves that are still to enter, to leave and on their way',
      lineOf(
        [
          [
            [
              [55, 55, 0],
              [49, 49, 1],
            ],
            7,
            false,
          ],
          [[[25, 0, null]], 8, true],
          [
            [
              [44, 0, 1],
              [2, 0, 2],
            ],
            6,
            true,
          ],
          [
            [
              [2, 0, 2],
              [4, 4, 2],
              [4, 0, 0],
              [23, 23, 2],
            ],
            7,
            false,
          ],
        ],
        10,
        [3, 4, 4, Infinity],
        [4, 5, 5, 4],
      ),
    ],
    [
      'when the next wave comes',
      lineOf(
        [
          [[[4, 0, 2]], 1, false],
          [
            [
              [34, 0, null],
              [1, 0, 2],
            ],
            1,
            true,
          ],
          [
            [
              [25, 0, 2],
              [42, 0, 0],
              [10, 2, 0],
            ],
            2,
            false,
          ],
          [
            [
              [28, 0, 0],
              [4, 0, 0],
              [4, 0, 0],
              [0, 0, 2],
            ],
            2,
            true,
          ],
          [
            [
              [44, 0, 2],
              [4, 0, 0],
              [37, 7, 0],
              [5, 1, 0],
              [41, 0, 1],
            ],
            2,
            true,
          ],
          [
            [
              [3, 0, 1],
              [2, 0, null],
              [3, 0, 1],
            ],
            1,
            true,
          ],
        ],
        20,
        [3, 2, 3, 3, 2, Infinity],
        [6, 2, 5, 4, 3, 6],
      ),
    ],
  ] as const)('%s', (_, flow) => {
    expect(times(runFlow(flow))).toEqual(times(runFlow(flow, { exact: true })));
  });

  it('one that is the same is found, with waves that queue in it; event by event nothing is left out', () => {
    const drift = { every: [10, 10], first: [4, 6], second: [2, 9], waves: [12, 12], images: 60 } as const;
    const { fastPath, skippedEvents } = runFlow(flowOf(drift));
    expect([fastPath.jumps.length, skippedEvents > 0n]).toEqual([1, true]);
    expect(runFlow(flowOf(drift), { exact: true }).skippedEvents).toBe(0n);
    equal(drift);
  });
});
