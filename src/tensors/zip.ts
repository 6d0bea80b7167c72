// Zip archives, with the checks that fflate leaves to its callers.

import { unzipSync, zipSync } from 'fflate';
import type { MemoryBudget } from '../config/budget.js';
import { UserError } from '../config/errors.js';
import { refuse } from './tensor.js';
import { messageOf } from '../config/typed.js';

/** Deflate cannot pack tighter than this: entries that say so lie. */
const MOST_RATIO = 1032;

/** True for bytes that begin as a zip archive does. */
export const isZip = (bytes: Uint8Array): boolean =>
  bytes.length > 3 && bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;

/**
 * All entries by name. @throws UserError for truncated archives, entries of another length than said, or that would not
 * fit the file
 */
export function unzip(bytes: Uint8Array, file: string, budget: MemoryBudget): Map<string, Uint8Array> {
  const sizes = new Map<string, number>();
  let total = 0;
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(bytes, {
      filter: ({ name, size, originalSize, compression }) => {
        total += compression === 0 ? size : originalSize / MOST_RATIO;
        if (sizes.has(name)) throw new Error(`entry "${name}" occurs twice`);
        if (total > bytes.length || (compression === 0 && size !== originalSize))
          throw new Error(`entry "${name}" says ${originalSize} bytes`);
        budget.take(Math.max(size, originalSize), 'what it holds unpacked');
        sizes.set(name, originalSize);
        return true;
      },
    });
  } catch (error) {
    if (error instanceof UserError) throw error;
    return refuse(file, `cannot be unpacked: ${messageOf(error)}`);
  }
  const unpacked = new Map<string, Uint8Array>();
  for (const [name, size] of sizes) {
    const content = Object.hasOwn(entries, name) ? entries[name] : undefined;
    if (content?.length !== size) return refuse(file, `entry "${name}" is truncated`);
    unpacked.set(name, content);
  }
  return unpacked;
}

/** An uncompressed archive. The time stamp is fixed, so that equal content gives equal bytes. */
export const zip = (entries: Readonly<Record<string, Uint8Array>>): Uint8Array =>
  zipSync({ ...entries }, { level: 0, mtime: new Date(1980, 0, 1) });
