// Files of bytes, as data sets and weights are read from; gzip is taken off by what stands in the file.

import { Gunzip } from 'fflate';
import { refuse } from '../../tensors/tensor.js';

/** Where bytes come from: a disk, or what a page was given. */
export interface ByteFiles {
  /** @throws UserError where there is no such file */
  read(path: string): Uint8Array;
  /** Paths of a folder's files and of its folders, sorted. @throws UserError where there is no such folder */
  list(path: string): { readonly files: readonly string[]; readonly folders: readonly string[] };
}

/** Bytes that a gzip file may grow to. */
const LARGEST = 2 ** 31;

/** Whether bytes are a gzip file's. */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** A file's bytes, unpacked where they are gzip. Only what the file really holds is allocated. */
export function unpacked(bytes: Uint8Array, file: string): Uint8Array {
  if (!isGzip(bytes)) return bytes;
  const parts: Uint8Array[] = [];
  let length = 0;
  const state = { ended: false };
  const stream = new Gunzip((part, final) => {
    parts.push(part);
    length += part.length;
    if (final) state.ended = true;
    if (length > LARGEST) refuse(file, `unpacks to more than ${LARGEST} bytes`);
  });
  try {
    stream.push(bytes, true);
  } catch (error) {
    return refuse(file, `cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`);
  }
  const size = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(bytes.length - 4, true);
  if (!state.ended || size !== length % 2 ** 32) return refuse(file, 'its gzip data are cut off');
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
