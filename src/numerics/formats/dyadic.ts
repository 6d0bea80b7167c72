// Exact arithmetic on dyadic rationals, the values of every binary format.

import { powerOfTwo } from './double.js';

/** The number significand * 2^exponent, exactly. */
export interface Dyadic {
  readonly significand: bigint;
  readonly exponent: number;
}

/** Zero. */
export const ZERO: Dyadic = { significand: 0n, exponent: 0 };

/** Number of bits of a magnitude; 0 for 0. */
export function bitLength(magnitude: bigint): number {
  const hex = magnitude.toString(16);
  return magnitude === 0n ? 0 : 4 * hex.length - Math.clz32(Number.parseInt(hex[0]!, 16)) + 28;
}

const absolute = (x: bigint): bigint => (x < 0n ? -x : x);

const view = new DataView(new ArrayBuffer(8));

/** The exact value of a finite double (-0 becomes 0). @throws RangeError for NaN and infinities. */
export function fromNumber(x: number): Dyadic {
  if (!Number.isFinite(x)) throw new RangeError(`${x} is not a dyadic number`);
  if (x === 0) return ZERO;
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const field = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const significand = field === 0 ? fraction : fraction | (1n << 52n);
  return { significand: x < 0 ? -significand : significand, exponent: Math.max(field, 1) - 1075 };
}

/** The nearest double, ties to even; infinite above the range. */
export function toNumber({ significand, exponent }: Dyadic): number {
  if (significand === 0n) return 0;
  const magnitude = absolute(significand);
  const top = exponent + bitLength(magnitude) - 1;
  const sign = significand < 0n ? -1 : 1;
  if (top > 1023) return sign * Infinity;
  if (top < -1076) return sign * 0;
  // The place of the last bit that the double keeps.
  const last = Math.max(top - 52, -1074);
  const shift = last - exponent;
  if (shift <= 0) return sign * Number(magnitude << BigInt(-shift)) * powerOfTwo(last);
  const half = 1n << BigInt(shift - 1);
  let kept = magnitude >> BigInt(shift);
  const cut = magnitude & ((half << 1n) - 1n);
  if (cut > half || (cut === half && (kept & 1n) === 1n)) kept += 1n;
  return sign * Number(kept) * powerOfTwo(last);
}

/** a + b, exact. */
export function add(a: Dyadic, b: Dyadic): Dyadic {
  const exponent = Math.min(a.exponent, b.exponent);
  return {
    significand: (a.significand << BigInt(a.exponent - exponent)) + (b.significand << BigInt(b.exponent - exponent)),
    exponent,
  };
}

/** a b, exact. */
export const multiply = (a: Dyadic, b: Dyadic): Dyadic => ({
  significand: a.significand * b.significand,
  exponent: a.exponent + b.exponent,
});

/** -a. */
export const negate = (a: Dyadic): Dyadic => ({ significand: -a.significand, exponent: a.exponent });

/**
 * a / b to at least 64 bits, the last one set when the quotient goes on ("round to odd"), so that one later rounding to
 * 60 bits or fewer is right. @throws RangeError where b is 0
 */
export function divide(a: Dyadic, b: Dyadic): Dyadic {
  if (b.significand === 0n) throw new RangeError('division by zero');
  const shift = Math.max(0, 66 + bitLength(absolute(b.significand)) - bitLength(absolute(a.significand)));
  const numerator = absolute(a.significand) << BigInt(shift);
  const divisor = absolute(b.significand);
  const quotient = numerator / divisor;
  const odd = quotient * divisor === numerator ? quotient : quotient | 1n;
  return {
    significand: a.significand < 0n !== b.significand < 0n ? -odd : odd,
    exponent: a.exponent - b.exponent - shift,
  };
}

/** The number in decimal, every digit. */
export function toDecimal({ significand, exponent }: Dyadic): string {
  if (exponent >= 0) return (significand << BigInt(exponent)).toString();
  // s / 2^k = s * 5^k / 10^k
  const digits = (absolute(significand) * 5n ** BigInt(-exponent)).toString().padStart(1 - exponent, '0');
  const fraction = digits.slice(exponent).replace(/0+$/, '');
  return `${significand < 0n ? '-' : ''}${digits.slice(0, exponent)}${fraction === '' ? '' : `.${fraction}`}`;
}

/**
 * A number other than zero as +-(1 + fraction) * 2^exponent; `fraction` keeps 52 bits, the last one set when bits were
 * cut ("round to odd").
 */
export interface Parts {
  readonly negative: boolean;
  readonly exponent: number;
  readonly fraction: number;
}

/** Sign, power of two and fraction of a value. */
export function partsOf({ significand, exponent }: Dyadic): Parts {
  const magnitude = absolute(significand);
  const length = bitLength(magnitude);
  const excess = length - 53;
  let kept = magnitude;
  if (excess > 0) {
    kept = magnitude >> BigInt(excess);
    if (kept << BigInt(excess) !== magnitude) kept |= 1n;
  } else kept <<= BigInt(-excess);
  return {
    negative: significand < 0n,
    exponent: exponent + length - 1,
    fraction: Number(kept - (1n << 52n)) * powerOfTwo(-52),
  };
}
