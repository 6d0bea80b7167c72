// Files and folders that are there whole or not at all, checked before they take their names.

import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { codeOf } from './typed.js';

/** Makes a folder and those above it, one by one: Node's own way never comes back where the system refuses (/proc). */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  if (dirname(folder) !== folder) makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    // Somebody else made it in between.
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

/** What is written: all at once, or text piece by piece. */
export type Content = string | Uint8Array | Iterable<string>;

/** Writes a new file and makes sure that all of it is on the disk. @throws Error of the system where it is not. */
export function writeChecked(path: string, content: Content): void {
  const file = openSync(path, 'w');
  let length = 0;
  try {
    for (const some of typeof content === 'string' || content instanceof Uint8Array ? [content] : content) {
      const bytes = typeof some === 'string' ? Buffer.from(some) : some;
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
      length += bytes.length;
    }
    fsyncSync(file);
    const { size } = fstatSync(file);
    if (size !== length) throw new Error(`${path}: has ${size} of ${length} bytes, the disk may be full`);
  } finally {
    closeSync(file);
  }
}

/** Makes sure that a file that others wrote is on the disk. */
export function syncFile(path: string): void {
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** A file of this process beside another: its name tells whose it is, even where nothing was written yet. */
export const besideOf = (path: string, kind: 'tmp' | 'old' = 'tmp'): string =>
  `${path}.${process.pid}@${hostname()}.${kind}`;

/** Writes a file beside its place and renames it, so that a reader never sees half of one. */
export function writeWhole(path: string, content: Content): void {
  const beside = besideOf(path);
  try {
    writeChecked(beside, content);
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

/** A disk that is full: nobody's mistake, so status 1. */
export class DiskFullError extends Error {
  override name = 'DiskFullError';
}

/** A fault of the disk in words that say what to do; anything else as it is. */
export function diskFault(error: unknown, folder: string): unknown {
  if (error instanceof DiskFullError) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (!/ENOSPC|EDQUOT|EFBIG|No space left|disk quota|may be full/i.test(text)) return error;
  return new DiskFullError(
    `the disk of ${folder} is full; what is finished is kept: free some space and run the same command again`,
  );
}

/** Codes of the system that say: not there, not allowed, read-only, no folder. */
const REFUSALS = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOENT',
  'ENOTDIR',
  'EISDIR',
  'ENAMETOOLONG',
  'ELOOP',
  'EINVAL',
]);

/** True where the system refuses what the user asked for, in whatever folder that was. */
export const isRefusal = (error: unknown): error is Error => error instanceof Error && REFUSALS.has(codeOf(error));
