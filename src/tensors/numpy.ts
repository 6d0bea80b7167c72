// .npy and .npz (NumPy format 1.0 to 3.0). Our own reader, because npm's npyjs takes big-endian for little-endian,
// column-major for row-major and shapes on trust.

import { MemoryBudget } from '../config/budget.js';
import { UserError } from '../config/errors.js';
import { shortened } from '../config/escape.js';
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
  type TensorData,
} from './tensor.js';
import { unzip, zip } from './zip.js';

const DTYPES: Record<string, DType> = {
  b1: 'bool',
  u1: 'u8',
  i1: 'i8',
  u2: 'u16',
  i2: 'i16',
  f2: 'f16',
  u4: 'u32',
  i4: 'i32',
  f4: 'f32',
  u8: 'u64',
  i8: 'i64',
  f8: 'f64',
};
const MAGIC = '\x93NUMPY';

const isNpy = (bytes: Uint8Array): boolean => String.fromCharCode(...bytes.subarray(0, 6)) === MAGIC;

interface Header {
  readonly dtype: DType;
  readonly littleEndian: boolean;
  readonly fortranOrder: boolean;
  readonly shape: number[];
}

/** Reads one array. @throws UserError for object arrays (pickles), structured arrays, headers that lie */
export function readNpy(
  bytes: Uint8Array,
  file: string,
  name: string,
  budget = MemoryBudget.ofFile(file, bytes.length),
): Tensor {
  if (!isNpy(bytes) || bytes.length < 12) return refuse(file, `"${name}" is no .npy array`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6]!;
  if (version < 1 || version > 3) return refuse(file, `"${name}": .npy version ${version}, expected 1 to 3`);
  const start = version === 1 ? 10 : 12;
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (start + length > bytes.length)
    return refuse(file, `"${name}": header of ${length} bytes in ${bytes.length}: truncated`);
  const { dtype, littleEndian, fortranOrder, shape } = parseHeader(
    new TextDecoder().decode(bytes.subarray(start, start + length)),
    file,
    name,
  );
  const count = elementCount(file, name, shape);
  const body = bytes.subarray(start + length);
  if (body.length !== count * DTYPE_BYTES[dtype])
    return refuse(
      file,
      `"${name}": shape [${shape.join(', ')}] takes ${count * DTYPE_BYTES[dtype]} bytes, there are ${body.length}`,
    );
  budget.take((fortranOrder ? 2 : 1) * count * memoryBytes(dtype), `tensor "${name}"`);
  const data = decodeElements(dtype, body, littleEndian);
  return { name, dtype, shape, data: fortranOrder ? rowMajor(data, shape) : data };
}

/** Reads the header, a Python dictionary of exactly three keys. */
function parseHeader(text: string, file: string, name: string): Header {
  const bad = (): never =>
    refuse(file, `"${name}": header ${JSON.stringify(text.trim().slice(0, 120))} is not one of a plain array`);
  const body = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1] ?? bad();
  const entry = /^\s*'(descr|fortran_order|shape)'\s*:\s*('[^']*'|True|False|\([\d,\sL]*\))\s*(?:,|$)/;
  const found = new Map<string, string>();
  let rest = body;
  while (rest.trim() !== '') {
    const match = entry.exec(rest) ?? bad();
    if (found.has(match[1]!)) bad();
    found.set(match[1]!, match[2]!);
    rest = rest.slice(match[0].length);
  }
  const [, order, type] = /^'([<>|=]?)([a-z]\d+)'$/.exec(found.get('descr') ?? '') ?? bad();
  const dtype = Object.hasOwn(DTYPES, type!) ? DTYPES[type!]! : bad();
  const fortran = found.get('fortran_order');
  if (fortran !== 'True' && fortran !== 'False') bad();
  const list = /^\(((?:\s*\d+L?\s*,)*\s*(?:\d+L?\s*)?)\)$/.exec(found.get('shape') ?? '')?.[1] ?? bad();
  const shape = list
    .split(',')
    .map((size) => size.trim())
    .filter((size) => size !== '')
    .map((size) => Number(size.replace('L', '')));
  return { dtype, littleEndian: order !== '>', fortranOrder: fortran === 'True', shape };
}

/** Column-major elements in row-major order. */
function rowMajor<Data extends TensorData>(data: Data, shape: readonly number[]): Data {
  // Cast: a slice is an array of the same kind.
  const result = data.slice() as Data;
  const index = new Array<number>(shape.length).fill(0);
  for (let to = 0; to < data.length; to++) {
    let from = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) from = from * shape[axis]! + index[axis]!;
    result[to] = data[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
  return result;
}

/** Reads an archive of arrays. */
export const readNpz = (bytes: Uint8Array, file: string, budget = MemoryBudget.ofFile(file, bytes.length)): Tensor[] =>
  [...unzip(bytes, file, budget, { checked: true })].map(([entry, content]) =>
    entry.endsWith('.npy')
      ? readNpy(content, file, entry.slice(0, -4), budget)
      : refuse(file, `entry "${entry}" is no .npy array`),
  );

/** Writes one array, version 1.0. */
export function writeNpy({ name, shape, data }: Tensor): Uint8Array {
  const type = Object.entries(DTYPES).find(([, dtype]) => dtype === storedType(data))![0];
  const sizes = shape.length === 1 ? `(${shape[0]!},)` : `(${shape.join(', ')})`;
  const order = data.BYTES_PER_ELEMENT === 1 ? '|' : '<';
  const text = `{'descr': '${order}${type}', 'fortran_order': False, 'shape': ${sizes}, }`;
  const length = Math.ceil((text.length + 11) / 64) * 64 - 10;
  if (length > 0xffff) throw new Error(`npy: header of "${name}" beyond 65,535 bytes`);
  const bytes = new Uint8Array(10 + length + data.byteLength);
  new TextEncoder().encodeInto(MAGIC.slice(1), bytes.subarray(1));
  bytes.set([0x93], 0);
  bytes.set([1, 0, length & 0xff, length >> 8], 6);
  new TextEncoder().encodeInto(`${text.padEnd(length - 1)}\n`, bytes.subarray(10));
  bytes.set(encodeElements(data), 10 + length);
  return bytes;
}

/** Longest name in an archive. */
const MOST_NAME = 2000;

/** @throws UserError for names that would lead out of a folder where somebody unpacks an archive */
export function checkArchiveNames(names: Iterable<string>): void {
  for (const name of names)
    if (name.length > MOST_NAME || name.split(/[/\\]/).includes('..') || /^[/\\]|\p{Cc}/u.test(name))
      throw new UserError(`tensor ${JSON.stringify(shortened(name))}: its name cannot be that of a file in an archive`);
}

/** Writes an archive of arrays; the same tensors give the same bytes. @throws UserError as `checkArchiveNames` */
export function writeNpz(tensors: readonly Tensor[]): Uint8Array {
  checkArchiveNames(tensors.map(({ name }) => name));
  return zip(Object.fromEntries(tensors.map((tensor) => [`${tensor.name}.npy`, writeNpy(tensor)])));
}
