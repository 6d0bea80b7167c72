// Dynamic fixed point: a power of two a tensor (or channel), integers of some bits (golden rules: fl = bits - 1 -
// ceil(log2 max|x|), ties to even; results of sums are rounded half up, as a shift does).

import { roundToEven } from '../operators/quantize.js';
import type { Numbers } from '../operators/values.js';

/** Most fraction bits, so that products of grids and their inverses are doubles; what is smaller stands as 0. */
const MOST_FRACTION = 500;

/** Fraction bits of numbers up to `largest` in integers of `bits` bits, sign included; of zeros alone: bits - 1. */
export const fractionBits = (largest: number, bits: number): number =>
  largest === 0 ? bits - 1 : Math.min(MOST_FRACTION, bits - 1 - Math.ceil(Math.log2(largest)));

/** Powers of two of all exponents that a double has, by exponent + 1074. */
const POWERS = Float64Array.from({ length: 1074 + 1024 }, (_, i) => 2 ** (i - 1074));
const power = (exponent: number): number => POWERS[exponent + 1074] ?? 2 ** exponent;

/** The nearest integer of x 2^fraction, ties to even, cut to `bits` bits. */
export function toInteger(x: number, fraction: number, bits: number): number {
  const most = power(bits - 1) - 1;
  const level = roundToEven(x * power(fraction));
  return level > most ? most : level < -most - 1 ? -most - 1 : level;
}

/** Adding and taking off this number rounds what is below 2^51 to the nearest whole number, ties to even. */
const ROUNDER = 1.5 * 2 ** 52;

/** `toInteger` of the first `out.length` numbers. */
export function toIntegers(x: Numbers, fraction: number, bits: number, out: Int32Array): void {
  const most = power(bits - 1) - 1;
  const least = -most - 1;
  const scale = power(fraction);
  for (let i = 0; i < out.length; i++) {
    const level = x[i]! * scale;
    out[i] = (level > most ? most : level < least ? least : level) + ROUNDER - ROUNDER;
  }
}

/** Sums brought to a grid as integer hardware does: half is added, the rest is shifted away; cut to `bits` bits. */
export function shiftAll(x: Numbers, fraction: number, bits: number, out: Numbers): void {
  const most = power(bits - 1) - 1;
  const least = -most - 1;
  const [scale, unit] = [power(fraction), power(-fraction)];
  for (let i = 0; i < out.length; i++) {
    const level = Math.floor(x[i]! * scale + 0.5);
    out[i] = (level > most ? most : level < least ? least : level) * unit;
  }
}

/** Numbers to the nearest of a grid, ties to even, cut to `bits` bits, to `out`. */
export function roundAll(x: Numbers, fraction: number, bits: number, out: Numbers): void {
  const unit = power(-fraction);
  for (let i = 0; i < out.length; i++) out[i] = toInteger(x[i]!, fraction, bits) * unit;
}

/** Largest magnitude. */
export function largestOf(data: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < data.length; i++) {
    const size = Math.abs(data[i]!);
    if (size > most) most = size;
  }
  return most;
}
