// Constants of a model: initializers and what follows from them alone, their numbers computed when asked for.

import type { TensorData } from '../../tensors/tensor.js';
import { elementsOf, type Parameter } from '../graph/index.js';

/** A constant tensor of a file, in the file's own shape. */
export interface Constant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  /** Row-major numbers; 64-bit integers as numbers. Computed once. */
  readonly numbers: () => Numbers;
  /** The stored array that it is a view of, for parameters. */
  readonly origin: Pick<Parameter, 'key' | 'permutation' | 'quantization'>;
}

/** Numbers that are computed with. */
export type Numbers = Exclude<TensorData, BigInt64Array | BigUint64Array>;

/** 64-bit integers as numbers; what 2^53 does not hold is rounded (only ends of slices are that large). */
export const asNumbers = (data: TensorData): Numbers =>
  data instanceof BigInt64Array || data instanceof BigUint64Array ? Float64Array.from(data, Number) : data;

/** An array for results of an element type. */
export function emptyOf(dtype: string, length: number): Numbers {
  switch (dtype) {
    case 'f32':
    case 'f16':
    case 'bf16':
      return new Float32Array(length);
    case 'i8':
      return new Int8Array(length);
    case 'u8':
    case 'bool':
      return new Uint8Array(length);
    case 'i16':
      return new Int16Array(length);
    case 'u16':
      return new Uint16Array(length);
    case 'i32':
      return new Int32Array(length);
    case 'u32':
      return new Uint32Array(length);
    default:
      return new Float64Array(length);
  }
}

/** A constant whose numbers are computed when they are first asked for. */
export function lazyConstant(
  name: string,
  { dtype, shape }: { readonly dtype: string; readonly shape: readonly number[] },
  compute: () => Numbers,
  origin: Constant['origin'] = { key: name, permutation: null, quantization: null },
): Constant {
  let numbers: Numbers | undefined;
  return { name, dtype, shape, origin, numbers: () => (numbers ??= compute()) };
}

/** A constant of a few numbers. */
export const constantOf = (
  name: string,
  dtype: string,
  shape: readonly number[],
  values: ArrayLike<number>,
): Constant =>
  lazyConstant(name, { dtype, shape }, () => {
    const data = emptyOf(dtype, elementsOf(shape));
    data.set(values);
    return data;
  });

/** A constant as a parameter of another (equally large) shape. */
export const parameterOf = (constant: Constant, shape: readonly number[] = constant.shape): Parameter => ({
  ...constant.origin,
  shape,
});
