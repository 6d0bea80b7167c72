// The local executor: worker threads that check and run points.

import { randomUUID } from 'node:crypto';
import { InvariantError } from '../../kernel/index.js';
import { diskFault } from '../../config/writing.node.js';
import { MOST_ATTEMPTS, WorkerPool, isDeath } from '../worker-death.js';
import { MOST_KEPT, failedOutcome, type Slice } from './evaluate.js';
import { judgedOf } from './outcomes.js';
import type { PackedPoints, PointList } from './point-list.js';
import type { Missing } from './run.js';
import type { SweepStore } from './store.js';
import type { RunTask, WorkerSetup } from './worker.js';

/** Points handed to a worker at once; it returns after half a second with those that it did. */
const POINTS_AT_ONCE = 512;

/** Fewer points than this are checked where they are. */
const WORTH_A_POOL = 256;

type Task = RunTask | PackedPoints;
type Answer = Slice | (string | null)[];
type Thread = WorkerPool<Task, Answer>;

/** What a run has in hand: its store, its points, and who hears of what was recorded. */
interface Running {
  store: SweepStore;
  points: PointList;
  report: (slice: Pick<Slice, 'points' | 'failed' | 'simulationS'>) => void;
}

/** Worker threads; they start when they are first needed, and hold memory until they are closed. */
export class LocalPool {
  readonly #workers: number;
  readonly #setup: WorkerSetup;
  readonly #session = randomUUID().slice(0, 8);
  #threads: Thread[] = [];
  /** The points that each thread checked and keeps. */
  readonly #checked: Set<number>[];
  #parts = 0;
  #closing: Promise<unknown> | undefined;

  constructor(workers: number, setup: WorkerSetup) {
    this.#workers = workers;
    this.#setup = setup;
    this.#checked = Array.from({ length: workers }, () => new Set<number>());
  }

  /** Keys of points in their order; null where one is wrong or was not looked at. */
  readonly check = async (points: PointList): Promise<(string | null)[]> => {
    if (points.length < WORTH_A_POOL) return [];
    const keys: (string | null)[] = Array.from({ length: points.length }, () => null);
    let next = 0;
    let fault = false;
    await this.#inLanes(async (thread, lane) => {
      const checked = this.#checked[lane]!;
      while (next < points.length && !fault) {
        const from = next;
        next = Math.min(points.length, from + POINTS_AT_ONCE);
        const indices = Array.from({ length: next - from }, (_, i) => from + i);
        const some = await thread.run(points.packed(indices), 'check');
        if (!Array.isArray(some)) throw new InvariantError('a worker answers a check with keys');
        some.forEach((key, i) => {
          keys[from + i] = key;
        });
        if (checked.size + some.length <= MOST_KEPT) for (const index of indices) checked.add(index);
        // Whoever asked looks at the first point without a key: those before it must have theirs.
        fault ||= some.includes(null);
      }
    });
    return keys;
  };

  /** Runs points; what a worker leaves undone when it dies is tried again point by point. */
  async run(store: SweepStore, { points, indices }: Missing, report: Running['report']): Promise<void> {
    const running = { store, points, report };
    // Each thread begins with the points that it has at hand.
    const own = this.#checked.map((checked) => new Queue(indices.filter((index) => checked.has(index))));
    const rest = new Queue(indices.filter((index) => !this.#checked.some((checked) => checked.has(index))));
    await this.#inLanes(async (thread, lane) => {
      const queues = [own[lane]!, rest, ...own];
      for (;;) {
        const left = [...own, rest].reduce((sum, queue) => sum + queue.left, 0);
        const most = Math.min(POINTS_AT_ONCE, Math.ceil(left / (4 * this.#workers)));
        const some = queues.find((queue) => queue.left > 0)?.take(most);
        if (some === undefined) return;
        await this.#runSome(thread, running, some);
      }
    }).catch((error: unknown) => {
      throw diskFault(error, store.folder);
    });
  }

  /** Ends the threads, for good. */
  async close(): Promise<void> {
    await (this.#closing ??= Promise.all(this.#threads.map((thread) => thread.close())));
  }

  async #runSome(thread: Thread, running: Running, indices: readonly number[]): Promise<void> {
    let left = indices;
    while (left.length > 0) {
      try {
        left = left.slice(await this.#slice(thread, running, left));
      } catch (error) {
        if (!isDeath(error)) throw error;
        for (const index of left) await this.#runAlone(thread, running, index, left.length === 1 ? 1 : 0);
        return;
      }
    }
  }

  /** A point that kills its worker as often as points are tried is recorded as failed. */
  async #runAlone(thread: Thread, running: Running, index: number, attempts: number): Promise<void> {
    try {
      await this.#slice(thread, running, [index]);
    } catch (error) {
      if (!isDeath(error)) throw error;
      if (attempts + 1 < MOST_ATTEMPTS) return this.#runAlone(thread, running, index, attempts + 1);
      const { store, points, report } = running;
      const part = this.#partName();
      const key = points.keys[index]!;
      const failed = failedOutcome(key, error, MOST_ATTEMPTS);
      store.writePart(part, [failed]);
      store.take(part, [key], judgedOf([failed], store.judges));
      report({ points: 1, failed: 1, simulationS: 0 });
    }
  }

  /** How many of the points a worker ran, from the first on. */
  async #slice(thread: Thread, { store, points, report }: Running, indices: readonly number[]): Promise<number> {
    const part = this.#partName();
    const packed = points.packed(indices);
    const slice = await thread.run({ part, points: packed, judges: store.judges }, 'run');
    if (Array.isArray(slice)) throw new InvariantError('a worker answers a run with a slice');
    store.take(part, packed.keys.slice(0, slice.points), slice.judged);
    report(slice);
    return slice.points;
  }

  #partName(): string {
    return `${this.#session}-${this.#parts++}`;
  }

  /** Gives each thread its lane to run. */
  async #inLanes(lane: (thread: Thread, number: number) => Promise<void>): Promise<void> {
    this.start();
    const ends = await Promise.allSettled(this.#threads.map(lane));
    const fault = ends.find((end) => end.status === 'rejected');
    if (fault !== undefined) throw fault.reason;
  }

  /** Starts the threads, which takes them a while, where they do not run yet. */
  start(): void {
    while (this.#threads.length < this.#workers)
      this.#threads.push(new WorkerPool(new URL('./worker.js', import.meta.url), 1, this.#setup));
  }
}

/** Indices to run, from the first on. */
class Queue {
  readonly #indices: readonly number[];
  #next = 0;

  constructor(indices: readonly number[]) {
    this.#indices = indices;
  }

  get left(): number {
    return this.#indices.length - this.#next;
  }

  take(most: number): number[] {
    const some = this.#indices.slice(this.#next, this.#next + most);
    this.#next += some.length;
    return some;
  }
}
