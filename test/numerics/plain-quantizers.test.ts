// Quantizers by importance and weighted entropy against the same by their definitions, slow and plain, on small arrays.

import { describe, expect, it } from 'vitest';
import { importanceCodebook, weightedEntropyCodebook } from '../../src/numerics/quantizers/index.js';
import type { ImportanceOptions } from '../../src/numerics/quantizers/importance.js';
import type { WeightedEntropyOptions } from '../../src/numerics/quantizers/weighted-entropy.js';
import { normal } from './normal.js';

type Lists = { levels: number[]; thresholds: number[] };
const total = (list: readonly number[]): number => list.reduce((sum, x) => sum + x, 0);

/** Breakpoints at equal shares of M(x), the integral of m(x) = |x|^range rho(x)^density times the mean factor. */
function plainImportance(values: readonly number[], options: ImportanceOptions): Lists {
  const { levels, range = 0, density = 1 / 3, importance, representative = 'centroid' } = options;
  const items = values.map((x, i) => ({ x, w: importance?.[i] ?? 1 })).sort((a, b) => a.x - b.x);
  const n = items.length;
  const at = (i: number): number => items[i]!.x;
  const shares = Array.from({ length: levels - 1 }, (_, i) => (i + 1) / levels);
  const thresholds = density === 1 ? shares.map(byRank) : shares.map(histogram());

  function byRank(share: number): number {
    const sumTo = (k: number): number => total(items.slice(0, k).map(({ x, w }) => w * Math.abs(x) ** range));
    let split = 1;
    for (let k = 2; k < n; k++)
      if (Math.abs(sumTo(k) - share * sumTo(n)) < Math.abs(sumTo(split) - share * sumTo(n)) - 1e-12) split = k;
    return (at(split - 1) + at(split)) / 2;
  }

  function histogram(): (share: number) => number {
    const tails = options.tails ?? (density > 0 ? Math.max(levels, 16) ** -3 : 0);
    const cut = Math.min(Math.floor(tails * n), Math.floor((n - 1) / 2));
    const [low, high] = [at(cut), at(n - 1 - cut)];
    const quartiles = at(Math.floor(0.75 * (n - 1))) - at(Math.floor(0.25 * (n - 1)));
    // Freedman and Diaconis: a bin is 2 quartile distances by the cube root of n wide.
    const wanted = quartiles > 0 ? (at(n - 1) - at(0)) / ((2 * quartiles) / Math.cbrt(n)) : Math.sqrt(n);
    const bins = Math.ceil(Math.min(8192, Math.max(8 * levels, 16, wanted)));
    const edge = (i: number): number => (i === bins ? high : low + ((high - low) * i) / bins);
    const inner = items.slice(cut, n - cut);
    const inBin = Array.from({ length: bins }, (_, i) =>
      inner.filter(
        ({ x }) => (x > edge(i) || i === 0) && (x <= edge(i + 1) || i === bins - 1) && !(i > 0 && x <= edge(i)),
      ),
    );
    const heights = inBin.map((_, i) => {
      for (let reach = 1; ; reach++) {
        const near = inBin.slice(Math.max(0, i - reach), i + 1 + reach);
        const count = total(near.map(({ length }) => length));
        if (reach < quartiles / ((high - low) / bins) && near.length < bins && count < 12) continue;
        const factor = importance === undefined ? 1 : count === 0 ? 0 : total(near.flat().map(({ w }) => w)) / count;
        return factor * (count / near.length) ** density;
      }
    });
    const power = (x: number): number => (Math.sign(x) * Math.abs(x) ** (range + 1)) / (range + 1);
    const masses = heights.map((h, i) => h * (power(edge(i + 1)) - power(edge(i))));
    return (share) => {
      let rest = share * total(masses);
      let bin = 0;
      while (bin < bins - 1 && rest >= masses[bin]!) rest -= masses[bin++]!;
      // Where in the bin M has run so far, by halving.
      let [from, to] = [edge(bin), edge(bin + 1)];
      for (let i = 0; i < 200; i++) {
        const middle = (from + to) / 2;
        if (heights[bin]! * (power(middle) - power(edge(bin))) < rest) from = middle;
        else to = middle;
      }
      return to;
    };
  }

  const bounds = [-Infinity, ...thresholds, Infinity];
  return {
    thresholds,
    levels: bounds.slice(1).map((most, i) => {
      const own = items.filter(({ x }) => x > bounds[i]! && x <= most);
      const weight = ({ x, w }: { x: number; w: number }): number =>
        representative === 'importance-centroid' ? w * Math.abs(x) ** range : 1;
      const [low, high] = [Math.max(bounds[i]!, at(0)), Math.min(most, at(n - 1))];
      const sum = total(own.map(weight));
      return representative === 'midpoint' || sum === 0
        ? (low + high) / 2
        : total(own.map((item) => weight(item) * item.x)) / sum;
    }),
  };
}

