// Logarithmic quantization with shared full scale (LogNet): powers of 2 or of sqrt 2, and dot products by shifts.
// Miyashita et al. 2016, arXiv 1603.01025.

import { exponentOf, powerOfTwo } from './double.js';
import { toNumber, type Dyadic } from './dyadic.js';
import { refuseNaN, requireInteger, type NumberFormat } from './format.js';
import { logOfFraction, powerOfTwoExact } from './log2.js';
import { clamp } from './fixed-point.js';
import { roundMagnitude, roundsAway, type Rounding } from './rounding.js';

/** A logarithmic quantizer with its full scale. */
export interface LogQuantOptions {
  /** Width of the exponent field, without the sign. */
  readonly bits: number;
  /** log2 of the full scale: the largest exponent, in octaves. */
  readonly fullScale: number;
  /** 1: base 2. 2: base sqrt 2. In general base 2^(1/n), n a power of two. */
  readonly stepsPerOctave?: 1 | 2 | 4 | 8;
  /**
   * `paper`: the least exponent is the largest less 2^bits steps, 2^bits + 1 levels and no room for zero. `codes`: one
   * step more, 2^bits levels. `codes-and-zero`: two steps more, so that zero has a code.
   */
  readonly levels?: 'paper' | 'codes' | 'codes-and-zero';
}

/**
 * Round(stepsPerOctave * log2|x|), exactly; undefined for 0. Infinite for infinities. There is no tie: an edge is
 * irrational.
 */
export function logExponent(x: number, stepsPerOctave = 1, rounding: Rounding = 'nearest-even'): number | undefined {
  if (x === 0 || Number.isNaN(x)) return undefined;
  if (!Number.isFinite(x)) return Infinity;
  const exponent = exponentOf(x);
  const steps = logOfFraction(Math.abs(x) / powerOfTwo(exponent) - 1) * stepsPerOctave;
  const floor = Math.floor(steps);
  return exponent * stepsPerOctave + floor + (roundsAway(floor % 2 === 1, steps - floor, x < 0, rounding) ? 1 : 0);
}

const leastOf = (most: number, bits: number, levels: NonNullable<LogQuantOptions['levels']>): number =>
  most - 2 ** bits + { paper: 0, codes: 1, 'codes-and-zero': 2 }[levels];

/** Clip(Round(log_base|x|)): the exponent in steps; undefined for 0. @throws RangeError for NaN */
export function logQuantExponent(
  x: number,
  { bits, fullScale, stepsPerOctave = 1, levels = 'paper' }: LogQuantOptions,
  rounding?: Rounding,
): number | undefined {
  if (Number.isNaN(x)) return refuseNaN('logQuant');
  const steps = logExponent(x, stepsPerOctave, rounding);
  const most = fullScale * stepsPerOctave;
  return steps === undefined ? undefined : clamp(steps, leastOf(most, bits, levels), most);
}

/** LogQuant(x, bits, FSR) = sign(x) 2^Clip(Round(log2|x|), FSR - 2^bits, FSR), 0 for 0 (equation 3 there). */
export function logQuant(x: number, options: LogQuantOptions, rounding?: Rounding): number {
  const steps = logQuantExponent(x, options, rounding);
  if (steps === undefined) return 0;
  const magnitude = logValue(steps, options.stepsPerOctave ?? 1);
  return x < 0 ? -magnitude : magnitude;
}

/** 2^(steps / stepsPerOctave), the nearest double. */
export function logValue(steps: number, stepsPerOctave: number): number {
  const exponent = Math.floor(steps / stepsPerOctave);
  return toNumber(powerOfTwoExact(exponent, steps - exponent * stepsPerOctave, Math.log2(stepsPerOctave)));
}

/**
 * LinearQuant(x, bits, FSR) = Clip(Round(x / step) step, 0, 2^FSR), step = 2^(FSR - bits); with `signed` the sign is
 * kept.
 */
