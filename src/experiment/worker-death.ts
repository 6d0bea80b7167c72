// What a pool of worker threads says when one of them is gone: out of memory, an exit, killed.

import { UserError } from '../config/errors.js';

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
