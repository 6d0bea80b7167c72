// Places between the rows of a table.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atNode, logLog, placeOf } from '../../src/estimators/between.js';

const TABLE = [
  { nm: 7, value: 0.3 },
  { nm: 28, value: 1.2 },
  { nm: 112, value: 0.1 },
] as const;
const nm = (row: (typeof TABLE)[number]): number => row.nm;
const value = (row: (typeof TABLE)[number]): number => row.value;

describe('between the rows of a table', () => {
  it('at a row stands what the row has, to the bit', () => {
    for (const row of TABLE) {
      expect(logLog(placeOf(TABLE, nm, row.nm)!, value)).toBe(row.value);
      expect(logLog(atNode(TABLE, nm, row.nm * 1e-9, 'rows'), value)).toBe(row.value);
    }
  });

  it('half way along both logarithmic axes: 14 nm between 7 and 28 has sqrt(0.3 x 1.2)', () => {
    expect(placeOf(TABLE, nm, 14)!.share).toBeCloseTo(0.5, 12);
    expect(logLog(atNode(TABLE, nm, 14e-9, 'rows'), value)).toBeCloseTo(0.6, 12);
    expect(logLog(placeOf(TABLE, nm, 56)!, value)).toBeCloseTo(Math.sqrt(0.12), 12);
  });

  it('is a power of the axis: what lies a share of the way has that power of the ratio', () => {
    fc.assert(
      fc.property(fc.double({ min: 7, max: 112, noNaN: true }), (at) => {
        const power = logLog(placeOf(TABLE, nm, at)!, nm);
        expect(power).toBeCloseTo(at, 9);
      }),
    );
  });

  it('outside of the table there is no place', () => {
    expect(placeOf(TABLE, nm, 6.99)).toBeNull();
    expect(placeOf(TABLE, nm, 112.01)).toBeNull();
    expect(() => atNode(TABLE, nm, 5e-9, 'rows')).toThrow('rows are known from 7 to 112 nm, found 5 nm');
    expect(() => atNode(TABLE, nm, 180e-9, 'rows')).toThrow('rows are known from 7 to 112 nm, found 180 nm');
  });
});
