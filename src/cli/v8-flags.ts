// How V8 runs the command line: for processes that mostly end within a second.

import { setFlagsFromString } from 'node:v8';

/**
 * Sets V8's flags for the process, before any bundle is loaded: caches are good for the flags alone under which they
 * were made (scripts/code-cache.mjs). Young memory does not grow, since pages that a process has not touched before
 * cost more than to collect more often; V8 lets it grow once a thread is started, for all. Functions are optimised
 * after a million bytes of bytecode, not 132 KiB, since most of a short run is over before that pays; sweeps gain, too.
 * Another V8 than that of Node 20 may know other flags, and is left alone.
 */
export function tuneV8(): void {
  if (process.versions.v8.startsWith('11.3.'))
    setFlagsFromString('--semi-space-growth-factor=1 --interrupt-budget=1000000');
}
