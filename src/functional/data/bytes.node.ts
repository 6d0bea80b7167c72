// Bytes from disk.

import { readdirSync, statSync } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';
import type { MemoryBudget } from '../../config/budget.js';
import { UserError } from '../../config/index.js';
import { readWhole } from '../../config/reading.node.js';
import { codeOf, messageOf } from '../../config/typed.js';
import { refuse } from '../../tensors/tensor.js';
import { UNPACKED, type ByteFiles } from './bytes.js';

/** Largest file that is read, bytes. */
const LARGEST = 2 ** 31;

/** A gzip file's bytes, unpacked by the system's library. @throws UserError beyond the budget */
function inflated(bytes: Uint8Array, path: string, budget: MemoryBudget): Uint8Array {
  try {
    const maxOutputLength = Math.max(1, Math.min(LARGEST, Math.floor(budget.left)));
    return gunzipSync(bytes, { maxOutputLength, finishFlush: constants.Z_FINISH });
  } catch (error) {
    const code = codeOf(error);
    if (code === 'Z_BUF_ERROR') return refuse(path, 'its gzip data are cut off');
    if (code === 'ERR_BUFFER_TOO_LARGE')
      return budget.left < LARGEST ? budget.refuse(UNPACKED) : refuse(path, `unpacks to more than ${LARGEST} bytes`);
    return refuse(path, `cannot be unpacked: ${messageOf(error)}`);
  }
}

/** The disk. */
export const diskBytes: ByteFiles = {
  read: (path) => readWhole(path, LARGEST),
  gunzip: inflated,
  list(path) {
    try {
      const entries = readdirSync(path).sort(byNumber);
      const isFolder = (entry: string): boolean => statSync(`${path}/${entry}`).isDirectory();
      const folders = entries.filter(isFolder);
      return {
        files: entries.filter((entry) => !folders.includes(entry)).map((entry) => `${path}/${entry}`),
        folders: folders.map((entry) => `${path}/${entry}`),
      };
    } catch (error) {
      throw new UserError(`${path}: cannot be listed (${codeOf(error) || messageOf(error)})`);
    }
  },
};

/** Names with numbers in the order of the numbers. */
const byNumber = (a: string, b: string): number =>
  a.localeCompare(b, 'en', { numeric: true }) || (a < b ? -1 : a > b ? 1 : 0);
