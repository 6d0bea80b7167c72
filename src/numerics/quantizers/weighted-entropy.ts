// Weighted-entropy quantization of weights. Park, Ahn and Yoo, CVPR 2017.

import { powerOfSameSize } from '../formats/double.js';
import { roundMagnitude } from '../formats/rounding.js';
import { constantCodebook, requireLevels, withZero, type Codebook } from './codebook.js';
import { sortValues } from './sorted.js';
import type { LevelOptions } from './uniform.js';

/**
 * How borders are searched: starting at equal populations, each in turn goes to the best of `candidates` places between
 * its neighbours, at most `passes` times round.
 */
interface Search {
  readonly candidates: number;
  readonly passes: number;
}

/** Levels, and how long their breakpoints are searched. */
export type WeightedEntropyOptions = LevelOptions & Partial<Search>;

/**
 * Clusters of weights that maximize S = - sum I_n P_n log P_n: importance of a weight w^2, I_n its mean in cluster n,
 * P_n the cluster's share. Half of the levels for each sign; the level of a cluster is +-sqrt(I_n).
 * Borders are searched one by one, as in the paper, in at most `passes` rounds; a search that the limit ends may stop
 * before an optimum. Zeros take part in neither sign: beside both they take the level below 0 (unless 0 is a level),
 * beside one alone a level of their own.
 * All-equal values give that value, none give 0, one level gives the root mean square with the sign of the sum.
 */
export function weightedEntropyCodebook(
  values: ArrayLike<number>,
  { levels, candidates = 400, passes = 30, zero = false, watch }: WeightedEntropyOptions,
): Codebook {
  requireLevels(levels);
  const { values: sorted, sum } = sortValues(values);
  const length = sorted.length;
  if (length === 0) return constantCodebook();
  if (sorted[0] === sorted[length - 1])
    return zero ? withZero(constantCodebook(sorted[0])) : constantCodebook(sorted[0]);
  if (levels === 1)
    return constantCodebook(
      zero ? 0 : Math.sign(sum(0, length)) * Math.sqrt(sorted.reduce((square, x) => square + x * x, 0) / length),
    );
  const half = Math.floor(levels / 2);
  const negative = clusters(
    sorted
      .filter((x) => x < 0)
      .map((x) => -x)
      .reverse(),
    half,
    { candidates, passes, watch },
  );
  const positive = clusters(
    sorted.filter((x) => x > 0),
    half,
    { candidates, passes, watch },
  );
  const zeros: Cluster[] =
    sorted.includes(0) && (negative.length === 0 || positive.length === 0) ? [{ level: 0, least: 0, most: 0 }] : [];
  const found = [
    ...negative.map(({ level, least, most }) => ({ level: 0 - level, least: -most, most: -least })).reverse(),
    ...zeros,
    ...positive,
  ];
  // Borders lie between the clusters' values; that between the signs at 0.
  const thresholds = found.slice(1).map(({ least, level }, i) => {
    const below = found[i]!;
    return below.level < 0 && level > 0 ? 0 : below.most + (least - below.most) / 2;
  });
  const codebook = {
    levels: Float64Array.from(found, ({ level }) => level),
    thresholds: Float64Array.from(thresholds),
  };
  return zero ? withZero(codebook) : codebook;
}

interface Cluster {
  readonly level: number;
  readonly least: number;
  readonly most: number;
}

/** At most `wanted` clusters of ascending magnitudes. */
function clusters(
  magnitudes: Float64Array,
  wanted: number,
  { candidates, passes, watch }: Search & { readonly watch: (() => void) | undefined },
): Cluster[] {
  const length = magnitudes.length;
  if (length === 0) return [];
  const square = new Float64Array(length + 1);
  // Squares of subnormals would vanish.
  const unit = powerOfSameSize(magnitudes[length - 1]!);
  magnitudes.forEach((x, i) => (square[i + 1] = square[i]! + (x / unit) ** 2));
  const mean = (from: number, to: number): number => (square[to]! - square[from]!) / (to - from);
  const gain = (from: number, to: number): number => {
    const share = (to - from) / length;
    return to === from ? 0 : -mean(from, to) * share * Math.log(share);
  };
  const number = Math.min(wanted, length);
  const borders = Array.from({ length: number + 1 }, (_, i) =>
    roundMagnitude((length * i) / number, false, 'nearest-even'),
  );
  let moved = true;
  for (let pass = 0; moved && pass < passes; pass++) {
    moved = false;
    for (let i = 1; i < number; i++) {
      if (i % 1000 === 0) watch?.();
      const [low, high] = [borders[i - 1]!, borders[i + 1]!];
      let best = gain(low, borders[i]!) + gain(borders[i]!, high);
      // Evenly from low + 1 to high - 1; the same place twice in a row does no harm.
      const step = (high - low - 2) / (candidates - 1);
      for (let k = 0; k < candidates; k++) {
        const place = k === candidates - 1 ? high - 1 : Math.floor(low + 1 + step * k);
        const total = place > low && place < high ? gain(low, place) + gain(place, high) : -Infinity;
        if (total > best) {
          best = total;
          borders[i] = place;
          moved = true;
        }
      }
    }
  }
  return borders.slice(1).map((to, i) => {
    const from = borders[i]!;
    return { level: Math.sqrt(mean(from, to)) * unit, least: magnitudes[from]!, most: magnitudes[to - 1]! };
  });
}
