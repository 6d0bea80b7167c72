// Uniform quantizers: levels at equal distances.

import { powerOfSameSize } from '../formats/double.js';
import { constantCodebook, midpoint, nearestCodebook, requireLevels, type Codebook } from './codebook.js';
import { sortValues, type SortedValues } from './sorted.js';

/** What all quantizers take. */
export interface LevelOptions {
  /** Number of levels, 2^bits for codes of so many bits. */
  readonly levels: number;
  /** Whether 0 must be a level. */
  readonly zero?: boolean;
  /** Called again and again while levels are searched, for whoever shows progress. */
  readonly watch?: () => void;
}

const spread = (least: number, most: number, levels: number): Float64Array => {
  const step = levels === 1 ? 0 : (most - least) / (levels - 1);
  return Float64Array.from({ length: levels }, (_, i) =>
    levels === 1 ? least + (most - least) / 2 : i === levels - 1 ? most : least + i * step,
  );
};

/**
 * Levels from the least to the largest value. With `zero` the range is widened to hold 0 and the grid is moved by less
 * than half a step so that 0 is a level (an integer zero point).
 * All-equal values give that value, none give 0, one level gives the middle.
 */
export function minMaxCodebook(values: ArrayLike<number>, { levels, zero = false }: LevelOptions): Codebook {
  requireLevels(levels);
  if (values.length === 0) return constantCodebook();
  const { values: sorted } = sortValues(values);
  const [least, most] = [sorted[0]!, sorted[sorted.length - 1]!];
  if (!zero) return least === most ? constantCodebook(least) : nearestCodebook(spread(least, most, levels));
  const [low, high] = [Math.min(least, 0), Math.max(most, 0)];
  if (levels === 1 || low === high) return constantCodebook();
  const step = (high - low) / (levels - 1);
  // A range of few subnormals has no smaller steps.
  if (step === 0) return nearestCodebook([low, 0, high]);
  const zeroPoint = Math.round(-low / step);
  return nearestCodebook(Array.from({ length: levels }, (_, i) => (i - zeroPoint) * step));
}

/**
 * How a uniform grid lies: `symmetric`, 2^n - 1 levels about 0, which is one; `full`, 2^n levels about 0, which is none
 * of them.
 */
export type Grid = 'symmetric' | 'full';

const gridLevels = (levels: number, grid: Grid): number =>
  grid === 'symmetric' && levels % 2 === 0 ? levels - 1 : levels;

/** Half of what lies between the outer levels of a grid, in steps. */
const halfOf = (levels: number, grid: Grid): number => (gridLevels(levels, grid) - 1) / 2;

/** Levels from -clip to clip: (half) integers times a step, mirrored exactly. */
function clipped(clip: number, levels: number, grid: Grid): Codebook {
  const half = halfOf(levels, grid);
  return nearestCodebook(half === 0 ? [0] : Array.from({ length: 2 * half + 1 }, (_, i) => (i - half) * (clip / half)));
}

/**
 * The squared error of `clipped(clip, levels, grid)`, with the level of each value by a division instead of a codebook:
 * a search over many levels costs the values alone.
 */
function clippedError({ values, importance }: SortedValues, clip: number, levels: number, grid: Grid): number {
  const half = halfOf(levels, grid);
  const step = half === 0 ? 0 : clip / half;
  const level = (code: number): number => (code - half) * step;
  const unit = unitOf(values);
  let error = 0;
  for (let i = 0; i < values.length; i++) {
    const x = values[i]!;
    let code = step === 0 ? half : Math.min(2 * half, Math.max(0, Math.round(x / step + half)));
    // The quotient is rounded: the neighbours are as near as a border may have moved.
    if (code > 0 && x <= midpoint(level(code - 1), level(code))) code--;
    else if (code < 2 * half && x > midpoint(level(code), level(code + 1))) code++;
    error += ((x - level(code)) / unit) ** 2 * (importance?.[i] ?? 1);
  }
  return error;
}

/** Levels from -max|x| to max|x|. An even number of levels loses one with the `symmetric` grid. */
export function symmetricCodebook(values: ArrayLike<number>, { levels, zero = true }: LevelOptions): Codebook {
  requireLevels(levels);
  let most = 0;
  for (const x of sortValues(values).values) most = Math.max(most, Math.abs(x));
  return clipped(most, levels, zero ? 'symmetric' : 'full');
}

/** How clips of a uniform quantizer are searched. */
export interface ClippedOptions extends LevelOptions {
  /** Clips that are tried: max|x| k / candidates, k = 1 .. candidates. */
  readonly candidates?: number;
  readonly importance?: ArrayLike<number>;
}

/**
 * The clip with the least (importance-weighted) squared error among evenly spaced candidates; of equal ones the
 * smallest. The grid is `symmetric` with `zero` (default), else `full`.
 */
export function clippedCodebook(
  values: ArrayLike<number>,
  { levels, zero = true, candidates = 100, importance, watch }: ClippedOptions,
): Codebook {
  requireLevels(levels);
  const sorted = sortValues(values, importance);
  const last = sorted.values.length - 1;
  if (last < 0) return constantCodebook();
  const most = Math.max(Math.abs(sorted.values[0]!), Math.abs(sorted.values[last]!));
  const grid = zero ? 'symmetric' : 'full';
  let best = most;
  let least = Infinity;
  for (let k = 1; k <= candidates; k++) {
    watch?.();
    const clip = most * (k / candidates);
    const error = clippedError(sorted, clip, levels, grid);
    if (error < least) {
      least = error;
      best = clip;
    }
  }
  return clipped(best, levels, grid);
}

/** A power of two near the largest of sorted values. */
const unitOf = (sorted: Float64Array): number =>
  powerOfSameSize(Math.max(Math.abs(sorted[0] ?? 0), Math.abs(sorted.at(-1) ?? 0)));

/** Weighted sum of (x - level)^2, in units of the square of a power of two near the largest value. */
export function squaredError({ values, importance }: SortedValues, { levels, thresholds }: Codebook): number {
  const unit = unitOf(values);
  let error = 0;
  let i = 0;
  levels.forEach((level, code) => {
    const last = thresholds[code] ?? Infinity;
    for (; i < values.length && values[i]! <= last; i++)
      error += ((values[i]! - level) / unit) ** 2 * (importance?.[i] ?? 1);
  });
  return error;
}
