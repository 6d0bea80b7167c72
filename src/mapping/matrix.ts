// A weight matrix on crossbar arrays: tiles, slices, signs, reference columns, cells.

import type { WeightLayer } from '../workload/index.js';

/** How weights are laid into crossbars; the config's `crossbar` and `weights` knobs. */
export interface CrossbarLayout {
  /** Wordlines and bitlines of a physical array that hold weights or, with `referenceColumn: inside`, the reference. */
  rows: number;
  columns: number;
  cellBits: number;
  weightBits: number;
  sign: 'differential' | 'offset';
  /** Slices of one weight in separate arrays (PipeLayer) or in neighbouring columns (ISAAC). */
  slices: 'arrays' | 'columns';
  /** Offset only: the reference column is one of the `columns` or one more. */
  referenceColumn: 'inside' | 'extra';
  /** A bias adds a row. */
  biasRow: boolean;
}

/** Rows x columns of values, `groups` times on the diagonal (grouped convolution). */
export interface MatrixShape {
  rows: number;
  columns: number;
  groups: number;
}

/** One copy of a matrix on arrays. Counts are over all groups. */
export interface MatrixOnArrays extends MatrixShape {
  /** Cells of one weight: ceil(weightBits / cellBits). */
  slices: number;
  /** 2 for differential storage, 1 for offset. */
  signs: number;
  /** Tiles of one group. */
  rowTiles: number;
  columnTiles: number;
  /** Arrays as a mapping sees them: tiles x groups. */
  logicalArrays: number;
  /** Arrays on the chip: logical x signs x (slices, where they sit in separate arrays). */
  physicalArrays: number;
  /** Physical arrays behind one logical array. */
  arraysPerLogical: number;
  /**
   * Columns of one physical row of tiles that are sensed, reference columns included, over all groups and arrays per
   * logical.
   */
  sensedColumnsPerRowTile: number;
  /** Cells of all physical arrays. */
  cells: number;
  /** Cells that hold weights; half of them can hold magnitude when the sign is differential. */
  weightCells: number;
  informativeCells: number;
}

/**
 * Lays a matrix onto arrays (docs/model.md section 3; PipeLayer Sec. 3.2.3 and 5.1; ISAAC Sec. V; MISCA eq. 4 and 6).
 */
export function placeMatrix(shape: MatrixShape, layout: CrossbarLayout): MatrixOnArrays {
  const { rows, columns, groups } = shape;
  const slices = Math.ceil(layout.weightBits / layout.cellBits);
  const signs = layout.sign === 'differential' ? 2 : 1;
  const inside = layout.sign === 'offset' && layout.referenceColumn === 'inside' ? 1 : 0;
  const extra = layout.sign === 'offset' && layout.referenceColumn === 'extra' ? 1 : 0;
  const physicalColumns = layout.slices === 'columns' ? columns * slices : columns;
  const rowTiles = Math.ceil(rows / layout.rows);
  const columnTiles = Math.ceil(physicalColumns / (layout.columns - inside));
  const logicalArrays = rowTiles * columnTiles * groups;
  const arraysPerLogical = signs * (layout.slices === 'arrays' ? slices : 1);
  const physicalArrays = logicalArrays * arraysPerLogical;
  const weightCells = rows * columns * groups * slices * signs;
  return {
    rows,
    columns,
    groups,
    slices,
    signs,
    rowTiles,
    columnTiles,
    logicalArrays,
    physicalArrays,
    arraysPerLogical,
    sensedColumnsPerRowTile: (physicalColumns + columnTiles * (inside + extra)) * groups * arraysPerLogical,
    cells: physicalArrays * layout.rows * (layout.columns + extra),
    weightCells,
    informativeCells: weightCells / signs,
  };
}

/** Forward matrix of a layer: a kernel is a column, K_h K_w C_in / groups (+1) rows (PipeLayer Fig. 5). */
export function forwardMatrix(layer: WeightLayer, biasRow: boolean): MatrixShape {
  return {
    rows: layer.rows + (biasRow && layer.biases > 0 ? 1 : 0),
    columns: layer.columns / layer.groups,
    groups: layer.groups,
  };
}

/** Dedicated backward copy: the rotated kernel, K_h K_w C_out rows by C_in columns (PipeLayer Sec. 4.3, Fig. 11). */
export function backwardMatrix(layer: WeightLayer): MatrixShape {
  const { kernel, cin, cout, groups } = layer;
  if (layer.serial) return { rows: layer.columns / groups, columns: layer.rows, groups };
  return { rows: (kernel.h * kernel.w * cout) / groups, columns: cin / groups, groups };
}
