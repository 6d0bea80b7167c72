// The engine that runs machines (not the kernel's textbook lines) against the recurrences of docs/model.md section 5,
// worked out here on their own.

import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Observer } from '../../src/kernel/index.js';
import type { Flow, FlowResult, UnitUse } from '../../src/pipeline/index.js';
import { runFlow } from '../../src/pipeline/index.js';

const folder = new URL('../../../shared/golden/timing/', import.meta.url);

interface Line {
  stages: { waves: number; units: { latency: number; interval: number }[] }[];
  capacity: number[];
  images: number;
}

/** A line of stages with a buffer behind each but the last; a unit's server is its own unless `servers` says so. */
function flowOf({ stages, capacity, images }: Line, servers?: number[][]): Flow {
  const own = stages.map(({ units }, s) => units.map((_, u) => servers?.[s]?.[u] ?? 100 * s + u));
  return {
    stages: stages.map(({ waves, units }, s) => ({
      name: `S${s}`,
      serves: 'image',
      turn: 0,
      waves,
      serial: false,
      needs: [],
      source: s === 0,
      units: units.map((unit, u): UnitUse => ({ ...unit, server: own[s]![u]! })),
      inputs: s === 0 ? [] : [s - 1],
      outputs: s === stages.length - 1 ? [] : [s],
    })),
    buffers: stages.slice(0, -1).map((_, s) => ({ name: `b${s}`, capacity: capacity[s]! })),
    servers: Array.from({ length: 100 * stages.length }, (_, s) => ({ name: `${s}` })),
    images,
    batch: 1,
    batchBarrier: false,
    turns: 1,
    pipelined: true,
    advance: 'elastic',
    cycle: 'active',
    granularity: 'image',
  };
}

/** Runs event by event and notes when every wave leaves the last stage. */
function exactRun(flow: Flow): { result: FlowResult; finishes: number[] } {
  const last = flow.stages.length - 1;
  const lastServer = flow.stages[last]!.units.at(-1)!.server;
  const finishes: number[] = [];
  const observer: Observer = {
    event: () => undefined,
    level: () => undefined,
    service: (server, client, { finish }) => {
      if (client === last && server === lastServer) finishes.push(finish);
    },
  };
  return { result: runFlow(flow, { exact: true, observer }), finishes };
}

const firstAndLast = (values: number[], length: number): number[] =>
  values.length === length ? values : [...values.slice(0, 8), ...values.slice(-8)];

describe.skipIf(!existsSync(folder))('golden/timing through the engine (skipped without ../shared)', () => {
  it('stages with bounded buffers, to the tick, event by event and with fast paths', () => {
    const cases = JSON.parse(readFileSync(new URL('pipelines.json', folder), 'utf8')) as {
      service: number[];
      capacity: number[];
      images: number;
      finishOfLastStage: number[];
      makespan: number;
      busy: number[];
    }[];
    for (const { service, capacity, images, finishOfLastStage, makespan, busy } of cases) {
      const flow = flowOf({
        stages: service.map((ticks) => ({ waves: 1, units: [{ latency: ticks, interval: ticks }] })),
        capacity,
        images,
      });
      const { result, finishes } = exactRun(flow);
      expect(firstAndLast(finishes, finishOfLastStage.length)).toEqual(finishOfLastStage);
      for (const run of [result, runFlow(flow)]) {
        expect(Number(run.makespan)).toBe(makespan);
        expect(run.stages.map((stage) => Number(stage.busy))).toEqual(busy);
      }
    }
  });

  it('chains of units, to the tick', () => {
    const cases = JSON.parse(readFileSync(new URL('chains.json', folder), 'utf8')) as {
      units: UnitUse[];
      waves: number;
      finishOfWaves: number[];
      service: number;
    }[];
    for (const { units, waves, finishOfWaves, service } of cases) {
      const flow = flowOf({ stages: [{ waves, units }], capacity: [], images: 1 });
      const { finishes } = exactRun(flow);
      expect(firstAndLast(finishes, finishOfWaves.length)).toEqual(finishOfWaves);
      expect(Number(runFlow(flow).makespan)).toBe(service);
    }
  });
});

const unit = fc
  .record({ latency: fc.integer({ min: 0, max: 60 }), part: fc.integer({ min: 0, max: 10 }) })
  .map(({ latency, part }) => ({ latency, interval: Math.floor((latency * part) / 10) }));
const line: fc.Arbitrary<Line> = fc.integer({ min: 1, max: 5 }).chain((length) =>
  fc.record({
    stages: fc.array(
      fc.record({ waves: fc.integer({ min: 1, max: 5 }), units: fc.array(unit, { minLength: 1, maxLength: 4 }) }),
      { minLength: length, maxLength: length },
    ),
    capacity: fc.array(fc.constantFrom(1, 2, 3, Infinity), { minLength: length, maxLength: length }),
    images: fc.integer({ min: 1, max: 25 }),
  }),
);

