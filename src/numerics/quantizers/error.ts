// How far quantized values are from the original ones.

/** Errors of a quantized array. */
export interface QuantizationError {
  /** 10 log10(sum x^2 / sum (x - q)^2); infinite without error (none for no values or all zeros: then infinite too if exact, -infinite if not). */
  readonly snrDb: number;
  readonly meanSquare: number;
  readonly maxError: number;
}

/** @param values original @param quantized of equal length @throws RangeError for unequal lengths */
export function quantizationError(values: ArrayLike<number>, quantized: ArrayLike<number>): QuantizationError {
  if (values.length !== quantized.length) throw new RangeError(`${values.length} values against ${quantized.length} quantized ones`);
  let signal = 0;
  let noise = 0;
  let maxError = 0;
  for (let i = 0; i < values.length; i++) {
    const x = values[i]!;
    const error = Math.abs(x - quantized[i]!);
    signal += x * x;
    noise += error * error;
    if (error > maxError) maxError = error;
  }
  return { snrDb: noise === 0 ? Infinity : 10 * Math.log10(signal / noise), meanSquare: values.length === 0 ? 0 : noise / values.length, maxError };
}
