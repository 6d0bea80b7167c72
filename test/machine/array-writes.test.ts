// How long writes of arrays take: the rows that are written, one after the other, of the fullest array.

import { describe, expect, it } from 'vitest';
import { resultOf } from '../helpers.js';

const FILES = {
  'dense.yaml': `name: dense
input: { features: 8 }
layers:
  - { name: a, type: dense, features: 8 }
  - { name: d, type: dense, features: 4 }
`,
  'depthwise.yaml': `name: depthwise
input: { channels: 32, height: 4, width: 4 }
layers:
  - { name: c1, type: conv2d, channels: 32, kernel: 3, padding: 1, groups: 32 }
  - { name: c2, type: conv2d, channels: 32, kernel: 3, padding: 1, groups: 32 }
`,
};
/** Write of a row on PipeLayer, s. */
const WRITE = 50.88e-9;

describe('an update (U)', () => {
  const training = ['network=dense.yaml', 'workload={ mode: training, batch: 4, images: 4 }'];
  /** Less reading the gradient and subtracting it, 1 ns each. */
  const writesOf = (sets: readonly string[]): number =>
    resultOf('pipelayer', [...training, ...sets], FILES).stages.find(({ pass }) => pass === 'U')!.serviceS - 2e-9;

  it.each([8, 128, 1024])('waits for the 8 rows that hold weights, in arrays of %i rows', (rows) => {
    expect(writesOf([`crossbar.rows=${rows}`])).toBeCloseTo(8 * WRITE, 15);
  });

  it('waits for the fullest array: 4 of 8 rows in one, of 9 with a bias, 2 rows at once', () => {
    expect(writesOf(['crossbar.rows=4'])).toBeCloseTo(4 * WRITE, 15);
    expect(writesOf(['mapping.biasRow=true'])).toBeCloseTo(9 * WRITE, 15);
    expect(writesOf(['mapping.biasRow=true', 'crossbar.writeRows=2'])).toBeCloseTo(5 * WRITE, 15);
  });
});

describe('groups that share arrays', () => {
  const sets = ['network=depthwise.yaml', 'workload={ mode: training, batch: 1, images: 1 }', 'gradient.copies=1'];
  const of = (groups: string, write: string): ReturnType<typeof resultOf> =>
    resultOf('pipelayer', [...sets, `mapping.groups=${groups}`, `gradient.write=${write}`], FILES);
  const gradient = (groups: string, write: string): number =>
    of(groups, write).stages.find(({ pass, layer }) => pass === 'G' && layer === 'c1')!.serviceS;

  it('gradient.write serial: 16 rows of a group alone, 8 groups x 16 rows of 128 packed', () => {
    for (const [groups, rows] of [
      ['separate', 16],
      ['packed', 8 * 16],
    ] as const)
      expect(gradient(groups, 'serial') - gradient(groups, 'overlapped')).toBeCloseTo(rows * WRITE, 12);
  });

  it('the first programming: 9 rows of a group alone, 11 groups x 9 rows of 128 packed', () => {
    // 14 groups of 9 x 9 fit in 128 x 128: 32 are three arrays of 11, 11 and 10.
    expect(of('separate', 'serial').device!.programming.timeS).toBeCloseTo(9 * WRITE, 15);
    expect(of('packed', 'serial').device!.programming.timeS).toBeCloseTo(11 * 9 * WRITE, 15);
  });
});
