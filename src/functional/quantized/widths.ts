// Widths of the integers of a config's networks.

import { failure, functionalTree, type LoadedRun } from '../../run-config/index.js';
import type { IntegerWidths } from './node-products.js';

/** Bits of activations: of one there would be -1 and 0 alone, and more than 32 are no integers of the kernels. */
const [LEAST_BITS, MOST_BITS] = [2, 32];

/**
 * Integers as a config has them. @param arrays the matrices stand in arrays, so that input and state of a recurrent
 * layer share one with one exponent; else each has its own and their sums meet digitally
 * @throws ConfigError for inputs of so few or many bits that nothing is computed
 */
export function integerWidths(
  { config, loaded }: Pick<LoadedRun, 'config' | 'loaded'>,
  arrays: boolean,
): IntegerWidths {
  const { weights, inputs, dynamic } = config;
  if (inputs.bits < LEAST_BITS || inputs.bits > MOST_BITS)
    failure(loaded)(
      ['inputs', 'bits'],
      `found ${inputs.bits}; expected ${LEAST_BITS} to ${MOST_BITS} (sign included) where networks compute in integers`,
    );
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
