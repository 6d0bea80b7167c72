// Which tensor's range sets the grid of a product's result.

import type { Graph, Tensor } from '../../workload/graph/index.js';

/**
 * The tensor whose range sets the grid of a product's output: behind the ReLU (or clip) that alone reads it.
 * @param skipped nodes that hand their input on (norms taken into weights)
 */
export function rangeTensor(graph: Graph, tensor: Tensor, skipped: ReadonlySet<number>): Tensor {
  const { readers, id } = tensor;
  if (readers.length !== 1 || graph.outputs.includes(id)) return tensor;
  const reader = graph.nodes[readers[0]!]!;
  const { operator } = reader;
  if (skipped.has(reader.id)) return rangeTensor(graph, graph.tensors[reader.outputs[0]!]!, skipped);
  if (operator.kind === 'unary' && (operator.function === 'relu' || operator.function === 'clip'))
    return graph.tensors[reader.outputs[0]!]!;
  return tensor;
}
