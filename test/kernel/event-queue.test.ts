import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue } from '../../src/kernel/index.js';
import { FarEvents } from '../../src/kernel/far-events.js';

const delay = fc.oneof(
  fc.constant(0), fc.integer({ min: 0, max: 4 }), fc.constantFrom(29_310, 50_880, 468_960, 100_000, 2e8, 1e9), fc.integer({ min: 0, max: 5000 }),
  fc.integer({ min: 0, max: 2 ** 31 - 1 }), fc.integer({ min: 2 ** 31 - 2, max: 2 ** 31 + 2 }), fc.integer({ min: 0, max: 2 ** 45 }),
);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('push' as const), delay, priority: fc.oneof(fc.constant(0), fc.integer({ min: -3, max: 3 })) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('pop' as const), delay: fc.constant(0), priority: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('shift' as const), delay: fc.constant(0), priority: fc.constant(0) }) },
);

describe('event queue', () => {
  it('pops in (time, priority, sequence) order, as a plain binary heap does', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const queue = new EventQueue(4);
        const heap = new FarEvents(4);
        let now = 0;
        let id = 0;
        const popBoth = (): boolean => {
          const some = heap.pop();
          expect(queue.pop()).toBe(some);
          if (some) {
            expect([queue.time, queue.priority, queue.code, queue.argument]).toEqual([heap.time, heap.priority, heap.code, heap.argument]);
            now = heap.time;
          }
          return some;
        };
        for (const { kind, delay: ticks, priority } of steps) {
          if (kind === 'pop') popBoth();
          else if (kind === 'push') {
            queue.push(now + ticks, priority, id, -id);
            heap.push(now + ticks, priority, id, -id);
            id++;
          } else {
            queue.shift(now);
            heap.shift(now);
            now = 0;
          }
          expect(queue.size).toBe(heap.size);
          expect(queue.pending()).toEqual(heap.pending());
        }
        while (popBoth());
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps ties of one tick and priority first in, first out, across all levels', () => {
    const queue = new EventQueue();
    for (let i = 0; i < 1000; i++) queue.push(2 ** 33 + (i % 3), 0, i, 0);
    const order: number[] = [];
    while (queue.pop()) order.push(queue.code);
    const expected = [0, 1, 2].flatMap((residue) => Array.from({ length: 1000 }, (_, i) => i).filter((i) => i % 3 === residue));
    expect(order).toEqual(expected);
  });
});
