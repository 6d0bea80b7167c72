// A network small enough to check by hand: CleverHans's 2-2-2 units, sigmoid between two matrices, no bias.

import type { Victim } from '../../../src/functional/attacks/victim.js';

const W1 = [
  [1.5, 0.3],
  [-2, 0.3],
] as const;
const W2 = [
  [-2.4, 1.2],
  [0.5, -2.3],
] as const;

/** logits = sigmoid(x W1) W2, with gradients worked out by hand. */
export const SMALL: Victim = {
  size: 2,
  classes: 2,
  logits: (pictures, count) => forward(pictures, count).logits,
  gradient(pictures, count, errorOf) {
    const { hidden, logits } = forward(pictures, count);
    const error = errorOf(logits);
    const gradient = new Float64Array(2 * count);
    for (let i = 0; i < count; i++)
      for (let h = 0; h < 2; h++) {
        const back = error[2 * i]! * W2[h]![0] + error[2 * i + 1]! * W2[h]![1];
        const slope = back * hidden[2 * i + h]! * (1 - hidden[2 * i + h]!);
        for (let j = 0; j < 2; j++) gradient[2 * i + j]! += slope * W1[j]![h]!;
      }
    return { logits, gradient };
  },
};

function forward(pictures: Float64Array, count: number): { hidden: Float64Array; logits: Float64Array } {
  const hidden = new Float64Array(2 * count);
  const logits = new Float64Array(2 * count);
  for (let i = 0; i < count; i++) {
    for (let h = 0; h < 2; h++)
      hidden[2 * i + h] = 1 / (1 + Math.exp(-(pictures[2 * i]! * W1[0][h]! + pictures[2 * i + 1]! * W1[1][h]!)));
    for (let k = 0; k < 2; k++) logits[2 * i + k] = hidden[2 * i]! * W2[0][k]! + hidden[2 * i + 1]! * W2[1][k]!;
  }
  return { hidden, logits };
}