export function linearQuant(
  x: number,
  {
    bits,
    fullScale,
    signed,
    rounding = 'nearest-even',
  }: { readonly bits: number; readonly fullScale: number; readonly signed: boolean; readonly rounding?: Rounding },
): number {
  if (Number.isNaN(x)) return refuseNaN('linearQuant');
  if (!signed && x <= 0) return 0;
  const step = 2 ** (fullScale - bits);
  const full = 2 ** fullScale;
  const magnitude =
    Math.abs(x) >= full ? full : clamp(roundMagnitude(Math.abs(x) / step, x < 0, rounding) * step, 0, full);
  return x < 0 && magnitude !== 0 ? -magnitude : magnitude;
}

/**
 * A log format with codes: a sign bit (if signed), then 0 for zero and 1 .. 2^bits - 1 for exponents from the least to
 * the largest.
 */
export function logFormat({
  signed = true,
  ...options
}: Omit<LogQuantOptions, 'levels'> & { readonly signed?: boolean }): NumberFormat {
  const { bits, fullScale, stepsPerOctave = 1 } = options;
  requireInteger('log format: bits', bits, 1, 16);
  requireInteger('log format: fullScale', fullScale, -900, 900);
  const name = `log${bits}@${fullScale}${stepsPerOctave === 1 ? '' : `/${stepsPerOctave}`}${signed ? '' : ' unsigned'}`;
  const sign = 2 ** bits;
  const least = leastOf(fullScale * stepsPerOctave, bits, 'codes-and-zero');
  return {
    name,
    bits: bits + (signed ? 1 : 0),
    hasNaN: false,
    decode(code) {
      const field = code % sign;
      if (field === 0) return 0;
      const magnitude = logValue(field - 1 + least, stepsPerOctave);
      return code >= sign ? -magnitude : magnitude;
    },
    encode(value, rounding = 'nearest-even') {
      if (Number.isNaN(value)) return refuseNaN(name);
      if (value < 0 && !signed) return 0;
      const steps = logQuantExponent(value, { ...options, levels: 'codes-and-zero' }, rounding);
      return steps === undefined ? 0 : steps - least + 1 + (value < 0 ? sign : 0);
    },
  };
}

/** Sum of x_i 2^(w_i): one side logarithmic, shifts of integers or dyadic numbers. `sign` 0 marks a zero weight. */
export function shiftDot(x: readonly Dyadic[], exponents: ArrayLike<number>, signs: ArrayLike<number>): Dyadic {
  const last = x.reduce(
    (least, value, i) => (signs[i] === 0 ? least : Math.min(least, value.exponent + exponents[i]!)),
    0,
  );
  let sum = 0n;
  x.forEach((value, i) => {
    if (signs[i] !== 0)
      sum += (signs[i]! < 0 ? -value.significand : value.significand) << BigInt(value.exponent + exponents[i]! - last);
  });
  return { significand: sum, exponent: last };
}

/** Sum of sign_i 2^(w_i + x_i): both sides logarithmic, shift and accumulate, exact. Sign 0 marks a zero operand. */
export const logDot = (w: ArrayLike<number>, x: ArrayLike<number>, signs: ArrayLike<number>): Dyadic =>
  shiftDot(
    Array.from(x, (exponent) => ({ significand: 1n, exponent })),
    w,
    signs,
  );

/**
 * Both sides in steps of sqrt 2: sum = even + odd sqrt 2, two accumulators and one constant multiplication (exact
 * parts).
 */
export function rootTwoDot(
  w: ArrayLike<number>,
  x: ArrayLike<number>,
  signs: ArrayLike<number>,
): { even: Dyadic; odd: Dyadic } {
  const part = (parity: number): Dyadic => {
    const kept = Array.from(w, (steps, i) => steps + x[i]!);
    const halves = kept.map((steps) => Math.floor(steps / 2));
    return logDot(
      halves,
      halves.map(() => 0),
      kept.map((steps, i) => (steps - 2 * Math.floor(steps / 2) === parity ? signs[i]! : 0)),
    );
  };
  return { even: part(0), odd: part(1) };
}
