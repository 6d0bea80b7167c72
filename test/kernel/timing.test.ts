import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sharedUrl } from '../shared.js';
import {
  InvariantChecker,
  chainService,
  runChain,
  runStages,
  type StageLine,
  type Unit,
} from '../../src/kernel/index.js';

const folder = sharedUrl('golden/timing/');

interface ChainCase {
  units: Unit[];
  waves: number;
  finishOfWaves: number[];
  service: number;
}
interface PipelineCase extends StageLine {
  finishOfLastStage: number[];
  makespan: number;
  busy: number[];
}

const firstAndLast = (values: Float64Array, length: number): number[] =>
  values.length === length ? [...values] : [...values.slice(0, 8), ...values.slice(-8)];

describe('golden/timing (recurrences of docs/model.md section 5)', () => {
  it('chains of pipelined units, to the tick', () => {
    const cases = JSON.parse(readFileSync(new URL('chains.json', folder), 'utf8')) as ChainCase[];
    expect(cases.length).toBeGreaterThan(10);
    for (const { units, waves, finishOfWaves, service } of cases) {
      const finishes = runChain(units, waves);
      expect(firstAndLast(finishes, finishOfWaves.length)).toEqual(finishOfWaves);
      expect(chainService(units, waves)).toBe(service);
    }
  });

  it('stages with bounded buffers, to the tick', () => {
    const cases = JSON.parse(readFileSync(new URL('pipelines.json', folder), 'utf8')) as PipelineCase[];
    expect(cases.length).toBeGreaterThan(10);
    for (const { finishOfLastStage, makespan, busy, ...line } of cases) {
      const run = runStages(line);
      expect(firstAndLast(run.finishes, finishOfLastStage.length)).toEqual(finishOfLastStage);
      expect(run.makespan).toBe(makespan);
      expect([...run.busy]).toEqual(busy);
    }
  });
});

const unit = fc.record({ latency: fc.integer({ min: 0, max: 500 }), interval: fc.integer({ min: 1, max: 500 }) });

describe('recurrences of docs/model.md section 5 on random lines', () => {
  it('a chain follows start(u,w) = max(finish(u-1,w), start(u,w-1) + interval(u))', () => {
    fc.assert(
      fc.property(fc.array(unit, { minLength: 1, maxLength: 7 }), fc.integer({ min: 1, max: 40 }), (units, waves) => {
        const starts = units.map(() => -Infinity);
        const expected: number[] = [];
        for (let w = 0; w < waves; w++) {
          let ready = 0;
          units.forEach((u, k) => {
            starts[k] = Math.max(ready, starts[k]! + u.interval);
            ready = starts[k] + u.latency;
          });
          expected.push(ready);
        }
        expect([...runChain(units, waves)]).toEqual(expected);
        expect(chainService(units, waves)).toBe(expected.at(-1));
      }),
    );
  });

  it('a line of stages follows start(j,i) = max(finish(j-1,i), finish(j,i-1), finish(j+1,i-capacity(j)))', () => {
    const stages = fc.array(
      fc.record({ service: fc.integer({ min: 1, max: 300 }), capacity: fc.integer({ min: 1, max: 4 }) }),
      { minLength: 1, maxLength: 7 },
    );
    fc.assert(
      fc.property(stages, fc.integer({ min: 1, max: 40 }), (line, images) => {
        const J = line.length;
        const finish = Array.from({ length: J }, () => new Array<number>(images).fill(0));
        const at = (j: number, i: number): number => (j < 0 || j >= J || i < 0 ? 0 : finish[j]![i]!);
        for (let i = 0; i < images; i++) {
          for (let j = 0; j < J; j++) {
            const room = j < J - 1 ? at(j + 1, i - line[j]!.capacity) : 0;
            finish[j]![i] = Math.max(at(j - 1, i), at(j, i - 1), room) + line[j]!.service;
          }
        }
        const run = runStages({
          service: line.map((s) => s.service),
          capacity: line.slice(0, -1).map((s) => s.capacity),
          images,
        });
        expect([...run.finishes]).toEqual(finish[J - 1]);
      }),
    );
  });
});

