// Grids of the weights of a layer: one for all of them, or one a column.

import { fractionBits } from './grid.js';
import type { PartMatrix } from './matrices.js';
import type { IntegerWidths } from './node-products.js';

/** Fraction bits of each column's weights: of all the node's matrices, or its own. */
export function weightFractions(
  { rows, columns, values }: PartMatrix,
  largest: number,
  { weightBits, per }: IntegerWidths,
): Int32Array {
  const out = new Int32Array(columns).fill(fractionBits(largest, weightBits));
  if (per === 'tensor') return out;
  for (let c = 0; c < columns; c++) {
    let most = 0;
    for (let r = 0; r < rows; r++) most = Math.max(most, Math.abs(values[r * columns + c]!));
    out[c] = fractionBits(most, weightBits);
  }
  return out;
}
