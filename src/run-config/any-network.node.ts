// Networks of other programs where runs are loaded: their readers come in when a config first names one.

import { diskPresets } from '../config/files.node.js';
import type { Loaded, Presets } from '../config/index.js';
import type { ForeignOptions } from '../workload/foreign.node.js';
import { ForeignNetworkError } from './load.js';

/**
 * The presets on disk with readers of other programs' networks; a file is read once.
 * @param options sizes of symbolic dimensions of ONNX models, by name; memory that a file may take, bytes
 */
export async function readingPresets(options: ForeignOptions = {}): Promise<Presets> {
  const { readForeign } = await import('../workload/foreign.node.js');
  const known = new Map<string, Loaded>();
  return {
    ...diskPresets,
    network: (path) => {
      let loaded = known.get(path);
      if (loaded === undefined) known.set(path, (loaded = readForeign(path, options).loaded));
      return loaded;
    },
  };
}

/**
 * What `attempt` makes with the presets on disk; made again, with the readers, where a network is another program's.
 * @param attempt must have done nothing that lasts when it throws ForeignNetworkError
 */
export async function withAnyNetwork<T>(
  attempt: (presets: Presets) => T | Promise<T>,
  options?: ForeignOptions,
): Promise<T> {
  try {
    return await attempt(diskPresets);
  } catch (error) {
    if (!(error instanceof ForeignNetworkError)) throw error;
  }
  return attempt(await readingPresets(options));
}
