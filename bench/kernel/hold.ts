// Hold model: pop the earliest event, push it again a delay later. Millions of holds a second, by queue, delays and
// pending events.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { keepsTies, QUEUES, type Delays } from './queues.js';

export interface HoldFigure {
  queue: string;
  by: 'ours' | 'candidate' | 'library';
  /** Events of one time come out as they went in. */
  exactTies: boolean;
  delays: Delays;
  pending: number;
  /** Holds a microsecond of processor time. */
  millionPerS: number;
}

/** One measurement in a process of its own, so that no queue finds another's compiled code or heap. */
function measure(queue: string, delays: Delays, pending: number): number {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', fileURLToPath(new URL('queues.ts', import.meta.url)), queue, delays, String(pending)],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`${queue}: ${stderr}`);
  return Number(stdout);
}

/** Best of `rounds`, in each of which every queue has its turn (other work on the machine only ever slows a run). */
export function holdFigures(sizes: readonly number[], rounds = 3): HoldFigure[] {
  const figures: HoldFigure[] = [];
  for (const delays of ['real', 'uniform'] as const) {
    for (const pending of sizes) {
      const row = Object.entries(QUEUES).map(([queue, { by }]): HoldFigure => ({
        queue,
        by,
        exactTies: keepsTies(queue),
        delays,
        pending,
        millionPerS: 0,
      }));
      for (let round = 0; round < rounds; round++) {
        for (const figure of row)
          figure.millionPerS = Math.max(figure.millionPerS, measure(figure.queue, delays, pending));
      }
      figures.push(...row.map((figure) => ({ ...figure, millionPerS: Number(figure.millionPerS.toFixed(2)) })));
    }
  }
  return figures;
}
