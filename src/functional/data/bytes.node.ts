// Bytes from disk.

import { readdirSync, statSync } from 'node:fs';
import { UserError } from '../../config/index.js';
import { readWhole } from '../../config/reading.node.js';
import type { ByteFiles } from './bytes.js';

const reason = (error: unknown): string => (error instanceof Error ? error.message.replace(/^(\w+): .*/s, '$1') : '');

/** Largest file that is read, bytes. */
const LARGEST = 2 ** 31;

/** The disk. */
export const diskBytes: ByteFiles = {
  read: (path) => readWhole(path, LARGEST),
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
      throw new UserError(`${path}: cannot be listed (${reason(error)})`);
    }
  },
};

/** Names with numbers in the order of the numbers. */
const byNumber = (a: string, b: string): number =>
  a.localeCompare(b, 'en', { numeric: true }) || (a < b ? -1 : a > b ? 1 : 0);
