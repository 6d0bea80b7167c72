// Posits: two's complement (Posit Standard 2022 and the older exponent sizes) and the sign-magnitude variant of
// deepfloat.

import { scale } from './double.js';
import { toNumber, type Dyadic } from './dyadic.js';
import { encodeDouble, encodeDyadic, requireInteger, type DyadicFormat, type MagnitudeEncoder } from './format.js';
import { MOST_EXPONENT_BITS, positArrayEncoder, type Float32Encoder } from './posit-array.js';
import type { Rounding } from './rounding.js';
import { readTapered, writeTapered, type TaperedShape, type Underflow } from './tapered.js';

/** Width and exponent size of a posit. */
export interface PositOptions {
  readonly bits: number;
  readonly exponentBits: number;
  /**
   * `sign-magnitude`: the top bit is the sign of the remaining string (Johnson 2018, deepfloat); its 10..0 is infinity,
   * for NaN too.
   */
  readonly sign?: 'twos-complement' | 'sign-magnitude';
  readonly underflow?: Underflow;
}

/** A posit format with its sizes. */
export interface PositFormat extends DyadicFormat {
  readonly exponentBits: number;
  /** Exponent of the largest number; the least is 1 / 2^maxExponent. */
  readonly maxExponent: number;
  /** The code 10..0. */
  readonly nar: number;
}

/**
 * posit<bits, exponentBits>: value `(-1)^s 2^(regime 2^es + e) (1 + f)`, rounded on the bit string; NaN and infinities
 * become NaR (Posit Standard 2022, sections 3 and 4.1).
 * @throws RangeError for sizes out of range
 */
export function posit({
  bits,
  exponentBits,
  sign = 'twos-complement',
  underflow = 'never-zero',
}: PositOptions): PositFormat {
  requireInteger('posit: bits', bits, 2, 32);
  requireInteger('posit: exponentBits', exponentBits, 0, 20);
  const shape: TaperedShape = { width: bits - 1, exponentBits, underflow };
  const nar = 2 ** (bits - 1);
  const codes = 2 ** bits;
  const complement = sign === 'twos-complement';

  const encodeMagnitude: MagnitudeEncoder = (negative, exponent, fraction, rounding) => {
    const body = writeTapered(shape, { negative, exponent, fraction }, rounding);
    if (!negative || body === 0) return body;
    return complement ? codes - body : nar + body;
  };
  let arrayEncoder: Float32Encoder | undefined;
  const encodeFloat32 = (values: Float32Array): Uint32Array =>
    (arrayEncoder ??= positArrayEncoder(bits, exponentBits, encode))(values);
  const encode = (value: number, rounding: Rounding = 'nearest-even'): number => {
    if (value === 0) return 0;
    return Number.isFinite(value) ? encodeDouble(encodeMagnitude, value, rounding) : nar;
  };
  const bodyOf = (code: number): number => (code < nar ? code : complement ? codes - code : code - nar);

  return {
    name: `posit<${bits},${exponentBits}>${complement ? '' : ' sign-magnitude'}`,
    bits,
    exponentBits,
    maxExponent: (bits - 2) * 2 ** exponentBits,
    nar,
    hasNaN: true,
    decode(code) {
      if (code === 0) return 0;
      if (code === nar) return NaN;
      const { exponent, fraction } = readTapered(bodyOf(code), shape);
      const magnitude =
        exponent >= -1022 && exponent <= 1023
          ? scale(1 + fraction, exponent)
          : toNumber(magnitudeOf(exponent, fraction));
      return code > nar ? -magnitude : magnitude;
    },
    encode,
    ...(complement && underflow === 'never-zero' && exponentBits <= MOST_EXPONENT_BITS ? { encodeFloat32 } : {}),
    decodeExact(code) {
      if (code === 0) return { significand: 0n, exponent: 0 };
      if (code === nar) return undefined;
      const { exponent, fraction } = readTapered(bodyOf(code), shape);
      const { significand, exponent: last } = magnitudeOf(exponent, fraction);
      return { significand: code > nar ? -significand : significand, exponent: last };
    },
    encodeExact: (value: Dyadic, rounding: Rounding = 'nearest-even') =>
      value.significand === 0n ? 0 : encodeDyadic(encodeMagnitude, value, rounding),
  };
}

/** A fraction field has fewer than 32 bits. */
const magnitudeOf = (exponent: number, fraction: number): Dyadic => ({
  significand: BigInt((1 + fraction) * 2 ** 32),
  exponent: exponent - 32,
});
