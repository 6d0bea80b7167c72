import { expect, it } from 'vitest';
import { WaveLog } from '../../src/pipeline/wave-log.js';

/** The period of a log of arrivals at these units, a tick after each other and served at once. */
function periodOf(units: readonly number[]): number {
  const log = new WaveLog();
  for (const [at, unit] of units.entries()) log.note(unit, at, at, at, 0, at, at + 1);
  return log.period();
}

it.each([
  ['all three are of the same units', [1, 2, 2, 1, 2, 2, 1, 2, 2], 3],
  ['one unit', [3, 3, 3], 1],
  ['the first of the three is of another unit', [1, 2, 2], 0],
  ['the last is', [1, 1, 2], 0],
  ['the first of three longer ones is', [1, 9, 1, 2, 1, 2], 0],
] as const)('a period is what came three times: %s', (_, units, period) => {
  expect(periodOf(units)).toBe(period);
});
