// Logarithmic formats with codes, sums in steps of sqrt 2, and running exponents, against values worked out by hand.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toNumber } from '../../src/numerics/formats/dyadic.js';
import { updateFractionBits } from '../../src/numerics/formats/dynamic-fixed-point.js';
import { logFormat, logQuant, rootTwoDot } from '../../src/numerics/formats/log-quant.js';

describe('a log format with codes (LogNet, arXiv 1603.01025)', () => {
  it('of 3 bits up to 2^0 has seven powers of two and zero, then the negative ones', () => {
    const format = logFormat({ bits: 3, fullScale: 0 });
    const values = Array.from({ length: 16 }, (_, code) => format.decode(code));
    expect(values.slice(0, 8)).toEqual([0, 1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1]);
    expect(values.slice(9)).toEqual([1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1].map((value) => -value));
    expect(format.bits).toBe(4);
    // log2 0.3 = -1.74 is nearest -2; log2 0.36 = -1.47 is nearest -1.
    expect([0.3, 0.36, -0.3, 5, 0, 0.001].map((x) => format.encode(x))).toEqual([5, 6, 13, 7, 0, 1]);
  });

  it('gives back every code, and the value of the quantizer of as many levels', () => {
    const sizes = fc.record({
      bits: fc.integer({ min: 1, max: 6 }),
      fullScale: fc.integer({ min: -3, max: 3 }),
      stepsPerOctave: fc.constantFrom(1 as const, 2 as const, 4 as const),
    });
    fc.assert(
      fc.property(sizes, fc.double({ min: -20, max: 20, noNaN: true }), (options, x) => {
        const format = logFormat(options);
        const codes = Array.from({ length: 2 ** format.bits }, (_, code) => code).filter(
          (code) => code !== 2 ** options.bits,
        );
        expect(codes.map((code) => format.encode(format.decode(code)))).toEqual(codes);
        expect(format.decode(format.encode(x))).toBe(logQuant(x, { ...options, levels: 'codes-and-zero' }));
      }),
      { numRuns: 60 },
    );
  });
});

describe('a sum with both sides in steps of sqrt 2', () => {
  it('of w = 2^(1, -1/2, 3/2), x = 2^(1/2, 1/2, 1/2): 2 sqrt 2, 1 and -4', () => {
    const { even, odd } = rootTwoDot([2, -1, 3], [1, 1, 1], [1, 1, -1]);
    expect([toNumber(even), toNumber(odd)]).toEqual([1 - 4, 2]);
  });

  it('is the sum of products', () => {
    const terms = fc.array(
      fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 }), fc.constantFrom(-1, 0, 1)),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(terms, (all) => {
        const { even, odd } = rootTwoDot(
          all.map(([w]) => w),
          all.map(([, x]) => x),
          all.map(([, , sign]) => sign),
        );
        const sum = all.reduce((total, [w, x, sign]) => total + sign * 2 ** ((w + x) / 2), 0);
        expect(toNumber(even) + toNumber(odd) * Math.SQRT2).toBeCloseTo(sum, 6);
      }),
    );
  });
});

describe('a running exponent (Courbariaux, Bengio and David 2014, section 5)', () => {
  // Integers of 4 bits with 1 bit after the point reach 7 / 2.
  const within = [0.5, 1, 1.5, 3];
  it('loses a bit after the point where too many values overflow', () => {
    expect(updateFractionBits([...within, 3.5], 4, 1, 0.1)).toBe(0);
    expect(updateFractionBits([...within, 3.5], 4, 1, 0.3)).toBe(1);
  });
  it('gains one where even then few would', () => {
    expect(updateFractionBits([0.5, 1, 1.5, 1.7], 4, 1, 0.1)).toBe(2);
    expect(updateFractionBits(within, 4, 1, 0.1)).toBe(1);
  });
});
