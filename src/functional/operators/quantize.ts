// Quantization to integers and back (ONNX's QuantizeLinear family), and casts between element types.

import { reshaped, sizeOf, zeros, zerosLike, type Values } from './values.js';

/** Least and largest value of an integer type. */
export function integerRange(dtype: string): readonly [number, number] {
  const bits = Number(dtype.slice(1));
  return dtype.startsWith('u') ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}

/** Rounded to the nearest whole number, ties to even. */
export function roundToEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
}

/** Which element of a vector along `axis` an element of x takes; a scalar is taken by all. */
function parameterIndex(x: Values, parameter: Values, axis: number | null): (i: number) => number {
  if (axis === null || parameter.data.length === 1) return () => 0;
  const inner = sizeOf(x.shape.slice(axis + 1));
  const length = x.shape[axis]!;
  return (i) => Math.floor(i / inner) % length;
}

/** round(x / scale) + zero, cut to the type's range. */
export function quantize(
  x: Values,
  { scale, zero, axis }: { readonly scale: Values; readonly zero: Values | undefined; readonly axis: number | null },
  to: string,
): Values {
  const y = zeros(x.data, x.shape);
  const [least, most] = integerRange(to);
  const at = parameterIndex(x, scale, axis);
  for (let i = 0; i < y.data.length; i++) {
    const p = at(i);
    const level = roundToEven(x.data[i]! / scale.data[p]!) + (zero?.data[zero.data.length === 1 ? 0 : p] ?? 0);
    y.data[i] = Math.min(most, Math.max(least, level));
  }
  return y;
}

/** (x - zero) scale. */
export function dequantize(x: Values, scale: Values, zero: Values | undefined, axis: number | null): Values {
  const y = zeros(x.data, x.shape);
  const at = parameterIndex(x, scale, axis);
  for (let i = 0; i < y.data.length; i++) {
    const p = at(i);
    y.data[i] = (x.data[i]! - (zero?.data[zero.data.length === 1 ? 0 : p] ?? 0)) * scale.data[p]!;
  }
  return y;
}

/**
 * ONNX's DynamicQuantizeLinear: bytes, scale and zero point of the range with 0, for each of `images` parts (1: of the
 * whole tensor, as a file with a fixed batch has it).
 */
export function dynamicQuantize(x: Values, images: number): [Values, Values, Values] {
  const size = x.data.length / images;
  const y = zeros(x.data, x.shape);
  const scales = zeros(x.data, [images]);
  const zeroPoints = zeros(x.data, [images]);
  for (let n = 0; n < images; n++) {
    let least = 0;
    let most = 0;
    for (let i = n * size; i < (n + 1) * size; i++) {
      least = Math.min(least, x.data[i]!);
      most = Math.max(most, x.data[i]!);
    }
    const scale = Math.fround(Math.fround(most - least) / 255);
    const zero = Math.min(255, Math.max(0, roundToEven(scale === 0 ? 0 : -least / scale)));
    scales.data[n] = scale;
    zeroPoints.data[n] = zero;
    for (let i = n * size; i < (n + 1) * size; i++)
      y.data[i] = Math.min(255, Math.max(0, roundToEven(scale === 0 ? 0 : Math.fround(x.data[i]! / scale)) + zero));
  }
  return [y, reshaped(scales, [images]), zeroPoints];
}

/** Numbers as another element type holds them: integers cut towards 0, booleans 0 or 1, floats as they are. */
export function wholeNumbers(x: Values, to: string): Values {
  if (to === 'bool') return { shape: x.shape, data: x.data.map((value) => (value === 0 ? 0 : 1)) };
  if (!/^[iu]\d/.test(to)) return x;
  const data = zerosLike(x.data, x.data.length);
  for (let i = 0; i < data.length; i++) data[i] = Math.trunc(x.data[i]!);
  return { shape: x.shape, data };
}
