// Losses and their errors at the network's outputs.

/** Losses of pictures, and the error of each output. */
export interface LossOf {
  /** Loss of each row. */
  losses: Float64Array;
  /** Error [count, outputs], of the sum of the losses. */
  error: Float64Array;
}

/**
 * Cross entropy of logits [count, classes] with labels. The label's error p - 1 is the negative sum of the other
 * probabilities, so that nothing cancels where a network is sure.
 */
export function crossEntropy(logits: Float64Array, labels: ArrayLike<number>, count: number): LossOf {
  const classes = logits.length / count;
  const losses = new Float64Array(count);
  const error = new Float64Array(logits.length);
  for (let i = 0; i < count; i++) {
    const row = i * classes;
    let largest = -Infinity;
    for (let k = 0; k < classes; k++) largest = Math.max(largest, logits[row + k]!);
    let sum = 0;
    for (let k = 0; k < classes; k++) {
      const e = Math.exp(logits[row + k]! - largest);
      error[row + k] = e;
      sum += e;
    }
    const label = labels[i]!;
    let others = 0;
    for (let k = 0; k < classes; k++) {
      error[row + k]! /= sum;
      if (k !== label) others += error[row + k]!;
    }
    // log sum: with the label's own term apart where it is the largest.
    losses[i] =
      logits[row + label]! === largest
        ? Math.log1p(others / error[row + label]!)
        : Math.log(sum) + largest - logits[row + label]!;
    error[row + label] = -others;
  }
  return { losses, error };
}

/** Half-free mean square: the mean over outputs of (output - target)^2 of each row (torch's MSELoss over a row). */
export function meanSquare(outputs: Float64Array, targets: Float64Array, count: number): LossOf {
  const width = outputs.length / count;
  const losses = new Float64Array(count);
  const error = new Float64Array(outputs.length);
  for (let i = 0; i < outputs.length; i++) {
    const off = outputs[i]! - targets[i]!;
    losses[Math.floor(i / width)]! += (off * off) / width;
    error[i] = (2 * off) / width;
  }
  return { losses, error };
}

/** Mean of values. */
export const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
