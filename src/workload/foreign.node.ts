// Files of other programs from disk, with the external data that stands beside them.

import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { UserError } from '../config/index.js';
import { foreignNetwork, type ForeignNetwork } from './foreign.js';

/** Reads a model or table. @throws UserError where it cannot be read */
export function readForeign(path: string, shapes: ReadonlyMap<string, number> = new Map()): ForeignNetwork {
  if (!existsSync(path)) throw new UserError(`no file ${path}`);
  if (statSync(path).isDirectory()) throw new UserError(`${path} is a folder, expected a file`);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new UserError(`${path} cannot be read: ${(error as Error).message}`);
  }
  return foreignNetwork(bytes, path, { shapes, external: beside(path) });
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
    const data = readFileSync(wanted);
    kept.set(location, data);
    return data;
  };
}
