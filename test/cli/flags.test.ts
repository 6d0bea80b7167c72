// Numbers of flags that count.

import { describe, expect, it } from 'vitest';
import { wholeFlag } from '../../src/cli/flags.js';

describe('wholeFlag', () => {
  it('gives whole numbers of the range, and nothing for nothing', () => {
    const missing: number | undefined = undefined;
    expect(wholeFlag<number | undefined>('images', missing, 1)).toBe(undefined);
    expect([wholeFlag('depth', 0, 0), wholeFlag('port', 65_535, 0, 65_535)]).toEqual([0, 65_535]);
  });

  it.each([-1, 0.5, NaN, Infinity, 2 ** 53, 9])('refuses %s with the flag, what was found and the range', (value) => {
    expect(() => wholeFlag('cell-bits', value, 1, 8)).toThrow(
      `--cell-bits: found ${value}, expected a whole number from 1 to 8`,
    );
  });
});
