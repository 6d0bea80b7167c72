// Weights kept in dynamic fixed point.

import { describe, expect, it } from 'vitest';
import { FixedPointWriter } from '../../../src/functional/training/fixed-point-writer.js';

const OPTIONS = { bits: 8, headroom: 1, seed: 3 };

describe('fixed-point weights', () => {
  it('start on the grid of their largest: 7 fraction bits for 8 bits up to 1', () => {
    const data = Float64Array.of(1, 0.3, -0.5);
    new FixedPointWriter({ ...OPTIONS, rounding: 'nearest' }).prepare('w', { shape: [3], data });
    // 1 is cut to 127/128; 0.3 x 128 = 38.4.
    expect([...data]).toEqual([127 / 128, 38 / 128, -64 / 128]);
  });

  it('lose changes below half a step where rounded to the nearest, keep them on average where stochastic', () => {
    const change = new Float64Array(10_000).fill(0.1 / 128);
    const mean = (rounding: 'nearest' | 'stochastic'): number => {
      const data = new Float64Array(10_000);
      data[0] = 1;
      const writer = new FixedPointWriter({ ...OPTIONS, rounding });
      writer.prepare('w', { shape: [data.length], data });
      writer.write('w', { shape: [data.length], data }, change);
      const moved = data.subarray(1);
      expect(moved.every((weight) => Number.isInteger(weight * 128))).toBe(true);
      return moved.reduce((sum, weight) => sum + weight, 0) / moved.length;
    };
    expect(mean('nearest')).toBe(0);
    // 10,000 draws of 0.1 with a deviation of 0.3 each: within four deviations of the mean.
    expect(Math.abs(mean('stochastic') * 128 - 0.1)).toBeLessThan(0.012);
  });

  it('draws as if nothing had happened after it is taken up again', () => {
    const write = (before: number, resumed: boolean): number[] => {
      const data = new Float64Array(50).fill(0.5);
      const values = { shape: [50], data };
      const change = new Float64Array(50).fill(0.004);
      const writer = new FixedPointWriter({ ...OPTIONS, rounding: 'stochastic' });
      writer.prepare('w', values);
      if (resumed) writer.resume(before + 1);
      else for (let i = 0; i < before; i++) writer.write('w', { shape: [50], data: new Float64Array(50) }, change);
      writer.write('w', values, change);
      return [...data];
    };
    expect(write(3, true)).toEqual(write(3, false));
  });
});
