import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  codeOf,
  decodeCodebook,
  encodeCodebook,
  importanceCodebook,
  kMeansCodebook,
  minMaxCodebook,
  quantizationError,
  quantizeValues,
  saturationLimits,
  symmetricCodebook,
  clippedCodebook,
  tanhCodebook,
  weightedEntropyCodebook,
  METHODS,
  CODEBOOK_METHODS,
  codebookFor,
  type Codebook,
} from '../../src/numerics/quantizers/index.js';
import { sortValues } from '../../src/numerics/quantizers/sorted.js';
import { normal, normalQuantiles } from './normal.js';

const snr = (values: Float64Array, codebook: Codebook): number =>
  quantizationError(values, decodeCodebook(codebook, encodeCodebook(codebook, values))).snrDb;
const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true });

const gauss = normalQuantiles(40_000);

describe('quantizers on N(0, 1)', () => {
  it.each([
    [2, 9.3],
    [3, 14.62],
    [4, 20.22],
    [5, 26.01],
    [6, 31.91],
  ])('k-means of %i bits: %d dB (Lloyd-Max; Max 1960, table 1)', (bits, decibel) => {
    expect(Math.abs(snr(gauss, kMeansCodebook(gauss, { levels: 2 ** bits })) - decibel)).toBeLessThan(0.05);
  });

  it('4-bit Lloyd-Max levels (Max 1960, table 1)', () => {
    const { levels } = kMeansCodebook(gauss, { levels: 16 });
    [0.1284, 0.388, 0.6568, 0.9423, 1.2562, 1.618, 2.069, 2.7326].forEach((level, i) => {
      expect(levels[8 + i]!).toBeCloseTo(level, 1.6);
    });
  });

  it.skipIf(Number(process.env.RUNS ?? 1) < 1)(
    'importance (0, 1/3) is within 0.1 dB of Lloyd-Max at 4 bits and more (Panter and Dite 1951)',
    () => {
      const few = normal(50_000, 'test/quantizers/few');
      for (const [values, widths] of [
        [gauss, [4, 5, 6, 8]],
        [few, [4, 5, 6]],
      ] as const) {
        for (const bits of widths) {
          const levels = 2 ** bits;
          expect(
            snr(values, kMeansCodebook(values, { levels, start: 'importance' })) -
              snr(values, importanceCodebook(values, { levels })),
            `${values.length} values, ${bits} bits`,
          ).toBeLessThan(0.1);
        }
      }
    },
  );

  it('a single outlier takes a level or none, not the levels of a gap without values', () => {
    const values = gauss.slice();
    values[0] = 100;
    const { thresholds } = importanceCodebook(values, { levels: 256 });
    expect(thresholds.filter((t) => t > 6 && t < 98).length).toBeLessThan(6);
  });

  it('importance (0, 0) cuts the range evenly', () => {
    const { thresholds, levels } = importanceCodebook(gauss, { levels: 16, density: 0, representative: 'midpoint' });
    const [least, most] = [gauss.reduce((a, b) => Math.min(a, b)), gauss.reduce((a, b) => Math.max(a, b))];
    thresholds.forEach((t, i) => {
      expect(t).toBeCloseTo(least + ((most - least) * (i + 1)) / 16, 10);
    });
    levels.forEach((level, i) => {
      expect(level).toBeCloseTo(least + ((most - least) * (i + 0.5)) / 16, 10);
    });
  });

  it('importance (0, 1) gives every level as many values', () => {
    const population = new Float64Array(16);
    for (const code of encodeCodebook(importanceCodebook(gauss, { levels: 16, density: 1 }), gauss))
      population[code]!++;
    expect([...population]).toEqual(Array<number>(16).fill(gauss.length / 16));
  });

  // Too slow for the thousands of runs of mutation testing.
  it.skipIf(Number(process.env.RUNS ?? 1) < 1)(
    'ranks as the reference survey: best clip above min-max by more than 4 dB at 4 bits, density below',
    () => {
      expect(snr(gauss, clippedCodebook(gauss, { levels: 16, zero: false }))).toBeCloseTo(19.37, 1);
      // How far the extremes lie depends on the number of draws.
      const draws = normal(800_000, 'test/quantizers');
      expect(snr(draws, minMaxCodebook(draws, { levels: 16 }))).toBeLessThan(15.4);
      expect(snr(gauss, importanceCodebook(gauss, { levels: 16, density: 1 }))).toBeLessThan(17.2);
    },
  );
});

