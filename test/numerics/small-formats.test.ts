import { describe, expect, it } from 'vitest';
import { dot, exactAccumulator } from '../../src/numerics/accumulators.js';
import { fixedPoint } from '../../src/numerics/formats/fixed-point.js';
import { posit } from '../../src/numerics/formats/posit.js';

describe('fixed point of 8 bits, 4 of them behind the point', () => {
  const cut = fixedPoint({ bits: 8, fractionBits: 4 });
  const wrapped = fixedPoint({ bits: 8, fractionBits: 4, overflow: 'wrap' });

  it('exact numbers: rounded, then cut or wrapped', () => {
    // 5 / 32 is 2.5 of the last bit: a tie, to even.
    expect(cut.encodeExact({ significand: 5n, exponent: -5 })).toBe(2);
    expect(cut.encodeExact({ significand: 5n, exponent: -5 }, 'up')).toBe(3);
    for (const [integer, saturated, modulo] of [
      [300n, 127, 44],
      [-300n, 128, 212],
      [-1n, 255, 255],
    ] as const) {
      const value = { significand: integer, exponent: -4 };
      expect([cut.encodeExact(value), wrapped.encodeExact(value)]).toEqual([saturated, modulo]);
    }
    expect(cut.decodeExact(0x80)).toEqual({ significand: -128n, exponent: -4 });
  });

  it('products rounded one by one, as they are added, or once at the end', () => {
    // In sixteenths: 4 x 4 = 1 and 4 x 6 = 1.5, which alone goes to 2, as 2.5 does.
    const [a, b] = [Int32Array.of(4, 4), Int32Array.of(4, 6)];
    expect(dot(cut, a, b, { how: 'plain' })).toBe(3);
    expect(dot(cut, a, b, { how: 'fused' })).toBe(2);
    expect(dot(cut, a, b, { how: exactAccumulator(cut, 2) })).toBe(2);
    expect(dot(cut, a, b, { how: 'plain', rounding: 'toward-zero' })).toBe(2);
  });
});

it("posits below the least: never 0, 0, or rounded at half of it (posit<8,0>'s least is 1 / 64)", () => {
  const values = [1 / 256, 1 / 128, 3 / 256, -3 / 256];
  const codes = (underflow: 'never-zero' | 'half-minpos' | 'truncate'): number[] => {
    const format = posit({ bits: 8, exponentBits: 0, underflow });
    return values.map((value) => format.decode(format.encode(value)) * 64 + 0);
  };
  expect(codes('never-zero')).toEqual([1, 1, 1, -1]);
  expect(codes('truncate')).toEqual([0, 0, 0, 0]);
  expect(codes('half-minpos')).toEqual([0, 0, 1, -1]);
});
