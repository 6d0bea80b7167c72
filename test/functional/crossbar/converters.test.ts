// Ranges, steps and codes of converters, limits of currents and the histogram of sums, against closed forms.

import { expect, test } from 'vitest';
import { idealOptions } from '../../../src/functional/crossbar/options.js';
import { CrossbarProduct } from '../../../src/functional/crossbar/product.js';
import { LAYOUT, withCells } from './differential.js';

const product = (range: 'unit' | 'full' | 'calibrated', bits: number): CrossbarProduct => {
  const options = idealOptions(LAYOUT);
  return new CrossbarProduct(
    { name: 'm', rows: 100, columns: 1, values: new Int32Array(100).fill(3) },
    { ...options, converter: { ...options.converter, range, bits } },
    { inputs: { bits: 1, signed: false } },
  );
};
const forward = (own: CrossbarProduct, ones: number): number => {
  const out = new Float64Array(1);
  own.forward(
    Int32Array.from({ length: 100 }, (_, i) => (i < ones ? 1 : 0)),
    1,
    out,
  );
  return out[0]!;
};

test('unit: a code a unit, clipped at 2^bits - 1 and counted', () => {
  const own = product('unit', 6);
  expect(forward(own, 21)).toBe(63);
  expect(own.statistics.clipped).toBe(0);
  expect(forward(own, 22)).toBe(63);
  expect(own.statistics.clipped).toBe(1);
  expect(own.statistics.largestColumnSum).toBe(66);
});

test('full: the largest sum that can be, 300, in 63 steps', () => {
  const own = product('full', 6);
  const step = 300 / 63;
  expect(forward(own, 100)).toBeCloseTo(300, 10);
  expect(forward(own, 51)).toBeCloseTo(Math.round(153 / step) * step, 10);
  expect(own.statistics.clipped).toBe(0);
});

test('calibrated: what was seen before, clipped beyond', () => {
  const own = product('calibrated', 4);
  // Before calibration nothing is quantized.
  expect(forward(own, 41)).toBe(123);
  own.calibrate();
  const step = 123 / 15;
  expect(forward(own, 41)).toBeCloseTo(123, 10);
  expect(forward(own, 10)).toBeCloseTo(Math.round(30 / step) * step, 10);
  expect(own.statistics.clipped).toBe(0);
  expect(forward(own, 100)).toBeCloseTo(123, 10);
  expect(own.statistics.clipped).toBe(1);
});

test('slots joined before the converters: a code is a share of the sum of whole inputs, below 0 too', () => {
  // One row: 3 x 200 of the unsigned 8 bits. The largest sum is 3 x 255 = 765, which 255 steps of 3 cut.
  const joined = (x: number, signed: boolean, bits: number): number => {
    const ideal = idealOptions({ ...LAYOUT, weightBits: 3 });
    const converter = { ...ideal.converter, range: 'full', bits } as const;
    const own = new CrossbarProduct(
      { name: 'm', rows: 1, columns: 1, values: Int32Array.of(3) },
      { ...ideal, accumulation: 'analog', converter },
      { inputs: { bits: 8, signed } },
    );
    const out = new Float64Array(1);
    own.forward(Int32Array.of(x), 1, out);
    expect(own.statistics.largestColumnSum).toBe(Math.max(0, 3 * x));
    return out[0]!;
  };
  expect(joined(200, false, 8)).toBe(600);
  // 15 steps of 51: 600 lies nearest to 12 of them.
  expect(joined(200, false, 4)).toBeCloseTo(612, 10);
  // Signed: from -3 x 128 to 3 x 127, on 2 x 384 steps of a unit, or on 14 of 768 / 14.
  expect(joined(-100, true, 10)).toBe(-300);
  expect(joined(-100, true, 4)).toBeCloseTo((-5 * 768) / 14, 10);
});

test('cells between levels: steps finer than a level, as the bits say', () => {
  // A tenth of the conductance is left: 100 threes sum to 30 units. The range is 300 units.
  const drift = { after: 9, exponent: 1, deviation: 0, reference: 1, compensated: true };
  const held = (bits: number, range: 'full' | 'calibrated'): number => {
    const options = withCells({ drift }, { converter: { ...idealOptions(LAYOUT).converter, range, bits } });
    const own = new CrossbarProduct(
      { name: 'm', rows: 100, columns: 1, values: new Int32Array(100).fill(3) },
      options,
      { inputs: { bits: 1, signed: false } },
    );
    forward(own, 100);
    own.calibrate();
    return forward(own, 17);
  };
  // 5.1 units: 557 of 32767 steps, scaled back by 10; of the range seen (30), 87 of 511 steps.
  expect(held(15, 'full')).toBeCloseTo((557 * 3000) / 32767, 3);
  expect(held(9, 'calibrated')).toBeCloseTo((87 * 300) / 511, 3);
});

