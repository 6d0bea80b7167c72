// Where the weights of a matrix stand: rows, columns, slice and sign of every array, by copy. Made only when it is
// read.

import type { CrossbarLayout, MatrixOnArrays } from './matrix.js';

/** The part of a matrix that stands in one array, of one slice. An array with several slices has a tile for each. */
export interface Tile {
  /** Number of the physical array, from 0, over all copies. */
  readonly array: number;
  readonly copy: number;
  /** Group of the matrix (grouped convolution); rows and columns are those of the group. */
  readonly group: number;
  /** 1: positive part, -1: negative part, 0: the weight with its offset. */
  readonly sign: 1 | -1 | 0;
  /** Slice of the weights' bits, 0 the least significant. */
  readonly slice: number;
  /** Rows and columns of the group's matrix, `to` exclusive; row r stands on wordline `wordline` + r - rowFrom. */
  readonly rowFrom: number;
  readonly rowTo: number;
  readonly wordline: number;
  readonly columnFrom: number;
  readonly columnTo: number;
  /** Bitline of columnFrom, and bitlines from a column to the next (neighbouring slices stand between). */
  readonly bitline: number;
  readonly bitlineStep: number;
  /** Bitline of the reference column that sums the inputs; null without one. */
  readonly referenceBitline: number | null;
}

/**
 * The tiles of `copies` copies of a matrix, array by array: copies, sets of groups, tiles of rows, tiles of columns,
 * signs and, where slices stand in arrays of their own, slices; groups that share an array stand block-diagonally. As
 * many arrays as `placeMatrix` counts, and as many cells.
 * @param layout the layout by which `placeMatrix` laid the matrix.
 */
export function* tilesOf(matrix: MatrixOnArrays, layout: CrossbarLayout, copies = 1): Generator<Tile> {
  const { rows, columns, groups, slices, rowTiles, columnTiles, groupsPerArray, groupSets, arraysPerLogical } = matrix;
  const offset = layout.sign === 'offset';
  const inside = offset && layout.referenceColumn === 'inside' ? 1 : 0;
  const width = layout.columns - inside;
  const inColumns = layout.slices === 'columns';
  const signs: readonly Tile['sign'][] = offset ? [0] : [1, -1];
  const referenceBitline = offset ? width : null;
  let array = 0;
  for (let copy = 0; copy < copies; copy++)
    for (let set = 0; set < groupSets; set++)
      for (let rowTile = 0; rowTile < rowTiles; rowTile++)
        for (let columnTile = 0; columnTile < columnTiles; columnTile++, array += arraysPerLogical)
          for (let block = 0; block < groupsPerArray && set * groupsPerArray + block < groups; block++)
            for (const [s, sign] of signs.entries()) {
              const rowFrom = rowTile * layout.rows;
              const rowTo = Math.min(rows, rowFrom + layout.rows);
              const from = columnTile * width;
              const group = set * groupsPerArray + block;
              const common = { copy, group, sign, rowFrom, rowTo, wordline: block * rows, referenceBitline };
              const blockBitline = block * columns * (inColumns ? slices : 1);
              for (let slice = 0; slice < slices; slice++) {
                if (inColumns) {
                  // Cell column p holds slice p % slices of weight column floor(p / slices).
                  const columnFrom = Math.ceil((from - slice) / slices);
                  const columnTo = Math.min(columns, Math.ceil((from + width - slice) / slices));
                  const bitline = blockBitline + columnFrom * slices + slice - from;
                  if (columnFrom < columnTo)
                    yield { ...common, array: array + s, slice, columnFrom, columnTo, bitline, bitlineStep: slices };
                } else {
                  const columnTo = Math.min(columns, from + width);
                  const place = { array: array + s * slices + slice, bitline: blockBitline, bitlineStep: 1 };
                  yield { ...common, ...place, slice, columnFrom: from, columnTo };
                }
              }
            }
}