/**
 * Lloyd's algorithm as it is written in textbooks, without sorting; values just between two centres belong to the lower
 * one.
 */
function plainLloyd(values: readonly number[], start: readonly number[], importance = values.map(() => 1)): number[] {
  const centres = [...start];
  let codes: number[] = [];
  for (;;) {
    const next = values.map((x) => centres.filter((centre, i) => i > 0 && x > (centres[i - 1]! + centre) / 2).length);
    if (next.every((code, i) => code === codes[i])) return [...new Set(centres)].sort((a, b) => a - b);
    codes = next;
    centres.forEach((_, i) => {
      let [sum, weight] = [0, 0];
      values.forEach((x, j) => {
        if (codes[j] !== i) return;
        sum += importance[j]! * x;
        weight += importance[j]!;
      });
      const own = values.filter((_x, j) => codes[j] === i);
      if (weight > 0) centres[i] = Math.min(Math.max(...own), Math.max(Math.min(...own), sum / weight));
    });
  }
}

/** An even start over the range. */
function evenStart(values: readonly number[], levels: number): number[] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return Array.from({ length: levels }, (_, i) =>
    levels === 1 ? (least + most) / 2 : least + ((most - least) * i) / (levels - 1),
  );
}

describe('k-means', () => {
  it('equals the plain algorithm to the last bit: duplicates, fewer values than levels, empty levels', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -40, max: 40 }), { minLength: 2, maxLength: 100 }),
        fc.integer({ min: 1, max: 24 }),
        fc.constantFrom(1, 0.1, 1e-9),
        (integers, levels, unit) => {
          const values = integers.map((x) => x * unit);
          fc.pre(new Set(values).size > 1);
          expect([...kMeansCodebook(values, { levels, start: evenStart(values, levels) }).levels]).toEqual(
            plainLloyd(values, evenStart(values, levels)).map((x) => x + 0),
          );
        },
      ),
      { numRuns: 300, seed: 7 },
    );
  });

  it('equals the plain algorithm to the last bit: values and importances of very different size', () => {
    const value = fc.oneof(
      fc.double({ min: -1, max: 1, noNaN: true }),
      fc.double({ min: -1e-3, max: 1e-3, noNaN: true }),
      fc.double({ min: -1e4, max: 1e4, noNaN: true }),
    );
    const weighted = fc.array(
      fc.tuple(
        value,
        fc.oneof(
          fc.double({ min: 0.5, max: 1, noNaN: true }),
          fc.double({ min: 1e-12, max: 1e-9, noNaN: true }),
          fc.constant(1e6),
        ),
      ),
      { minLength: 2, maxLength: 150 },
    );
    fc.assert(
      fc.property(weighted, fc.integer({ min: 1, max: 20 }), (pairs, levels) => {
        const [values, importance] = [pairs.map(([x]) => x), pairs.map(([, weight]) => weight)];
        fc.pre(new Set(values).size > 1);
        expect([...kMeansCodebook(values, { levels, start: 'linear', importance }).levels]).toEqual(
          plainLloyd(values, evenStart(values, levels), importance).map((x) => x + 0),
        );
      }),
      { numRuns: 300, seed: 8 },
    );
  });

  it('sorts long arrays, signed zeros and all, as short ones', () => {
    const values = Float64Array.from(normal(3000, 'sort'), (x, i) =>
      i % 7 === 0 ? 0 : i % 11 === 0 ? -0 : i % 13 === 0 ? x * 1e-310 : Math.fround(x),
    );
    expect([...sortValues(values).values]).toEqual([...values.slice().sort()]);
    expect([
      ...sortValues(
        values,
        values.map((_, i) => i),
      ).importance!,
    ]).toEqual(
      [...values.keys()].sort(
        (a, b) =>
          values[a]! - values[b]! || Number(Object.is(values[b], -0)) - Number(Object.is(values[a], -0)) || a - b,
      ),
    );
  });

  it('ends at a fixpoint: every level is the mean of its values', () => {
    fc.assert(
      fc.property(
        fc.array(finite, { minLength: 1, maxLength: 100 }),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom('linear', 'quantile', 'importance', 'best'),
        (values, levels, start) => {
          const codebook = kMeansCodebook(values, { levels, start });
          expect(codebook.levels.length).toBeLessThanOrEqual(levels);
          const codes = encodeCodebook(codebook, values);
          codebook.levels.forEach((level, i) => {
            const own = values.filter((_, j) => codes[j] === i);
            if (own.length > 0) expect(Math.abs(level - own.reduce((a, b) => a + b) / own.length)).toBeLessThan(1e-6);
          });
        },
      ),
      { numRuns: 200, seed: 7 },
    );
  });

  it('weighs values by importance', () => {
    expect([...kMeansCodebook([0, 1], { levels: 1, importance: [3, 1] }).levels]).toEqual([0.25]);
    expect(() => kMeansCodebook([0, 1], { levels: 1, importance: [1] })).toThrow('1 importances for 2 values');
    expect(() => kMeansCodebook([0, 1], { levels: 1, importance: [1, -1] })).toThrow('expected none below 0');
  });
});

