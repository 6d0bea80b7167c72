// How a config lays weights into crossbars.

import type { Config } from '../architecture/index.js';
import type { CrossbarLayout } from '../mapping/index.js';

/** Bits that a weight takes in cells: its own, or the fixed-point words of its codebook. */
const storedBits = ({ weights }: Pick<Config, 'weights'>): number => (weights.codebook === 'uniform' ? weights.bits : (weights.codeWordBits ?? weights.bits));

/** The layout of a config's crossbars. */
export const crossbarLayout = ({ crossbar, weights, mapping }: Config): CrossbarLayout => ({
  rows: crossbar.rows, columns: crossbar.columns, cellBits: crossbar.cellBits, weightBits: storedBits({ weights }), sign: weights.sign,
  slices: weights.slices, referenceColumn: weights.referenceColumn, biasRow: mapping.biasRow,
});
