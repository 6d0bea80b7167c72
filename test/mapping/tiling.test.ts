import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeMatrix, tilesOf, type CrossbarLayout } from '../../src/mapping/index.js';

const layouts = fc.record<CrossbarLayout>({
  rows: fc.integer({ min: 1, max: 9 }),
  columns: fc.integer({ min: 2, max: 9 }),
  cellBits: fc.integer({ min: 1, max: 4 }),
  weightBits: fc.integer({ min: 1, max: 9 }),
  sign: fc.constantFrom('differential', 'offset'),
  slices: fc.constantFrom('arrays', 'columns'),
  referenceColumn: fc.constantFrom('inside', 'extra'),
  biasRow: fc.constant(false),
  foldsNorms: fc.constant(false),
  groups: fc.constantFrom('separate', 'packed'),
});
const shapes = fc.record({
  rows: fc.integer({ min: 1, max: 20 }),
  columns: fc.integer({ min: 1, max: 10 }),
  groups: fc.integer({ min: 1, max: 7 }),
});

/** Groups of which several fit an array. */
const smallGroups = fc.record({
  rows: fc.integer({ min: 1, max: 3 }),
  columns: fc.integer({ min: 1, max: 3 }),
  groups: fc.integer({ min: 2, max: 9 }),
});
const packed = layouts.chain((layout) =>
  fc
    .record({ rows: fc.integer({ min: 4, max: 12 }), columns: fc.integer({ min: 6, max: 16 }) })
    .map((size) => ({ ...layout, ...size, weightBits: 1 + (layout.weightBits % 4), groups: 'packed' as const })),
);

describe('tiling', () => {
  it.each([
    ['', shapes, layouts],
    [', groups that share arrays', smallGroups, packed],
  ] as const)(
    'every cell of every weight stands once on a line of an array, as counted%s',
    (_, shapesOf, layoutsOf) => {
      fc.assert(
        fc.property(shapesOf, layoutsOf, fc.integer({ min: 1, max: 2 }), (shape, layout, copies) => {
          const matrix = placeMatrix(shape, layout);
          const cells = new Set<string>();
          const weights = new Set<string>();
          const arrays = new Set<number>();
          for (const tile of tilesOf(matrix, layout, copies)) {
            arrays.add(tile.array);
            const most = tile.referenceBitline ?? layout.columns;
            let outside = tile.wordline + tile.rowTo - tile.rowFrom > layout.rows || tile.columnFrom >= tile.columnTo;
            outside ||= !Number.isInteger(tile.array) || tile.array < 0 || tile.array >= matrix.physicalArrays * copies;
            outside ||= !Number.isInteger(tile.group) || tile.group < 0 || tile.group >= shape.groups;
            outside ||= !Number.isInteger(tile.wordline) || !Number.isInteger(tile.bitline);
            for (let row = tile.rowFrom; row < tile.rowTo; row++)
              for (let column = tile.columnFrom; column < tile.columnTo; column++) {
                const bitline = tile.bitline + (column - tile.columnFrom) * tile.bitlineStep;
                outside ||= bitline < 0 || bitline >= most;
                cells.add([tile.array, tile.wordline + row - tile.rowFrom, bitline].join());
                weights.add([tile.copy, tile.group, row, column, tile.slice, tile.sign].join());
              }
            expect(outside).toBe(false);
          }
          expect(arrays.size).toBe(matrix.physicalArrays * copies);
          expect(cells.size).toBe(matrix.weightCells * copies);
          expect(weights.size).toBe(matrix.weightCells * copies);
        }),
        { numRuns: 50, seed: 15 },
      );
    },
  );

  it('PipeLayer Fig. 5: 1152 x 256 on arrays of 128 x 128 takes 9 x 2 tiles', () => {
    const layout: CrossbarLayout = {
      rows: 128,
      columns: 128,
      cellBits: 4,
      weightBits: 4,
      sign: 'offset',
      slices: 'arrays',
      referenceColumn: 'extra',
      biasRow: false,
      foldsNorms: false,
      groups: 'separate',
    };
    const tiles = [...tilesOf(placeMatrix({ rows: 1152, columns: 256, groups: 1 }, layout), layout)];
    expect(tiles).toHaveLength(18);
    expect(tiles.at(-1)).toMatchObject({ array: 17, rowFrom: 1024, rowTo: 1152, columnFrom: 128, columnTo: 256 });
  });
});
