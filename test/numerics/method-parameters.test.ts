// What `quantizeValues` hands to each method, counts of saturated values, and the small cases of each quantizer.

import { describe, expect, it } from 'vitest';
import { logTapered } from '../../src/numerics/formats/log-tapered.js';
import { fixedPoint } from '../../src/numerics/formats/fixed-point.js';
import { chooseFractionBits } from '../../src/numerics/formats/dynamic-fixed-point.js';
import { logExponent } from '../../src/numerics/formats/log-quant.js';
import type { NumberFormat } from '../../src/numerics/formats/format.js';
import { posit } from '../../src/numerics/formats/posit.js';
import { midpoint, nearestCodebook, withZero } from '../../src/numerics/quantizers/codebook.js';
import {
  codebookConductances,
  clippedCodebook,
  importanceCodebook,
  kMeansCodebook,
  logarithmicCodebook,
  minMaxCodebook,
  quantizationError,
  quantizeValues,
  saturationLimits,
  symmetricCodebook,
  tanhCodebook,
  weightedEntropyCodebook,
  type MethodOptions,
} from '../../src/numerics/quantizers/index.js';
import { sortValues } from '../../src/numerics/quantizers/sorted.js';
import { normal } from './normal.js';

const values = Float64Array.from([...normal(90, 'methods'), 9, -7]);
const weights = values.map((x, i) => 1 + ((i * 5) % 7) + Number(x > 2) * 100);
const levelsOf = (options: MethodOptions, importance?: Float64Array): number[] => [
  ...quantizeValues(values, options, importance).codebook!.levels,
];

describe('methods get their own parameters', () => {
  it('codebooks', () => {
    const bits = 3;
    const levels = 8;
    expect(levelsOf({ method: 'symmetric', bits })).toEqual([...symmetricCodebook(values, { levels }).levels]);
    expect(levelsOf({ method: 'symmetric', bits })).not.toEqual(levelsOf({ method: 'clipped', bits }));
    expect(levelsOf({ method: 'clipped', bits }, weights)).toEqual([
      ...clippedCodebook(values, { levels, importance: weights }).levels,
    ]);
    expect(levelsOf({ method: 'clipped', bits }, weights)).not.toEqual(levelsOf({ method: 'clipped', bits }));
    expect(levelsOf({ method: 'weighted-entropy', bits })).toEqual([
      ...weightedEntropyCodebook(values, { levels }).levels,
    ]);
    expect(levelsOf({ method: 'tanh', bits })).toEqual([...tanhCodebook(values, { levels }).levels]);
    expect(levelsOf({ method: 'tanh', bits })).not.toContain(0);
    expect(levelsOf({ method: 'tanh', bits, zero: true })).toContain(0);
    expect(levelsOf({ method: 'log', bits, stepsPerOctave: 4 })).toEqual([
      ...logarithmicCodebook(values, { bits, stepsPerOctave: 4 }).levels,
    ]);
    expect(levelsOf({ method: 'log', bits, stepsPerOctave: 4 })).not.toEqual(levelsOf({ method: 'log', bits }));
    const exponents = { range: 2, density: 0.1 };
    expect(levelsOf({ method: 'importance', bits, exponents })).toEqual([
      ...importanceCodebook(values, { levels, ...exponents }).levels,
    ]);
    expect(levelsOf({ method: 'importance', bits, exponents })).not.toEqual(levelsOf({ method: 'importance', bits }));
  });

  it('k-means: start, exponents of the start, iterations, weights, whoever watches', () => {
    const made = (options: Partial<MethodOptions>, importance?: Float64Array): number[] =>
      levelsOf({ method: 'k-means', bits: 3, ...options }, importance);
    const ends = (['linear', 'quantile', 'importance'] as const).map((start) => made({ start, iterations: 1 }));
    ['linear', 'quantile', 'importance'].forEach((start, i) => {
      const own = kMeansCodebook(values, { levels: 8, start: start as 'linear', iterations: 1 });
      expect(ends[i]).toEqual([...own.levels]);
    });
    expect(new Set(ends.map(String)).size).toBe(3);
    const start = { start: 'importance', iterations: 1 } as const;
    expect(made({ ...start, exponents: { range: 3 } })).not.toEqual(made(start));
    expect(made({ start: 'linear' }, weights)).not.toEqual(made({ start: 'linear' }));
    expect(made({ start: 'linear', iterations: 1 })).not.toEqual(made({ start: 'linear' }));
    // By hand: starts 0 and 10 give means 3 and 13, these 3.75 and 20; of ten numbers the third and the eighth start.
    const ten = Array.from({ length: 10 }, (_, i) => i);
    const first = { levels: 2, iterations: 1 };
    expect([...kMeansCodebook([0, 4, 5, 6, 20], { ...first, start: [0, 10] }).levels]).toEqual([3, 13]);
    expect([...kMeansCodebook([0, 4, 5, 6, 20], { levels: 2, start: [0, 10] }).levels]).toEqual([3.75, 20]);
    expect([...kMeansCodebook(ten, { ...first, start: 'quantile' }).levels]).toEqual([2, 7]);
    let watched = 0;
    made({ watch: () => watched++ });
    expect(watched).toBeGreaterThan(2);
  });

  it('number formats', () => {
    const of = (options: MethodOptions): number[] => [...quantizeValues(values, options).values];
    const by = (format: NumberFormat): number[] => [...values].map((x) => format.decode(format.encode(x)));
    expect(of({ method: 'posit', bits: 6 })).toEqual(by(posit({ bits: 6, exponentBits: 2 })));
    expect(of({ method: 'posit', bits: 6, exponentBits: 1 })).toEqual(by(posit({ bits: 6, exponentBits: 1 })));
    expect(of({ method: 'log-tapered', bits: 8 })).toEqual(
      by(logTapered({ bits: 8, exponentBits: 1, alpha: 5, beta: 5, gamma: 7 })),
    );
    expect(of({ method: 'fixed', bits: 5 })).toEqual(by(fixedPoint({ bits: 5, fractionBits: 4 })));
    const bits = 6;
    const rule = 'overflow-rate';
    for (const maxOverflowRate of [undefined, 0.3])
      expect(
        quantizeValues(values, {
          method: 'dfp',
          bits,
          exponentRule: rule,
          ...(maxOverflowRate === undefined ? {} : { maxOverflowRate }),
        }).fractionBits,
      ).toBe(chooseFractionBits(values, { bits, rule, ...(maxOverflowRate === undefined ? {} : { maxOverflowRate }) }));
    expect(
      quantizeValues(values, { method: 'dfp', bits, exponentRule: rule, maxOverflowRate: 0.3 }).fractionBits,
    ).not.toBe(quantizeValues(values, { method: 'dfp', bits }).fractionBits);
  });
});

