// The bit string of posits: regime, exponent, fraction. Shared by posits and tapered log numbers.

import { roundsAway, type Rounding } from './rounding.js';

/**
 * What becomes of magnitudes below the least one (minpos).
 * - `never-zero`: minpos (Posit Standard 2022).
 * - `half-minpos`: nearest of 0 and minpos, the tie to 0.
 * - `truncate`: 0.
 */
export type Underflow = 'never-zero' | 'half-minpos' | 'truncate';

/** Sizes of a tapered string: `width` is the format's width less the sign. */
export interface TaperedShape {
  readonly width: number;
  readonly exponentBits: number;
  readonly underflow: Underflow;
}

/** 2^(exponent + fraction) or 2^exponent (1 + fraction), as the format reads it. */
export interface Tapered {
  readonly exponent: number;
  /** Fraction field, left-aligned: in [0, 1). */
  readonly fraction: number;
}

/** Reads a string other than zero. Missing exponent and fraction bits are 0. */
export function readTapered(body: number, { width, exponentBits }: TaperedShape): Tapered {
  const aligned = (body << (32 - width)) | 0;
  const ones = aligned < 0;
  // The run of equal bits, at most `width` long.
  const run = Math.min(width, Math.clz32(ones ? ~aligned : aligned));
  const regime = ones ? run - 1 : -run;
  const left = Math.max(0, width - run - 1);
  const rest = body % 2 ** left;
  const fractionBits = Math.max(0, left - exponentBits);
  const exponent = left >= exponentBits ? Math.floor(rest / 2 ** fractionBits) : rest * 2 ** (exponentBits - left);
  return { exponent: regime * 2 ** exponentBits + exponent, fraction: (rest % 2 ** fractionBits) / 2 ** fractionBits };
}

/**
 * Where exponent bits are cut, a fraction only says that something is left: kept this far from 0 and 1, it is neither
 * lost nor rounded up beside up to 20 exponent bits.
 */
const TRACE = 2 ** -20;
const trace = (fraction: number): number => (fraction === 0 ? 0 : Math.min(Math.max(fraction, TRACE), 1 - TRACE));

/**
 * The string for a magnitude, rounded on the bit string (that is, against the string of one more bit), never beyond the
 * largest one.
 * Directed rules keep their side but for `never-zero` and the largest magnitude.
 */
export function writeTapered(
  shape: TaperedShape,
  {
    negative,
    exponent,
    fraction,
  }: { readonly negative: boolean; readonly exponent: number; readonly fraction: number },
  rounding: Rounding,
): number {
  const { width, exponentBits } = shape;
  const step = 2 ** exponentBits;
  const regime = Math.floor(exponent / step);
  if (regime >= width - 1) return 2 ** width - 1;
  if (regime < 1 - width) return belowLeast(shape, { negative, exponent, fraction }, rounding);
  const left = regime >= 0 ? width - regime - 2 : width + regime - 1;
  let code = regime >= 0 ? 2 ** width - 2 ** (left + 1) : 2 ** left;
  const low = exponent - regime * step;
  let rest: number;
  if (left >= exponentBits) {
    const scaled = fraction * 2 ** (left - exponentBits);
    const kept = Math.floor(scaled);
    code += low * 2 ** (left - exponentBits) + kept;
    rest = scaled - kept;
  } else {
    const cut = 2 ** (exponentBits - left);
    const kept = Math.floor(low / cut);
    code += kept;
    rest = (low - kept * cut + trace(fraction)) / cut;
  }
  return roundsAway(code % 2 === 1, rest, negative, rounding) ? code + 1 : code;
}

function belowLeast(
  { width, exponentBits, underflow }: TaperedShape,
  {
    negative,
    exponent,
    fraction,
  }: { readonly negative: boolean; readonly exponent: number; readonly fraction: number },
  rounding: Rounding,
): number {
  if (underflow === 'never-zero') return 1;
  if (underflow === 'truncate') return 0;
  // Distance from 0 in steps of minpos.
  const rest =
    (1 + Math.max(fraction, fraction > 0 ? TRACE : 0)) * 2 ** Math.max(-64, exponent + (width - 1) * 2 ** exponentBits);
  return roundsAway(false, rest, negative, rounding) ? 1 : 0;
}
