// The queue of ends of services: what the kernel's event queue says of the same events.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EventQueue } from '../../src/kernel/index.js';
import { EndQueue } from '../../src/pipeline/end-queue.js';
import { FINISH, PRIORITY_FINISH } from '../../src/pipeline/events.js';

/** A service of a stage ends so many ticks from now, where none is under way; the next end comes; the origin moves. */
type Step = { stage: number; delay: number } | 'pop' | 'shift' | 'clear';

const STAGES = 6;
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ stage: fc.nat({ max: STAGES - 1 }), delay: fc.nat({ max: 9 }) }) },
    { weight: 6, arbitrary: fc.constant<Step>('pop') },
    { weight: 1, arbitrary: fc.constantFrom<Step>('shift', 'shift', 'clear') },
  ),
  { minLength: 20, maxLength: 200 },
);

it('ends come in the order of their ticks, of equal ones as they were known, across shifts and clears', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const ends = new EndQueue(STAGES);
      const events = new EventQueue();
      const under = new Set<number>();
      let now = 0;
      for (const step of all) {
        if (step === 'pop') {
          expect(ends.next).toBe(events.pending()[0]?.[0] ?? Infinity);
          const some = events.pop();
          expect(ends.pop()).toBe(some);
          if (!some) continue;
          expect([ends.time, ends.code, ends.argument]).toEqual([events.time, events.code, events.argument]);
          under.delete(ends.argument);
          now = ends.time;
        } else if (step === 'shift') {
          ends.shift(now);
          events.shift(now);
          now = 0;
        } else if (step === 'clear') {
          ends.clear();
          events.clear();
          under.clear();
        } else if (!under.has(step.stage)) {
          under.add(step.stage);
          for (const queue of [ends, events]) queue.push(now + step.delay, PRIORITY_FINISH, FINISH, step.stage);
        }
        expect(ends.size).toBe(events.size);
        expect(ends.pending()).toEqual(events.pending());
      }
    }),
    { seed: 31, numRuns: 300 },
  );
});
