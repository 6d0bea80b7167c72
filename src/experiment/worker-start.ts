// What a thread of a pool says once it has read its modules. One that is ended before takes the process with it: V8
// aborts where a module that is being linked is taken away.

import { parentPort } from 'node:worker_threads';

/** The word of a thread that has started. */
export const STARTED = 'started';

/** Says so, to the pool. */
export const tellStarted = (): void => {
  parentPort?.postMessage(STARTED);
};
