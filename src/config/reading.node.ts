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

/** Opens a plain file. @throws UserError for anything else */
function openPlain(path: string): { file: number; size: number } {
  // Opening a pipe that nobody writes to would wait.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const stat = fstatSync(file);
  if (stat.isFile()) return { file, size: stat.size };
  closeSync(file);
  throw new UserError(`${path} is ${kindOf(stat)}, expected a file`);
}

/** The bytes of a file. @throws UserError for what is no plain file, is too large, or cannot be read. */
export function readWhole(path: string, most = MOST_TEXT_BYTES): Uint8Array {
  let file: number | undefined;
  try {
    const opened = openPlain(path);
    file = opened.file;
    if (opened.size > most) throw new UserError(`${path} has ${opened.size} bytes, expected at most ${most}`);
    const bytes = new Uint8Array(opened.size);
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

/** Bytes of a file of lines that are read at once. */
const CHUNK_BYTES = 2 ** 20;
/** How much of a line's beginning is looked at. */
const BEGINNING_BYTES = 64;

/**
 * The lines of a text (UTF-8), read as they are asked for; empty where `wanted` says no to how a line begins.
 * @throws UserError as `readWhole`, for a line that is larger than a text may be
 */
export function* readLines(path: string, wanted?: (beginning: string) => boolean): Generator<string> {
  let file: number | undefined;
  try {
    file = openPlain(path).file;
    let bytes = Buffer.allocUnsafe(CHUNK_BYTES);
    /** Bytes of a line that is not whole yet, at the start of the buffer. */
    let begun = 0;
    for (let last = false, first = true; !last;) {
      const read = readSync(file, bytes, begun, bytes.length - begun, null);
      last = read === 0;
      const filled = begun + read;
      let from = 0;
      for (let end; from <= filled; from = end + 1) {
        end = bytes.subarray(0, filled).indexOf(LINE_END, from);
        if (end < 0 && !last) break;
        if (end < 0) end = filled;
        const isWanted = wanted?.(bytes.toString('latin1', from, Math.min(end, from + BEGINNING_BYTES))) ?? true;
        const line = isWanted ? bytes.toString('utf8', from, end) : '';
        yield first && line.startsWith('\ufeff') ? line.slice(1) : line;
        first = false;
      }
      if (last) return;
      bytes.copyWithin(0, from, filled);
      begun = filled - from;
      if (begun < bytes.length) continue;
      if (begun > MOST_TEXT_BYTES)
        throw new UserError(`${path} has a line of more than ${MOST_TEXT_BYTES} bytes, expected at most so many`);
      bytes = Buffer.concat([bytes], 2 * bytes.length);
    }
  } catch (error) {
    throw error instanceof UserError ? error : unreadable(path, error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

const LINE_END = 0x0a;

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
