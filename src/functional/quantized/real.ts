// A network whose products a backend of reals does (posits, logarithms, small floats); norms are folded.

import type { Backend, Product } from '../backend.js';
import { Executor } from '../execute.js';
import type { NodeProducts } from '../nodes/index.js';
import { roundingOf, type VectorFormat } from '../operators/in-format.js';
import type { Values } from '../operators/values.js';
import { ParameterStore } from '../parameter-store.js';
import type { Node } from '../../workload/graph/index.js';
import type { FoldedNetwork } from './network.js';
import { realProducts } from './real-products.js';

/** The network with its products in a backend of reals. */
export function realNetwork(
  { graph, source, folded }: FoldedNetwork,
  backend: Backend,
  vector: VectorFormat = 'float64',
): { executor: Executor; products: Map<Node, readonly Product[]> } {
  const store = new ParameterStore(graph, source, 'float64');
  const products = new Map<Node, readonly Product[]>();
  const runs = new Map<Node, NodeProducts>();
  for (const node of graph.nodes) {
    const parameters: ReadonlyMap<string, Values> = folded.parameters.get(node) ?? store.ofNode(node);
    store.replace(node, parameters);
    if (!['conv', 'convTranspose', 'dense', 'recurrent'].includes(node.operator.kind)) continue;
    const own = realProducts(node, parameters, backend);
    products.set(node, own.parts);
    runs.set(node, own.run);
  }
  const executor = new Executor(graph, store, {
    precision: 'float64',
    skipped: folded.skipped,
    products: (node) => runs.get(node),
    round: roundingOf(vector),
  });
  return { executor, products };
}
