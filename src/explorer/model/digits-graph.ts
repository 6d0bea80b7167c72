// Which networks a page can teach digits while somebody waits.

import { DIGIT_SIDE } from '../../functional/data/digit-side.js';
import { elementsOf } from '../../workload/graph/index.js';
import type { Network } from '../../workload/index.js';

/** Most multiply-accumulates of a network that learns while somebody waits. */
const MOST_MACS = 1e6;

/** True for small networks of one picture of a digit in, ten classes out. */
export function learnsDigits({ graph: { inputs, outputs, tensors }, macs }: Network): boolean {
  const [input, ...others] = inputs.map((id) => tensors[id]!);
  return (
    macs <= MOST_MACS &&
    input !== undefined &&
    others.length === 0 &&
    elementsOf(input.shape) === DIGIT_SIDE ** 2 &&
    elementsOf(tensors[outputs[0]!]!.shape) === 10
  );
}
