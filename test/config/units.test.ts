import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dimensionOf,
  exampleOf,
  formatEngineering,
  formatQuantity,
  parseQuantity,
  patternOf,
  unitOf,
  type Dimension,
} from '../../src/config/units.js';

describe('a quantity in SI units', () => {
  it.each([
    ['29.31 ns', 'time', 29.31e-9],
    ['3 s', 'time', 3],
    ['-2 ms', 'time', -2e-3],
    ['5 min', 'time', 300],
    ['2 h', 'time', 7200],
    ['1 year', 'time', 31_557_600],
    ['10 years', 'time', 315_576_000],
    ['1.08 pJ', 'energy', 1.08e-12],
    ['4 fJ', 'energy', 4e-15],
    ['2 mW', 'power', 2e-3],
    ['7 µW', 'power', 7e-6],
    ['7 μW', 'power', 7e-6],
    ['1 PW', 'power', 1e15],
    ['0.372 mm2', 'area', 0.372],
    ['1 m2', 'area', 1e6],
    ['1 cm2', 'area', 100],
    ['25 um2', 'area', 25e-6],
    ['1 nm2', 'area', 1e-12],
    ['1.2 GHz', 'frequency', 1.2e9],
    ['3 kHz', 'frequency', 3000],
    ['3 KHz', 'frequency', 3000],
    ['2 THz', 'frequency', 2e12],
    ['1.28 GSps', 'sampleRate', 1.28e9],
    ['10 MS/s', 'sampleRate', 1e7],
    ['64 KiB', 'capacity', 524_288],
    ['2 MiB', 'capacity', 16_777_216],
    ['1 GiB', 'capacity', 8_589_934_592],
    ['1 Tib', 'capacity', 2 ** 40],
    ['8 kB', 'capacity', 64_000],
    ['3 bit', 'capacity', 3],
    ['6.4 GB/s', 'rate', 51.2e9],
    ['1 kb/s', 'rate', 1000],
    ['0.5 V', 'voltage', 0.5],
    ['40 uA', 'current', 4e-5],
    ['100 kΩ', 'resistance', 1e5],
    ['1 Mohm', 'resistance', 1e6],
    ['25 uS', 'conductance', 25e-6],
    ['32 nm', 'length', 32e-9],
    ['.5e3 m', 'length', 500],
    ['4 mW / 8', 'power', 5e-4],
    ['4 mW * 2.5', 'power', 0.01],
    ['6 mW * 4 / 3', 'power', 8e-3],
    [' 12 ns / 4 ', 'time', 3e-9],
  ] as const)('%s (%s) is %d', (text, dimension, value) => {
    expect(parseQuantity(text, dimension)).toBe(value);
  });

  it.each([
    ['3', 'time'],
    ['ns', 'time'],
    ['', 'time'],
    ['3 ns', 'energy'],
    ['3 Kis', 'time'],
    ['3 KiB/s', 'rate'],
    ['3 xB', 'capacity'],
    ['1 ns / 0', 'time'],
    ['3 J * x', 'energy'],
    ['3 * 2', 'energy'],
    ['1e400 J', 'energy'],
    ['3 toString', 'power'],
    ['3 valueOf', 'time'],
    ['3 toStringB', 'capacity'],
    [`3 ns${' '.repeat(197)}`, 'time'],
  ] as const)('"%s" is none in %s', (text, dimension) => {
    expect(() => parseQuantity(text, dimension)).toThrow(
      `is not a quantity in ${unitOf(dimension)} (expected a number with a unit, e.g. "${exampleOf(dimension)}"`,
    );
  });

  it('of 200 characters is read', () => {
    expect(parseQuantity(`3 ns${' '.repeat(196)}`, 'time')).toBe(3e-9);
  });
});

