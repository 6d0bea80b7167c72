// Scores of outputs and what trials say, worked out by hand.

import { expect, it } from 'vitest';
import { overTrials, wastedShare } from '../../src/functional/evaluate/result.js';
import { scoreOf } from '../../src/functional/evaluate/score.js';

const rows = (...data: number[][]): { shape: number[]; data: Float64Array } => ({
  shape: [data.length, data[0]!.length],
  data: Float64Array.from(data.flat()),
});

it('right, right among five, loss in nats; the first of equals is the answer', () => {
  const logits = rows([1, 3, 3, 0, -1, -2, 0.5], [6, 5, 4, 3, 2, 1, 0]);
  expect(scoreOf(logits, Int32Array.of(1, 5))).toMatchObject({ right: 1, rightOfFive: 1, places: 2 });
  expect(scoreOf(logits, Int32Array.of(2, 4))).toMatchObject({ right: 0, rightOfFive: 2, places: 2 });
  // ln(e^0 + e^ln 3) - ln 3 = ln(4 / 3), or -ln(3 / 4) of shares.
  expect(scoreOf(rows([0, Math.log(3)]), Int32Array.of(1)).nats).toBeCloseTo(Math.log(4 / 3), 14);
  expect(scoreOf(rows([0.25, 0.75]), Int32Array.of(1), true).nats).toBeCloseTo(Math.log(4 / 3), 14);
});

it('an answer that is no number is never right', () => {
  for (const logits of [rows([NaN, NaN]), rows([0, NaN]), rows([NaN, 1])])
    for (const label of [0, 1]) expect(scoreOf(logits, Int32Array.of(label)).right).toBe(0);
});

it('range unused: what no sum of any matrix reached', () => {
  const sums = [
    { leastColumnSum: 0, largestColumnSum: 100 },
    { leastColumnSum: -20, largestColumnSum: 900 },
  ];
  // 100 of 200, and all of -10 to 90.
  const ranges = [
    { least: 0, most: 200 },
    { least: -10, most: 90 },
  ];
  expect(wastedShare(sums, ranges)).toBeCloseTo(1 - 200 / 300, 14);
  expect(wastedShare(sums, [null, ranges[1]!])).toBe(0);
  expect(wastedShare(sums, [null, null])).toBeNull();
});

it("trials: mean, sample deviation, half width of Student's 95 % interval", () => {
  const three = overTrials([0.9, 0.92, 0.94]);
  expect(three.mean).toBeCloseTo(0.92, 14);
  expect(three.deviation).toBeCloseTo(0.02, 14);
  // 4.303 (2 degrees of freedom) x 0.02 / sqrt(3).
  expect(three.confidence95).toBeCloseTo(0.049687, 6);
  // Thirty-one trials have 30 degrees of freedom: 1.96 x s / sqrt(31).
  const many = overTrials(Array.from({ length: 31 }, (_, i) => (i < 15 ? 0 : 1)));
  expect(many.deviation).toBeCloseTo(Math.sqrt((15 * 16) / (31 * 30)), 12);
  expect(many.confidence95).toBeCloseTo((1.96 * many.deviation) / Math.sqrt(31), 12);
  expect(overTrials([0.5])).toMatchObject({ mean: 0.5, deviation: 0, confidence95: 0 });
});
