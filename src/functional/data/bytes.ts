// Files of bytes, as data sets are read from; gzip is taken off by what stands in the file, within the file's budget.

import { Gunzip } from 'fflate';
import { MemoryBudget } from '../../config/budget.js';
import { UserError } from '../../config/index.js';
import { crc32 } from '../../tensors/crc32.js';
import { refuse } from '../../tensors/tensor.js';

/** Where bytes come from: a disk, or what a page was given. */
export interface ByteFiles {
  /** A file's bytes as they stand. @throws UserError where there is no such file */
  read(path: string): Uint8Array;
  /** Paths of a folder's files and of its folders, sorted. @throws UserError where there is no such folder */
  list(path: string): { readonly files: readonly string[]; readonly folders: readonly string[] };
  /** A quicker `gunzip` than the one here. */
  readonly gunzip?: typeof gunzip;
}

/** What a file holds, and how much may be made of it. */
export interface Content {
  readonly bytes: Uint8Array;
  readonly budget: MemoryBudget;
}

/**
 * A file's content, unpacked where it is gzip. @param maxMemory bytes that it may take (default: 8 times the file's, at
 * least 256 MiB); @throws UserError where it would take more
 */
export function contentOf(file: string, files: ByteFiles, maxMemory?: number): Content {
  const stored = files.read(file);
  const budget = MemoryBudget.ofFile(file, stored.length, maxMemory);
  if (stored[0] !== 0x1f || stored[1] !== 0x8b) return { bytes: stored, budget };
  const bytes = (files.gunzip ?? gunzip)(stored, file, budget);
  budget.take(bytes.length, UNPACKED);
  return { bytes, budget };
}

/** What takes memory, for messages. */
export const UNPACKED = 'what it holds unpacked';

/** Bytes of a gzip file's head and end (RFC 1952, Section 2.3). */
const LEAST_GZIP = 18;

/**
 * The bytes of a gzip file, of all its members (RFC 1952, Section 2.2). Only what the file really holds is allocated.
 * @throws UserError beyond the budget, and for members that are cut off
 */
export function gunzip(bytes: Uint8Array, file: string, budget: MemoryBudget): Uint8Array {
  const parts: Uint8Array[] = [];
  let length = 0;
  const state = { ended: false, whole: bytes.length >= LEAST_GZIP };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let [begun, check] = [0, 0];
  /** A member ends with the check and the length of what it holds. */
  const endMember = (end: number): void => {
    state.whole &&= view.getUint32(end - 4, true) === (length - begun) % 2 ** 32;
    if (state.whole && view.getUint32(end - 8, true) !== check)
      refuse(file, 'cannot be unpacked: incorrect data check');
    [begun, check] = [length, 0];
  };
  const stream = new Gunzip((part, final) => {
    parts.push(part);
    length += part.length;
    check = crc32(part, check);
    if (final) state.ended = true;
    if (length > budget.left) budget.refuse(UNPACKED);
  });
  stream.onmember = endMember;
  try {
    stream.push(bytes, true);
    if (state.whole) endMember(bytes.length);
  } catch (error) {
    if (error instanceof UserError) throw error;
    return refuse(file, `cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!state.ended || !state.whole) return refuse(file, 'its gzip data are cut off');
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Longest text that JavaScript holds, bytes. */
const MOST_TEXT = 2 ** 29 - 25;

/**
 * A file's text (UTF-8). @param options `strict`: bytes that are no UTF-8 are refused, else each becomes U+FFFD
 * @throws UserError where it is longer than a string can be, or than the budget
 */
export function textOf({ bytes, budget }: Content, file: string, { strict = false } = {}): string {
  if (bytes.length > MOST_TEXT) return refuse(file, `has ${bytes.length} bytes of text, expected at most ${MOST_TEXT}`);
  budget.take(bytes.length, 'its text');
  try {
    return new TextDecoder('utf-8', { fatal: strict }).decode(bytes);
  } catch {
    return refuse(file, 'is no text in UTF-8');
  }
}
