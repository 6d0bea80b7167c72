// Where the cells of a matrix stand: row tiles, lines (physical columns) and the arrays that hold them.

import type { CrossbarLayout } from '../../mapping/index.js';
import { placeMatrix } from '../../mapping/index.js';
import { leading } from '../../config/typed.js';

/** Lines of one row of tiles; every row tile has the same. Entry i of each list is line i. */
export interface Lines {
  readonly count: number;
  /** Matrix column; -1 for a reference column. */
  readonly column: Int32Array;
  /** Slice, least significant first; of a reference column the last slice. */
  readonly slice: Int32Array;
  /** 0 positive (or the only one), 1 negative. */
  readonly sign: Int32Array;
  /** Array of the row tile, and bitline within it. */
  readonly array: Int32Array;
  readonly bitline: Int32Array;
  /** By matrix column: the line of its reference column, which stands in the array of its last slice; -1 without. */
  readonly referenceOf: Int32Array;
}

/** A matrix on arrays: counts, row tiles and lines. */
export interface Placement {
  readonly rows: number;
  readonly columns: number;
  readonly slices: number;
  readonly signs: number;
  /** Row tile t holds rows bounds[t] to bounds[t + 1]. */
  readonly bounds: Int32Array;
  readonly columnTiles: number;
  /** Arrays of a row tile: column tiles x signs x (slices, where they stand in separate arrays). */
  readonly arrays: number;
  readonly lines: Lines;
}

/**
 * Places one copy of a matrix (docs/model.md section 3). @param rowTiles equal parts that rows are cut into, instead of
 * tiles filled one after the other
 */
export function place(rows: number, columns: number, layout: CrossbarLayout, rowTiles?: number): Placement {
  const counts = placeMatrix({ rows, columns, groups: 1 }, layout);
  const { slices, signs, columnTiles } = counts;
  const tiles = rowTiles ?? counts.rowTiles;
  const bounds = Int32Array.from({ length: tiles + 1 }, (_, t) =>
    rowTiles === undefined ? Math.min(rows, t * layout.rows) : Math.round((t * rows) / tiles),
  );
  const apart = layout.slices === 'arrays';
  const perArray = layout.columns - (layout.sign === 'offset' && layout.referenceColumn === 'inside' ? 1 : 0);
  const arraysPerTile = signs * (apart ? slices : 1);
  const references = layout.sign === 'offset' ? columnTiles * arraysPerTile : 0;
  const cells = columns * slices * signs;
  const count = cells + references;
  const [column, slice, sign, array, bitline] = leading(
    5,
    Array.from({ length: 5 }, () => new Int32Array(count)),
  );
  const referenceOf = new Int32Array(columns).fill(-1);
  let line = 0;
  for (let c = 0; c < columns; c++)
    for (let s = 0; s < slices; s++)
      for (let g = 0; g < signs; g++, line++) {
        const physical = apart ? c : c * slices + s;
        const tile = Math.floor(physical / perArray);
        column[line] = c;
        slice[line] = s;
        sign[line] = g;
        array[line] = (tile * signs + g) * (apart ? slices : 1) + (apart ? s : 0);
        bitline[line] = physical - tile * perArray;
        if (layout.sign === 'offset' && s === slices - 1) referenceOf[c] = cells + array[line]!;
      }
  for (let reference = 0; reference < references; reference++, line++) {
    column[line] = -1;
    slice[line] = slices - 1;
    array[line] = reference;
    bitline[line] = perArray;
  }
  return {
    rows,
    columns,
    slices,
    signs,
    bounds,
    columnTiles,
    arrays: columnTiles * arraysPerTile,
    lines: { count, column, slice, sign, array, bitline, referenceOf },
  };
}
