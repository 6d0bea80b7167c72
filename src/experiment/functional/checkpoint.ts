// Checkpoints of long functional runs: arrays and what has been said so far, whole or not at all.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../config/index.js';
import { makeFolder, writeWhole } from '../../config/writing.node.js';
import type { Numbers } from '../../functional/operators/values.js';
import { readNpz, writeNpz } from '../../tensors/numpy.js';
import { storedType, type Tensor, type TensorData } from '../../tensors/tensor.js';

/** What a run goes on from. */
export interface Checkpoint<History> {
  /** Names what was run: one of another config is refused. */
  key: string;
  history: History;
  arrays: ReadonlyMap<string, Numbers>;
}

const FILE = 'checkpoint.npz';
const HISTORY = 'history';

/** An array with its name, as files hold it. @param shape default: one axis */
export const tensorOf = (name: string, data: TensorData, shape: readonly number[] = [data.length]): Tensor => ({
  name,
  dtype: storedType(data),
  shape: [...shape],
  data,
});

/** Writes a checkpoint into a folder, in place of the one before. */
export function writeCheckpoint<History>(folder: string, { key, history, arrays }: Checkpoint<History>): void {
  makeFolder(folder);
  const text = new TextEncoder().encode(JSON.stringify({ key, history }));
  const tensors = [...arrays].map(([name, data]) => tensorOf(`array ${name}`, data));
  writeWhole(join(folder, FILE), writeNpz([tensorOf(HISTORY, text), ...tensors]));
}

/**
 * The checkpoint of a folder; null where there is none.
 * @throws UserError for one of another run, or a damaged one
 */
export function readCheckpoint<History>(folder: string, key: string): Checkpoint<History> | null {
  const path = join(folder, FILE);
  if (!existsSync(path)) return null;
  const tensors = new Map(readNpz(readFileSync(path), path).map((tensor) => [tensor.name, tensor.data]));
  const text = tensors.get(HISTORY);
  if (!(text instanceof Uint8Array)) throw new UserError(`${path}: is no checkpoint, expected one of this program`);
  const said = JSON.parse(new TextDecoder().decode(text)) as { key: string; history: History };
  if (said.key !== key)
    throw new UserError(
      `${path}: is the checkpoint of another run (its config, network or data differ); expected this one's`,
    );
  const arrays = new Map<string, Numbers>();
  for (const [name, data] of tensors)
    if (data instanceof Float64Array || data instanceof Float32Array) arrays.set(name.replace(/^array /, ''), data);
  return { key, history: said.history, arrays };
}
