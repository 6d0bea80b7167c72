// Files of other programs from disk, with the external data that stands beside them.

import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { UserError } from '../config/index.js';
import { readWhole } from '../config/reading.node.js';
import { foreignNetwork, layerShapesNetwork, type ForeignNetwork } from './foreign.js';
import { isLayerShapes } from './layer-shapes.js';
import { importOnnx, type ImportOptions, type OnnxModel } from './onnx/index.js';

/** Node reads no larger file at once. */
const LARGEST_FILE = 2 ** 31 - 1;

/** Of ONNX models symbolic dimensions (sizes by name, a set for their names) and ends; memory of a file, bytes. */
export type ForeignOptions = Pick<ImportOptions, 'shapes' | 'symbols' | 'outputs' | 'maxMemory'>;

/** Reads an ONNX model and the data that stand beside it. @throws UserError where they cannot be read */
export const readOnnx = (path: string, options: ForeignOptions = {}): OnnxModel =>
  importOnnx(readWhole(path, LARGEST_FILE), path, { ...options, external: beside(path) });

/** Reads a model, a table, or a folder of Timeloop's layers. @throws UserError where it cannot be read */
export function readForeign(path: string, options: ForeignOptions = {}): ForeignNetwork {
  if (!existsSync(path)) throw new UserError(`no file ${path}`);
  if (statSync(path).isDirectory()) return layersIn(path);
  const bytes = readWhole(path, LARGEST_FILE);
  return foreignNetwork(bytes, path, { ...options, external: beside(path) });
}

/** A folder of layers, in the order of their names, numbers in them as numbers. */
function layersIn(folder: string): ForeignNetwork {
  const byName = new Intl.Collator('en', { numeric: true });
  const files = readdirSync(folder)
    .filter((name) => /\.ya?ml$/i.test(name))
    .sort(byName.compare)
    .map((name) => join(folder, name))
    .map((file) => ({ file, text: new TextDecoder().decode(readWhole(file, LARGEST_FILE)) }))
    .filter(({ text }) => isLayerShapes(text));
  if (files.length === 0)
    throw new UserError(`${folder}: a folder without layers; expected Timeloop's problems, a .yaml file a layer`);
  return layerShapesNetwork(files, folder);
}

/** External data in the model's own folder, never outside it, not by links either. */
function beside(path: string): (location: string) => Uint8Array | undefined {
  const folder = realpathSync(dirname(path));
  const kept = new Map<string, Uint8Array>();
  return (location) => {
    const known = kept.get(location);
    if (known !== undefined) return known;
    const wanted = join(folder, location);
    if (location === '' || isAbsolute(location) || !existsSync(wanted)) return undefined;
    const place = relative(folder, realpathSync(wanted));
    if (place.startsWith('..') || isAbsolute(place))
      throw new UserError(`${path}: its data is in "${location}", outside its folder, which is not read`);
    const data = readWhole(wanted, LARGEST_FILE);
    kept.set(location, data);
    return data;
  };
}
