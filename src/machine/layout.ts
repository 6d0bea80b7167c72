// How a config lays weights into crossbars.

import { storedBits, type Config } from '../run-config/index.js';
import type { CrossbarLayout } from '../mapping/index.js';

/** The layout of a config's crossbars. */
export const crossbarLayout = ({ crossbar, weights, mapping }: Config): CrossbarLayout => ({
  rows: crossbar.rows,
  columns: crossbar.columns,
  cellBits: crossbar.cellBits,
  weightBits: storedBits(weights),
  sign: weights.sign,
  slices: weights.slices,
  referenceColumn: weights.referenceColumn,
  biasRow: mapping.biasRow,
});