test.each(['fast', 'float64'] as const)('ranges below 0 have a code for 0 (%s)', (precision) => {
  const ideal = idealOptions(LAYOUT);
  const none = (range: 'full' | 'calibrated', bits: number): Float64Array => {
    const converter = { ...ideal.converter, range, bits };
    const own = new CrossbarProduct(
      { name: 'm', rows: 128, columns: 2, values: Int32Array.from({ length: 256 }, (_, i) => (i % 2) * 40) },
      { ...ideal, precision, subtraction: 'analog', converter },
      { inputs: { bits: 8, signed: true } },
    );
    const out = new Float64Array(2);
    own.forward(new Int32Array(128).fill(-1), 1, out);
    own.calibrate();
    own.forward(new Int32Array(128), 1, out);
    return out.map((sum) => Math.round(sum * 1e9) / 1e9 + 0);
  };
  for (const bits of [2, 5, 8]) {
    expect(none('full', bits)).toEqual(Float64Array.of(0, 0));
    expect(none('calibrated', bits)).toEqual(Float64Array.of(0, 0));
  }
  // Magnitudes of signed inputs: lines carry sums of both signs without a subtraction.
  const signed = new CrossbarProduct(
    { name: 'm', rows: 3, columns: 1, values: Int32Array.of(5, -7, 100) },
    {
      ...ideal,
      precision,
      signedInputs: 'sign-magnitude',
      converter: { ...ideal.converter, range: 'full', bits: 3 },
    },
  );
  const out = new Float64Array(1);
  signed.forward(new Int32Array(3), 1, out);
  expect(out[0]).toBeCloseTo(0, 9);
});

test('calibrated ranges below 0: zero has a code, and what was seen is not clipped', () => {
  // Weights 3 and -3 in one slice; sums seen: -30 to 30.
  const ideal = idealOptions({ ...LAYOUT, weightBits: 3 });
  const converter = { ...ideal.converter, range: 'calibrated', bits: 4 } as const;
  const own = new CrossbarProduct(
    { name: 'm', rows: 100, columns: 2, values: Int32Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 3 : -3)) },
    { ...ideal, subtraction: 'analog', converter },
    { inputs: { bits: 1, signed: false } },
  );
  const ones = (count: number): number[] => {
    const out = new Float64Array(2);
    own.forward(
      Int32Array.from({ length: 100 }, (_, i) => (i < count ? 1 : 0)),
      1,
      out,
    );
    return [...out];
  };
  ones(10);
  own.calibrate();
  // 60 units in 14 steps: codes from -7 to 8 steps of 30 / 7.
  const step = 60 / 14;
  expect(ones(0)).toEqual([0, 0]);
  const [positive, negative] = ones(10);
  expect(positive).toBeCloseTo(7 * step, 10);
  expect(negative).toBeCloseTo(-7 * step, 10);
  expect(own.statistics.clipped).toBe(0);
});

test('an integrate&fire counter stops at its end', () => {
  const options = idealOptions(LAYOUT);
  const own = new CrossbarProduct(
    { name: 'm', rows: 100, columns: 1, values: new Int32Array(100).fill(3) },
    { ...options, converter: { ...options.converter, kind: 'integrate-fire', bits: 7 } },
    { inputs: { bits: 1, signed: false } },
  );
  expect(forward(own, 42)).toBe(126);
  expect(forward(own, 80)).toBe(127);
  expect(own.statistics.saturated).toBe(1);
});

test('a current limit holds sums and is counted', () => {
  const own = new CrossbarProduct(
    { name: 'm', rows: 100, columns: 1, values: new Int32Array(100).fill(3) },
    { ...idealOptions(LAYOUT), currentLimit: 200 },
    { inputs: { bits: 1, signed: false } },
  );
  expect(forward(own, 90)).toBe(200);
  expect(own.statistics.saturated).toBe(1);
});

test.each([
  [1, 'fast'],
  [2, 'fast'],
  [4, 'fast'],
  [4, 'float64'],
  ['analog', 'float64'],
] as const)(
  'a line that carries its limit, %s bits a slot (%s): the largest value is the full voltage',
  (b, precision) => {
    // 16 rows of 7 x 15, a cell a bit: no line carries more than 16 cells.
    const limited = (limit: number): [number, number] => {
      const own = new CrossbarProduct(
        { name: 'm', rows: 16, columns: 1, values: new Int32Array(16).fill(7) },
        {
          ...idealOptions({ ...LAYOUT, cellBits: 1, weightBits: 4 }),
          bitsPerSlot: b,
          precision,
          currentLimit: limit,
        },
        { inputs: { bits: 4, signed: false } },
      );
      const out = new Float64Array(1);
      own.forward(new Int32Array(16).fill(15), 1, out);
      return [out[0]!, own.statistics.saturated];
    };
    expect(limited(16)).toEqual([16 * 7 * 15, 0]);
    // Half of it: half of each sum, in three lines and every slot.
    expect(limited(8)).toEqual([8 * 7 * 15, 3 * (b === 'analog' ? 1 : 4 / b)]);
  },
);

test('the histogram counts every sum', () => {
  const own = product('unit', 10);
  own.keepHistogram();
  forward(own, 7);
  const { least, width, counts } = own.histogram!;
  // One line of the low slice holds 7 threes; the seven other lines hold nothing.
  expect(counts[(21 - least) / width]).toBe(1);
  expect(counts[-least / width]).toBe(7);
});
