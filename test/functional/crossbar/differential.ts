// A crossbar of differential columns for tests of converters and cells: options with ideal parts, but for some.

import {
  idealOptions,
  IDEAL_CELLS,
  type CellOptions,
  type CrossbarOptions,
} from '../../../src/functional/crossbar/options.js';

export const LAYOUT = {
  rows: 128,
  columns: 128,
  cellBits: 2,
  weightBits: 8,
  sign: 'differential',
  slices: 'arrays',
  referenceColumn: 'extra',
  biasRow: false,
  foldsNorms: false,
  groups: 'separate',
} as const;

export const withCells = (cells: Partial<CellOptions>, more: Partial<CrossbarOptions> = {}): CrossbarOptions => ({
  ...idealOptions(LAYOUT),
  ...more,
  cells: { ...IDEAL_CELLS, ...cells },
});
