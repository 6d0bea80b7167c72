// Zip archives, with the checks that fflate leaves to its callers.

import { unzipSync, zipSync } from 'fflate';
import type { MemoryBudget } from '../config/budget.js';
import { UserError } from '../config/errors.js';
import { crc32 } from './crc32.js';
import { refuse } from './tensor.js';
import { messageOf } from '../config/typed.js';

/** Deflate cannot pack tighter than this: entries that say so lie. */
const MOST_RATIO = 1032;

/** True for bytes that begin as a zip archive does. */
export const isZip = (bytes: Uint8Array): boolean =>
  bytes.length > 3 && bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;

/** Marks of a directory's entry and of its end, and their least lengths (PKWARE's APPNOTE, Sections 4.3.12, 4.3.16). */
const [ENTRY, ENTRY_BYTES, END, END_BYTES] = [0x02014b50, 46, 0x06054b50, 22];

/** Checks of the entries, in the directory's order; none where it cannot be found (archives beyond 4 GiB). */
function checksOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let end = bytes.length - END_BYTES;
  while (end >= 0 && view.getUint32(end, true) !== END) end--;
  const found: number[] = [];
  if (end < 0) return found;
  let at = view.getUint32(end + 16, true);
  while (at + ENTRY_BYTES <= end && view.getUint32(at, true) === ENTRY) {
    found.push(view.getUint32(at + 16, true));
    let size = ENTRY_BYTES;
    for (const length of [28, 30, 32]) size += view.getUint16(at + length, true);
    at += size;
  }
  return found;
}

/**
 * All entries by name. @param checked whether what entries hold must have the check that is stored with it (PyTorch may
 * leave it out). @throws UserError for truncated archives, entries of another length or check than said, or that would
 * not fit the file
 */
export function unzip(
  bytes: Uint8Array,
  file: string,
  budget: MemoryBudget,
  { checked = false } = {},
): Map<string, Uint8Array> {
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
  const checks = checked ? checksOf(bytes) : [];
  for (const [name, size] of sizes) {
    const content = Object.hasOwn(entries, name) ? entries[name] : undefined;
    if (content?.length !== size) return refuse(file, `entry "${name}" is truncated`);
    const check = checks[unpacked.size];
    if (check !== undefined && check !== crc32(content))
      return refuse(file, `entry "${name}" is damaged: its CRC-32 differs from what is stored`);
    unpacked.set(name, content);
  }
  return unpacked;
}

/** An uncompressed archive. The time stamp is fixed, so that equal content gives equal bytes. */
export const zip = (entries: Readonly<Record<string, Uint8Array>>): Uint8Array =>
  zipSync({ ...entries }, { level: 0, mtime: new Date(1980, 0, 1) });
