import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  codeOf,
  codebookConductances,
  codebookWords,
  kMeansCodebook,
  logarithmicCodebook,
  quantizeValues,
  tanhActivation,
} from '../../src/numerics/quantizers/index.js';
import { logQuant } from '../../src/numerics/formats/log-quant.js';
import { normal } from './normal.js';

const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true });

describe('tanh and logarithmic levels', () => {
  it('3-bit tanh: thresholds 0, 0.2554, 0.5493, 0.9730 (SPINDLE, ISLPED 2014)', () => {
    const { thresholds, levels } = tanhActivation(8);
    [-0.973, -0.5493, -0.2554, 0, 0.2554, 0.5493, 0.973].forEach((t, i) => {
      expect(thresholds[i]!).toBeCloseTo(t, 4);
    });
    expect([...levels]).toEqual([-0.875, -0.625, -0.375, -0.125, 0.125, 0.375, 0.625, 0.875]);
  });

  it('logarithmic codebooks equal LogQuant with one exponent less (equation 3 of Miyashita et al. 2016)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(finite, fc.double({ min: -1, max: 1, noNaN: true })), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 2, max: 5 }),
        fc.constantFrom(1 as const, 2 as const, 4 as const),
        (values, bits, stepsPerOctave) => {
          const most = Math.max(...values.map(Math.abs));
          fc.pre(most > 1e-200);
          const codebook = logarithmicCodebook(values, { bits, stepsPerOctave });
          const top = codebook.levels.at(-1)!;
          for (const x of [...values, top * Math.SQRT1_2, -top * Math.SQRT1_2, 1e-300, -1e-300]) {
            const whole = {
              bits: bits - 1,
              fullScale: Math.log2(top),
              stepsPerOctave,
              levels: 'codes-and-zero',
            } as const;
            if (Number.isInteger(whole.fullScale))
              expect(codebook.levels[codeOf(codebook, x)]! + 0).toBe(logQuant(x, whole) + 0);
          }
        },
      ),
      { numRuns: 200, seed: 5 },
    );
  });
});

describe('codebooks on crossbars', () => {
  const codebook = kMeansCodebook(normal(500, 'crossbar'), { levels: 16 });

  it("one cell a weight: conductances give the code values back, within the device's range", () => {
    for (const sign of ['differential', 'offset'] as const) {
      const { positive, negative, valuePerSiemens } = codebookConductances(codebook, sign, 1e-6, 1e-4);
      codebook.levels.forEach((level, i) => {
        expect((positive[i]! - negative[i]!) * valuePerSiemens).toBeCloseTo(level, 12);
      });
      for (const g of [...positive, ...negative]) expect(g >= 1e-6 * (1 - 1e-12) && g <= 1e-4 * (1 + 1e-12)).toBe(true);
    }
    expect(() => codebookConductances(codebook, 'offset', 2e-6, 1e-6)).toThrow(RangeError);
  });

  it('fixed-point words sliced over cells: digits give the words back, words are within half a step of values', () => {
    for (const sign of ['differential', 'offset'] as const) {
      for (const [wordBits, cellBits] of [
        [8, 2],
        [8, 3],
        [16, 4],
        [6, 6],
      ] as const) {
        const { words, positive, negative, offset, fractionBits } = codebookWords(codebook, sign, wordBits, cellBits);
        const join = (digits: Uint32Array): number =>
          digits.reduce((sum, digit, slice) => sum + digit * 2 ** (cellBits * slice), 0);
        codebook.levels.forEach((level, i) => {
          expect(positive[i]).toHaveLength(Math.ceil(wordBits / cellBits));
          expect(join(positive[i]!) - (negative === undefined ? offset : join(negative[i]!))).toBe(words[i]);
          expect(Math.abs(words[i]! * 2 ** -fractionBits - level)).toBeLessThanOrEqual(2 ** (-fractionBits - 1));
        });
      }
    }
  });
});

describe('symmetric and clipped grids as quantize makes them', () => {
  const values = Float64Array.from({ length: 501 }, (_, i) => (i < 100 ? 0 : Math.sin(i) * (1 + i / 100)));

  it.each(['symmetric', 'clipped'] as const)('%s: 2^n - 1 levels, 0 among them, pruned weights stay 0', (method) => {
    for (const zero of [undefined, false, true]) {
      const { codebook, values: quantized } = quantizeValues(values, {
        method,
        bits: 3,
        ...(zero === undefined ? {} : { zero }),
      });
      expect(codebook!.levels).toHaveLength(7);
      expect(codebook!.levels).toContain(0);
      expect([...quantized.subarray(0, 100)]).toEqual(new Array(100).fill(0));
    }
  });

  it('float32 keeps what is float32', () => {
    const singles = Float32Array.from(values);
    const { values: quantized, saturated } = quantizeValues(singles, { method: 'float32', bits: 32 });
    expect(Float32Array.from(quantized)).toEqual(singles);
    expect(saturated).toBe(0);
  });
});
