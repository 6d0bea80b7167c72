// Sums of activations (residual connections) as a buffer holds them: integers of activations' bits.

import type { Graph, Node } from '../../workload/graph/index.js';

/** Whether a node adds two activations: neither operand stands in the file. */
export const addsActivations = (graph: Graph, { operator, inputs }: Node): boolean =>
  operator.kind === 'elementwise' &&
  (operator.function === 'add' || operator.function === 'sub') &&
  inputs.length >= 2 &&
  inputs.every((id) => graph.tensors[id]!.constant === null && graph.tensors[id]!.dtype.startsWith('f'));
