// The mean share of their conductance that drifting cells keep, against integrals of the normal density.

import { expect, it } from 'vitest';
import { driftFactor, meanDriftFactor } from '../../src/estimators/cells.js';

it.each([
  [0.05, 0.02],
  [0.05, 0.04],
  [0.02, 0.1],
  [0, 0.05],
])('mean share over cells of exponents |nu|, nu normal (%d, %d): the integral of the density', (mean, deviation) => {
  const [time, t0, steps] = [3.15e7, 20, 20_000];
  let share = 0;
  for (let i = 0; i < steps; i++) {
    const z = -10 + (20 * (i + 0.5)) / steps;
    const nu = Math.abs(mean + deviation * z);
    share += ((20 / steps) * Math.exp((-z * z) / 2) * driftFactor(time, nu, t0)) / Math.sqrt(2 * Math.PI);
  }
  expect(meanDriftFactor(time, mean, deviation, t0) / share).toBeCloseTo(1, 6);
});

it('mean share of drift: one exponent for all cells, no time, and spreads whose densities underflow', () => {
  expect(meanDriftFactor(25, 0.049, 0, 20)).toBe(driftFactor(25, 0.049, 20));
  expect(meanDriftFactor(0, 0.049, 0.02, 20)).toBeCloseTo(1, 6);
  // |nu| of deviation 1, e^-50|nu|: twice the density at 0, 0.3989, over 50.
  expect(meanDriftFactor(Math.exp(50), 0, 1, 1)).toBeCloseTo((2 * 0.3989) / 50, 4);
});
