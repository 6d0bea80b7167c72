// Pools of worker threads, and what they say when one of the threads is gone: out of memory, an exit, killed.

import { Piscina } from 'piscina';
import { UserError } from '../config/errors.js';
import { STARTED } from './worker-start.js';

/** Times that work is given to a worker before it counts as what kills workers. */
export const MOST_ATTEMPTS = 2;

/** True where the worker itself is gone. */
export function isDeath(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const text = error instanceof Error ? error.message : '';
  return code === 'ERR_WORKER_OUT_OF_MEMORY' || /worker exited|out of memory|Terminating worker thread/i.test(text);
}

/**
 * Gives work to a worker, once more where the worker died of something else.
 * @throws Error in words where it dies again; what the work itself throws
 */
export async function survived<T>(work: () => Promise<T>, what: string): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof UserError || !isDeath(error)) throw error;
      if (attempts < MOST_ATTEMPTS) continue;
      throw new Error(`${what}: its worker thread died ${MOST_ATTEMPTS} times (memory?); try fewer --workers`, {
        cause: error,
      });
    }
  }
}

/** Short-lived objects of a thread, MiB: V8's own 16 are full, and looked through, every few points of a sweep. */
const YOUNG_MB = 64;

/** Threads that have not started by then are ended all the same, ms. */
const PATIENCE = 10_000;

/** Worker threads that all run one file, and say when they have started (`tellStarted`). */
export class WorkerPool<Task, Answer> {
  readonly #pool: Piscina<Task, Answer>;
  /** Rejects when a thread dies without a task, as it does that cannot even start: no other is started then. */
  readonly #fault: Promise<never>;
  /** Resolves when all threads have started. */
  readonly #started: Promise<void>;

  /** @param file of the threads; @param threads how many; @param workerData what each is given */
  constructor(file: URL, threads: number, workerData: unknown) {
    const filename = file.href;
    const sizes = {
      minThreads: threads,
      maxThreads: threads,
      concurrentTasksPerWorker: 1,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    };
    this.#pool = new Piscina<Task, Answer>({ filename, ...sizes, workerData });
    this.#fault = new Promise((_, reject) => {
      this.#pool.on('error', (error: Error) => {
        const words = 'worker threads die while they start (memory?); try fewer --workers';
        reject(isDeath(error) ? new Error(words, { cause: error }) : error);
      });
    });
    this.#fault.catch(() => undefined);
    this.#started = new Promise((resolve) => {
      let left = threads;
      this.#pool.on('message', (word: unknown) => {
        if (word === STARTED && --left === 0) resolve();
      });
    });
  }

  /** What a thread makes of a task. @throws what the task throws; Error where threads cannot start */
  run(task: Task, name = 'default'): Promise<Answer> {
    return Promise.race([this.#pool.run(task, { name }), this.#fault]);
  }

  /** Ends all threads, once they have started. */
  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const waited = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, PATIENCE);
    });
    await Promise.race([this.#started, this.#fault, waited]).catch(() => undefined);
    clearTimeout(timer);
    await this.#pool.destroy();
  }
}