describe('values that saturate', () => {
  const saturated = (list: readonly number[], options: MethodOptions): number =>
    quantizeValues(Float64Array.from(list), options).saturated;

  it('are those beyond the range, not at its ends', () => {
    expect(saturated([-1, 0.875, 0.3], { method: 'fixed', bits: 4 })).toBe(0);
    // -1.1 is -8.8 eighths, which rounds to -9; 0.9 is 7.2, which rounds to the top; 5 is 40.
    expect(saturated([-1.1, 0.9, 0.3, 5], { method: 'fixed', bits: 4 })).toBe(2);
    expect(saturated([-448, 448, 1], { method: 'float8_e4m3fn', bits: 8 })).toBe(0);
    expect(saturated([-600, 600, 1], { method: 'float8_e4m3fn', bits: 8 })).toBe(2);
    expect(saturated([-1, 0, 1, 2], { method: 'min-max', bits: 2 })).toBe(0);
    const spread = Array.from({ length: 900 }, (_, i) => Math.sin(i)).concat(4);
    expect(saturated(spread, { method: 'clipped', bits: 4 })).toBeGreaterThan(0);
    // Half an outer gap outside of the outer levels: of levels 0 and 1 that is -0.5 and 1.5.
    expect(saturationLimits(nearestCodebook([0, 1]))).toEqual({ least: -0.5, most: 1.5 });
    expect(saturationLimits(nearestCodebook([3]))).toEqual({ least: -Infinity, most: Infinity });
  });

  it('are those that rounding takes beyond the range, the same by each method on one grid', () => {
    // In 128ths: -255.36, 127.027 (the top but for rounding), 127.5 (a tie to 128), 64.
    const list = [-1.995, 0.9924, 127.5 / 128, 0.5];
    for (const method of ['fixed', 'dfp'] as const)
      for (const [rounding, count] of [
        ['nearest-even', 2],
        ['toward-zero', 1],
        ['up', 3],
      ] as const)
        expect(saturated(list, { method, bits: 8, fractionBits: 7, rounding }), `${method} ${rounding}`).toBe(count);
    // The step at the top of E4M3 is 32: 464 is a tie that goes to 448, 14 steps, and not to 480, 15.
    expect(saturated([464, -464, 448.1], { method: 'float8_e4m3fn', bits: 8 })).toBe(0);
    expect(saturated([465, -465], { method: 'float8_e4m3fn', bits: 8 })).toBe(2);
    expect(saturated([464, -464], { method: 'float8_e4m3fn', bits: 8, rounding: 'half-up' })).toBe(1);
    expect(saturated([479, -479], { method: 'float8_e4m3fn', bits: 8, rounding: 'toward-zero' })).toBe(0);
    expect(saturated([480, 1e308], { method: 'float8_e4m3fn', bits: 8, rounding: 'toward-zero' })).toBe(2);
    // MX integers are 64ths of the block's scale, from -128 to 127: -1.995 is -127.68, which is -2's code.
    expect(saturated([-1.995, 0.5], { method: 'mxint8', bits: 8 })).toBe(0);
    expect(saturated([-1.995, 1.995], { method: 'mxint8', bits: 8 })).toBe(1);
    expect(saturated([-1.995, 1.98], { method: 'mxint8_symmetric', bits: 8 })).toBe(1);
    // What lies beyond a posit's largest number has no neighbour there.
    expect(saturated([2 ** 24, -(2 ** 24) - 1], { method: 'posit', bits: 8 })).toBe(1);
  });

  it('of fixed point have the codes of its ends: integers, as dynamic fixed point has them', () => {
    const both = (['fixed', 'dfp'] as const).map((method) =>
      quantizeValues(Float64Array.of(-2, -0.5, 0.25, 2), { method, bits: 8, fractionBits: 7 }),
    );
    expect(both.map(({ codes }) => [...codes])).toEqual([
      [-128, -64, 32, 127],
      [-128, -64, 32, 127],
    ]);
  });

  it('of MX blocks, by the scale of each block', () => {
    // A block's scale 2^0 for 4 <= max < 8; the largest element of E2M1 is 6.
    const block = (top: number): number[] => [top, ...Array.from({ length: 31 }, () => 1)];
    const {
      saturated: many,
      blockScales,
      codes,
      values: kept,
    } = quantizeValues(Float64Array.from([...block(7.5), ...block(6)]), { method: 'mxfp4_e2m1', bits: 4 });
    expect([many, [...blockScales!], kept[0], kept[32], codes.length]).toEqual([1, [127, 127], 6, 6, 64]);
    expect([codes[0], codes[32], codes[1]]).toEqual([7, 7, 2]);
  });

  it('of none', () => {
    for (const method of ['k-means', 'dfp', 'fixed', 'mxfp4_e2m1'] as const)
      expect(Object.keys(quantizeValues(Float64Array.from([]), { method, bits: 4 })).sort()).toEqual(
        ['blockScales', 'codebook', 'codes', 'fractionBits', 'saturated', 'values'].sort(),
      );
  });
});

