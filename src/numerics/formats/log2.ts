// Binary logarithms and powers decided exactly: doubles first, 192-bit integers where a rounding edge is near.

import { bitLength, type Dyadic } from './dyadic.js';

/** Bits after the point in the integer powers. */
const PRECISION = 192;
/** Bound on the error of `powerOfFraction` in its last places: one for each of at most 40 factors and roots. */
const UNSURE = 1n << 10n;

/** 2^(2^-i), i = 0, 1, ..., by repeated square roots. */
const roots: bigint[] = [2n << BigInt(PRECISION)];

function root(i: number): bigint {
  while (roots.length <= i) roots.push(squareRoot(roots[roots.length - 1]! << BigInt(PRECISION)));
  return roots[i]!;
}

/** floor(sqrt(n)) by Newton's method. */
function squareRoot(n: bigint): bigint {
  let x = 1n << BigInt((bitLength(n) + 1) >> 1);
  for (;;) {
    const next = (x + n / x) >> 1n;
    if (next >= x) return x;
    x = next;
  }
}

/** 2^(numerator / 2^bits) for 0 <= numerator < 2^bits, times 2^192; at most 2^10 below the true value. */
function powerOfFraction(numerator: number, bits: number): bigint {
  let product = 1n << BigInt(PRECISION);
  let rest = numerator;
  for (let i = bits; rest > 0; i--) {
    if (rest % 2 === 1) product = (product * root(i)) >> BigInt(PRECISION);
    rest = Math.floor(rest / 2);
  }
  return product;
}

/**
 * 2^(exponent + numerator / 2^bits), off by less than one part in 2^180: rounding it to any format here is right,
 * because the value is irrational unless the numerator is 0.
 */
export function powerOfTwoExact(exponent: number, numerator: number, bits: number): Dyadic {
  if (numerator === 0) return { significand: 1n, exponent };
  return { significand: powerOfFraction(numerator, bits) | 1n, exponent: exponent - PRECISION };
}

/** Fraction bits to which logarithms are decided. */
export const LOG_BITS = 40;
const LOG_STEPS = 2 ** LOG_BITS;
/** A double's logarithm times 2^40 is off by less than 2^-10. */
const EDGE = 1 / 64;

/**
 * log2(1 + fraction) in [0, 1): 0 exactly for 0, otherwise the floor in steps of 2^-40 plus half a step, which stands
 * for "more than the floor" (the value is irrational).
 * @param fraction fraction of a double, in [0, 1)
 */
export function logOfFraction(fraction: number): number {
  if (fraction === 0) return 0;
  const scaled = Math.log2(1 + fraction) * LOG_STEPS;
  const near = Math.round(scaled);
  if (Math.abs(scaled - near) > EDGE) return (Math.floor(scaled) + 0.5) / LOG_STEPS;
  return decided(near, BigInt((1 + fraction) * 2 ** 52));
}

/** As `logOfFraction` for the significand of an exact number, scaled to [1, 2). */
export function logOfSignificand(significand: bigint): number {
  const magnitude = significand < 0n ? -significand : significand;
  const excess = bitLength(magnitude) - 53;
  if (excess <= 0) return logOfFraction(Number(magnitude << BigInt(-excess)) / 2 ** 52 - 1);
  const scaled = Math.log2(Number(magnitude >> BigInt(excess)) / 2 ** 52) * LOG_STEPS;
  if (magnitude === 1n << BigInt(excess + 52)) return 0;
  return decided(Math.round(scaled), magnitude);
}

/** The floor is `near` or `near - 1`: compares the significand with 2^(near / 2^40). */
function decided(near: number, significand: bigint): number {
  if (near <= 0) return 0.5 / LOG_STEPS;
  const shift = PRECISION - bitLength(significand) + 1;
  const aligned = shift >= 0 ? significand << BigInt(shift) : significand >> BigInt(-shift);
  const edge = near === LOG_STEPS ? 2n << BigInt(PRECISION) : powerOfFraction(near, LOG_BITS);
  const gap = aligned - edge;
  if (near !== LOG_STEPS && gap > -UNSURE && gap < UNSURE)
    throw new Error('log2: a significand lies within 2^-180 of an irrational edge');
  return (gap >= 0n ? near + 0.5 : near - 0.5) / LOG_STEPS;
}
