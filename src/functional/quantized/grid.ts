// Dynamic fixed point: a power of two a tensor (or channel), integers of some bits (golden rules: fl = bits - 1 -
// ceil(log2 max|x|), ties to even; results of sums are rounded half up, as a shift does).

import { roundToEven } from '../operators/quantize.js';

/** Fraction bits of numbers up to `largest` in integers of `bits` bits, sign included; of zeros alone: bits - 1. */
export const fractionBits = (largest: number, bits: number): number =>
  largest === 0 ? bits - 1 : bits - 1 - Math.ceil(Math.log2(largest));

/** The nearest integer of x 2^fraction, ties to even, cut to `bits` bits. */
export function toInteger(x: number, fraction: number, bits: number): number {
  const most = 2 ** (bits - 1) - 1;
  const level = roundToEven(x * 2 ** fraction);
  return level > most ? most : level < -most - 1 ? -most - 1 : level;
}

/** A sum brought to a grid as integer hardware does: half is added, the rest is shifted away; cut to `bits` bits. */
export function shifted(x: number, fraction: number, bits: number): number {
  const most = 2 ** (bits - 1) - 1;
  const level = Math.floor(x * 2 ** fraction + 0.5);
  return (level > most ? most : level < -most - 1 ? -most - 1 : level) * 2 ** -fraction;
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