describe('lines that are none', () => {
  const unitOf = (latency: number, interval: number): Unit => ({ latency, interval });
  const stages = { service: [1, 1], capacity: [1], images: 1 };

  it.each<[string, () => unknown]>([
    ['units: found 0, expected a whole number of at least 1', () => runChain([], 1)],
    ['latency: found -1, expected a whole number of at least 0', () => runChain([unitOf(-1, 1)], 1)],
    ['latency: found 0.5, expected a whole number of at least 0', () => runChain([unitOf(0.5, 1)], 1)],
    ['interval: found NaN, expected a whole number of at least 0', () => runChain([unitOf(1, NaN)], 1)],
    ['interval: found -1, expected a whole number of at least 0', () => runChain([unitOf(1, -1)], 1)],
    ['waves: found -1, expected a whole number of at least 0', () => runChain([unitOf(1, 1)], -1)],
    ['stages: found 0, expected a whole number of at least 1', () => runStages({ ...stages, service: [] })],
    ['service: found -1, expected a whole number of at least 0', () => runStages({ ...stages, service: [1, -1] })],
    ['images: found 1.5, expected a whole number of at least 0', () => runStages({ ...stages, images: 1.5 })],
    [
      'capacity: found 0 buffers, expected one behind each of the 2 stages but the last',
      () => runStages({ ...stages, capacity: [] }),
    ],
    ['capacity: found 0, expected a whole number of at least 1', () => runStages({ ...stages, capacity: [0] })],
  ])('%s', (message, use) => {
    expect(use).toThrow(new RangeError(message));
  });

  it('nothing takes no time', () => {
    expect([...runChain([unitOf(0, 0)], 0)]).toEqual([]);
    expect(chainService([unitOf(5, 3)], 0)).toBe(0);
    const none = new InvariantChecker(() => 1);
    runChain([unitOf(1, 1)], 0, none);
    expect(none.services).toBe(0);
    expect([...runChain([unitOf(0, 0)], 2)]).toEqual([0, 0]);
    expect(runStages({ ...stages, images: 0 })).toMatchObject({ makespan: 0 });
    expect([...runStages({ service: [2, 0], capacity: [Infinity], images: 2 }).finishes]).toEqual([2, 4]);
    expect([...runStages({ service: [2, 3], capacity: [1], images: 2 }).busy]).toEqual([4, 6]);
  });

  it('observers see services and levels as the checker wants them', () => {
    const checker = new InvariantChecker(() => 1);
    runChain([unitOf(5, 2), unitOf(3, 4)], 4, checker);
    expect([checker.events, checker.services]).toEqual([8, 8]);
    const services: object[] = [];
    const seen = { event: () => undefined, level: () => undefined };
    runChain([unitOf(5, 2), unitOf(3, 1)], 2, {
      ...seen,
      service: (server, _client, times) => services.push({ server, ...times }),
    });
    expect(services).toEqual([
      { server: 0, start: 0, release: 2, finish: 5, step: 0 },
      { server: 0, start: 2, release: 4, finish: 7, step: 0 },
      { server: 1, start: 5, release: 6, finish: 8, step: 1 },
      { server: 1, start: 7, release: 8, finish: 10, step: 1 },
    ]);
    const line = new InvariantChecker(() => 1);
    expect(runStages({ service: [2, 3, 1], capacity: [1, 1], images: 3 }, line).makespan).toBe(16);
    expect(line.events).toBe(9);
    const buffers = new Set<number>();
    const ignore = (): void => undefined;
    const observer = { event: ignore, service: ignore, level: (buffer: number) => buffers.add(buffer) };
    runStages({ service: [2, 3, 1], capacity: [1, 1], images: 3 }, observer);
    expect([...buffers]).toEqual([0, 1]);
  });
});