describe('edges', () => {
  const make = (
    method: (typeof CODEBOOK_METHODS)[number],
    values: readonly number[],
    bits: number,
    zero = false,
  ): Codebook => codebookFor(Float64Array.from(values), { method, bits, zero });

  it.each(CODEBOOK_METHODS)('%s: empty, all-equal, all-zero and mixed arrays', (method) => {
    expect([...make(method, [], 4).levels]).toEqual([0]);
    expect(quantizeValues(new Float64Array(0), { method, bits: 4 })).toMatchObject({
      values: new Float64Array(0),
      saturated: 0,
    });
    const zeros = Float64Array.of(0, -0, 0);
    expect([...quantizeValues(zeros, { method, bits: 4 }).values]).toEqual([0, 0, 0]);
    const same = Float64Array.of(0.25, 0.25, 0.25);
    expect([...quantizeValues(same, { method, bits: 4, zero: true }).values].every((x) => x === 0.25)).toBe(true);
    expect(() => quantizeValues(Float64Array.of(1, NaN), { method, bits: 4 })).toThrow(RangeError);
    expect(() => quantizeValues(Float64Array.of(1, Infinity), { method, bits: 4 })).toThrow(RangeError);
  });

  it.each(METHODS)(
    '%s: NaN and infinities are refused; subnormals and huge values have errors that are numbers',
    (method) => {
      const options = { method, bits: 6, exponentBits: 1 };
      for (const bad of [NaN, Infinity, -Infinity])
        expect(() => quantizeValues(Float64Array.of(1, bad, 2), options)).toThrow('expected finite numbers');
      for (const unit of [5e-324, 1e-310, 1e140]) {
        const values = Float64Array.from([3, -5, 7, 0, 40, -41], (x) => x * unit);
        const { snrDb, meanSquare, maxError } = quantizationError(values, quantizeValues(values, options).values);
        expect([snrDb, meanSquare, maxError].some(Number.isNaN)).toBe(false);
        expect(snrDb === Infinity).toBe(maxError === 0);
      }
    },
  );

  it('scale does not matter to levels: subnormal weights get those of ordinary ones', () => {
    const values = normal(300, 'scale').map((x) => Math.round(x * 2 ** 20));
    for (const method of ['clipped', 'weighted-entropy', 'min-max', 'symmetric', 'tanh'] as const) {
      const ordinary = codebookFor(values, { method, bits: 4 });
      const small = codebookFor(
        values.map((x) => x * 2 ** -1050),
        { method, bits: 4 },
      );
      small.levels.forEach((level, i) => {
        expect(Math.abs(level * 2 ** 525 * 2 ** 525 - ordinary.levels[i]!), method).toBeLessThanOrEqual(2 ** -21);
      });
    }
  });

  it('weighted entropy: zeros beside one sign alone have a level of their own', () => {
    const quantized = (values: readonly number[]): number[] => {
      const codebook = weightedEntropyCodebook(values, { levels: 4 });
      return [...decodeCodebook(codebook, encodeCodebook(codebook, values))];
    };
    expect(quantized([0, 0, 0, 0, 1, 2])).toEqual([0, 0, 0, 0, 1, 2]);
    expect(quantized([-2, 0, -0, -1])).toEqual([-2, 0, 0, -1]);
    expect(quantized([0, 5e-324])).toEqual([0, 5e-324]);
    expect(quantized([0, -5e-324])).toEqual([0, -5e-324]);
    // Beside both signs they go with the negative ones.
    expect(quantized([0, 1, -1, 2, -2])).toEqual([-1, 1, -1, 2, -2]);
  });

  it('one level: the mean, the middle or zero', () => {
    expect([...kMeansCodebook([1, 2, 6], { levels: 1 }).levels]).toEqual([3]);
    expect([...minMaxCodebook([1, 2, 6], { levels: 1 }).levels]).toEqual([3.5]);
    expect([...minMaxCodebook([1, 2, 6], { levels: 1, zero: true }).levels]).toEqual([0]);
    expect([...symmetricCodebook([1, 2, 6], { levels: 1 }).levels]).toEqual([0]);
    expect([...importanceCodebook([1, 2, 6], { levels: 1 }).levels]).toEqual([3]);
    expect([...weightedEntropyCodebook([3, 4], { levels: 1 }).levels]).toEqual([Math.sqrt(12.5)]);
    expect([...tanhCodebook([1, 2, 6], { levels: 1 }).levels]).toEqual([0]);
    expect(() => kMeansCodebook([1], { levels: 0 })).toThrow('a codebook of 0 levels');
  });

  it('property: ascending levels, one for each value, zero on request, errors that the saturation limits bound', () => {
    const arbitrary = fc.record({
      values: fc.array(fc.oneof(finite, fc.constantFrom(0, -0, 5e-324, 1)), { maxLength: 60 }),
      method: fc.constantFrom(...CODEBOOK_METHODS),
      bits: fc.integer({ min: 2, max: 6 }),
      zero: fc.boolean(),
    });
    fc.assert(
      fc.property(arbitrary, ({ values, method, bits, zero }) => {
        const codebook = make(method, values, bits, zero);
        const { levels, thresholds } = codebook;
        expect(levels.length).toBeLessThanOrEqual(2 ** bits);
        expect(thresholds.length).toBe(levels.length - 1);
        for (let i = 1; i < levels.length; i++) expect(levels[i]!).toBeGreaterThanOrEqual(levels[i - 1]!);
        for (let i = 1; i < thresholds.length; i++) expect(thresholds[i]!).toBeGreaterThanOrEqual(thresholds[i - 1]!);
        if (zero) expect(levels.includes(0)).toBe(true);
        expect(levels.some((level) => Object.is(level, -0) || !Number.isFinite(level))).toBe(false);
        const { least, most } = saturationLimits(codebook);
        for (const x of values)
          expect(levels[codeOf(codebook, x)]).toBe(levels[codeOf(codebook, Math.min(most, Math.max(least, x)))]);
      }),
      { numRuns: 400, seed: 11 },
    );
  });

  // mxint8 can round the block's largest value to -2, which is a power of two more: the next scale differs.
  it.each(METHODS.filter((method) => method !== 'mxint8'))(
    '%s: quantizes what it has quantized to the same values',
    (method) => {
      const values = normal(200, `idempotent/${method}`);
      const options = { method, bits: 6, exponentBits: 1, fractionBits: 4 } as const;
      const once = quantizeValues(values, options);
      expect(once.codes).toHaveLength(200);
      if (['importance', 'k-means', 'weighted-entropy', 'clipped'].includes(method)) {
        // Codebooks of centroids: the levels stay when their own codebook is applied again.
        expect(decodeCodebook(once.codebook!, encodeCodebook(once.codebook!, once.values))).toEqual(once.values);
        return;
      }
      expect(quantizeValues(once.values, options).values).toEqual(once.values);
    },
  );
});
