// Residual connections: sums of activations that a buffer holds, as integers of activations' bits.

import type { Graph, Node } from '../../workload/graph/index.js';

const PRODUCTS: ReadonlySet<string> = new Set(['conv', 'convTranspose', 'dense', 'matmul', 'recurrent', 'adder']);

/**
 * Nodes that add (or subtract) two results of the network: of one shape, and from different products, lookups, inputs
 * or sums before them. A norm's x - mean(x), the inside of a GELU and an attention mask are no such sums: the vector
 * unit works on one result there.
 */
export function residualSums({ nodes, tensors, inputs }: Graph): ReadonlySet<Node> {
  const found = new Set<Node>();
  /** By tensor: the results (tensors) that it was worked out of. */
  const sources = new Map<number, ReadonlySet<number>>();
  const isReal = (id: number): boolean => tensors[id]!.dtype.startsWith('f');
  for (const id of inputs) if (isReal(id)) sources.set(id, new Set([id]));
  const sourcesOf = (id: number): ReadonlySet<number> => sources.get(id) ?? new Set();
  for (const node of nodes) {
    const { operator } = node;
    const isSum = isResidual(node);
    if (isSum) found.add(node);
    const isResult = isSum || PRODUCTS.has(operator.kind) || (operator.kind === 'gather' && operator.lookup);
    const own = new Set(node.inputs.flatMap((id) => [...sourcesOf(id)]));
    for (const id of node.outputs) sources.set(id, isResult ? new Set([id]) : own);
  }
  return found;

  function isResidual({ operator, inputs: [a, b], outputs: [out] }: Node): boolean {
    if (operator.kind !== 'elementwise' || (operator.function !== 'add' && operator.function !== 'sub')) return false;
    if (a === undefined || b === undefined || !isReal(a) || !isReal(b)) return false;
    const shape = String(tensors[out!]!.shape);
    if ([a, b].some((id) => String(tensors[id]!.shape) !== shape || sourcesOf(id).size === 0)) return false;
    const [left, right] = [sourcesOf(a), sourcesOf(b)];
    return left.size !== right.size || [...left].some((id) => !right.has(id));
  }
}
