import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { EventQueue, InvariantError, Simulator } from '../../src/kernel/index.js';
import { FarEvents } from '../../src/kernel/far-events.js';

// The suite always tries the same cases. To hunt for others: SEED=7 RUNS=20 npx vitest run test/kernel/event-queue
const seed = Number(process.env.SEED ?? 2017);
const times = Number(process.env.RUNS ?? 1);
vi.setConfig({ testTimeout: 60_000 * Math.max(1, times) });

/** The plainest queue there is: a sorted list, a new event behind its equals. */
class SortedList {
  readonly events: [time: number, priority: number, code: number, argument: number][] = [];

  push(time: number, priority: number, code: number, argument: number): void {
    let at = this.events.length;
    while (
      at > 0 &&
      (this.events[at - 1]![0] > time || (this.events[at - 1]![0] === time && this.events[at - 1]![1] > priority))
    )
      at--;
    this.events.splice(at, 0, [time, priority, code, argument]);
  }

  shift(ticks: number): void {
    for (const event of this.events) event[0] -= ticks;
  }
}

/**
 * Delays that meet the edges of the wheels: one tick to either side of where a digit carries, of what the wheels reach,
 * and of what times can be.
 */
const edges = [2 ** 10, 2 ** 11, 2 ** 20, 2 ** 21, 2 ** 30, 2 ** 31, 2 ** 32, 2 ** 40, 2 ** 51].flatMap((edge) => [
  edge - 1,
  edge,
  edge + 1,
]);
const delays: Record<string, fc.Arbitrary<number>> = {
  'all at one tick': fc.constant(0),
  'few ticks': fc.integer({ min: 0, max: 4 }),
  'as configs produce them': fc.constantFrom(
    29_310,
    50_880,
    468_960,
    1_000,
    2_000,
    4_000,
    100_000,
    1_600_000,
    22_979_040,
    240_107_520,
  ),
  'edges of the wheels': fc.constantFrom(0, 1, ...edges),
  any: fc.oneof(
    fc.constant(0),
    fc.integer({ min: 0, max: 5000 }),
    fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    fc.integer({ min: 0, max: 2 ** 45 }),
    fc.constantFrom(...edges),
  ),
};
const priority = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: -3, max: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom(-(2 ** 31), 2 ** 31 - 1) },
);
const stepOf = (delay: fc.Arbitrary<number>) =>
  fc.oneof(
    { weight: 10, arbitrary: fc.record({ kind: fc.constant('push' as const), delay, priority }) },
    { weight: 9, arbitrary: fc.record({ kind: fc.constant('pop' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('shift' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('look' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('drain' as const), most: fc.integer({ min: 1, max: 60 }) }) },
  );

describe.each([
  ['the timing wheel', EventQueue],
  ['the heap of far events', FarEvents],
] as const)('%s pops in (time, priority, sequence) order, as a sorted list does', (_, Queue) => {
  it.each(Object.entries(delays))('delays: %s', (_, delay) => {
    fc.assert(
      fc.property(fc.array(stepOf(delay), { maxLength: 400, size: 'max' }), (steps) => {
        const queue = new Queue(1);
        const list = new SortedList();
        let now = 0;
        let id = 1;
        const popBoth = (): boolean => {
          const first = list.events.shift();
          expect(queue.pop()).toBe(first !== undefined);
          if (first === undefined) return false;
          expect([queue.time, queue.priority, queue.code, queue.argument]).toEqual(first);
          now = first[0];
          return true;
        };
        for (const step of steps) {
          switch (step.kind) {
            case 'push':
              if (now + step.delay > 2 ** 52) break;
              queue.push(now + step.delay, step.priority, id, -id);
              list.push(now + step.delay, step.priority, id, -id);
              id++;
              break;
            case 'pop':
              popBoth();
              break;
            case 'drain':
              for (let i = 0; i < step.most && popBoth(); i++);
              break;
            case 'look':
              expect(queue.pending()).toEqual(list.events);
              break;
            case 'shift':
              queue.shift(now);
              list.shift(now);
              now = 0;
              break;
          }
          expect(queue.size).toBe(list.events.length);
        }
        while (popBoth());
      }),
      { seed, numRuns: 60 * times },
    );
  });
});

describe('event queue', () => {
  it('keeps ties of one tick and priority first in, first out, across all levels', () => {
    const queue = new EventQueue();
    for (let i = 0; i < 1000; i++) queue.push(2 ** 33 + (i % 3), 0, i, 0);
    const order: number[] = [];
    while (queue.pop()) order.push(queue.code);
    const expected = [0, 1, 2].flatMap((residue) =>
      Array.from({ length: 1000 }, (_, i) => i).filter((i) => i % 3 === residue),
    );
    expect(order).toEqual(expected);
  });

  it('grows with 200,000 events, can be cleared and used again', () => {
    const events = 200_000 * Math.min(1, times);
    const queue = new EventQueue(1);
    const heap = new FarEvents(1);
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < events; i++) {
        const time = queue.time + ((i * 7919) % 100_003) * 997;
        queue.push(time, i % 2, i, round);
        heap.push(time, i % 2, i, round);
      }
      let wrong = 0;
      for (let i = 0; i < (3 * events) / 4; i++) {
        if (
          !queue.pop() ||
          !heap.pop() ||
          queue.time !== heap.time ||
          queue.code !== heap.code ||
          queue.argument !== heap.argument
        )
          wrong++;
      }
      expect(wrong).toBe(0);
      expect(queue.size).toBe(events / 4);
      queue.clear();
      while (heap.pop());
      expect([queue.size, queue.pop(), queue.pending()]).toEqual([0, false, []]);
    }
  });

  it('goes on from the event that was popped last when it has dropped the rest', () => {
    const queue = new EventQueue();
    // On the wheels and beyond them: 5 ticks, 2^32 and 3 x 2^32 ticks.
    for (const time of [5, 2 ** 32, 3 * 2 ** 32]) queue.push(time, 0, 0, time);
    expect([queue.pop(), queue.time]).toEqual([true, 5]);
    queue.clear();
    expect(queue.time).toBe(5);
    for (const time of [2 ** 31, 7, 6]) queue.push(time, 0, 0, time);
    const popped: number[] = [];
    while (queue.pop()) popped.push(queue.time);
    expect(popped).toEqual([6, 7, 2 ** 31]);
  });

  it('a simulator takes another queue, whose own events count', () => {
    const queue = Object.assign(new EventQueue(), { served: 3 });
    const simulator = new Simulator(null, null, queue);
    simulator.schedule(5, 0, 0, 0);
    expect(queue.size).toBe(1);
    simulator.run(() => undefined);
    expect(simulator.events).toBe(4);
  });

  it('a simulator refuses what is no time to come', () => {
    const simulator = new Simulator();
    simulator.schedule(5, 0, 0, 0);
    simulator.run(() => undefined);
    for (const delay of [-1, NaN, Infinity, 0.5, 2 ** 53])
      expect(() => {
        simulator.schedule(delay, 0, 0, 0);
      }).toThrow(InvariantError);
    expect(simulator.scheduled).toBe(0);
  });

  it('a simulator has a pulse, once in 2^20 events', () => {
    const beats: number[] = [];
    const simulator: Simulator = new Simulator(null, () => beats.push(simulator.events));
    simulator.schedule(0, 0, 0, 0);
    simulator.run(() => {
      if (simulator.events < 2 ** 21 + 1) simulator.schedule(1, 0, 0, 0);
    });
    expect(beats).toEqual([2 ** 20, 2 ** 21]);
    expect(simulator.events).toBe(2 ** 21 + 1);
    const silent = new Simulator();
    silent.schedule(0, 0, 0, 0);
    silent.run(() => {
      if (silent.events < 2 ** 20) silent.schedule(1, 0, 0, 0);
    });
    expect(silent.events).toBe(2 ** 20);
  });
});
