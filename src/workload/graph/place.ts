// Where an operator is done.

import type { Graph, Node } from './graph.js';
import { isProduct } from './products.js';

/**
 * `crossbar` (MAC units in digital designs): product with constant weights. `dynamic`: product of two activations.
 * `vector`: element-wise operators, norms, softmax, pools. `move`: numbers change places. `folded`: no work at run
 * time.
 */
export type Place = 'crossbar' | 'dynamic' | 'vector' | 'move' | 'folded';

/** Where a node is done. Batch norms right behind a product that nobody else reads are folded into its weights. */
export function placeOf(graph: Graph, node: Node): Place {
  const { operator } = node;
  if (isProduct(operator)) return 'crossbar';
  switch (operator.kind) {
    case 'matmul':
      return 'dynamic';
    case 'reshape':
      return 'folded';
    case 'norm':
      return operator.norm === 'batch' && productBefore(graph, node) !== null ? 'folded' : 'vector';
    case 'transpose':
      // Axes of a sample that stay in their order: the batch alone has moved.
      return operator.permutation.every((axis, i) => axis === i) ? 'folded' : 'move';
    case 'concat':
    case 'split':
    case 'slice':
    case 'pad':
    case 'expand':
    case 'tile':
    case 'shuffle':
    case 'gather':
      return 'move';
    default:
      return 'vector';
  }
}

/** The convolution or dense node whose output a node alone reads, through reshapes; null where there is none. */
export function productBefore(graph: Graph, node: Node): Node | null {
  let tensor = graph.tensors[node.inputs[0]!]!;
  for (;;) {
    if (tensor.maker === null || tensor.readers.length !== 1 || graph.outputs.includes(tensor.id)) return null;
    const maker = graph.nodes[tensor.maker.node]!;
    if (['conv', 'convTranspose', 'dense'].includes(maker.operator.kind)) return maker;
    if (maker.operator.kind !== 'reshape') return null;
    tensor = graph.tensors[maker.inputs[0]!]!;
  }
}
