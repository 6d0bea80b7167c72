// Converters with fewer bits than sums need, down to one, on odd arrays and weights, against plain loops.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { idealConverter, idealOptions, type CrossbarOptions } from '../../../src/functional/crossbar/options.js';
import { CrossbarProduct } from '../../../src/functional/crossbar/product.js';

const size = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });

const machines = fc.record({
  rows: fc.constantFrom(1, 2, 3, 7, 16),
  columns: fc.constantFrom(2, 3, 5, 128),
  cellBits: fc.constantFrom(1, 2, 3, 5, 8),
  weightBits: size(2, 8),
  sign: fc.constantFrom('differential' as const, 'offset' as const),
  slices: fc.constantFrom('arrays' as const, 'columns' as const),
  bits: size(1, 6),
  inputBits: size(1, 8),
  precision: fc.constantFrom('fast' as const, 'float64' as const),
});
const kinds = fc.constantFrom('any', 'zero', 'negative', 'most', 'least');

/** out[v, c] = sum over r of inputs[v, r] values[r, c]. */
function wholeProduct(
  inputs: Int32Array,
  values: Int32Array,
  { rows, columns, vectors }: Readonly<Record<'rows' | 'columns' | 'vectors', number>>,
): number[] {
  return Array.from({ length: vectors * columns }, (_, i) => {
    const [v, c] = [Math.floor(i / columns), i % columns];
    let sum = 0;
    for (let r = 0; r < rows; r++) sum += inputs[v * rows + r]! * values[r * columns + c]!;
    return sum;
  });
}

test('one code a unit, clipped: random machines and weights; exact where no input can clip', () => {
  const seen = { exact: 0, clips: 0 };
  fc.assert(
    fc.property(
      fc.tuple(machines, kinds, size(1, 20), size(1, 5), size(1, 19)),
      fc.infiniteStream(fc.integer({ min: 0, max: 2 ** 30 })),
      ([machine, kind, rows, columns, vectors], stream) => {
        const { bits, inputBits, precision, ...layout } = machine;
        const { cellBits, weightBits, sign } = layout;
        const draw = (): number => Number(stream.next().value);
        const [least, most] = [-(2 ** (weightBits - 1)), 2 ** (weightBits - 1) - 1];
        const weight = {
          any: () => least + (draw() % 2 ** weightBits),
          zero: () => 0,
          negative: () => least + (draw() % -least),
          most: () => most,
          least: () => least,
        }[kind];
        const values = Int32Array.from({ length: rows * columns }, weight);
        const inputs = Int32Array.from({ length: vectors * rows }, () => draw() % 2 ** inputBits);
        const options = {
          ...idealOptions({
            ...layout,
            referenceColumn: 'extra',
            biasRow: false,
            foldsNorms: false,
            groups: 'separate',
          }),
          converter: idealConverter(bits),
          precision,
        };
        const product = new CrossbarProduct({ name: 'm', rows, columns, values }, options, {
          inputs: { bits: inputBits, signed: false },
        });
        const out = new Float64Array(vectors * columns);
        product.forward(inputs, vectors, out);

        const last = 2 ** bits - 1;
        const right = new Float64Array(vectors * columns);
        const slices = Math.ceil(weightBits / cellBits);
        const digit = (magnitude: number, s: number): number =>
          Math.floor(magnitude / 2 ** (cellBits * s)) % 2 ** cellBits;
        for (let v = 0; v < vectors; v++)
          for (let from = 0; from < rows; from += layout.rows)
            for (let k = 0; k < inputBits; k++) {
              const tile = Array.from({ length: Math.min(layout.rows, rows - from) }, (_, i) => from + i);
              const on = tile.filter((r) => (inputs[v * rows + r]! >> k) % 2 === 1);
              const code = (cell: (r: number) => number): number =>
                Math.min(
                  last,
                  on.reduce((sum, r) => sum + cell(r), 0),
                );
              for (let c = 0; c < columns; c++) {
                const w = (r: number): number => values[r * columns + c]!;
                for (let s = 0; s < slices; s++) {
                  const part =
                    sign === 'offset'
                      ? code((r) => digit(w(r) - least, s))
                      : code((r) => digit(Math.max(0, w(r)), s)) - code((r) => digit(Math.max(0, -w(r)), s));
                  right[v * columns + c]! += 2 ** k * 2 ** (cellBits * s) * part;
                }
                if (sign === 'offset') right[v * columns + c]! += 2 ** k * least * code(() => 1);
              }
            }
        expect([...out].map((x) => x + 0)).toEqual([...right].map((x) => x + 0));
        if (product.isExact) {
          seen.exact++;
          expect([...out].map((x) => x + 0)).toEqual(wholeProduct(inputs, values, { rows, columns, vectors }));
        } else {
          seen.clips++;
          product.forward(new Int32Array(rows).fill(2 ** inputBits - 1), 1, new Float64Array(columns));
        }
        expect(product.statistics.clipped > 0).toBe(!product.isExact);
      },
    ),
    { numRuns: 150, seed: 29 },
  );
  expect(Math.min(seen.exact, seen.clips)).toBeGreaterThan(30);
});

test('nothing that is drawn, limited, joined before the converter or coarser than a unit is exact', () => {
  const ideal = idealOptions({
    ...{ rows: 8, columns: 8, cellBits: 2, weightBits: 4, sign: 'differential', slices: 'arrays' },
    ...{ referenceColumn: 'extra', biasRow: false, foldsNorms: false, groups: 'separate' },
  });
  const exact = (more: Partial<CrossbarOptions>): boolean =>
    new CrossbarProduct(
      { name: 'm', rows: 4, columns: 2, values: Int32Array.of(1, -2, 3, 4, -5, 6, 7, -7) },
      { ...ideal, converter: idealConverter(4), ...more },
      { inputs: { bits: 4, signed: true } },
    ).isExact;
  const cells = ideal.cells;
  const converter = idealConverter(4);
  const programming = {
    deviation: 0.1,
    relativeTo: 'range',
    distribution: 'normal',
    levels: null,
    verify: null,
  } as const;
  expect(exact({})).toBe(true);
  expect(exact({ converter: idealConverter() })).toBe(true);
  const others: readonly Partial<CrossbarOptions>[] = [
    { cells: { ...cells, read: { deviation: 0.1, relativeTo: 'range' } } },
    { cells: { ...cells, programming } },
    { cells: { ...cells, stuckOn: 0.1 } },
    { cells: { ...cells, off: 0.1 } },
    { converter: { ...converter, noise: 0.1 } },
    { converter: { ...converter, gain: 0.1 } },
    { converter: { ...converter, range: 'full', bits: 2 } },
    { converter: { ...converter, kind: 'spin-neuron' } },
    { converter: idealConverter(2) },
    { currentLimit: 5 },
    { accumulation: 'analog' },
    { subtraction: 'analog' },
    { signedInputs: 'sign-magnitude' },
  ];
  for (const more of others) expect({ more, exact: exact(more) }).toEqual({ more, exact: false });
});
