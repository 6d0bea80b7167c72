// Softmax and norms over rows as a vector unit of a number format does them: every step rounded, sums in row order.

import { standardFloat, type MinifloatName } from '../../numerics/formats/minifloat.js';
import type { RowNorm } from './norm.js';
import { zeros, type Values } from './values.js';

/** Formats of the vector unit. */
export type VectorFormat = 'float64' | MinifloatName;

/** A number as a format holds it. */
export type Round = (x: number) => number;

/** Rounding to the nearest of a format, ties to even, beyond the largest to it; undefined for double precision. */
export function roundingOf(format: VectorFormat): Round | undefined {
  if (format === 'float64') return undefined;
  if (format === 'float32') return Math.fround;
  const { encode, decode } = standardFloat(format, 'saturate');
  // Formats without a code for it, too: what is computed from it says that it is no number.
  return (x) => (Number.isNaN(x) ? NaN : decode(encode(x)));
}

/** Softmax (or its logarithm) of x [outer, length, inner] along its second axis. */
export function softmaxIn(round: Round, x: Values, log: boolean): Values {
  const [outer, length, inner] = [x.shape[0]!, x.shape[1]!, x.shape[2]!];
  const y = zeros(x.data, x.shape);
  const shares = new Float64Array(length);
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++) {
      const at = (l: number): number => (o * length + l) * inner + i;
      let most = -Infinity;
      for (let l = 0; l < length; l++) most = Math.max(most, round(x.data[at(l)]!));
      let sum = 0;
      for (let l = 0; l < length; l++) {
        const below = round(round(x.data[at(l)]!) - most);
        const share = round(Math.exp(below));
        sum = round(sum + share);
        shares[l] = log ? below : share;
      }
      const logarithm = round(Math.log(sum));
      for (let l = 0; l < length; l++) y.data[at(l)] = round(log ? shares[l]! - logarithm : shares[l]! / sum);
    }
  return y;
}

/** A norm over rows: mean, differences, mean square, one over the root, scale and shift. */
export function rowNormIn(
  round: Round,
  x: Values,
  { scale, shift }: { readonly scale: Values | undefined; readonly shift: Values | undefined },
  norm: RowNorm,
): Values {
  const y = zeros(x.data, x.shape);
  const { length, centred, epsilon } = norm;
  for (let from = 0, row = 0; from < x.data.length; from += length, row++) {
    const value = (i: number): number => round(x.data[from + i]!);
    let sum = 0;
    if (centred) for (let i = 0; i < length; i++) sum = round(sum + value(i));
    const mean = round(sum / length);
    let squares = 0;
    for (let i = 0; i < length; i++) {
      const apart = round(value(i) - mean);
      squares = round(squares + round(apart * apart));
    }
    const variance = round(squares / length);
    const inverse = round(1 / round(Math.sqrt(round(variance + epsilon))));
    for (let i = 0; i < length; i++) {
      const at = norm.parameter(row, i);
      const normal = round(round(value(i) - mean) * inverse);
      const scaled = scale === undefined ? normal : round(normal * round(scale.data[at]!));
      y.data[from + i] = shift === undefined ? scaled : round(scaled + round(shift.data[at]!));
    }
  }
  return y;
}