describe('random lines', () => {
  it('waves through chains, images through bounded buffers: start(u,w), start(j,i), zero ticks included', () => {
    fc.assert(
      fc.property(line, (random) => {
        const { stages, capacity, images } = random;
        const finish = stages.map(() => new Array<number>(images).fill(0));
        const at = (j: number, i: number): number => finish[j]?.[i] ?? 0;
        const waves: number[] = [];
        for (let i = 0; i < images; i++) {
          stages.forEach((stage, j) => {
            const start = Math.max(at(j - 1, i), at(j, i - 1), at(j + 1, i - capacity[j]!));
            const next = stage.units.map(() => start);
            for (let w = 0; w < stage.waves; w++) {
              let there = start;
              stage.units.forEach(({ latency, interval }, u) => {
                const begin = Math.max(there, next[u]!);
                next[u] = begin + interval;
                there = begin + latency;
              });
              finish[j]![i] = there;
              if (j === stages.length - 1) waves.push(there);
            }
          });
        }
        const flow = flowOf(random);
        const { result, finishes } = exactRun(flow);
        expect(finishes).toEqual(waves);
        expect(Number(result.makespan)).toBe(waves.at(-1));
        expect(Number(runFlow(flow).makespan)).toBe(waves.at(-1));
      }),
      { numRuns: 200 },
    );
  });

  it('units that stages share: first come, first served, ties by stage order', () => {
    const shared = line.chain((random) =>
      fc.record({
        random: fc.constant(random),
        // Six servers at which all may meet; within a stage every unit has its own.
        servers: fc.tuple(
          ...random.stages.map(({ units }) =>
            fc.uniqueArray(fc.integer({ min: 0, max: 5 }), { minLength: units.length, maxLength: units.length }),
          ),
        ),
      }),
    );
    let contended = 0;
    fc.assert(
      fc.property(shared, ({ random, servers }) => {
        const waits = served(random, servers);
        const { result, finishes } = exactRun(flowOf(random, servers));
        expect(finishes).toEqual(waits.finishes);
        expect(result.stages.reduce((sum, { stalls }) => sum + Number(stalls.unit), 0) > 0).toBe(waits.waited);
        expect(Number(runFlow(flowOf(random, servers)).makespan)).toBe(waits.makespan);
        if (waits.waited) contended++;
      }),
      { numRuns: 200 },
    );
    expect(contended).toBeGreaterThan(30);
  });
});

/**
 * The same line by a list that is searched for its first event: what the engine must equal, as plainly as it can be
 * said.
 */
function served(
  { stages, capacity, images }: Line,
  servers: readonly number[][],
): { finishes: number[]; makespan: number; waited: boolean } {
  const pending: { time: number; priority: number; act: () => void }[] = [];
  const freeAt = new Map<number, { time: number; stage: number }>();
  const started = stages.map(() => 0);
  const finished = stages.map(() => 0);
  const finishes: number[] = [];
  const last = stages.length - 1;
  let now = 0;
  let waited = false;
  const later = (time: number, priority: number, act: () => void): void => {
    pending.push({ time, priority, act });
  };
  const tryStart = (j: number): void => {
    if (j < 0 || j > last || started[j]! > finished[j]! || started[j] === images) return;
    if (j > 0 && finished[j - 1]! <= started[j]!) return;
    if (j < last && started[j]! - finished[j + 1]! >= capacity[j]!) return;
    started[j]!++;
    later(now, 1 + j, () => {
      arrive(j, 0, 0);
    });
  };
  const arrive = (j: number, u: number, w: number): void => {
    const { waves, units } = stages[j]!;
    const { latency, interval } = units[u]!;
    const server = servers[j]![u]!;
    const free = freeAt.get(server);
    const start = Math.max(now, free?.time ?? 0);
    if (start > now && free!.stage !== j) waited = true;
    freeAt.set(server, { time: start + interval, stage: j });
    if (u === 0 && w + 1 < waves)
      later(start + interval, 1 + j, () => {
        arrive(j, 0, w + 1);
      });
    if (u < units.length - 1) {
      later(start + latency, 1 + j, () => {
        arrive(j, u + 1, w);
      });
      return;
    }
    if (j === last) finishes.push(start + latency);
    if (w === waves - 1)
      later(start + latency, 0, () => {
        finished[j]!++;
        for (const near of [j - 1, j, j + 1]) tryStart(near);
      });
  };
  tryStart(0);
  while (pending.length > 0) {
    const first = pending.reduce(
      (least, event, i) =>
        event.time < pending[least]!.time ||
        (event.time === pending[least]!.time && event.priority < pending[least]!.priority)
          ? i
          : least,
      0,
    );
    const [{ time, act }] = pending.splice(first, 1) as [(typeof pending)[number]];
    now = time;
    act();
  }
  return { finishes, makespan: now, waited };
}
