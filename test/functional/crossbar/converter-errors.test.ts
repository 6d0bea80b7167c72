// Errors that converters draw: how large an integral non-linearity is.

import { describe, expect, it } from 'vitest';
import { converterErrors, nonLinear } from '../../../src/functional/crossbar/converter.js';
import { idealConverter } from '../../../src/functional/crossbar/options.js';

const LAST = 255;

describe('integral non-linearity', () => {
  it('is what was asked for at its largest, whatever the shares of bow and S (their sum reaches 1.23)', () => {
    const converters = Int32Array.from({ length: 200 }, (_, i) => i);
    const { bow, curve } = converterErrors({ ...idealConverter(8), inl: 0.5 }, converters, 1, ['fc'])!;
    const largest = Array.from(converters, (line) => {
      let most = 0;
      for (let u = 0; u <= 1; u += 1 / 4096)
        most = Math.max(most, Math.abs(nonLinear(u * LAST, LAST, bow[line]!, curve[line]!) - u * LAST));
      return most;
    });
    for (const most of largest) {
      expect(most).toBeLessThanOrEqual(0.5 + 1e-9);
      expect(most).toBeGreaterThan(0.5 - 1e-5);
    }
    // Every mixture is drawn: more bow than S, and more S than bow.
    expect(bow.some((share, i) => Math.abs(share) > 2 * Math.abs(curve[i]!))).toBe(true);
    expect(bow.some((share, i) => 2 * Math.abs(share) < Math.abs(curve[i]!))).toBe(true);
  });
});
