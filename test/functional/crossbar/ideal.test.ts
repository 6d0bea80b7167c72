// Ideal crossbars give the integer product exactly, whatever the layout, forward and transposed.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { idealOptions, type CrossbarOptions } from '../../../src/functional/crossbar/options.js';
import { CrossbarProduct } from '../../../src/functional/crossbar/product.js';

const layouts = fc.record({
  rows: fc.integer({ min: 1, max: 24 }),
  columns: fc.integer({ min: 2, max: 24 }),
  cellBits: fc.integer({ min: 1, max: 10 }),
  weightBits: fc.integer({ min: 2, max: 9 }),
  sign: fc.constantFrom('differential' as const, 'offset' as const),
  slices: fc.constantFrom('arrays' as const, 'columns' as const),
  referenceColumn: fc.constantFrom('extra' as const, 'inside' as const),
  biasRow: fc.constant(false),
  foldsNorms: fc.constant(false),
  groups: fc.constant('separate'),
});

const hardware: fc.Arbitrary<CrossbarOptions> = fc
  .record({
    layout: layouts,
    bitsPerSlot: fc.constantFrom(1, 1, 2, 3, 'analog' as const),
    signedInputs: fc.constantFrom('twos-complement' as const, 'offset' as const, 'sign-magnitude' as const),
    subtraction: fc.constantFrom('digital' as const, 'analog' as const),
    accumulation: fc.constantFrom('digital' as const, 'digital' as const, 'analog' as const),
    reference: fc.constantFrom('column' as const, 'digital' as const),
    encoding: fc.constantFrom('plain' as const, 'flipped' as const),
    precision: fc.constantFrom('fast' as const, 'fast' as const, 'float64' as const),
    range: fc.constantFrom('unit' as const, 'full' as const, 'granular' as const),
    quantized: fc.boolean(),
    kind: fc.constantFrom('adc' as const, 'integrate-fire' as const),
  })
  .map(({ range, quantized, kind, ...options }) => {
    const ideal = idealOptions(options.layout);
    const joined = options.bitsPerSlot === 'analog' || options.accumulation === 'analog';
    const bits = quantized ? (joined ? 26 : 18) : undefined;
    return { ...ideal, ...options, converter: { ...ideal.converter, range, bits, kind } };
  });

describe('ideal crossbars', () => {
  test('equal the integer product for random shapes, signs, slices, slots and tiles, transposed or not', () => {
    fc.assert(
      fc.property(
        hardware,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 2, max: 9 }),
        fc.boolean(),
        fc.infiniteStream(fc.integer({ min: 0, max: 2 ** 30 })),
        (options, rows, columns, vectors, inputBits, signed, stream) => {
          const draw = (bits: number, negative: boolean): number => {
            const x = Number(stream.next().value) % 2 ** bits;
            return negative ? x - 2 ** (bits - 1) : x;
          };
          // Magnitudes have no least two's complement number: it saturates.
          const magnitude = signed && options.signedInputs === 'sign-magnitude' && options.bitsPerSlot !== 'analog';
          const drive = (): number => draw(inputBits, signed);
          const driven = (x: number): number => (magnitude ? Math.max(x, 1 - 2 ** (inputBits - 1)) : x);
          const { weightBits } = options.layout;
          const values = Int32Array.from({ length: rows * columns }, () => draw(weightBits, true));
          const product = new CrossbarProduct({ name: 'm', rows, columns, values }, options, {
            inputs: { bits: inputBits, signed },
            errors: { bits: inputBits, signed },
          });
          const inputs = Int32Array.from({ length: vectors * rows }, drive);
          const out = new Float64Array(vectors * columns);
          product.forward(inputs, vectors, out);
          const expected = new Float64Array(vectors * columns);
          for (let v = 0; v < vectors; v++)
            for (let r = 0; r < rows; r++)
              for (let c = 0; c < columns; c++)
                expected[v * columns + c]! += driven(inputs[v * rows + r]!) * values[r * columns + c]!;
          expect(out).toEqual(expected);
          if (options.layout.sign === 'offset' && options.encoding === 'flipped') {
            const most = (2 ** options.layout.cellBits - 1) * Math.min(rows, options.layout.rows);
            const joined = options.bitsPerSlot === 'analog' || options.accumulation === 'analog';
            const slot = joined ? 2 ** inputBits : 2 ** options.bitsPerSlot - 1;
            // A column's levels add up to half of what its cells hold; the reference column's to one a row.
            expect(product.statistics.largestColumnSum).toBeLessThanOrEqual(
              slot * Math.max(most / 2, Math.min(rows, options.layout.rows)),
            );
            return;
          }
          const errors = Int32Array.from({ length: vectors * columns }, drive);
          const back = new Float64Array(vectors * rows);
          product.transposed(errors, vectors, back);
          const wanted = new Float64Array(vectors * rows);
          for (let v = 0; v < vectors; v++)
            for (let r = 0; r < rows; r++)
              for (let c = 0; c < columns; c++)
                wanted[v * rows + r]! += driven(errors[v * columns + c]!) * values[r * columns + c]!;
          expect(back).toEqual(wanted);
          expect(product.statistics.clipped).toBe(0);
          expect(product.statistics.saturated).toBe(0);
        },
      ),
      { numRuns: 300, seed: 17 },
    );
  });

  test.each(['column', 'digital'] as const)('flipped columns on a finite on/off ratio, reference %s', (reference) => {
    const { converter, ...ideal } = idealOptions({
      ...{ rows: 16, columns: 32, cellBits: 2, weightBits: 6, sign: 'offset', slices: 'columns' },
      ...{ referenceColumn: 'extra', biasRow: false, foldsNorms: false, groups: 'separate' },
    });
    const [rows, columns] = [24, 3];
    const values = Int32Array.from({ length: rows * columns }, (_, i) => ((i * 37) % 64) - (i % 3 === 0 ? 32 : 0));
    const clipped = values.map((w) => Math.min(w, 31));
    const cells = { ...ideal.cells, on: 1, off: 0.1 };
    const options = { ...ideal, reference, encoding: 'flipped', cells, converter } as const;
    const product = new CrossbarProduct({ name: 'm', rows, columns, values: clipped }, options, {
      inputs: { bits: 5, signed: true },
    });
    expect(product.tiles.some(({ flipped }) => flipped!.includes(1))).toBe(true);
    const inputs = Int32Array.from({ length: rows }, (_, r) => ((r * 11) % 32) - 16);
    const out = new Float64Array(columns);
    product.forward(inputs, 1, out);
    for (let c = 0; c < columns; c++) {
      let right = 0;
      for (let r = 0; r < rows; r++) right += inputs[r]! * clipped[r * columns + c]!;
      expect(out[c]).toBeCloseTo(right, 2);
    }
    expect(() => {
      product.transposed(new Int32Array(columns), 1, new Float64Array(rows));
    }).toThrow(/flipped columns/);
  });
});
