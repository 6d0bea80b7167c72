// Data sets of files in memory.

import { UserError } from '../../src/config/index.js';
import type { ByteFiles } from '../../src/functional/data/bytes.js';
import type { Dataset } from '../../src/functional/data/dataset.js';
import { openDataset } from '../../src/functional/data/open.js';
import { dataSchema } from '../../src/run-config/index.js';
import type { Operator } from '../../src/workload/graph/index.js';
import { oneNode } from './graphs.js';

/** The operator of a network that hands its input on. */
export const relu: Operator = { kind: 'unary', function: 'relu', alpha: 0, beta: 0 };

/** Files in memory. */
export const filesOf = (files: Record<string, Uint8Array | string>): ByteFiles => ({
  read(path) {
    const bytes = Object.hasOwn(files, path) ? files[path]! : undefined;
    if (bytes === undefined) throw new UserError(`${path}: no such file`);
    return typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
  },
  list(folder) {
    const inside = Object.keys(files)
      .filter((path) => path.startsWith(`${folder}/`))
      .map((path) => path.slice(folder.length + 1));
    return {
      files: inside.filter((path) => !path.includes('/')).map((path) => `${folder}/${path}`),
      folders: [...new Set(inside.filter((path) => path.includes('/')).map((path) => path.split('/')[0]!))].map(
        (path) => `${folder}/${path}`,
      ),
    };
  },
});

/** The samples that a `data` tree describes, for a network of one input (`x`). */
export function open(
  data: unknown,
  shape: readonly number[],
  files: Record<string, Uint8Array | string>,
  { maxMemory, input = 'x' }: { readonly maxMemory?: number; readonly input?: string } = {},
): Dataset {
  return openDataset(dataSchema.parse(data), {
    files: filesOf(files),
    path: (_, written) => written,
    fail: (key, message) => {
      throw new UserError(`data.${key}: ${message}`);
    },
    graph: oneNode(relu, { inputs: { [input]: shape }, parameters: {}, outputs: { y: shape } }),
    seed: 1,
    maxMemory,
  });
}
