// Biases as the hardware holds them: in fixed point, on the grid of the sums that they are added to.

import { zeros, type Values } from '../operators/values.js';
import { fractionBits, largestOf, roundAll, toInteger } from './grid.js';
import type { IntegerWidths, NodeGrids } from './node-products.js';

/** Biases of a recurrent layer [D, 2 G H]: each half of a direction in its own fixed point of `bits` bits. */
export function cellBias(bias: Values, bits: number): Values {
  const y = zeros(bias.data, bias.shape);
  const size = bias.shape.at(-1)! / 2;
  for (let at = 0; at < y.data.length; at += size) {
    const own = bias.data.subarray(at, at + size);
    roundAll(own, fractionBits(largestOf(own), bits), bits, y.data.subarray(at, at + size));
  }
  return y;
}

/**
 * A bias in its own fixed point. Where sums are rounded half up it is shifted to their grid (and rounded half up where
 * that is coarser); where ties go to even it is added as it is.
 */
export function sumBias(
  bias: Values,
  { inputs, weights }: NodeGrids,
  { weightBits: bits, sums = 'half-up' }: IntegerWidths,
): Values {
  const own = fractionBits(largestOf(bias.data), bits);
  const y = zeros(bias.data, bias.shape);
  const fractions = weights.flatMap((columns, part) => [...columns].map((fraction) => inputs[part]! + fraction));
  for (let c = 0; c < y.data.length; c++) {
    const sum = fractions[c % fractions.length] ?? inputs[0]!;
    const stored = toInteger(bias.data[c]!, own, bits);
    y.data[c] = sums === 'half-up' ? Math.floor(stored * 2 ** (sum - own) + 0.5) * 2 ** -sum : stored * 2 ** -own;
  }
  return y;
}
