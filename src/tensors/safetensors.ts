// .safetensors: eight bytes of header length, a JSON header, the tensors' bytes (format description of
// huggingface/safetensors).

import { MemoryBudget } from '../config/budget.js';
import {
  DTYPE_BYTES,
  decodeElements,
  elementCount,
  encodeElements,
  memoryBytes,
  refuse,
  storedType,
  type DType,
  type Tensor,
} from './tensor.js';
import { isRecord, messageOf } from '../config/typed.js';

const DTYPES: Record<string, DType> = {
  BOOL: 'bool',
  U8: 'u8',
  I8: 'i8',
  U16: 'u16',
  I16: 'i16',
  U32: 'u32',
  I32: 'i32',
  U64: 'u64',
  I64: 'i64',
  F16: 'f16',
  BF16: 'bf16',
  F32: 'f32',
  F64: 'f64',
  F8_E4M3: 'f8e4m3',
  F8_E5M2: 'f8e5m2',
};
const MOST_HEADER_BYTES = 100_000_000;
/** Memory of a header, for each of its bytes: lists of lists take most. */
const BYTES_PER_HEADER_BYTE = 20;

interface Entry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: number[];
  readonly begin: number;
  readonly end: number;
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

/**
 * Reads a whole file. Tensors must fill the bytes behind the header without holes or overlaps. @throws UserError for
 * what is not so
 */
export function readSafetensors(
  bytes: Uint8Array,
  file: string,
  budget = MemoryBudget.ofFile(file, bytes.length),
): Tensor[] {
  if (bytes.length < 8) return refuse(file, `${bytes.length} bytes are no safetensors file`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > MOST_HEADER_BYTES || length > bytes.length - 8)
    return refuse(file, `header of ${length} bytes in a file of ${bytes.length}: truncated, or not a safetensors file`);
  budget.take(BYTES_PER_HEADER_BYTE * length, 'its header');
  const body = bytes.subarray(8 + length);
  const entries = Object.entries(headerOf(bytes.subarray(8, 8 + length), file))
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]) => checkEntry(name, entry, file));
  let place = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== place)
      refuse(file, `tensor "${name}" begins at byte ${begin}, expected ${place} (a hole or an overlap)`);
    place = end;
  }
  if (place !== body.length) refuse(file, `tensors take ${place} bytes, the file has ${body.length} behind its header`);
  return entries.map(({ name, dtype, shape, begin, end }) => {
    budget.take(((end - begin) / DTYPE_BYTES[dtype]) * memoryBytes(dtype), `tensor "${name}"`);
    return { name, dtype, shape, data: decodeElements(dtype, body.subarray(begin, end)) };
  });
}

function headerOf(bytes: Uint8Array, file: string): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    return refuse(file, `the header is no JSON: ${messageOf(error)}`);
  }
  return isRecord(header) ? header : refuse(file, 'the header is no JSON object');
}

function checkEntry(name: string, entry: unknown, file: string): Entry {
  if (!isRecord(entry)) return refuse(file, `tensor "${name}": the header's entry is no object`);
  const { dtype: type, shape, data_offsets: offsets } = entry;
  const dtype = typeof type === 'string' && Object.hasOwn(DTYPES, type) ? DTYPES[type] : undefined;
  if (dtype === undefined)
    return refuse(
      file,
      `tensor "${name}": element type ${JSON.stringify(type)}, expected one of ${Object.keys(DTYPES).join(', ')}`,
    );
  if (!Array.isArray(shape))
    return refuse(file, `tensor "${name}": shape is ${JSON.stringify(shape)}, expected a list`);
  const sizes: unknown[] = shape;
  const count = elementCount(file, name, sizes);
  if (!Array.isArray(offsets) || offsets.length !== 2)
    return refuse(file, `tensor "${name}": data_offsets is ${JSON.stringify(offsets)}, expected two byte numbers`);
  const places: unknown[] = offsets;
  const [begin, end] = places;
  if (!isCount(begin) || !isCount(end) || end - begin !== count * DTYPE_BYTES[dtype]) {
    return refuse(
      file,
      `tensor "${name}": bytes ${String(begin)} to ${String(end)} do not hold ${count} elements of ` +
        `${DTYPE_BYTES[dtype]} bytes`,
    );
  }
  return { name, dtype, shape: sizes.filter((size) => typeof size === 'number'), begin, end };
}

/** Writes tensors; elements as they are in memory. */
export function writeSafetensors(
  tensors: readonly Tensor[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const names = new Map(Object.entries(DTYPES).map(([name, dtype]) => [dtype, name]));
  let place = 0;
  const header: [string, unknown][] = [['__metadata__', metadata]];
  for (const { name, shape, data } of tensors) {
    header.push([name, { dtype: names.get(storedType(data)), shape, data_offsets: [place, place + data.byteLength] }]);
    place += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  // The header is padded so that tensors begin at a multiple of eight bytes.
  const padded = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + padded + place).fill(0x20, 8, 8 + padded);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(text, 8);
  let at = 8 + padded;
  for (const { data } of tensors) {
    bytes.set(encodeElements(data), at);
    at += data.byteLength;
  }
  return bytes;
}
