// What every number format can do.

import { exponentOf, powerOfTwo } from './double.js';
import { fromNumber, partsOf, type Dyadic } from './dyadic.js';
import type { Rounding } from './rounding.js';

/** A number format: a map between codes (unsigned integers of `bits` bits) and real values. */
export interface NumberFormat {
  readonly name: string;
  /** Width of a code, at most 32. */
  readonly bits: number;
  /** Whether a code means "not a number" (NaN, NaR). Where none does, `encode(NaN)` throws a RangeError. */
  readonly hasNaN: boolean;
  /** The value of a code: exact where a double holds it, otherwise the nearest double. */
  readonly decode: (code: number) => number;
  /** The code for a value, rounded once. The default is `nearest-even`. */
  readonly encode: (value: number, rounding?: Rounding) => number;
  /** A fast way to the nearest-even codes of an array, where the format has one. */
  readonly encodeFloat32?: (values: Float32Array) => Uint32Array;
}

/** A format whose finite values are dyadic rationals. */
export interface DyadicFormat extends NumberFormat {
  /** The exact value of a code; undefined for infinities, NaN and NaR. */
  readonly decodeExact: (code: number) => Dyadic | undefined;
  /** The code for an exact value of any size, rounded once. */
  readonly encodeExact: (value: Dyadic, rounding?: Rounding) => number;
}

/** How a format codes finite numbers other than zero. */
export type MagnitudeEncoder = (negative: boolean, exponent: number, fraction: number, rounding: Rounding) => number;

/** Encodes a finite double other than zero by its sign, exponent and fraction. */
export function encodeDouble(encode: MagnitudeEncoder, value: number, rounding: Rounding): number {
  const exponent = exponentOf(value);
  return encode(value < 0, exponent, Math.abs(value) / powerOfTwo(exponent) - 1, rounding);
}

/** Encodes a dyadic number other than zero by its sign, exponent and fraction. */
export function encodeDyadic(encode: MagnitudeEncoder, value: Dyadic, rounding: Rounding): number {
  const { negative, exponent, fraction } = partsOf(value);
  return encode(negative, exponent, fraction, rounding);
}

/** The exact value of a decoded double; undefined where it is not finite. */
export const exactOrUndefined = (value: number): Dyadic | undefined =>
  Number.isFinite(value) ? fromNumber(value) : undefined;

/** A code as a two's complement integer of `bits` bits. */
export const toSigned = (code: number, bits: number): number => (code >= 2 ** (bits - 1) ? code - 2 ** bits : code);

/** A two's complement integer as an unsigned code. */
export const toUnsigned = (value: number, bits: number): number => (value < 0 ? value + 2 ** bits : value);

/** For formats without a code for NaN. @throws RangeError */
export function refuseNaN(name: string): never {
  throw new RangeError(`${name}: NaN has no code`);
}

/** Checks a format's parameter. @throws RangeError for what is no integer of the range */
export function requireInteger(what: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new RangeError(`${what} is ${value}, expected an integer from ${least} to ${most}`);
}
