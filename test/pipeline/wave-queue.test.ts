import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { EventQueue, InvariantChecker, InvariantError, compiled, type Queue } from '../../src/kernel/index.js';
import { Chains } from '../../src/pipeline/chains.js';
import { FINISH } from '../../src/pipeline/events.js';
import { runFlow, type Flow, type FlowResult } from '../../src/pipeline/index.js';
import { waveQueue, type WaveQueue } from '../../src/pipeline/wave-queue.js';
import { flowOf, flowShape } from './random-flows.js';

// The suite always tries the same cases. To hunt for others: SEED=7 RUNS=20 npx vitest run test/pipeline/wave-queue
const seed = Number(process.env.SEED ?? 331);
const times = Number(process.env.RUNS ?? 1);

const watched = (flow: Flow): FlowResult =>
  runFlow(flow, { exact: true, observer: new InvariantChecker(() => Infinity) });

/** Two stages of `waves` waves that share a unit of `ticks` ticks. */
function sharing(waves: number, ticks: number): Flow {
  const stage = (name: string): Flow['stages'][number] => ({
    name,
    serves: 'image',
    turn: 0,
    waves,
    serial: false,
    units: [
      { server: 1, latency: 1, interval: 1 },
      { server: 0, latency: ticks, interval: ticks },
    ],
    inputs: [],
    outputs: [],
    source: true,
    needs: [],
  });
  return {
    stages: [stage('a'), { ...stage('b'), units: [{ server: 0, latency: ticks, interval: ticks }] }],
    buffers: [],
    servers: [{ name: 'shared' }, { name: 'own' }],
    images: 1,
    batch: 1,
    batchBarrier: false,
    turns: 1,
    pipelined: true,
    advance: 'elastic',
    cycle: 'active',
    granularity: 'image',
  };
}

/** A queue for as many events as `flow` has waves. */
function compiledQueue(flow: Flow): WaveQueue {
  const queue = waveQueue(new Chains(flow, true), flow.servers.length, () => undefined);
  if (queue === undefined) throw new Error('no WebAssembly here');
  return queue;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('waves in WebAssembly', () => {
  it('are served in TypeScript where there is none, or no module', () => {
    const flow = sharing(30, 7);
    const result = runFlow(flow, { exact: true });
    expect(compiled('no module')).toBeUndefined();
    vi.stubGlobal('WebAssembly', undefined);
    expect(waveQueue(new Chains(flow, true), 2, () => undefined)).toBeUndefined();
    expect(runFlow(flow, { exact: true })).toEqual(result);
  });

  it('give the run that a watched one is, event by event in TypeScript', () => {
    fc.assert(
      fc.property(flowShape(40, 12), (shape) => {
        const flow = flowOf(shape);
        expect(runFlow(flow, { exact: true })).toEqual(watched(flow));
      }),
      { seed, numRuns: 400 * times },
    );
  });

  it('end as late as the clock reaches: n waves of two stages, taken in turn', () => {
    const flow = sharing(2 ** 10, 2 ** 41 - 1);
    const result = runFlow(flow, { exact: true });
    expect(result).toEqual(watched(flow));
    expect(result.makespan).toBe(2n ** 11n * (2n ** 41n - 1n));
  });

  it('that would leave a unit beyond 2^52 ticks end the run', () => {
    const flow = sharing(2 ** 10, 2 ** 42);
    expect(() => watched(flow)).toThrow(InvariantError);
    // The module's own words: where nobody watches it is taken.
    expect(() => runFlow(flow, { exact: true })).toThrow(InvariantError);
    expect(() => runFlow(flow, { exact: true })).toThrow(/leave a unit beyond 2\^52/);
    expect(() => watched(flow)).not.toThrow(/leave a unit beyond/);
  });

  it('are left to TypeScript where there are more than memory is laid out for', () => {
    const flow = sharing(2 ** 23, 1);
    expect(waveQueue(new Chains(flow, true), 2, () => undefined)).toBeUndefined();
    const one = { ...flow, stages: [flow.stages[0]!] };
    expect(waveQueue(new Chains(one, true), 2, () => undefined)).toBeDefined();
  });
});

describe('its queue', () => {
  const step = fc.oneof(
    fc.record({
      do: fc.constant('push' as const),
      delay: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 2 ** 21 }), fc.nat({ max: 2 ** 40 })),
      priority: fc.nat({ max: 3 }),
    }),
    fc.record({ do: fc.constantFrom('pop' as const, 'shift' as const, 'pending' as const, 'clear' as const) }),
  );
  const take = (queue: Queue): number[] | null => (queue.pop() ? [queue.time, queue.code, queue.argument] : null);

  it('keeps the order of (time, priority, sequence), as EventQueue does', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const queues = [new EventQueue(), compiledQueue(sharing(200, 1))] as const;
        let now = 0;
        steps.forEach((one, i) => {
          if (one.do === 'push') for (const queue of queues) queue.push(now + one.delay, one.priority, FINISH, i);
          else if (one.do === 'shift') {
            for (const queue of queues) queue.shift(now);
            now = 0;
          } else if (one.do === 'pop') {
            const [expected, actual] = [take(queues[0]), take(queues[1])];
            expect(actual).toEqual(expected);
            now = expected?.[0] ?? now;
          } else if (one.do === 'pending') expect(queues[1].pending()).toEqual(queues[0].pending());
          else for (const queue of queues) queue.clear();
          expect(queues[1].size).toBe(queues[0].size);
        });
        while (queues[0].size > 0) expect(take(queues[1])).toEqual(take(queues[0]));
        expect(queues[1].pop()).toBe(false);
      }),
      { seed, numRuns: 200 * times },
    );
  });
});