describe('small cases', () => {
  it('uniform levels', () => {
    expect([...minMaxCodebook([3, 11], { levels: 5 }).levels]).toEqual([3, 5, 7, 9, 11]);
    expect([...minMaxCodebook([3, 11], { levels: 1 }).levels]).toEqual([7]);
    const bell = normal(100, 'tanh');
    // The outer levels are the range to the last bit, whatever the rounding between.
    for (let n = 1; n <= 100; n++) {
      const most = bell[0]! * n;
      const { levels } = tanhCodebook([most, 0], { levels: 16 });
      expect([levels[0], levels.at(-1)]).toEqual([-Math.abs(most), Math.abs(most)]);
      expect(minMaxCodebook([0, n / 10], { levels: 8 }).levels.at(-1)).toBe(n / 10);
    }
  });

  it('levels of tanh are even in its output; the outer ones of any range are the range', () => {
    const [inner, outer] = [Math.atanh(0.25), Math.atanh(0.75)];
    const { levels } = tanhCodebook([3, -1], { levels: 4 });
    expect([...levels]).toEqual([-3, -inner * (3 / outer), inner * (3 / outer), 3]);
    for (let n = 1; n <= 200; n++)
      for (const count of [3, 7, 11, 50])
        expect(minMaxCodebook([-n / 7, n / 3], { levels: count }).levels.at(-1)).toBe(n / 3);
  });

  it('k-means of one iteration moves the levels once', () => {
    const options = { levels: 2, start: [0, 1] };
    const list = [0, 1, 2, 10, 11, 12];
    expect([...kMeansCodebook(list, { ...options, iterations: 1 }).levels]).toEqual([0, 36 / 5]);
    expect([...kMeansCodebook(list, { ...options, iterations: 2 }).levels]).toEqual([1, 11]);
  });

  it('importance: levels move with the values, and are weighted by |x| alone where nothing else is given', () => {
    const bell = normal(2000, 'moved').map((x) => Math.round(x * 1024) / 1024);
    const far = 4096;
    const [near, moved] = [bell, bell.map((x) => x + far)].map((list) => importanceCodebook(list, { levels: 5 }));
    near!.thresholds.forEach((threshold, i) => {
      expect(moved!.thresholds[i]! - far).toBeCloseTo(threshold, 6);
    });
    const weighted = { levels: 1, range: 1, representative: 'importance-centroid' } as const;
    expect([...importanceCodebook([1, 2, 3, 10], weighted).levels]).toEqual([(1 + 4 + 9 + 100) / 16]);
  });

  it('logarithmic levels take 2 to 16 bits, and their borders are the doubles next to the irrational ones', () => {
    for (const bits of [1, 17, 2.5, NaN])
      expect(() => logarithmicCodebook([1], { bits })).toThrow(/logarithmic codebook of \S+ bits/);
    expect(logarithmicCodebook([1], { bits: 16 }).levels.length).toBeGreaterThan(2000);
    for (const stepsPerOctave of [1, 2, 4, 8] as const) {
      const { thresholds } = logarithmicCodebook([3], { bits: 6, stepsPerOctave });
      const up = (x: number): number => x * (1 + 2 ** -52);
      const positive = [...thresholds].filter((x) => x > 0);
      expect(positive.length).toBeGreaterThan(20);
      for (const border of positive)
        expect(logExponent(up(border), stepsPerOctave)).toBe(logExponent(border, stepsPerOctave)! + 1);
      for (const border of [...thresholds].filter((x) => x < -1e-300))
        expect(logExponent(-border, stepsPerOctave)).toBe(logExponent(-border / (1 + 2 ** -52), stepsPerOctave)! + 1);
    }
  });

  it('weighted entropy: one level is the root mean square, zeros are of neither sign', () => {
    expect([...weightedEntropyCodebook([1, -3, -5], { levels: 1 }).levels]).toEqual([-Math.sqrt(35 / 3)]);
    const [without, withZeros] = [values, [...values, 0, 0, 0, 0, 0]].map((list) =>
      weightedEntropyCodebook(list, { levels: 8 }),
    );
    expect(withZeros).toEqual(without);
  });

  it('codebooks: neighbours, -0, ties of the level that becomes 0', () => {
    const next = 1 + 2 ** -52;
    expect([midpoint(1, next), midpoint(1, 2)]).toEqual([1, 1.5]);
    expect(midpoint(next, 1 + 2 ** -51)).toBe(next);
    expect(Object.is(nearestCodebook([-0]).levels[0], 0)).toBe(true);
    expect([...withZero(nearestCodebook([-5, 1])).levels]).toEqual([-5, 0]);
    expect([...withZero(nearestCodebook([-2, 2])).levels]).toEqual([0, 2]);
  });

  it('importances that are none', () => {
    for (const wrong of [Infinity, NaN, -1]) expect(() => sortValues([1, 2], [1, wrong])).toThrow(/importance 1 is/);
    expect(() => sortValues([1, 2], [0, 0])).toThrow('all importances are 0');
    expect([sortValues([], []).values.length, sortValues([1, 2], [0, 1]).weight(0, 2)]).toEqual([0, 1]);
    expect([...sortValues([0, -0, 0, -0, -1], [1, 2, 3, 4, 5]).importance!]).toEqual([5, 2, 4, 1, 3]);
    for (const exponent of [-1, 100, NaN])
      expect(() => importanceCodebook(values, { levels: 4, range: exponent })).toThrow(/range exponent is/);
  });

  it('errors of huge values, and of none', () => {
    expect(quantizationError([1, -3], [2, -3])).toMatchObject({ meanSquare: 0.5, maxError: 1 });
    expect(quantizationError([], []).meanSquare).toBe(0);
    expect(quantizationError([1e200, 1e200], [1.001e200, 1e200]).snrDb).toBeCloseTo(63.01, 1);
  });

  it('one cell a weight: a reference for all levels, within what a cell can have', () => {
    const book = nearestCodebook([-1, 0, 3]);
    const [differential, offset] = (['differential', 'offset'] as const).map((sign) =>
      codebookConductances(book, sign, 1, 5),
    );
    expect([...differential!.positive, ...differential!.negative]).toEqual([1, 1, 5, 1 + 4 / 3, 1, 1]);
    expect([...offset!.positive, ...offset!.negative]).toEqual([1, 2, 5, 2, 2, 2]);
    const zero = codebookConductances(nearestCodebook([0]), 'offset', 1, 5);
    expect([...zero.positive, ...zero.negative, zero.valuePerSiemens]).toEqual([1, 1, 0]);
    for (const most of [Infinity, 1, 0.5])
      expect(() => codebookConductances(book, 'offset', 1, most)).toThrow(RangeError);
  });
});
