// Fixed point: integers times 2^-fractionBits.

import { scale } from './double.js';
import { toNumber, type Dyadic } from './dyadic.js';
import { refuseNaN, requireInteger, toSigned, toUnsigned, type DyadicFormat } from './format.js';
import { roundMagnitude, shiftRound, type Rounding } from './rounding.js';

/** A fixed-point format. */
export interface FixedPointOptions {
  /** All bits, the sign included; 1 to 32. */
  readonly bits: number;
  /** Weight of the last bit is 2^-fractionBits; may be negative or exceed `bits`. */
  readonly fractionBits: number;
  readonly signed?: boolean;
  /** `saturate` clamps, `wrap` keeps the low bits (infinities saturate in both). */
  readonly overflow?: 'saturate' | 'wrap';
  /** Without the most negative code, as in sign-magnitude grids. */
  readonly symmetric?: boolean;
}

/** Two's complement (or unsigned) fixed point. */
export function fixedPoint({
  bits,
  fractionBits,
  signed = true,
  overflow = 'saturate',
  symmetric = false,
}: FixedPointOptions): DyadicFormat {
  requireInteger('fixed point: bits', bits, 1, 32);
  requireInteger('fixed point: fractionBits', fractionBits, -2000, 2000);
  const name = `${signed ? 'fixed' : 'ufixed'}${bits}.${fractionBits}`;
  const most = signed ? 2 ** (bits - 1) - 1 : 2 ** bits - 1;
  const least = signed ? (symmetric ? 0 - most : -(2 ** (bits - 1))) : 0;
  const toInteger = (code: number): number => (signed ? toSigned(code, bits) : code);
  return {
    name,
    bits,
    hasNaN: false,
    decode: (code) => scaleInteger(toInteger(code), fractionBits),
    encode(value, rounding = 'nearest-even') {
      if (Number.isNaN(value)) return refuseNaN(name);
      if (overflow === 'wrap' && Number.isFinite(value) && value !== 0)
        return wrapDouble(value, fractionBits, bits, rounding);
      return toUnsigned(clamp(roundScaled(value, fractionBits, rounding), least, most), bits);
    },
    decodeExact: (code) => ({ significand: BigInt(toInteger(code)), exponent: -fractionBits }),
    encodeExact(value: Dyadic, rounding: Rounding = 'nearest-even') {
      const integer = shiftRound(value.significand, -(value.exponent + fractionBits), rounding);
      if (overflow === 'wrap') return Number(BigInt.asUintN(bits, integer));
      return toUnsigned(integer > BigInt(most) ? most : integer < BigInt(least) ? least : Number(integer), bits);
    },
  };
}

const scaleInteger = (integer: number, fractionBits: number): number =>
  integer === 0 ? 0 : toNumber({ significand: BigInt(integer), exponent: -fractionBits });

/** round(x * 2^fractionBits) without limits; infinities stay. Values of 2^53 steps and more are integers already. */
export function roundScaled(x: number, fractionBits: number, rounding: Rounding): number {
  const scaled = fractionBits === 0 ? x : scale(x, fractionBits);
  const magnitude = Math.abs(scaled);
  if (!(magnitude < 2 ** 53)) return scaled;
  const negative = scaled < 0;
  const rounded = roundMagnitude(magnitude, negative, rounding);
  return negative && rounded !== 0 ? -rounded : rounded;
}

function wrapDouble(value: number, fractionBits: number, bits: number, rounding: Rounding): number {
  const rounded = roundScaled(value, fractionBits, rounding);
  return Number.isFinite(rounded) ? Number(BigInt.asUintN(bits, BigInt(rounded))) : 0;
}

/** x within [least, most]. */
export const clamp = (x: number, least: number, most: number): number => (x < least ? least : x > most ? most : x);
