// Where a loss attaches to a classifier: cross entropy works on logits, so a softmax at the end is left to the loss.

import type { Graph } from '../../workload/graph/index.js';

/**
 * The graph with what a last softmax reads as its first output, which cross entropy takes; the same graph where it ends
 * otherwise. Nodes and tensors keep their numbers.
 */
export function logitsGraph(graph: Graph): Graph {
  const [first, ...others] = graph.outputs;
  const maker = first === undefined ? null : graph.tensors[first]!.maker;
  if (maker === null) return graph;
  const { operator, inputs } = graph.nodes[maker.node]!;
  // A logarithm of a softmax goes through another softmax unchanged.
  if (operator.kind !== 'softmax') return graph;
  return logitsGraph({ ...graph, outputs: [inputs[0]!, ...others] });
}
