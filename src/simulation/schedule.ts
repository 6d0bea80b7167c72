// Which stage serves which image in which logical cycle: the first cycles, a batch boundary, the end of the run.

import { STALL_CAUSES, type Flow, type LogicalCycle, type StallCause } from '../pipeline/index.js';

/** A logical cycle, counted from 0; ticks since the start of the run. */
export interface Cycle {
  cycle: number;
  start: number;
  end: number;
  /** The stage that finished last. */
  last: number;
  served: { stage: number; image: number; finish: number }[];
  /** Stages that wait, and why. */
  waits: { stage: number; cause: StallCause }[];
}

/** Spans of a run that show what there is to see of it. */
export interface Schedule {
  parts: { title: string; cycles: Cycle[] }[];
  /** Cycles that were followed, and whether that is the whole run. */
  cycles: number;
  complete: boolean;
}

/** Stage services that are followed at most: a fraction of a second. */
const MOST_SERVICES = 1_500_000;
/**
 * Services and waits that a window holds at most, its last cycle whole: the window of a chain of L layers grows with
 * the square of L.
 */
const MOST_SHOWN = 250_000;
/** Cycles shown at a batch boundary (half before, half after) and at the end. */
const BOUNDARY = 12;
const END = 8;

function cycleOf({ cycle, start, end, last, active, images, finish, causes }: LogicalCycle): Cycle {
  const waits: Cycle['waits'] = [];
  for (let stage = 0; stage < causes.length; stage++)
    if (causes[stage]! >= 0) waits.push({ stage, cause: STALL_CAUSES[causes[stage]!]! });
  return {
    cycle,
    start,
    end,
    last,
    served: active.map((stage, i) => ({ stage, image: images[i]!, finish: finish[i]! })),
    waits,
  };
}

/**
 * Keeps the cycles of a window and those of a schedule, whose first part is as long as the window may be. A window that
 * would hold too much ends early.
 */
export function keptCycles({ stages, batch, images }: Flow, from: number, length: number) {
  const window: Cycle[] = [];
  const first: Cycle[] = [];
  const boundary: Cycle[] = [];
  let recent: Cycle[] = [];
  let followed = 0;
  let stopped = false;
  let boundaryAt = Infinity;
  let room = MOST_SHOWN;
  const followedAtMost = Math.ceil(MOST_SERVICES / stages.length);
  const told = (told: LogicalCycle): void => {
    const cycle = cycleOf(told);
    followed++;
    if (cycle.cycle >= from && cycle.cycle < from + length && room > 0) {
      window.push(cycle);
      room -= cycle.served.length + cycle.waits.length;
    }
    if (cycle.cycle < length && first.length < MOST_FIRST) first.push(cycle);
    recent.push(cycle);
    if (recent.length > 2 * BOUNDARY) recent = recent.slice(-BOUNDARY);
    if (
      boundaryAt === Infinity &&
      images > batch &&
      cycle.served.some(({ stage, image }) => stage === 0 && image === batch)
    ) {
      boundaryAt = cycle.cycle;
      boundary.push(...recent.slice(-BOUNDARY / 2 - 1));
    } else if (cycle.cycle > boundaryAt && cycle.cycle < boundaryAt + BOUNDARY / 2) boundary.push(cycle);
  };
  return {
    told,
    until: (done: number): boolean =>
      (stopped = done >= Math.max(room > 0 ? from + length : from + window.length, followedAtMost)),
    done: (): { cycles: Cycle[]; complete: boolean; schedule: Schedule } => {
      const complete = !stopped;
      const shownTo = Math.max(first.at(-1)?.cycle ?? -1, boundary.at(-1)?.cycle ?? -1);
      const end = complete ? recent.slice(-END).filter(({ cycle }) => cycle > shownTo) : [];
      return {
        cycles: window,
        complete: complete && window.length === followed,
        schedule: {
          parts: [
            { title: 'first cycles', cycles: first },
            { title: 'next batch', cycles: boundary.filter(({ cycle }) => cycle > (first.at(-1)?.cycle ?? -1)) },
            { title: 'end', cycles: end },
          ].filter(({ cycles }) => cycles.length > 0),
          cycles: followed,
          complete,
        },
      };
    },
  };
}

/** Cycles of the first part at most. */
const MOST_FIRST = 60;
