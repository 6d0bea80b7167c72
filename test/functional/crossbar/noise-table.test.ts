// Tables of measured levels: shares and siemens, and what is refused with its line.

import { describe, expect, it } from 'vitest';
import { readNoiseTable } from '../../../src/functional/crossbar/noise-table.js';

const CELL = { levels: 4, off: 1e-6, on: 11e-6 };
const read = (text: string) => readNoiseTable(text, 'levels.csv', CELL);

describe('tables of measured levels', () => {
  it('siemens become shares of the range from the lowest to the highest level', () => {
    const found = read('level,mean_us,deviation_us\n0,1,0.1\n1,3,0.2\n2,6,0.3\n3,12,0\n');
    const right = [
      [0, 0.01],
      [0.2, 0.02],
      [0.5, 0.03],
      [1.1, 0],
    ];
    found.forEach(({ mean, deviation }, level) => {
      expect(mean).toBeCloseTo(right[level]![0]!, 12);
      expect(deviation).toBeCloseTo(right[level]![1]!, 12);
    });
  });

  it.each([
    [
      'a level below the one before',
      '0,0,0\n1,0.5,0\n2,0.4,0\n3,1,0',
      'levels.csv:4:1: level 2: its mean is not above',
    ],
    ['two levels that are one', '3,1,0\n1,0.3,0\n2,0.3,0\n0,0,0', 'levels.csv:4:1: level 2: its mean is not above'],
    ['a level twice', '0,0,0\n1,0.5,0\n1,0.6,0\n3,1,0', 'levels.csv:4:1: level 1 stands twice'],
    ['a level that is missing', '0,0,0\n1,0.5,0\n3,1,0', 'levels.csv:1:1: level 2 is missing'],
    ['a deviation below 0', '0,0,-0.1\n1,0.5,0\n2,0.6,0\n3,1,0', 'levels.csv:2:1: deviation: found -0.1'],
    ['a level that a cell has not', '0,0,0\n4,0.5,0', 'levels.csv:3:1: level: found 4'],
  ])('%s is refused with its line', (_, rows, message) => {
    expect(() => read(`level,mean,deviation\n${rows}\n`)).toThrow(message);
  });
});
