// Units of figures that can be explained.

import { describe, expect, it } from 'vitest';
import { bookOf } from '../../src/explain/index.js';
import { resultOf } from '../helpers.js';

/** Units by what a key's last word ends in. */
const UNITS: readonly (readonly [ends: RegExp, units: readonly string[]])[] = [
  [/(PerS|PerSecond)$/, ['1/s', 'images/s']],
  [/gopsPerW$/i, ['GOPS/W']],
  [/gopsPerMm2$/i, ['GOPS/mm2']],
  [/gops$/i, ['GOPS']],
  [/Mm2$/, ['mm2']],
  [/[a-z]S$/, ['s']],
  [/[a-z]J$/, ['J']],
  [/[a-z]W$/, ['W']],
  [/Bytes$/, ['B']],
  [/^seconds$/, ['s']],
  [/^cycles$/, ['cycles']],
];

describe('the unit of a figure that is explained', () => {
  it.each([
    ['pipelayer', ['network=mnist-a']],
    ['isaac', ['network=vgg-8']],
    ['digital-int8', ['network=lenet-5']],
    ['puma', ['network=lstm-small']],
  ])('is there where its name has a dimension: %s', (config, sets) => {
    const figures = [...bookOf(resultOf(config, sets)).values()];
    const wrong = figures.flatMap(({ key, unit }) => {
      const word = key.split('.').at(-1)!;
      const expected = UNITS.find(([ends]) => ends.test(word))?.[1];
      return expected === undefined || expected.includes(unit) ? [] : [`${key}: "${unit}"`];
    });
    expect(wrong).toEqual([]);
  });

  it('is, of the ends of a range, that of the constant', () => {
    const book = bookOf(resultOf('pipelayer', ['network=mnist-a']));
    const ends = [...book.values()].filter(({ key }) => /\.range\.\d/.test(key));
    expect(ends.length).toBeGreaterThan(0);
    for (const { key, unit } of ends)
      expect(`${key} ${unit}`).toBe(`${key} ${book.get(key.replace(/\.range\.\d+/, '.value'))!.unit}`);
    expect(book.get('config.device.retention.range.0')?.unit).toBe('s');
  });
});
