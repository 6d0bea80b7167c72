// The local executor: a pool of worker threads that check and run points.

import { randomUUID } from 'node:crypto';
import { InvariantError } from '../../kernel/index.js';
import { MOST_ATTEMPTS, WorkerPool, isDeath } from '../worker-death.js';
import { failedOutcome, type Slice } from './evaluate.js';
import type { Point } from './plan.js';
import type { Values } from './points.js';
import { diskFault } from '../../config/writing.node.js';
import type { SweepStore } from './store.js';
import type { RunTask, WorkerSetup } from './worker.js';

/** Points handed to a worker at once; it returns after half a second with those that it did. */
const POINTS_AT_ONCE = 512;

/** Fewer points than this are checked where they are. */
const WORTH_A_POOL = 256;

type Task = RunTask | readonly Values[];
type Answer = Slice | (string | null)[];
type Report = (slice: Slice) => void;

/** Worker threads; they start when they are first needed and must be closed. */
export class LocalPool {
  readonly #workers: number;
  readonly #setup: WorkerSetup;
  readonly #session = randomUUID().slice(0, 8);
  #pool: WorkerPool<Task, Answer> | undefined;
  #parts = 0;

  constructor(workers: number, setup: WorkerSetup) {
    this.#workers = workers;
    this.#setup = setup;
  }

  /** Keys of points in their order; null where one is wrong or was not looked at. */
  readonly check = async (values: readonly Values[]): Promise<(string | null)[]> => {
    if (values.length < WORTH_A_POOL) return [];
    const keys: (string | null)[] = values.map(() => null);
    let next = 0;
    let fault = false;
    await this.#inLanes(async () => {
      while (next < values.length && !fault) {
        const from = next;
        next += POINTS_AT_ONCE;
        const some = await this.#threads.run(values.slice(from, from + POINTS_AT_ONCE), 'check');
        if (!Array.isArray(some)) throw new InvariantError('a worker answers a check with keys');
        some.forEach((key, i) => {
          keys[from + i] = key;
        });
        // Whoever asked looks at the first point without a key: those before it must have theirs.
        fault ||= some.includes(null);
      }
    });
    return keys;
  };

  /** Runs points; what a worker leaves undone when it dies is tried again point by point. */
  async run(store: SweepStore, points: readonly Point[], report: Report): Promise<void> {
    let next = 0;
    await this.#inLanes(async () => {
      while (next < points.length) {
        const size = Math.ceil((points.length - next) / (4 * this.#workers));
        const mine = points.slice(next, next + Math.min(POINTS_AT_ONCE, size));
        next += mine.length;
        await this.#runSome(store, mine, report);
      }
    }).catch((error: unknown) => {
      throw diskFault(error, store.folder);
    });
  }

  async close(): Promise<void> {
    await this.#pool?.close();
  }

  async #runSome(store: SweepStore, points: readonly Point[], report: Report): Promise<void> {
    let left = points;
    while (left.length > 0) {
      try {
        left = left.slice((await this.#slice(left, report)).points);
      } catch (error) {
        if (!isDeath(error)) throw error;
        for (const point of left) await this.#runAlone(store, point, report, left.length === 1 ? 1 : 0);
        return;
      }
    }
  }

  /** A point that kills its worker as often as points are tried is recorded as failed. */
  async #runAlone(store: SweepStore, point: Point, report: Report, attempts: number): Promise<void> {
    try {
      await this.#slice([point], report);
    } catch (error) {
      if (!isDeath(error)) throw error;
      if (attempts + 1 < MOST_ATTEMPTS) return this.#runAlone(store, point, report, attempts + 1);
      store.writePart(this.#partName(), [failedOutcome(point.key, error, MOST_ATTEMPTS)]);
      report({ points: 1, failed: 1, simulationS: 0 });
    }
  }

  async #slice(points: readonly Point[], report: Report): Promise<Slice> {
    const slice = await this.#threads.run({ part: this.#partName(), points }, 'run');
    if (Array.isArray(slice)) throw new InvariantError('a worker answers a run with a slice');
    report(slice);
    return slice;
  }

  #partName(): string {
    return `${this.#session}-${this.#parts++}`;
  }

  async #inLanes(lane: () => Promise<void>): Promise<void> {
    const ends = await Promise.allSettled(Array.from({ length: this.#workers }, lane));
    const fault = ends.find((end) => end.status === 'rejected');
    if (fault !== undefined) throw fault.reason;
  }

  get #threads(): WorkerPool<Task, Answer> {
    this.#pool ??= new WorkerPool(new URL('./worker.js', import.meta.url), this.#workers, this.#setup);
    return this.#pool;
  }
}
