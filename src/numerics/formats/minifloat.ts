// Small floats: IEEE-like, OCP (E4M3, E5M2, FP6, FP4, E8M0) and the FNUZ family.

import { powerOfTwo, scale } from './double.js';
import {
  encodeDouble,
  encodeDyadic,
  exactOrUndefined,
  refuseNaN,
  requireInteger,
  type DyadicFormat,
  type MagnitudeEncoder,
} from './format.js';
import type { Dyadic } from './dyadic.js';
import { roundMagnitude, roundsAway, type Rounding } from './rounding.js';
import { keysOf } from '../../config/typed.js';

/**
 * Which codes are not finite numbers.
 * - `ieee`: the highest exponent field holds infinity (fraction 0) and NaN.
 * - `fn`: no infinity; NaN is the code of all ones.
 * - `fnuz`: no infinity and no -0; NaN is the code of -0.
 * - `finite`: every code is a number.
 */
export type Specials = 'ieee' | 'fn' | 'fnuz' | 'finite';

/**
 * What becomes of a magnitude that rounds beyond the largest number.
 * - `native`: infinity or else NaN; formats with neither saturate.
 * - `saturate`: the largest number, for infinities too (OCP OFP8 saturating mode).
 * - `reject`: as `native`, but formats with neither throw a RangeError.
 */
export type Overflow = 'native' | 'saturate' | 'reject';

/** Fields of a small float and what its special codes are. */
export interface MinifloatOptions {
  readonly name: string;
  readonly exponentBits: number;
  readonly mantissaBits: number;
  readonly bias?: number;
  readonly specials: Specials;
  readonly overflow?: Overflow;
}

/** Largest exponent whose powers all stay within a double together with the format's least quantum. */
const MOST_EXPONENT_BITS = 10;

/**
 * A float with sign, exponent and mantissa fields: `(-1)^s 2^(E-bias) (1 + M/2^m)`, and `(-1)^s 2^(1-bias) M/2^m` at E
 * = 0 (OCP 8-bit Floating Point Specification 1.0; IEEE 754).
 * @throws RangeError for field widths that are out of range
 */
export function minifloat({
  name,
  exponentBits,
  mantissaBits,
  bias = 2 ** (exponentBits - 1) - 1,
  specials,
  overflow = 'native',
}: MinifloatOptions): DyadicFormat {
  requireInteger(`${name}: exponentBits`, exponentBits, 1, MOST_EXPONENT_BITS);
  requireInteger(`${name}: mantissaBits`, mantissaBits, 0, 31 - exponentBits);
  requireInteger(`${name}: bias`, bias, -400, 600);
  const bits = 1 + exponentBits + mantissaBits;
  const signBit = 2 ** (bits - 1);
  const step = 2 ** mantissaBits;
  const leastExponent = 1 - bias;
  const highestField = (2 ** exponentBits - 1) * step;
  const largest = { ieee: highestField - 1, fn: signBit - 2, fnuz: signBit - 1, finite: signBit - 1 }[specials];
  const hasNaN = specials === 'fnuz' || specials === 'fn' || (specials === 'ieee' && mantissaBits > 0);
  const infinity = specials === 'ieee' ? highestField : undefined;
  // A quiet NaN with the sign kept, as ml_dtypes writes it; FNUZ has only one.
  const nan = (negative: boolean): number => {
    if (!hasNaN) return refuseNaN(name);
    if (specials === 'fnuz') return signBit;
    return (negative ? signBit : 0) + (specials === 'fn' ? signBit - 1 : highestField + step / 2);
  };

  const beyond = (negative: boolean): number => {
    const sign = negative ? signBit : 0;
    if (overflow === 'saturate') return sign + largest;
    if (infinity !== undefined) return sign + infinity;
    if (hasNaN) return nan(negative);
    if (overflow === 'reject') throw new RangeError(`${name}: a value beyond the largest number has no code`);
    return sign + largest;
  };

  const encodeMagnitude: MagnitudeEncoder = (negative, exponent, fraction, rounding) => {
    const field = Math.max(exponent, leastExponent);
    const exact = (1 + fraction) * powerOfTwo(Math.max(-1000, exponent - field + mantissaBits));
    const steps = Math.floor(exact);
    const below = (field - leastExponent) * step + steps;
    const magnitude = roundsAway(below % 2 === 1, exact - steps, negative, rounding) ? below + 1 : below;
    if (magnitude > largest)
      return rounding === 'toward-zero' || rounding === (negative ? 'up' : 'down')
        ? (negative ? signBit : 0) + largest
        : beyond(negative);
    return negative && (magnitude !== 0 || specials !== 'fnuz') ? magnitude + signBit : magnitude;
  };

  const decode = (code: number): number => {
    const negative = code >= signBit;
    const magnitude = negative ? code - signBit : code;
    if (specials === 'fnuz' && code === signBit) return NaN;
    if (magnitude > largest) return magnitude === infinity ? (negative ? -Infinity : Infinity) : NaN;
    const field = Math.floor(magnitude / step);
    const mantissa = magnitude - field * step;
    const value =
      field === 0
        ? scale(mantissa, leastExponent - mantissaBits)
        : scale(step + mantissa, field - 1 + leastExponent - mantissaBits);
    return negative ? -value : value;
  };

  return {
    name,
    bits,
    hasNaN,
    decode,
    encode(value, rounding = 'nearest-even') {
      if (value === 0) return Object.is(value, -0) && specials !== 'fnuz' ? signBit : 0;
      if (Number.isNaN(value)) return nan(false);
      return Number.isFinite(value) ? encodeDouble(encodeMagnitude, value, rounding) : beyond(value < 0);
    },
    decodeExact: (code) => exactOrUndefined(decode(code)),
    encodeExact: (value: Dyadic, rounding: Rounding = 'nearest-even') =>
      value.significand === 0n ? 0 : encodeDyadic(encodeMagnitude, value, rounding),
  };
}

