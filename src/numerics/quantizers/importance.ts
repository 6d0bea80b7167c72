// Quantization by an importance function: breakpoints at equal importance, levels at centroids.
// The papers (CELIA, ICS 2018; iCELIA, TPDS 2020) name such a function but what could be had of them does not give it:
// this one is our reconstruction.

import { constantCodebook, requireLevels, withZero, type Codebook } from './codebook.js';
import { firstAbove, sortValues, type SortedValues } from './sorted.js';
import type { LevelOptions } from './uniform.js';

/**
 * Importance density m(x) = |x|^range rho(x)^density, rho being the density of the values. (0, 0) is uniform, (0, 1)
 * equal population, (0, 1/3) Panter and Dite's optimum for many levels.
 */
export interface ImportanceExponents {
  readonly range?: number;
  readonly density?: number;
}

/** Levels and exponents of an importance quantizer. */
export interface ImportanceOptions extends LevelOptions, ImportanceExponents {
  /**
   * A factor for each value, for instance its mean squared gradient: m(x) is multiplied by the mean factor of the
   * values near x.
   */
  readonly importance?: ArrayLike<number>;
  /**
   * Share of the values at either end over which M does not run; they join the outer ranges. Not used where the
   * density's exponent is 1.
   * Default levels^-3, at most 1/4096, for exponents above 0 (half a range of a normal density or less: a range of (0,
   * 1/3) holds values by its density cubed), where single outliers would pull breakpoints outwards; 0 for exponent 0.
   */
  readonly tails?: number;
  /** Level of a range: the mean of its values, its middle, or the mean weighted by |x|^range and the factors. */
  readonly representative?: 'centroid' | 'midpoint' | 'importance-centroid';
}

const DEFAULT_DENSITY = 1 / 3;
/** Fewer levels would leave out more than single values. */
const LEAST_TAIL_LEVELS = 16;
/** Values that a density is estimated from, where as many are near. */
const LEAST_VALUES = 12;

/**
 * With M(x) the integral of m from the least value to x over that to the largest: breakpoints M^-1(i / levels), values
 * between two breakpoints take one level. A range without values takes its middle.
 * All-equal values give that value, none give 0, one level gives the representative of all.
 */
export function importanceCodebook(values: ArrayLike<number>, options: ImportanceOptions): Codebook {
  requireLevels(options.levels);
  return importanceOfSorted(sortValues(values, options.importance), options);
}

/** As `importanceCodebook`, for values that are sorted already. @throws RangeError for exponents out of range */
export function importanceOfSorted(sorted: SortedValues, options: Omit<ImportanceOptions, 'importance'>): Codebook {
  const { levels, range = 0, density = DEFAULT_DENSITY, representative = 'centroid', zero = false } = options;
  for (const [name, exponent] of Object.entries({ range, density }))
    if (!(exponent >= 0 && exponent < 100))
      throw new RangeError(`${name} exponent is ${exponent}, expected a number from 0 to below 100`);
  const length = sorted.values.length;
  if (length === 0) return constantCodebook();
  const [least, most] = [sorted.values[0]!, sorted.values[length - 1]!];
  const tails = options.tails ?? (density > 0 ? Math.max(levels, LEAST_TAIL_LEVELS) ** -3 : 0);
  const breakpoints = (): Float64Array =>
    density === 1 ? byRank(sorted, levels, range) : byHistogram(sorted, levels, { range, density, tails });
  const codebook = least === most ? constantCodebook(least) : represent(sorted, breakpoints(), range, representative);
  return zero ? withZero(codebook) : codebook;
}

/** With the density itself, M is the sum over the values: no estimate of the density is needed. */
function byRank({ values, importance }: SortedValues, levels: number, range: number): Float64Array {
  const cumulative = new Float64Array(values.length + 1);
  for (let i = 0; i < values.length; i++)
    cumulative[i + 1] = cumulative[i]! + (importance?.[i] ?? 1) * Math.abs(values[i]!) ** range;
  const total = cumulative[values.length]!;
  return Float64Array.from({ length: levels - 1 }, (_, i) => {
    const target = (total * (i + 1)) / levels;
    const above = firstAbove(cumulative, target, 1, values.length - 1);
    // The split whose sum is nearer to the target; of equal ones the lower.
    const split = Math.max(1, target - cumulative[above - 1]! <= cumulative[above]! - target ? above - 1 : above);
    return values[split - 1]! + (values[split]! - values[split - 1]!) / 2;
  });
}

/** The distance between the quartiles. */
const quartileDistance = ({ values }: SortedValues): number =>
  values[Math.floor(0.75 * (values.length - 1))]! - values[Math.floor(0.25 * (values.length - 1))]!;

