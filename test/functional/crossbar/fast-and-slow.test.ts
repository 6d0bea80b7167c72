// The kernels' products against the slow reference, whatever cells, slots and converters do wrong at once.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IDEAL_CELLS, idealOptions, type CrossbarOptions } from '../../../src/functional/crossbar/options.js';
import { CrossbarProduct } from '../../../src/functional/crossbar/product.js';

const maybe = <T>(value: T): fc.Arbitrary<T | null> => fc.option(fc.constant(value), { freq: 1 });
const programming = { deviation: 0.1, distribution: 'normal', levels: null } as const;

const hardware: fc.Arbitrary<CrossbarOptions> = fc
  .record({
    rows: fc.integer({ min: 3, max: 16 }),
    cellBits: fc.integer({ min: 1, max: 4 }),
    sign: fc.constantFrom('differential' as const, 'offset' as const),
    slices: fc.constantFrom('arrays' as const, 'columns' as const),
    bitsPerSlot: fc.constantFrom(1, 2, 'analog' as const),
    signedInputs: fc.constantFrom('twos-complement' as const, 'offset' as const, 'sign-magnitude' as const),
    subtraction: fc.constantFrom('digital' as const, 'analog' as const),
    reference: fc.constantFrom('column' as const, 'digital' as const),
    currentLimit: fc.constantFrom(Infinity, 12),
    converter: fc.record({
      kind: fc.constantFrom('adc' as const, 'integrate-fire' as const),
      bits: fc.constantFrom(5, 8),
      linesPerConverter: fc.constantFrom(1, 4),
      range: fc.constantFrom('full' as const, 'granular' as const, 'unit' as const),
      zeroIsLevel: fc.boolean(),
      offset: fc.constantFrom(0, 0.5),
      gain: fc.constantFrom(0, 0.04),
      inl: fc.constantFrom(0, 0.7),
    }),
    cells: fc.record({
      off: fc.constantFrom(0, 1e-6),
      programming: maybe({ ...programming, relativeTo: 'range', verify: { tolerance: 0.03, writes: 5 } } as const),
      stuckOn: fc.constantFrom(0, 0.05),
      stuckOff: fc.constantFrom(0, 0.1),
      drift: maybe({ after: 100, exponent: 0.05, deviation: 0.01, reference: 1, compensated: true }),
      retention: maybe({ after: 1, retention: 10 }),
    }),
  })
  .map(({ rows, cellBits, sign, slices, converter, cells, ...more }) => {
    const whole = { biasRow: false, foldsNorms: false, groups: 'separate' } as const;
    const layout = { ...{ rows, columns: 14, cellBits, weightBits: 6, sign, slices }, ...whole } as const;
    const ideal = idealOptions({ ...layout, referenceColumn: 'extra' });
    return {
      ...ideal,
      ...more,
      converter: { ...ideal.converter, ...converter },
      cells: { ...IDEAL_CELLS, on: 1e-4, ...cells },
    };
  });

test('forward and transposed: the same codes', () => {
  fc.assert(
    fc.property(hardware, fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 1000 }), (options, rows, seed) => {
      const [columns, vectors] = [5, 4];
      const word = (length: number, bits: number): Int32Array =>
        Int32Array.from({ length }, (_, i) => (Math.imul(i + seed, 2654435761) >>> (32 - bits)) - 2 ** (bits - 1));
      const range = { bits: 4, signed: true };
      const matrix = { name: 'm', rows, columns, values: word(rows * columns, 6) };
      const [fast, slow] = (['fast', 'float64'] as const).map((precision) => {
        const product = new CrossbarProduct(matrix, { ...options, precision }, { inputs: range, errors: range });
        const [out, back] = [new Float64Array(vectors * columns), new Float64Array(vectors * rows)];
        product.forward(word(vectors * rows, 4), vectors, out);
        product.transposed(word(vectors * columns, 4), vectors, back);
        return [...out, ...back];
      });
      const scale = Math.max(1, ...slow!.map(Math.abs));
      // Sums in single precision are off by less than a step; a code that is another one would be.
      for (const [i, value] of fast!.entries()) expect(Math.abs(value - slow![i]!)).toBeLessThan(1e-3 * scale);
    }),
    { numRuns: 60, seed: 5 },
  );
});
