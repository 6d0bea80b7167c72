// A weight matrix on crossbar arrays: tiles, slices, signs, reference columns, cells.

import { elementsOf } from '../workload/graph/index.js';
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
  /** Batch norms are folded into weights and biases (in training they are not). */
  foldsNorms: boolean;
  /** Groups stand in arrays of their own, or block-diagonally in one where several fit. */
  groups: 'separate' | 'packed';
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
  /** Groups that stand block-diagonally in one array; 1 where each has arrays of its own. */
  groupsPerArray: number;
  /** Groups, or sets of groups that share arrays. */
  groupSets: number;
  /** Arrays as a mapping sees them: tiles x sets of groups. */
  logicalArrays: number;
  /** Arrays on the chip: logical x signs x (slices, where they sit in separate arrays). */
  physicalArrays: number;
  /** Physical arrays behind one logical array. */
  arraysPerLogical: number;
  /** Cells of all physical arrays. */
  cells: number;
  /** Cells that hold weights; half of them can hold magnitude when the sign is differential. */
  weightCells: number;
  informativeCells: number;
  /**
   * Cells that are written before the first read: those with weights and, of offset storage, those beside the blocks of
   * packed groups, which hold the code of a zero.
   */
  programmedCells: number;
}

/**
 * Groups that stand block-diagonally in one array: as many as its wordlines and its bitlines for weights hold, spread
 * evenly over the arrays that this takes. A group that is taller or wider than half an array stands alone.
 * @param physicalColumns bitlines that a group takes in its array.
 */
function packedGroups({ rows, groups }: MatrixShape, physicalColumns: number, height: number, width: number): number {
  const most = Math.min(Math.floor(height / rows), Math.floor(width / physicalColumns), groups);
  return most <= 1 ? 1 : Math.ceil(groups / Math.ceil(groups / most));
}

/** Groups of a matrix of one group each that a layout puts into an array (docs/model.md section 3). */
export function groupsOfArray(shape: MatrixShape, layout: CrossbarLayout): number {
  if (layout.groups === 'separate') return 1;
  const inside = layout.sign === 'offset' && layout.referenceColumn === 'inside' ? 1 : 0;
  const slices = layout.slices === 'columns' ? Math.ceil(layout.weightBits / layout.cellBits) : 1;
  return packedGroups(shape, shape.columns * slices, layout.rows, layout.columns - inside);
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
  const groupsPerArray = groupsOfArray(shape, layout);
  const groupSets = Math.ceil(groups / groupsPerArray);
  const logicalArrays = rowTiles * columnTiles * groupSets;
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
    groupsPerArray,
    groupSets,
    logicalArrays,
    physicalArrays,
    arraysPerLogical,
    cells: physicalArrays * layout.rows * (layout.columns + extra),
    weightCells,
    informativeCells: weightCells / signs,
    programmedCells: weightCells + (layout.sign === 'offset' ? cellsBeside(shape, groupsPerArray) * slices : 0),
  };
}

/** Places of values beside the blocks of packed groups, in rows and columns that groups take. */
function cellsBeside({ rows, columns, groups }: MatrixShape, perArray: number): number {
  const last = groups % perArray;
  const pairs = Math.floor(groups / perArray) * perArray * (perArray - 1) + last * (last - 1);
  return pairs * rows * columns;
}

type BiasKnobs = Pick<CrossbarLayout, 'biasRow' | 'foldsNorms'>;

/** Biases of a layer that have a row in its arrays: its own, or those that a folded batch norm makes, one a column. */
export function biasesInRow(layer: WeightLayer, { biasRow, foldsNorms }: BiasKnobs): number {
  if (!biasRow) return 0;
  return layer.biases === 0 && foldsNorms && layer.folded.length > 0 ? layer.columns : layer.biases;
}

/** Forward matrix of a layer: a kernel is a column, K_h K_w C_in / groups (+1) rows (PipeLayer Fig. 5). */
export function forwardMatrix(layer: WeightLayer, knobs: BiasKnobs): MatrixShape {
  return {
    rows: layer.rows + (biasesInRow(layer, knobs) > 0 ? 1 : 0),
    columns: layer.columns / layer.groups,
    groups: layer.groups,
  };
}

/** Dedicated backward copy: the rotated kernel, K_h K_w C_out rows by C_in columns (PipeLayer Sec. 4.3, Fig. 11). */
export function backwardMatrix(layer: WeightLayer): MatrixShape {
  const { window, cin, cout, groups } = layer;
  if (layer.serial) return { rows: layer.columns / groups, columns: layer.rows, groups };
  return { rows: (elementsOf(window.kernel) * cout) / groups, columns: cin / groups, groups };
}
