// The activity trace that a config names.

import { findFile, type Presets } from '../config/index.js';
import { parseTrace, type Trace } from '../workload/index.js';
import type { LoadedRun } from './load.js';

/** The trace of `workload.trace`; undefined without one. @throws ConfigError where it is not found or is wrong. */
export function traceOf(presets: Presets, { config, loaded }: LoadedRun): Trace | undefined {
  const name = config.workload.trace;
  if (name === undefined) return undefined;
  const origin = loaded.origins.at(['workload', 'trace']);
  const { path, text } = findFile(presets, ['traces'], name, {
    from: { origin, key: 'workload.trace' },
    endings: ['.csv'],
  });
  return parseTrace(text, path);
}
