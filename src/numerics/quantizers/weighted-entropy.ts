// Weighted-entropy quantization of weights. Park, Ahn and Yoo, CVPR 2017.

import { constantCodebook, requireLevels, withZero, type Codebook } from './codebook.js';
import { sortValues } from './sorted.js';
import type { LevelOptions } from './uniform.js';

export interface WeightedEntropyOptions extends LevelOptions {
  /** Places where a border may stand, evenly over the sorted values of a sign; the search over them is exact. */
  readonly candidates?: number;
}

/**
 * Clusters of weights that maximize S = - sum I_n P_n log P_n: importance of a weight w^2, I_n its mean in cluster n, P_n the cluster's share. Half of the levels for each sign; the level of a cluster is +-sqrt(I_n).
 * The paper searches borders step by step; here dynamic programming finds the best ones among the candidates. Zeros take part in neither sign (they take the level below 0 unless 0 is a level).
 * All-equal values give that value, none give 0, one level gives the root mean square with the sign of the sum.
 */
export function weightedEntropyCodebook(values: ArrayLike<number>, { levels, candidates = 400, zero = false }: WeightedEntropyOptions): Codebook {
  requireLevels(levels);
  const { values: sorted, sum, square } = sortValues(values);
  const length = sorted.length;
  if (length === 0) return constantCodebook();
  if (sorted[0] === sorted[length - 1]) return zero ? withZero(constantCodebook(sorted[0])) : constantCodebook(sorted[0]);
  if (levels === 1) return constantCodebook(zero ? 0 : Math.sign(sum[length]!) * Math.sqrt(square[length]! / length));
  const half = Math.floor(levels / 2);
  const negative = clusters(sorted.filter((x) => x < 0).map((x) => -x).reverse(), half, candidates);
  const positive = clusters(sorted.filter((x) => x > 0), half, candidates);
  const found = [...negative.map(({ level, least, most }) => ({ level: -level, least: -most, most: -least })).reverse(), ...positive];
  // Borders lie between the clusters' values; that between the signs at 0.
  const thresholds = found.slice(1).map(({ least, level }, i) => {
    const below = found[i]!;
    return below.level < 0 && level > 0 ? 0 : below.most + (least - below.most) / 2;
  });
  const codebook = { levels: Float64Array.from(found, ({ level }) => level), thresholds: Float64Array.from(thresholds) };
  return zero ? withZero(codebook) : codebook;
}

interface Cluster {
  readonly level: number;
  readonly least: number;
  readonly most: number;
}

/** At most `wanted` clusters of ascending magnitudes. */
function clusters(magnitudes: Float64Array, wanted: number, candidates: number): Cluster[] {
  const length = magnitudes.length;
  if (length === 0) return [];
  const square = new Float64Array(length + 1);
  magnitudes.forEach((x, i) => (square[i + 1] = square[i]! + x * x));
  const places = [...new Set([0, ...Array.from({ length: candidates }, (_, k) => Math.floor(1 + ((length - 2) * k) / (candidates - 1))).filter((place) => place > 0 && place < length), length])];
  const gain = (from: number, to: number): number => {
    const share = (places[to]! - places[from]!) / length;
    return -((square[places[to]!]! - square[places[from]!]!) / (places[to]! - places[from]!)) * share * Math.log(share);
  };
  const last = places.length - 1;
  const number = Math.min(wanted, last);
  // best[j] after n rounds: the largest S of the first j places in n clusters.
  let best = Float64Array.from(places, (_, j) => (j === 0 ? -Infinity : gain(0, j)));
  const cuts: Int32Array[] = [];
  for (let n = 2; n <= number; n++) {
    const next = new Float64Array(last + 1).fill(-Infinity);
    const cut = new Int32Array(last + 1);
    for (let j = n; j <= last; j++) {
      for (let i = n - 1; i < j; i++) {
        const total = best[i]! + gain(i, j);
        if (total > next[j]!) {
          next[j] = total;
          cut[j] = i;
        }
      }
    }
    best = next;
    cuts.push(cut);
  }
  const found: Cluster[] = [];
  let to = last;
  for (let n = number; n >= 1; n--) {
    const from = n === 1 ? 0 : cuts[n - 2]![to]!;
    const [a, b] = [places[from]!, places[to]!];
    found.unshift({ level: Math.sqrt((square[b]! - square[a]!) / (b - a)), least: magnitudes[a]!, most: magnitudes[b - 1]! });
    to = from;
  }
  return found;
}
