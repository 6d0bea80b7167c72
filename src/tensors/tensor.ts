// Named tensors of trained models, as files hold them.

import { messageLine } from '../config/escape.js';
import { UserError } from '../config/index.js';
import { decodeArray } from '../numerics/formats/bulk.js';
import { standardFloat } from '../numerics/formats/minifloat.js';

/**
 * Elements: signed and unsigned integers, booleans (0 or 1), floats. Files' half floats, bfloat16 and 8-bit floats
 * become float32, which holds them exactly.
 */
export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** A tensor in row-major order. */
export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: TensorData;
}

/** Element types by bytes each. */
export const DTYPE_BYTES = {
  bool: 1,
  u8: 1,
  i8: 1,
  f8e4m3: 1,
  f8e5m2: 1,
  u16: 2,
  i16: 2,
  f16: 2,
  bf16: 2,
  u32: 4,
  i32: 4,
  f32: 4,
  u64: 8,
  i64: 8,
  f64: 8,
} as const;
/** Name of an element type, as safetensors spell it in lower case. */
export type DType = keyof typeof DTYPE_BYTES;

/** Bytes of an element in memory: narrow floats become float32. */
export const memoryBytes = (dtype: DType): number =>
  ['f16', 'bf16', 'f8e4m3', 'f8e5m2'].includes(dtype) ? 4 : DTYPE_BYTES[dtype];

/** Whether elements are real numbers, which can be quantized. */
export const isFloat = (tensor: Tensor): tensor is Tensor & { readonly data: Float32Array | Float64Array } =>
  tensor.data instanceof Float32Array || tensor.data instanceof Float64Array;

/**
 * A file that cannot be read: one line with its name; control characters (of names in the file) are written by their
 * codes. @throws UserError always
 */
export const refuse = (file: string, message: string): never => {
  throw new UserError(`${file}: ${messageLine(message, MOST_CHARACTERS)}`);
};

/** Longest message; names in damaged files may take kilobytes. */
const MOST_CHARACTERS = 800;

/** Number of elements of a shape. @throws UserError for what is no shape, or beyond 2^53 elements */
export function elementCount(file: string, name: string, shape: readonly unknown[]): number {
  let count = 1;
  for (const size of shape) {
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
      return refuse(file, `tensor "${name}": shape [${shape.join(', ')}] is no list of sizes`);
    count *= size;
  }
  return Number.isSafeInteger(count)
    ? count
    : refuse(file, `tensor "${name}": shape [${shape.join(', ')}] has too many elements`);
}

const LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Elements from their bytes (copied). `bytes` must hold a whole number of elements. */
export function decodeElements(dtype: DType, bytes: Uint8Array, littleEndian = true): TensorData {
  // Node's Buffer shares its memory on slice().
  const copy = new Uint8Array(bytes);
  const size = DTYPE_BYTES[dtype];
  if (size > 1 && littleEndian !== LITTLE)
    for (let i = 0; i < copy.length; i += size) copy.subarray(i, i + size).reverse();
  const { buffer } = copy;
  switch (dtype) {
    case 'bool':
      return copy.map((byte) => (byte === 0 ? 0 : 1));
    case 'u8':
      return copy;
    case 'i8':
      return new Int8Array(buffer);
    case 'u16':
      return new Uint16Array(buffer);
    case 'i16':
      return new Int16Array(buffer);
    case 'u32':
      return new Uint32Array(buffer);
    case 'i32':
      return new Int32Array(buffer);
    case 'u64':
      return new BigUint64Array(buffer);
    case 'i64':
      return new BigInt64Array(buffer);
    case 'f32':
      return new Float32Array(buffer);
    case 'f64':
      return new Float64Array(buffer);
    case 'f16':
      return Float32Array.from(decodeArray(standardFloat('float16'), new Uint16Array(buffer)));
    case 'bf16':
      return Float32Array.from(decodeArray(standardFloat('bfloat16'), new Uint16Array(buffer)));
    case 'f8e4m3':
      return Float32Array.from(decodeArray(standardFloat('float8_e4m3fn'), copy));
    case 'f8e5m2':
      return Float32Array.from(decodeArray(standardFloat('float8_e5m2'), copy));
  }
}

/** The element type that holds a tensor's elements as they are in memory. */
export function storedType(data: TensorData): Exclude<DType, 'bool' | 'f16' | 'bf16' | 'f8e4m3' | 'f8e5m2'> {
  if (data instanceof Float32Array) return 'f32';
  if (data instanceof Float64Array) return 'f64';
  if (data instanceof Int8Array) return 'i8';
  if (data instanceof Uint8Array) return 'u8';
  if (data instanceof Int16Array) return 'i16';
  if (data instanceof Uint16Array) return 'u16';
  if (data instanceof Int32Array) return 'i32';
  if (data instanceof Uint32Array) return 'u32';
  return data instanceof BigInt64Array ? 'i64' : 'u64';
}

/** Elements as little-endian bytes. */
export function encodeElements(data: TensorData): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  const size = data.BYTES_PER_ELEMENT;
  if (!LITTLE && size > 1) for (let i = 0; i < bytes.length; i += size) bytes.subarray(i, i + size).reverse();
  return bytes;
}
