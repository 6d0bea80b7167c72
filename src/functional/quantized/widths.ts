// Widths of the integers of a config's networks.

import { functionalTree, type Config } from '../../run-config/index.js';
import type { IntegerWidths } from './node-products.js';

/**
 * Integers as a config has them. @param arrays the matrices stand in arrays, so that input and state of a recurrent
 * layer share one with one exponent; else each has its own and their sums meet digitally
 */
export function integerWidths(config: Config, arrays: boolean): IntegerWidths {
  const { weights, inputs, dynamic } = config;
  const { per, rounding, recurrent, residuals, vector } = functionalTree(config);
  return {
    weightBits: weights.bits,
    activationBits: inputs.bits,
    per,
    sums: rounding,
    vector,
    residuals,
    pairs: dynamic.on,
    cells: { ...recurrent, halves: !arrays },
  };
}
