// Checkpoints of long functional runs: arrays and what has been said so far, whole or not at all.

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod';
import { UserError } from '../../config/index.js';
import { parseJson, readWhole, statOf } from '../../config/reading.node.js';
import { diskFault, isRefusal, makeFolder, writeWhole } from '../../config/writing.node.js';
import type { Dataset } from '../../functional/data/dataset.js';
import type { Numbers } from '../../functional/operators/values.js';
import type { LoadedRun } from '../../run-config/index.js';
import { hashOf } from '../../result/hash.js';
import { readNpz, writeNpz } from '../../tensors/numpy.js';
import { storedType, type Tensor, type TensorData } from '../../tensors/tensor.js';
import type { Graph, Parameters } from '../../workload/graph/index.js';

/** What a run goes on from. */
export interface Checkpoint<History> {
  /** Names what was run: one of another config is refused. */
  key: string;
  history: History;
  arrays: ReadonlyMap<string, Numbers>;
}

/** What a history says of a network's progress. */
export const progressForm = z.object({
  images: z.number(),
  writes: z.number(),
  ranges: z.array(z.tuple([z.number(), z.number()])),
});

/** Within the folder of results. */
const FOLDER = 'checkpoint';
const FILE = 'checkpoint.npz';
const HISTORY = 'history';
/** Largest checkpoint that is read, bytes. */
const LARGEST = 2 ** 32;
/** Samples whose numbers are looked at. */
const LOOKED_AT = 64;

/** An array with its name, as files hold it. @param shape default: one axis */
export const tensorOf = (name: string, data: TensorData, shape: readonly number[] = [data.length]): Tensor => ({
  name,
  dtype: storedType(data),
  shape: [...shape],
  data,
});

/** Names a run: config, network with its starting numbers, samples (all labels, the first numbers). */
export function keyOf(
  { config }: LoadedRun,
  graph: Graph,
  parameters: Parameters | null,
  data: readonly (Dataset | null)[],
): string {
  const digest = createHash('sha256');
  const add = (values: ArrayBufferView): void => {
    digest.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  };
  for (const key of parameters?.keys ?? []) {
    digest.update(key);
    add(parameters!.get(key).data);
  }
  for (const set of data) {
    digest.update(`${set?.count ?? 'none'}`);
    if (set === null) continue;
    if (set.labels !== null) add(set.labels);
    for (const [name, { data: values }] of set.batch(0, Math.min(LOOKED_AT, set.count))) {
      digest.update(name);
      add(values);
    }
  }
  const nodes = graph.nodes.map(({ operator, inputs }) => ({ operator, inputs }));
  return hashOf({ config: { ...config, simulation: undefined }, nodes, numbers: digest.digest('hex') });
}

/**
 * Writes a checkpoint into a folder, in place of the one before. @throws UserError where the system refuses it, Error
 * where the disk is full
 */
export function writeCheckpoint<History>(folder: string, { key, history, arrays }: Checkpoint<History>): void {
  const text = new TextEncoder().encode(JSON.stringify({ key, history, digest: contentDigest(history, arrays) }));
  const tensors = [...arrays].map(([name, data]) => tensorOf(`array ${name}`, data));
  try {
    makeFolder(join(folder, FOLDER));
    writeWhole(join(folder, FOLDER, FILE), writeNpz([tensorOf(HISTORY, text), ...tensors]));
  } catch (error) {
    if (isRefusal(error)) throw new UserError(`${folder}: cannot be written: ${error.message}`);
    throw diskFault(error, folder);
  }
}

/** What tells whether a checkpoint is as it was written. */
function contentDigest(history: unknown, arrays: ReadonlyMap<string, Numbers>): string {
  const digest = createHash('sha256').update(JSON.stringify(history));
  for (const [name, { buffer, byteOffset, byteLength }] of arrays)
    digest.update(`\0${name}\0`).update(new Uint8Array(buffer, byteOffset, byteLength));
  return digest.digest('hex');
}

/** Whether a folder of results has a checkpoint. */
export const hasCheckpoint = (folder: string): boolean => statOf(join(folder, FOLDER, FILE)) !== undefined;

/**
 * The checkpoint of a folder; null where there is none.
 * @param form what a history must be. @throws UserError for one of another run, or a damaged one
 */
export function readCheckpoint<History>(
  folder: string,
  key: string,
  form: z.ZodType<History>,
): Checkpoint<History> | null {
  if (!hasCheckpoint(folder)) return null;
  const path = join(folder, FOLDER, FILE);
  const tensors = new Map(readNpz(readWhole(path, LARGEST), path).map((tensor) => [tensor.name, tensor.data]));
  const text = tensors.get(HISTORY);
  if (!(text instanceof Uint8Array)) throw new UserError(`${path}: is no checkpoint, expected one of this program`);
  const said = parseJson(new TextDecoder().decode(text), path);
  const fields = new Map<string, unknown>(typeof said === 'object' && said !== null ? Object.entries(said) : []);
  if (fields.get('key') !== key)
    throw new UserError(
      `${path}: is the checkpoint of another run (its config, network or data differ); expected this one's`,
    );
  const history = form.safeParse(fields.get('history'));
  if (!history.success) throw new UserError(`${path}: its history is damaged; expected a checkpoint of this program`);
  const arrays = new Map<string, Numbers>();
  for (const [name, data] of tensors)
    if (data instanceof Float64Array || data instanceof Float32Array) arrays.set(name.replace(/^array /, ''), data);
  if (fields.get('digest') !== contentDigest(fields.get('history'), arrays))
    throw new UserError(`${path}: is damaged; delete it and start again`);
  return { key, history: history.data, arrays };
}

/** Copies a checkpoint's arrays into those of a run. @throws UserError where one is missing or of another size */
export function takeArrays(into: ReadonlyMap<string, Numbers>, kept: ReadonlyMap<string, Numbers>): void {
  for (const [name, array] of into) {
    const from = kept.get(name);
    if (from?.length !== array.length)
      throw new UserError(
        `the checkpoint has ${from?.length ?? 'no'} values of "${name}", expected ` +
          `${array.length}: is it another network's?`,
      );
    array.set(from);
  }
}