describe('a dimension', () => {
  it.each([
    ['mW', 'power'],
    ['year', 'time'],
    ['um2', 'area'],
    ['KiB', 'capacity'],
    ['GB/s', 'rate'],
    ['S/s', 'sampleRate'],
    ['uS', 'conductance'],
    ['furlong', undefined],
  ])('of %s is %s', (unit, dimension) => {
    expect(dimensionOf(unit)).toBe(dimension);
  });

  it('has a pattern that its own quantities fit, and no others', () => {
    const fits = (dimension: Dimension, text: string): boolean => new RegExp(`^${patternOf(dimension)}$`).test(text);
    for (const dimension of ['time', 'energy', 'area', 'rate', 'capacity', 'length'] as const)
      expect(fits(dimension, exampleOf(dimension)), dimension).toBe(true);
    expect(fits('time', '3 years * 2 / 4.5')).toBe(true);
    expect(fits('capacity', '3 KiB')).toBe(true);
    expect(patternOf('voltage')).toBe(
      String.raw`\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*((f|p|n|u|µ|μ|m|c||k|K|M|G|T|P)(V))` +
        String.raw`\s*([*/]\s*\d+(\.\d+)?\s*)*`,
    );
    for (const text of ['3 Kis', '3 nJ', '3', 'ns']) expect(fits('time', text), text).toBe(false);
  });
});

describe('a unit that is not known', () => {
  it.each([
    ['3 um^2', 'area', '; um2 for um^2)'],
    ['0.4 mm²', 'area', '; mm2 for mm²)'],
    ['100 Mhz', 'frequency', '; MHz for Mhz)'],
    ['100 mhz', 'frequency', '; mHz for mhz)'],
    ['10 NS', 'time', '; ns for NS)'],
    ['2 YEARS', 'time', '; years for YEARS)'],
    ['64 kb/S', 'rate', '; kb/s for kb/S)'],
    ['10 NS ', 'time', '; ns for NS)'],
    ['10 NS x', 'time', 'ns")'],
    ['3 mm', 'frequency', 'GHz")'],
    ['ns', 'time', 'ns")'],
    ['3', 'time', 'ns")'],
  ] as const)('%s in %s is refused with the word that fits', (text, dimension, words) => {
    expect(() => parseQuantity(text, dimension)).toThrow(words);
  });
});

describe('a quantity is written', () => {
  it.each([
    [29.31e-9, 'time', '29.31 ns'],
    [0, 'time', '0 s'],
    [-4e-3, 'voltage', '-4 mV'],
    [999.96, 'power', '1 kW'],
    [1.2e9, 'frequency', '1.2 GHz'],
    [1e-20, 'energy', '0.00001 fJ'],
    [1e21, 'energy', '1000000 PJ'],
    [0.372, 'area', '0.372 mm2'],
    [1e-3, 'area', '0.001 mm2'],
    [9.99e-4, 'area', '999 um2'],
    [-5e-4, 'area', '-500 um2'],
    [0, 'area', '0 mm2'],
    [1234.56, 'area', '1235 mm2'],
    [Infinity, 'time', 'Infinity s'],
    [NaN, 'area', 'NaN mm2'],
  ] as const)('%d (%s) as %s', (value, dimension, text) => {
    expect(formatQuantity(value, dimension)).toBe(text);
  });

  it('with as many digits as asked', () => {
    expect(formatQuantity(1.23456e-9, 'time', 2)).toBe('1.2 ns');
    expect(formatQuantity(1.23456e-5, 'area', 3)).toBe('12.3 um2');
    expect(formatQuantity(123_456, 'area', 3)).toBe('123000 mm2');
    expect(formatEngineering(142.94e9, 'OPS/W')).toBe('142.9 GOPS/W');
    expect(formatEngineering(0, '')).toBe('0');
    expect(formatEngineering(5, '')).toBe('5');
    expect(formatEngineering(2000, '')).toBe('2 k');
  });

  it('and read back to its digits', () => {
    const value = fc.double({ min: 1e-14, max: 1e14, noNaN: true });
    const dimension = fc.constantFrom('time', 'energy', 'power', 'frequency', 'area' as const);
    fc.assert(
      fc.property(value, dimension, (x, d) => {
        expect(parseQuantity(formatQuantity(x, d, 15), d) / x).toBeCloseTo(1, 12);
      }),
      { seed: 4, numRuns: 200 },
    );
  });
});
