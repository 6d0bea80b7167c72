// Files read whole: plain files only, and none larger than said. Devices, pipes and sockets may never end.

import { closeSync, constants, fstatSync, openSync, readSync, statSync, type Stats } from 'node:fs';
import { UserError } from './errors.js';
import { messageOf } from './typed.js';

/** Largest text (configs, traces, results) in bytes. */
export const MOST_TEXT_BYTES = 256 * 2 ** 20;

/** What stands at a path; undefined where nothing does. @throws UserError where the system does not say. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** The bytes of a file. @throws UserError for what is no plain file, is too large, or cannot be read. */
export function readWhole(path: string, most = MOST_TEXT_BYTES): Uint8Array {
  let file: number | undefined;
  try {
    // Opening a pipe that nobody writes to would wait.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new UserError(`${path} is ${kindOf(stat)}, expected a file`);
    if (stat.size > most) throw new UserError(`${path} has ${stat.size} bytes, expected at most ${most}`);
    const bytes = new Uint8Array(stat.size);
    let at = 0;
    while (at < bytes.length) {
      const read = readSync(file, bytes, at, bytes.length - at, at);
      if (read === 0) return bytes.subarray(0, at);
      at += read;
    }
    return bytes;
  } catch (error) {
    throw error instanceof UserError ? error : unreadable(path, error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** The text of a file (UTF-8). @throws UserError as `readWhole`. */
export const readText = (path: string, most = MOST_TEXT_BYTES): string =>
  new TextDecoder().decode(readWhole(path, most));

/** A JSON document. @throws UserError naming the file, and the place where it breaks. */
export function readJson(path: string): unknown {
  return parseJson(readText(path), path);
}

/** A value from its JSON. @throws UserError naming where it stands. */
export function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`${where}: is not JSON: ${messageOf(error)}`);
  }
}

/** What stands at a path that is no plain file, in words. */
export function kindOf(stat: Stats): string {
  if (stat.isDirectory()) return 'a folder';
  if (stat.isSymbolicLink()) return 'a symbolic link';
  return stat.isFIFO() ? 'a pipe' : stat.isSocket() ? 'a socket' : 'a device';
}

const unreadable = (path: string, error: unknown): UserError =>
  new UserError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
