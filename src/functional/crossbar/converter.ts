// Converters of lines (analog-to-digital, integrate&fire counters, spin neurons): range, steps, errors.

import { spinNeuronThresholds } from '../../estimators/index.js';
import type { ConverterOptions } from './options.js';
import { NormalStream, uniformStream } from './streams.js';

/** Least and largest sum that a line can have, or had: level units. */
export interface SumRange {
  readonly least: number;
  readonly most: number;
}

/**
 * Steps of converters: a sum y gives the code nearest to (y - least) / step, from 0 to `last`, and counts as
 * least + step code. `last` 0: sums pass as they are.
 */
export interface Steps {
  readonly least: number;
  readonly step: number;
  readonly last: number;
}

/** How an integrate&fire circuit counts: charge below one spike is lost; a rounding error of sums is none. */
export const FIRE = 0.5 - 2 ** -10;

const UNQUANTIZED: Steps = { least: 0, step: 1, last: 0 };

/** Sums of a slice's lines: those that can be, and those that calibration saw (null before). */
export interface SliceSums {
  readonly possible: SumRange;
  readonly seen: SumRange | null;
  /** They are whole numbers of level units, but for noise of reads. */
  readonly whole: boolean;
}

/** Share of a step that the rounding of doubles may take. */
const ROUNDING = 1e-9;

/** Steps of the converters of one slice. @param slice which of the given ranges */
export function converterSteps(
  { bits, range, zeroIsLevel }: ConverterOptions,
  { possible, seen, whole }: SliceSums,
  slice: number,
): Steps {
  if (bits === undefined) return UNQUANTIZED;
  const codes = 2 ** bits - 1;
  if (typeof range !== 'string') {
    const [least, most] = range[Math.min(slice, range.length - 1)]!;
    const last = zeroIsLevel ? codes - 1 : codes;
    return { least, step: (most - least) / last, last };
  }
  const signed = possible.least < 0;
  if (range === 'unit' || range === 'granular')
    return { least: signed ? -Math.floor(codes / 2) : 0, step: 1, last: codes };
  const { least, most } = range === 'calibrated' && seen !== null ? seen : possible;
  const symmetric = signed && range === 'full';
  const low = symmetric ? -Math.max(-least, most) : whole ? Math.floor(least) : least;
  // One step of room, so that zero can be a code: a sum of 0 else lies on a tie, or counts as part of a step.
  const zero = zeroIsLevel && low < 0 && bits > 1;
  const taken = zero ? codes - 1 : codes;
  // Steps finer than a level would tell nothing more of whole numbers.
  const step = Math.max(whole ? 1 : 0, ((symmetric ? -low : most) - low) / taken) || 1;
  return { least: zero ? -step * Math.ceil(-low / step - ROUNDING) : low, step, last: symmetric ? taken : codes };
}

/** Errors of the converters of lines: gain and offset in steps, integral non-linearity as a bow and an S. */
export interface ConverterErrors {
  readonly gain: Float64Array;
  readonly offset: Float64Array;
  /** Steps at the middle of the range, and at the ends of the S. */
  readonly bow: Float64Array;
  readonly curve: Float64Array;
}

/**
 * Draws the errors of every converter; `converters` gives the converter of each line. Null where all are ideal.
 * @param name layer, tile and direction
 */
export function converterErrors(
  { offset, gain, inl }: ConverterOptions,
  converters: Int32Array,
  seed: number,
  name: readonly (string | number)[],
): ConverterErrors | null {
  if (offset === 0 && gain === 0 && inl === 0) return null;
  const count = converters.length;
  const errors = {
    gain: new Float64Array(count),
    offset: new Float64Array(count),
    bow: new Float64Array(count),
    curve: new Float64Array(count),
  };
  const drawn = new Map<number, readonly [number, number, number, number]>();
  for (let line = 0; line < count; line++) {
    const converter = converters[line]!;
    let own = drawn.get(converter);
    if (own === undefined) {
      const normal = new NormalStream(seed, 'converter', ...name, converter);
      const angle = 2 * Math.PI * uniformStream(seed, 'inl', ...name, converter).double();
      const [bow, curve] = [Math.cos(angle), Math.sin(angle)];
      const most = inl / largestNonLinearity(bow, curve);
      own = [gain * normal.next(), offset * normal.next(), most * bow, most * curve];
      drawn.set(converter, own);
    }
    [errors.gain[line], errors.offset[line], errors.bow[line], errors.curve[line]] = own;
  }
  return errors;
}

/** Scales that make the bow and the S one at their largest: 4 u (1 - u), and u (1 - u) (2 u - 1). */
export const BOW = 4;
/** The second of them: the largest value of u (1 - u) (2 u - 1) is 1 / (6 sqrt 3). */
export const CURVE = 6 * Math.sqrt(3);

/** Where a converter reads z (in steps from its least code) on a range of `last` steps. */
export function nonLinear(z: number, last: number, bow: number, curve: number): number {
  const u = z / last;
  const inside = u * (1 - u);
  return inside <= 0 ? z : z + inside * (BOW * bow + CURVE * curve * (2 * u - 1));
}

/**
 * The largest size of a bow and an S together, in steps: of (1 - t^2) (bow + k curve t), t = 2 u - 1 from -1 to 1,
 * whose slope is 0 where 3 k curve t^2 + 2 bow t = k curve.
 */
function largestNonLinearity(bow: number, curve: number): number {
  const slope = (CURVE / BOW) * curve;
  const root = Math.hypot(bow, Math.sqrt(3) * slope);
  // The root of smaller size in the form that divides by no small number; the product of both is -1/3.
  const near = slope / (bow + (bow < 0 ? -root : root));
  const far = -1 / (3 * near);
  const sizeAt = (t: number): number => Math.abs((1 - t * t) * (bow + slope * t));
  return Math.max(sizeAt(near), Math.abs(far) < 1 ? sizeAt(far) : 0);
}

/** A spin neuron's codes for sums: thresholds and values in shares of the range's half width, ascending. */
export interface SpinLevels {
  readonly thresholds: readonly number[];
  readonly values: readonly number[];
}

/**
 * Levels of a spin neuron of so many bits: outputs are equally spaced in (-1, 1) of a tanh; a level counts as the sum
 * that has its output, in shares of the sum that reaches the last one (SPINDLE, as we read it).
 */
export function spinLevels(bits: number): SpinLevels {
  const thresholds = spinNeuronThresholds(bits);
  const count = 2 ** bits;
  const sums = Array.from({ length: count }, (_, k) => Math.atanh((2 * k + 1) / count - 1));
  const scale = sums[count - 1]!;
  return { thresholds: thresholds.map((t) => t / scale), values: sums.map((s) => s / scale) };
}
