// The queues that the hold model measures: ours, candidates of our own, and the ecosystem's. Run by itself it measures
// one of them and prints JSON.

import { PriorityQueue } from '@datastructures-js/priority-queue';
import FastPriorityQueue from 'fastpriorityqueue';
import FlatQueue from 'flatqueue';
import { Heap } from 'heap-js';
import seedrandom from 'seedrandom';
import TinyQueue from 'tinyqueue';
import { FarEvents } from '../../src/kernel/far-events.js';
import { EventQueue } from '../../src/kernel/index.js';
import { PlainWheel } from './plain-wheel.js';

/** Delays as configs produce them at 1 ps ticks: slots, waves, buffer accesses, digital steps, services. */
const REAL = [29_310, 50_880, 468_960, 1_000, 2_000, 4_000, 100_000, 1_600_000, 22_979_040, 240_107_520];
/** What divides all of them. */
const REAL_DIVISOR = 10;
const TABLE = 1 << 16;

export type Delays = 'real' | 'uniform';

function delaysOf(kind: Delays): Int32Array {
  const random = seedrandom.alea(`hold:${kind}`);
  return Int32Array.from({ length: TABLE }, () =>
    kind === 'real' ? REAL[Math.floor(random() * REAL.length)]! : 1 + Math.floor(random() * 1e6),
  );
}

/** A queue of plain numbers, as the kernel needs it. */
interface Numbers {
  push(time: number, priority: number, code: number, argument: number): void;
  pop(): boolean;
  time: number;
  argument: number;
}

/** A library takes objects and a comparison; the sequence number keeps ties first in, first out. */
interface Event {
  t: number;
  s: number;
  id: number;
}
interface Objects {
  push(event: Event): unknown;
  pop(): Event | undefined;
}
const compare = (a: Event, b: Event): number => a.t - b.t || a.s - b.s;

type Made = { numbers: Numbers } | { objects: Objects };

export const QUEUES: Record<
  string,
  { by: 'ours' | 'candidate' | 'library'; make: (capacity: number, delays: Delays) => Made }
> = {
  'timing wheels (ours)': { by: 'ours', make: (capacity) => ({ numbers: new EventQueue(capacity) }) },
  'binary heap, typed arrays': { by: 'candidate', make: (capacity) => ({ numbers: new FarEvents(capacity) }) },
  'one wheel and heap': {
    by: 'candidate',
    make: (capacity, delays) => ({ numbers: new PlainWheel(capacity, delays === 'real' ? REAL_DIVISOR : 1) }),
  },
  'tinyqueue 3.0.0': { by: 'library', make: () => ({ objects: new TinyQueue<Event>([], compare) }) },
  'heap-js 2.7.1': { by: 'library', make: () => ({ objects: new Heap<Event>(compare) }) },
  'fastpriorityqueue 0.8.0': {
    by: 'library',
    make: () => {
      const queue = new FastPriorityQueue<Event>((a, b) => a.t < b.t || (a.t === b.t && a.s < b.s));
      return {
        objects: {
          push: (event) => {
            queue.add(event);
          },
          pop: () => queue.poll(),
        },
      };
    },
  },
  '@datastructures-js/priority-queue 6.4.0': {
    by: 'library',
    make: () => {
      const queue = new PriorityQueue<Event>(compare);
      return { objects: { push: (event) => queue.push(event), pop: () => queue.pop() ?? undefined } };
    },
  },
  // Takes one number as priority: there is no room for a sequence beside 53 bits of time.
  'flatqueue 3.1.0': {
    by: 'library',
    make: () => {
      const queue = new FlatQueue();
      const numbers: Numbers = {
        time: 0,
        argument: 0,
        push: (time, _priority, _code, argument) => {
          queue.push(argument, time);
        },
        pop: () => {
          numbers.time = queue.peekValue() ?? 0;
          const item = queue.pop();
          numbers.argument = item ?? 0;
          return item !== undefined;
        },
      };
      return { numbers };
    },
  },
};

/** Pops the earliest event and pushes it again a delay later; millions a second of processor time. */
function holdNumbers(queue: Numbers, delays: Int32Array, pending: number, holds: number): number {
  for (let i = 0; i < pending; i++) queue.push(delays[i & (TABLE - 1)]!, 0, 0, i);
  let at = 0;
  const start = process.cpuUsage().user;
  for (let i = 0; i < holds; i++) {
    queue.pop();
    at = (at + 1) & (TABLE - 1);
    queue.push(queue.time + delays[at]!, 0, 0, queue.argument);
  }
  return holds / (process.cpuUsage().user - start);
}

function holdObjects(queue: Objects, delays: Int32Array, pending: number, holds: number): number {
  let sequence = 0;
  for (let i = 0; i < pending; i++) queue.push({ t: delays[i & (TABLE - 1)]!, s: sequence++, id: i });
  let at = 0;
  const start = process.cpuUsage().user;
  for (let i = 0; i < holds; i++) {
    const event = queue.pop()!;
    at = (at + 1) & (TABLE - 1);
    event.t += delays[at]!;
    event.s = sequence++;
    queue.push(event);
  }
  return holds / (process.cpuUsage().user - start);
}

/** True where events of one time come out as they went in. */
export function keepsTies(name: string): boolean {
  const made = QUEUES[name]!.make(2000, 'uniform');
  for (let i = 0; i < 1000; i++) {
    if ('numbers' in made) made.numbers.push(i % 3, 0, 0, i);
    else made.objects.push({ t: i % 3, s: i, id: i });
  }
  const order = Array.from({ length: 1000 }, () => {
    if ('objects' in made) return made.objects.pop()!.id;
    made.numbers.pop();
    return made.numbers.argument;
  });
  const expected = [0, 1, 2].flatMap((time) => Array.from({ length: 1000 }, (_, i) => i).filter((i) => i % 3 === time));
  return order.every((id, i) => id === expected[i]);
}

const [, script, name, kind, pending] = process.argv;
if (script === new URL(import.meta.url).pathname && name !== undefined) {
  const delays = kind as Delays;
  const size = Number(pending);
  const { by, make } = QUEUES[name]!;
  const holds = by === 'ours' ? 6_000_000 : size > 1e5 ? 500_000 : 1_500_000;
  const table = delaysOf(delays);
  const made = make(size + 1, delays);
  console.log(
    'numbers' in made ? holdNumbers(made.numbers, table, size, holds) : holdObjects(made.objects, table, size, holds),
  );
}
