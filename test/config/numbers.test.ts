import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { grouped } from '../../src/config/numbers.js';

describe('grouped', () => {
  it("separates thousands as toLocaleString('en-US') does, of any number", () => {
    const numbers = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -2_000_000, max: 2_000_000 }), fc.double());
    fc.assert(fc.property(numbers, (value) => grouped(value) === value.toLocaleString('en-US')));
    for (const value of [0, -0, 999, 1000, -999, -1000, 1234567, 2 ** 53, 1e21, NaN, Infinity])
      expect(grouped(value)).toBe(value.toLocaleString('en-US'));
  });
});
