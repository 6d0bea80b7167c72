// Powers of two (or of roots of two) as levels.

import { maxMagnitude } from '../formats/dynamic-fixed-point.js';
import { logExponent, logValue } from '../formats/log-quant.js';
import { constantCodebook, nearestCodebook, requireLevels, type Codebook } from './codebook.js';

/** Levels that are powers of a base. */
export interface LogarithmicOptions {
  /** Bits of a code, the sign included; 2 to 16. */
  readonly bits: number;
  /** 1: powers of 2; 2: of sqrt 2; 4 and 8: finer. */
  readonly stepsPerOctave?: 1 | 2 | 4 | 8;
  /**
   * `logarithmic`: nearest exponent, and nothing but 0 becomes 0 (LogQuant, Miyashita et al. 2016). `linear`: nearest
   * value.
   */
  readonly rounding?: 'logarithmic' | 'linear';
}

/**
 * 0 and signed powers of 2^(1/steps), the largest at the rounded logarithm of max|x|. 0 is always a level. @throws
 * RangeError for bits out of range
 */
export function logarithmicCodebook(
  values: ArrayLike<number>,
  { bits, stepsPerOctave = 1, rounding = 'logarithmic' }: LogarithmicOptions,
): Codebook {
  if (!Number.isInteger(bits) || bits < 2 || bits > 16)
    throw new RangeError(`logarithmic codebook of ${bits} bits; expected an integer from 2 to 16`);
  requireLevels(2 ** bits - 1);
  const rounded = logExponent(maxMagnitude(values), stepsPerOctave);
  if (rounded === undefined) return constantCodebook();
  // 2^1024 is no double.
  const top = Math.min(rounded, 1024 * stepsPerOctave - 1);
  const number = 2 ** (bits - 1) - 1;
  const steps = Array.from({ length: number }, (_, i) => top - number + 1 + i);
  const powers = steps.map((step) => logValue(step, stepsPerOctave)).filter((power) => power > 0);
  const nearest = nearestCodebook([...powers.map((power) => -power), 0, ...powers]);
  if (rounding === 'linear') return nearest;
  const borders = steps.slice(steps.length - powers.length, -1).map((step) => between(step, stepsPerOctave));
  return {
    levels: nearest.levels,
    thresholds: Float64Array.from([
      ...borders.map(([, above]) => -above).reverse(),
      -Number.MIN_VALUE,
      0,
      ...borders.map(([below]) => below),
    ]),
  };
}

/** The doubles next to the irrational border between two steps. */
function between(step: number, stepsPerOctave: number): [below: number, above: number] {
  const near = logValue(step, stepsPerOctave) * 2 ** (0.5 / stepsPerOctave);
  const ulp = near * 2 ** -53;
  const candidates = [near - 2 * ulp, near - ulp, near, near + ulp, near + 2 * ulp];
  const above = candidates.find((x) => logExponent(x, stepsPerOctave)! > step) ?? near + 4 * ulp;
  const below = candidates.findLast((x) => logExponent(x, stepsPerOctave)! <= step) ?? near - 4 * ulp;
  return [below, above];
}
