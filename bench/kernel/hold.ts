// Hold model: pop the earliest event, push it again a delay later. Millions of holds a second, by queue, delays and pending events.

import seedrandom from 'seedrandom';
import { EventQueue } from '../../src/kernel/index.js';
import { FarEvents } from '../../src/kernel/far-events.js';

export interface HoldFigure {
  queue: string;
  delays: string;
  pending: number;
  millionPerS: number;
}

/** Delays as configs produce them at 1 ps ticks: slots, waves, buffer accesses, digital steps, services. */
const REAL = [29_310, 50_880, 468_960, 1_000, 2_000, 4_000, 100_000, 1_600_000, 22_979_040, 240_107_520];

const TABLE = 1 << 16;

function delaysOf(kind: 'real' | 'uniform'): Int32Array {
  const random = seedrandom.alea(`hold:${kind}`);
  return Int32Array.from({ length: TABLE }, () => (kind === 'real' ? REAL[Math.floor(random() * REAL.length)]! : 1 + Math.floor(random() * 1e6)));
}

interface Queue {
  push(time: number, priority: number, code: number, argument: number): void;
  pop(): boolean;
  time: number;
  argument: number;
}

/** The ecosystem's exact queues take a comparison function and objects. */
interface Comparing {
  push(event: { t: number; s: number }): void;
  pop(): { t: number; s: number } | undefined;
}

/** A hold loop of its own for each queue, so that none makes another's calls polymorphic. */
const holdLoop = () => (queue: Queue, delays: Int32Array, pending: number, holds: number): number => {
  for (let i = 0; i < pending; i++) queue.push(delays[i & (TABLE - 1)]!, 0, 0, i);
  let at = 0;
  const start = process.hrtime.bigint();
  for (let i = 0; i < holds; i++) {
    queue.pop();
    at = (at + 1) & (TABLE - 1);
    queue.push(queue.time + delays[at]!, 0, 0, queue.argument);
  }
  return holds / (Number(process.hrtime.bigint() - start) / 1e3);
};
const holdWheel = holdLoop();
const holdHeap = holdLoop();

function holdComparing(queue: Comparing, delays: Int32Array, pending: number, holds: number): number {
  let sequence = 0;
  for (let i = 0; i < pending; i++) queue.push({ t: delays[i & (TABLE - 1)]!, s: sequence++ });
  let at = 0;
  const start = process.hrtime.bigint();
  for (let i = 0; i < holds; i++) {
    const event = queue.pop()!;
    at = (at + 1) & (TABLE - 1);
    event.t += delays[at]!;
    event.s = sequence++;
    queue.push(event);
  }
  return holds / (Number(process.hrtime.bigint() - start) / 1e3);
}

/** Best of `repeats` runs each (other work on the machine only ever slows a run). */
export async function holdFigures(sizes: readonly number[], repeats = 3): Promise<HoldFigure[]> {
  const { default: TinyQueue } = await import('tinyqueue');
  const queues: [string, (delays: Int32Array, pending: number, holds: number) => number][] = [
    ['timing wheel (ours)', (delays, pending, holds) => holdWheel(new EventQueue(pending + 1), delays, pending, holds)],
    ['binary heap, typed arrays', (delays, pending, holds) => holdHeap(new FarEvents(pending + 1), delays, pending, holds)],
    ['tinyqueue {t, s}', (delays, pending, holds) => holdComparing(new TinyQueue<{ t: number; s: number }>([], (a, b) => a.t - b.t || a.s - b.s), delays, pending, holds)],
  ];
  const figures: HoldFigure[] = [];
  for (const kind of ['real', 'uniform'] as const) {
    const delays = delaysOf(kind);
    for (const pending of sizes) {
      for (const [queue, hold] of queues) {
        const holds = queue.startsWith('timing') ? 8_000_000 : 1_500_000;
        let best = 0;
        for (let r = 0; r < repeats; r++) best = Math.max(best, hold(delays, pending, holds));
        figures.push({ queue, delays: kind, pending, millionPerS: Number(best.toFixed(2)) });
      }
    }
  }
  return figures;
}
