// How far quantized values are from the original ones.

import { powerOfSameSize } from '../formats/double.js';

/** Errors of a quantized array. */
export interface QuantizationError {
  /**
   * 10 log10(sum x^2 / sum (x - q)^2); infinite without error (none for no values or all zeros: then infinite too if
   * exact, -infinite if not).
   */
  readonly snrDb: number;
  readonly meanSquare: number;
  readonly maxError: number;
}

/** @param values original @param quantized of equal length @throws RangeError for unequal lengths */
export function quantizationError(values: ArrayLike<number>, quantized: ArrayLike<number>): QuantizationError {
  if (values.length !== quantized.length)
    throw new RangeError(`${values.length} values against ${quantized.length} quantized ones`);
  let largest = 0;
  let maxError = 0;
  for (let i = 0; i < values.length; i++) {
    largest = Math.max(largest, Math.abs(values[i]!));
    maxError = Math.max(maxError, Math.abs(values[i]! - quantized[i]!));
  }
  // Squares in units of a power of two near the largest number neither overflow nor vanish.
  const unit = powerOfSameSize(Math.max(largest, maxError));
  let signal = 0;
  let noise = 0;
  for (let i = 0; i < values.length; i++) {
    signal += (values[i]! / unit) ** 2;
    noise += ((values[i]! - quantized[i]!) / unit) ** 2;
  }
  return {
    snrDb: noise === 0 ? Infinity : 10 * Math.log10(signal / noise),
    meanSquare: values.length === 0 ? 0 : (noise / values.length) * unit * unit,
    maxError,
  };
}
