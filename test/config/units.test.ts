import { describe, expect, it } from 'vitest';
import { parseQuantity } from '../../src/config/units.js';

describe('a unit that is not known', () => {
  it.each([
    ['3 um^2', 'area', 'um2 for um^2'],
    ['0.4 mm²', 'area', 'mm2 for mm²'],
    ['100 Mhz', 'frequency', 'MHz for Mhz'],
    ['10 NS', 'time', 'ns for NS'],
    ['64 kb/S', 'rate', 'kb/s for kb/S'],
  ] as const)('%s is refused with the word that fits', (text, dimension, words) => {
    expect(() => parseQuantity(text, dimension)).toThrow(words);
  });

  it('of another dimension has none', () => {
    expect(() => parseQuantity('3 mm', 'frequency')).toThrow(/MHz|GHz"\)$/);
  });
});