/** Bins of the density: Freedman and Diaconis's width, at least 8 for each level. */
function binCount(sorted: SortedValues, levels: number): number {
  const { length } = sorted.values;
  const spread = quartileDistance(sorted);
  const wanted =
    spread > 0
      ? ((sorted.values[length - 1]! - sorted.values[0]!) / (2 * spread)) * Math.cbrt(length)
      : Math.sqrt(length);
  return Math.ceil(Math.min(8192, Math.max(8 * levels, wanted, 16)));
}

function byHistogram(
  sorted: SortedValues,
  levels: number,
  { range, density, tails }: { readonly range: number; readonly density: number; readonly tails: number },
): Float64Array {
  const { values } = sorted;
  const cut = Math.min(Math.floor(tails * values.length), (values.length - 1) >> 1);
  const [least, most] = [values[cut]!, values[values.length - 1 - cut]!];
  const bins = binCount(sorted, levels);
  const edges = Float64Array.from({ length: bins + 1 }, (_, i) =>
    i === bins ? most : least + ((most - least) * i) / bins,
  );
  const places = new Float64Array(bins + 1).fill(cut);
  for (let i = 1; i <= bins; i++)
    places[i] = i === bins ? values.length - cut : firstAbove(values, edges[i]!, places[i - 1]!, values.length);
  const { rho, factor } = estimate(sorted, places, quartileDistance(sorted) / ((most - least) / bins));
  const cumulative = new Float64Array(bins + 1);
  const height = (i: number): number =>
    (sorted.importance === undefined ? 1 : rho[i] === 0 ? 0 : factor[i]! / rho[i]!) * rho[i]! ** density;
  for (let i = 0; i < bins; i++)
    cumulative[i + 1] =
      cumulative[i]! + height(i) * (powerIntegral(edges[i + 1]!, range) - powerIntegral(edges[i]!, range));
  const total = cumulative[bins]!;
  return Float64Array.from({ length: levels - 1 }, (_, i) => {
    const target = (total * (i + 1)) / levels;
    const bin = firstAbove(cumulative, target, 1, bins) - 1;
    const h = height(bin);
    const x =
      h === 0
        ? edges[bin + 1]!
        : inversePowerIntegral(powerIntegral(edges[bin]!, range) + (target - cumulative[bin]!) / h, range);
    return Math.min(edges[bin + 1]!, Math.max(edges[bin]!, x));
  });
}

/**
 * By bin: values and importance a bin, averaged over the bins about it. The window widens until it holds enough values,
 * but to no more than `most` bins to either side, so that gaps before outliers stay empty.
 * @param places of the bins' edges among the sorted values
 */
function estimate(
  sorted: SortedValues,
  places: Float64Array,
  most: number,
): { rho: Float64Array; factor: Float64Array } {
  const bins = places.length - 1;
  const [rho, factor] = [new Float64Array(bins), new Float64Array(bins)];
  for (let i = 0; i < bins; i++) {
    let reach = 0;
    let [from, to] = [i, i + 1];
    do {
      reach++;
      from = Math.max(0, i - reach);
      to = Math.min(bins, i + 1 + reach);
    } while (reach < most && to - from < bins && places[to]! - places[from]! < LEAST_VALUES);
    rho[i] = (places[to]! - places[from]!) / (to - from);
    factor[i] = sorted.weight(places[from]!, places[to]!) / (to - from);
  }
  return { rho, factor };
}

/** The integral of |x|^a from 0 to x, and its inverse. */
const powerIntegral = (x: number, a: number): number =>
  a === 0 ? x : (Math.sign(x) * Math.abs(x) ** (a + 1)) / (a + 1);
const inversePowerIntegral = (y: number, a: number): number =>
  a === 0 ? y : Math.sign(y) * ((a + 1) * Math.abs(y)) ** (1 / (a + 1));

function represent(
  { values, importance }: SortedValues,
  thresholds: Float64Array,
  range: number,
  representative: NonNullable<ImportanceOptions['representative']>,
): Codebook {
  const levels = new Float64Array(thresholds.length + 1);
  let from = 0;
  levels.forEach((_, i) => {
    const low = i === 0 ? values[0]! : thresholds[i - 1]!;
    const high = i === thresholds.length ? values[values.length - 1]! : thresholds[i]!;
    const to = i === thresholds.length ? values.length : firstAbove(values, high, from, values.length);
    let sum = 0;
    let total = 0;
    for (let j = from; j < to; j++) {
      const weight =
        representative === 'importance-centroid' ? (importance?.[j] ?? 1) * Math.abs(values[j]!) ** range : 1;
      sum += weight * values[j]!;
      total += weight;
    }
    levels[i] = (representative === 'midpoint' || !(total > 0) ? low + (high - low) / 2 : sum / total) + 0;
    from = to;
  });
  return { levels, thresholds };
}