/**
 * Scale factors of MX blocks: 2^(code - 127), 0xFF is NaN; no sign and no zero. Values below 2^-127 become 2^-127,
 * values beyond 2^127 and negative values NaN (OCP MX 1.0, section 5.4.1).
 */
export const e8m0: DyadicFormat = (() => {
  const name = 'e8m0fnu';
  const encodeMagnitude: MagnitudeEncoder = (negative, exponent, fraction, rounding) => {
    if (negative) return 0xff;
    if (exponent < -127) return 0;
    // Between powers of two the remainder is the fraction; ties go to the even code.
    const code = exponent + 127;
    if (code > 254) return 0xff;
    return code + roundMagnitude((code % 2) + fraction, false, rounding) - (code % 2);
  };
  const decode = (code: number): number => (code === 0xff ? NaN : powerOfTwo(code - 127));
  return {
    name,
    bits: 8,
    hasNaN: true,
    decode,
    encode: (value, rounding = 'nearest-even') =>
      value === 0 ? 0 : Number.isFinite(value) ? encodeDouble(encodeMagnitude, value, rounding) : 0xff,
    decodeExact: (code) => exactOrUndefined(decode(code)),
    encodeExact: (value, rounding = 'nearest-even') =>
      value.significand === 0n ? 0 : encodeDyadic(encodeMagnitude, value, rounding),
  };
})();

const PRESETS = {
  float8_e4m3fn: [4, 3, 7, 'fn'],
  float8_e5m2: [5, 2, 15, 'ieee'],
  float8_e4m3: [4, 3, 7, 'ieee'],
  float8_e3m4: [3, 4, 3, 'ieee'],
  float8_e4m3fnuz: [4, 3, 8, 'fnuz'],
  float8_e5m2fnuz: [5, 2, 16, 'fnuz'],
  float8_e4m3b11fnuz: [4, 3, 11, 'fnuz'],
  float6_e2m3fn: [2, 3, 1, 'finite'],
  float6_e3m2fn: [3, 2, 3, 'finite'],
  float4_e2m1fn: [2, 1, 1, 'finite'],
  bfloat16: [8, 7, 127, 'ieee'],
  float16: [5, 10, 15, 'ieee'],
  float32: [8, 23, 127, 'ieee'],
} as const satisfies Record<string, readonly [number, number, number, Specials]>;

/** Name of a published small float. */
export type MinifloatName = keyof typeof PRESETS;

/** Names of the published small floats, as in ml_dtypes. */
export const MINIFLOAT_NAMES = keysOf(PRESETS);

/** A published small float, named as in ml_dtypes. */
export function standardFloat(name: MinifloatName, overflow: Overflow = 'native'): DyadicFormat {
  const [exponentBits, mantissaBits, bias, specials] = PRESETS[name];
  return minifloat({ name, exponentBits, mantissaBits, bias, specials, overflow });
}
