// Searches for the best levels: equal to the plain search, and bounded in what they cost.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clippedCodebook, kMeansCodebook, weightedEntropyCodebook } from '../../src/numerics/quantizers/index.js';
import { nearestCodebook } from '../../src/numerics/quantizers/codebook.js';
import { sortValues } from '../../src/numerics/quantizers/sorted.js';
import { squaredError } from '../../src/numerics/quantizers/uniform.js';

/** Levels of the clip with the least error, a codebook for every candidate. */
function plainClipped(
  values: number[],
  {
    levels,
    zero,
    candidates,
    importance,
  }: {
    readonly levels: number;
    readonly zero: boolean;
    readonly candidates: number;
    readonly importance?: number[] | undefined;
  },
) {
  const sorted = sortValues(values, importance);
  const most = Math.max(...values.map(Math.abs));
  const half = ((zero && levels % 2 === 0 ? levels - 1 : levels) - 1) / 2;
  const grids = Array.from({ length: candidates }, (_, k) => {
    const clip = most * ((k + 1) / candidates);
    return nearestCodebook(
      half === 0 ? [0] : Array.from({ length: 2 * half + 1 }, (__, i) => (i - half) * (clip / half)),
    );
  });
  const errors = grids.map((grid) => squaredError(sorted, grid));
  return grids[errors.indexOf(Math.min(...errors))]!;
}

describe('the best clip', () => {
  it('is that of a search with a codebook for every candidate, to the last bit', () => {
    const value = fc.oneof(
      fc.double({ min: -4, max: 4, noNaN: true }),
      // On levels and on the borders between them.
      fc.integer({ min: -16, max: 16 }).map((n) => n / 8),
      fc.constantFrom(0, 1e-310, -5e-324, 1e140),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(value, fc.double({ min: 0.1, max: 3, noNaN: true })), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 1, max: 16 }),
        (pairs, levels, zero, weighted, candidates) => {
          const values = pairs.map(([x]) => x);
          const importance = weighted ? pairs.map(([, weight]) => weight) : undefined;
          const options = { levels, zero, candidates, ...(importance === undefined ? {} : { importance }) };
          expect(clippedCodebook(values, options)).toEqual(
            plainClipped(values, { levels, zero, candidates, importance }),
          );
        },
      ),
      { seed: 16, numRuns: 200 },
    );
  });

  it('of 65,535 levels costs as few steps as of 15, one a candidate', () => {
    const values = Array.from({ length: 200 }, (_, i) => Math.sin(i));
    for (const levels of [16, 65_536]) {
      let steps = 0;
      const { levels: found } = clippedCodebook(values, { levels, watch: () => steps++ });
      expect([steps, found.length]).toEqual([100, levels - 1]);
    }
  });
});

describe('a search tells that it goes on', () => {
  const values = Array.from({ length: 3000 }, (_, i) => Math.sin(i));

  it('k-means once an iteration of each start', () => {
    let steps = 0;
    kMeansCodebook(values, { levels: 4, iterations: 5, watch: () => steps++ });
    expect(steps).toBeGreaterThan(3);
    expect(steps).toBeLessThanOrEqual(15);
  });

  it('weighted entropy once in a thousand borders', () => {
    let steps = 0;
    weightedEntropyCodebook(values, { levels: 4096, candidates: 2, passes: 3, watch: () => steps++ });
    // 1,500 values of each sign have 1,499 borders, in at most 3 passes.
    expect(steps).toBeGreaterThanOrEqual(2);
    expect(steps).toBeLessThanOrEqual(6);
  });
});
