// IDX files (MNIST's format): big-endian arrays of bytes, integers or floats.

import { refuse } from '../../tensors/tensor.js';
import type { RawData, RawInput } from './dataset.js';

type Reader = (view: DataView, at: number) => number;
const TYPES = new Map<number, readonly [bytes: number, make: (length: number) => RawData, read: Reader]>([
  [0x08, [1, (length) => new Uint8Array(length), (view, at) => view.getUint8(at)]],
  [0x09, [1, (length) => new Int8Array(length), (view, at) => view.getInt8(at)]],
  [0x0b, [2, (length) => new Int16Array(length), (view, at) => view.getInt16(at)]],
  [0x0c, [4, (length) => new Int32Array(length), (view, at) => view.getInt32(at)]],
  [0x0d, [4, (length) => new Float32Array(length), (view, at) => view.getFloat32(at)]],
  [0x0e, [8, (length) => new Float64Array(length), (view, at) => view.getFloat64(at)]],
]);

/** Reads an IDX file: its first axis counts samples. @throws UserError for another file, or sizes that lie */
export function readIdx(bytes: Uint8Array, file: string): RawInput & { readonly count: number } {
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0) return refuse(file, 'is no IDX file (magic number)');
  const type = TYPES.get(bytes[2]!);
  if (type === undefined) return refuse(file, `is no IDX file: element type 0x${bytes[2]!.toString(16)}`);
  const rank = bytes[3]!;
  if (rank < 1 || bytes.length < 4 + 4 * rank) return refuse(file, 'its IDX header is cut off');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const [size, make, read] = type;
  const elements = shape.reduce((product, length) => product * length, 1);
  const start = 4 + 4 * rank;
  if (bytes.length - start !== elements * size)
    return refuse(
      file,
      `its header says [${shape.join(', ')}], ${elements * size} bytes; there are ${bytes.length - start}`,
    );
  if (bytes[2] === 0x08) return { count: shape[0]!, shape: shape.slice(1), data: bytes.subarray(start) };
  const data = make(elements);
  for (let i = 0; i < elements; i++) {
    const value = read(view, start + i * size);
    if (!Number.isFinite(value)) refuse(file, `element ${i} is ${value}, no finite number`);
    data[i] = value;
  }
  return { count: shape[0]!, shape: shape.slice(1), data };
}