/** The best place of each border in turn, by S = - sum I_n P_n log P_n over all clusters. */
function plainEntropy(values: readonly number[], { levels, candidates = 400, passes = 30 }: WeightedEntropyOptions) {
  const half = (magnitudes: readonly number[]): { level: number; least: number; most: number }[] => {
    const x = [...magnitudes].sort((a, b) => a - b);
    const n = Math.min(Math.floor(levels / 2), x.length);
    const even = (a: number): number => (a % 1 === 0.5 ? 2 * Math.round(a / 2) : Math.round(a));
    let borders = Array.from({ length: n + 1 }, (_, i) => even((x.length * i) / n));
    const parts = (all: readonly number[]): number[][] => all.slice(1).map((to, i) => x.slice(all[i], to));
    const mean = (part: readonly number[]): number => total(part.map((w) => w * w)) / part.length;
    const entropy = (all: readonly number[]): number =>
      total(
        parts(all).map((part) => {
          const share = part.length / x.length;
          return part.length === 0 ? 0 : -mean(part) * share * Math.log(share);
        }),
      );
    for (let pass = 0, moved = true; moved && pass < passes; pass++) {
      moved = false;
      for (let i = 1; i < n; i++) {
        const [low, high] = [borders[i - 1]!, borders[i + 1]!];
        for (let k = 0; k < candidates; k++) {
          const place =
            k === candidates - 1 ? high - 1 : Math.floor(low + 1 + ((high - low - 2) / (candidates - 1)) * k);
          if (place <= low || place >= high) continue;
          const other = borders.with(i, place);
          if (!(entropy(other) > entropy(borders) + 1e-13)) continue;
          borders = other;
          moved = true;
        }
      }
    }
    return parts(borders).map((part) => ({ level: Math.sqrt(mean(part)), least: part[0]!, most: part.at(-1)! }));
  };
  const negative = half(values.filter((x) => x < 0).map((x) => -x));
  const positive = half(values.filter((x) => x > 0));
  const found = [
    ...negative.map(({ level, least, most }) => ({ level: -level, least: -most, most: -least })).reverse(),
    ...positive,
  ];
  return {
    levels: found.map(({ level }) => level),
    thresholds: found.slice(1).map(({ least, level }, i) => {
      const below = found[i]!;
      return below.level < 0 && level > 0 ? 0 : (below.most + least) / 2;
    }),
  };
}

const near = (found: ArrayLike<number>, expected: readonly number[]): void => {
  expect(found).toHaveLength(expected.length);
  const scale = Math.max(...expected.map(Math.abs)) || 1;
  expected.forEach((x, i) => {
    expect(Math.abs(found[i]! - x) / scale).toBeLessThan(1e-9);
  });
};

const bell = [...normal(300, 'plain/bell')];
const few = [...normal(23, 'plain/few')].map((x) => x + 0.7);
const ARRAYS = {
  bell,
  few,
  'two heaps and an outlier': [...bell.slice(0, 60).map((x) => x - 8), ...bell.slice(60, 90).map((x) => x + 8), 40],
  'mostly one value': [...few.map((x) => x / 10), ...Array.from({ length: 70 }, () => 0.25)],
  'a far outlier': [...bell.slice(0, 100), 60],
  'of one sign': bell.slice(0, 80).map(Math.abs),
};
const OPTIONS: [string, Omit<ImportanceOptions, 'levels'>, boolean][] = [
  ['as it is', {}, false],
  ['with factors', {}, true],
  ['uniform', { density: 0 }, false],
  ['by magnitude', { range: 1.5, density: 0.5 }, false],
  ['by magnitude, with factors', { range: 2, density: 0.2, representative: 'importance-centroid' }, true],
  ['by magnitude, its own means', { range: 2, representative: 'importance-centroid' }, false],
  ['without tails, middles', { tails: 0.1, representative: 'midpoint' }, false],
  ['equal shares', { density: 1 }, false],
  ['equal shares by magnitude and factors', { range: 1, density: 1, representative: 'importance-centroid' }, true],
];

describe.each(Object.entries(ARRAYS))('on small arrays: %s', (_, values) => {
  it.each(OPTIONS)('importance, %s', (_name, options, weighted) => {
    const importance = weighted ? values.map((x, i) => 0.1 + ((i * 7) % 5) + x * x) : undefined;
    for (const levels of [2, 5, 16]) {
      const all = { ...options, levels, ...(importance === undefined ? {} : { importance }) };
      const [found, expected] = [importanceCodebook(values, all), plainImportance(values, all)];
      near(found.thresholds, expected.thresholds);
      near(found.levels, expected.levels);
    }
  });

  it.each([{}, { candidates: 3 }, { candidates: 5, passes: 1 }])('weighted entropy, %o', (options) => {
    for (const levels of [2, 4, 9]) {
      const found = weightedEntropyCodebook(values.slice(0, 60), { candidates: 60, ...options, levels });
      const expected = plainEntropy(values.slice(0, 60), { candidates: 60, ...options, levels });
      near(found.levels, expected.levels);
      near(found.thresholds, expected.thresholds);
    }
  });
});
