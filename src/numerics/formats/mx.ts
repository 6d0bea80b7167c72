// Microscaling blocks: 32 elements and one power-of-two scale (OCP MX 1.0).

import { exponentOf, scale as scaleByPower } from './double.js';
import { clamp, fixedPoint } from './fixed-point.js';
import type { DyadicFormat } from './format.js';
import { standardFloat } from './minifloat.js';
import type { Rounding } from './rounding.js';
import { keysOf } from '../../config/typed.js';

/** An MX format: the element's format and the scale of a block. */
export interface MxFormat {
  readonly name: string;
  readonly element: DyadicFormat;
  /** Exponent of the element's largest power of two. */
  readonly maxExponent: number;
  readonly blockSize: number;
}

const ELEMENTS = {
  mxfp8_e4m3: () => [standardFloat('float8_e4m3fn', 'saturate'), 8],
  mxfp8_e5m2: () => [standardFloat('float8_e5m2', 'saturate'), 15],
  mxfp6_e2m3: () => [standardFloat('float6_e2m3fn', 'saturate'), 2],
  mxfp6_e3m2: () => [standardFloat('float6_e3m2fn', 'saturate'), 4],
  mxfp4_e2m1: () => [standardFloat('float4_e2m1fn', 'saturate'), 2],
  mxint8: () => [fixedPoint({ bits: 8, fractionBits: 6 }), 0],
  mxint8_symmetric: () => [fixedPoint({ bits: 8, fractionBits: 6, symmetric: true }), 0],
} as const satisfies Record<string, () => readonly [DyadicFormat, number]>;

/** Name of a standard MX format. */
export type MxName = keyof typeof ELEMENTS;

/** Names of the standard MX formats. */
export const MX_NAMES = keysOf(ELEMENTS);

/** A standard MX format. `mxint8_symmetric` does without -2, as microxcaling does. */
export function mxFormat(name: MxName, blockSize = 32): MxFormat {
  const [element, maxExponent] = ELEMENTS[name]();
  return { name, element, maxExponent, blockSize };
}

/** One block: scale code (2^(code - 127), 0xFF is NaN) and element codes. */
export interface MxBlock {
  readonly scale: number;
  readonly codes: Uint8Array;
}

const NAN_SCALE = 0xff;

/**
 * Quantizes a block: the scale's exponent is floor(log2 max|x|) less the element's largest exponent, within -127..127;
 * elements saturate (OCP MX 1.0, section 6.3).
 * An all-zero or empty block has scale code 0; a NaN or infinity makes the whole block NaN.
 */
export function encodeBlock(
  { element, maxExponent }: MxFormat,
  values: ArrayLike<number>,
  rounding: Rounding = 'nearest-even',
): MxBlock {
  const codes = new Uint8Array(values.length);
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]!)) return { scale: NAN_SCALE, codes };
    most = Math.max(most, Math.abs(values[i]!));
  }
  const shared = most === 0 ? -127 : clamp(exponentOf(most) - maxExponent, -127, 127);
  for (let i = 0; i < values.length; i++) codes[i] = element.encode(scaleByPower(values[i]!, -shared), rounding);
  return { scale: shared + 127, codes };
}

/** The values of a block. */
export function decodeBlock({ element }: MxFormat, { scale, codes }: MxBlock): Float64Array {
  return Float64Array.from(codes, (code) =>
    scale === NAN_SCALE ? NaN : scaleByPower(element.decode(code), scale - 127),
  );
}

/** Splits values into blocks (the last may be shorter) and quantizes each. */
export function encodeBlocks(format: MxFormat, values: Float32Array | Float64Array, rounding?: Rounding): MxBlock[] {
  const blocks: MxBlock[] = [];
  for (let start = 0; start < values.length; start += format.blockSize)
    blocks.push(encodeBlock(format, values.subarray(start, start + format.blockSize), rounding));
  return blocks;
}
