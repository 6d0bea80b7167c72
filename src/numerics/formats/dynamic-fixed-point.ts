// Dynamic fixed point: integers that share one exponent per tensor, chosen by range or by overflow rate; int32 sums;
// requantization by shifts.

import { ceilLog2, scale } from './double.js';
import { clamp, roundScaled } from './fixed-point.js';
import { requireInteger, refuseNaN } from './format.js';
import { roundMagnitude, type Rounding } from './rounding.js';
import type { ExponentRule } from '../quantizers/names.js';

/** How integers and their shared exponent are chosen. */
export interface DynamicFixedPointOptions {
  /** All bits, the sign included; 2 to 32. */
  readonly bits: number;
  readonly rule?: ExponentRule;
  /** For `overflow-rate`; default 1e-4. */
  readonly maxOverflowRate?: number;
  /** Fixes the exponent instead of choosing it. */
  readonly fractionBits?: number;
  readonly rounding?: Rounding;
}

/** Integers with a shared exponent: value = integer * 2^-fractionBits. */
export interface DynamicFixedPoint {
  readonly bits: number;
  readonly fractionBits: number;
  readonly integers: Int32Array;
  /** Values that were clamped. */
  readonly saturated: number;
}

const DEFAULT_OVERFLOW_RATE = 1e-4;

/** Largest magnitude; 0 for none. @throws RangeError for NaN and infinities */
export function maxMagnitude(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    const magnitude = Math.abs(values[i]!);
    if (!(magnitude < Infinity)) throw new RangeError(`value ${i} is ${values[i]!}, expected finite numbers`);
    if (magnitude > most) most = magnitude;
  }
  return most;
}

/** The shared exponent for values. All zero or none: bits - 1. @throws RangeError for NaN and infinities */
export function chooseFractionBits(
  values: ArrayLike<number>,
  {
    bits,
    rule = 'range',
    maxOverflowRate = DEFAULT_OVERFLOW_RATE,
    rounding = 'nearest-even',
  }: DynamicFixedPointOptions,
): number {
  const most = maxMagnitude(values);
  if (most === 0) return bits - 1;
  const byRange = bits - 1 - ceilLog2(most);
  if (rule === 'range') return byRange;
  if (rule === 'ristretto-activations') return byRange + 1;
  // A value that stochastic rounding may take beyond the range counts as saturated.
  const worst: Rounding = typeof rounding === 'object' ? { random: () => 0 } : rounding;
  const allowed = rule === 'no-saturation' ? 0 : maxOverflowRate * values.length;
  // Just above a negative power of two the largest magnitude still rounds to the least integer.
  let fractionBits = byRange - 1;
  while (fractionBits < byRange + bits && saturations(values, bits, fractionBits + 1, worst) <= allowed) fractionBits++;
  return fractionBits;
}

function saturations(values: ArrayLike<number>, bits: number, fractionBits: number, rounding: Rounding): number {
  const limit = 2 ** (bits - 1);
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const integer = roundScaled(values[i]!, fractionBits, rounding);
    if (integer >= limit || integer < -limit) count++;
  }
  return count;
}

/**
 * Quantizes values: clamp(round(x * 2^fractionBits)). An empty tensor gives no integers. @throws RangeError for NaN,
 * and for infinities unless the exponent is given
 */
export function toDynamicFixedPoint(values: ArrayLike<number>, options: DynamicFixedPointOptions): DynamicFixedPoint {
  const { bits, rounding = 'nearest-even' } = options;
  requireInteger('dynamic fixed point: bits', bits, 2, 32);
  return toIntegers(values, {
    bits,
    rounding,
    fractionBits: options.fractionBits ?? chooseFractionBits(values, options),
  });
}

/** Integers of a known exponent, of 1 to 32 bits. @throws RangeError for NaN */
export function toIntegers(
  values: ArrayLike<number>,
  {
    bits,
    fractionBits,
    rounding,
  }: { readonly bits: number; readonly fractionBits: number; readonly rounding: Rounding },
): DynamicFixedPoint {
  const most = 2 ** (bits - 1) - 1;
  const integers = new Int32Array(values.length);
  let saturated = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]!)) refuseNaN('dynamic fixed point');
    const integer = roundScaled(values[i]!, fractionBits, rounding);
    if (integer > most || integer < -most - 1) saturated++;
    integers[i] = clamp(integer, -most - 1, most);
  }
  return { bits, fractionBits, integers, saturated };
}

/** The values: integers times 2^-fractionBits. */
export const fromDynamicFixedPoint = ({ integers, fractionBits }: DynamicFixedPoint): Float64Array =>
  Float64Array.from(integers, (integer) => (integer === 0 ? 0 : scale(integer, -fractionBits)));

/**
 * One update of a running exponent, to be called every some batches: one bit less after the point if too many values
 * overflow, one more if even then few would, else the same.
 * A value overflows where |x| reaches the largest magnitude (Courbariaux, Bengio and David 2014, section 5; theirs is
 * the range, the negative of ours).
 */
export function updateFractionBits(
  values: ArrayLike<number>,
  bits: number,
  fractionBits: number,
  maxOverflowRate = DEFAULT_OVERFLOW_RATE,
): number {
  const rate = (candidate: number): number => {
    const most = scale(2 ** (bits - 1) - 1, -candidate);
    let count = 0;
    for (let i = 0; i < values.length; i++) if (Math.abs(values[i]!) >= most) count++;
    return values.length === 0 ? 0 : count / values.length;
  };
  if (rate(fractionBits) > maxOverflowRate) return fractionBits - 1;
  return rate(fractionBits + 1) > maxOverflowRate ? fractionBits : fractionBits + 1;
}

/** A dot product in an int32 register. */
export interface Int32Dot {
  readonly sum: number;
  /** Additions that left the register's range. */
  readonly overflows: number;
}

/**
 * Sum of a_i b_i from `start`, in 32 bits that wrap or saturate. Its exponent is the sum of the operands'. Integers of
 * 16 bits or fewer. @throws RangeError for vectors of unlike length
 */
export function dotInt32(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  start = 0,
  overflow: 'wrap' | 'saturate' = 'saturate',
): Int32Dot {
  if (a.length !== b.length) throw new RangeError(`dot product of ${a.length} and ${b.length} integers`);
  let sum = start;
  let overflows = 0;
  for (let i = 0; i < a.length; i++) {
    const next = sum + a[i]! * b[i]!;
    sum = next | 0;
    if (sum !== next) {
      overflows++;
      if (overflow === 'saturate') sum = next > 0 ? 0x7fffffff : -0x80000000;
    }
  }
  return { sum, overflows };
}

/**
 * clamp(round(sum / 2^shift)) to `bits`: from exponent fl_a + fl_b to fl_out, shift = fl_a + fl_b - fl_out. `half-up`
 * is the adder-and-shift of hardware. A negative shift multiplies.
 */
export function requantize(sum: number, shift: number, bits: number, rounding: Rounding = 'half-up'): number {
  const limit = 2 ** (bits - 1);
  const magnitude = Math.abs(scale(sum, -shift));
  const rounded = magnitude >= 2 ** 52 ? magnitude : roundMagnitude(magnitude, sum < 0, rounding);
  return clamp(sum < 0 && rounded !== 0 ? -rounded : rounded, -limit, limit - 1);
}
