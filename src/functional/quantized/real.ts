// A network whose products a backend of reals does (posits, logarithms, small floats); norms are folded.

import type { Backend, Product } from '../backend.js';
import { Executor } from '../execute.js';
import type { NodeProducts } from '../nodes/index.js';
import type { Numbers, Values } from '../operators/values.js';
import { ParameterStore } from '../parameter-store.js';
import type { Node } from '../../workload/graph/index.js';
import type { FoldedNetwork } from './network.js';
import { matricesOf } from './matrices.js';

/** The network with its products in a backend of reals. */
export function realNetwork(
  { graph, source, folded }: FoldedNetwork,
  backend: Backend,
): { executor: Executor; products: Map<Node, readonly Product[]> } {
  const store = new ParameterStore(graph, source, 'float64');
  const products = new Map<Node, readonly Product[]>();
  const runs = new Map<Node, NodeProducts>();
  for (const node of graph.nodes) {
    const parameters: ReadonlyMap<string, Values> = folded.parameters.get(node) ?? store.ofNode(node);
    store.replace(node, parameters);
    if (!['conv', 'convTranspose', 'dense', 'recurrent'].includes(node.operator.kind)) continue;
    const parts = matricesOf(node, parameters).map(({ rows, columns, values }, part) =>
      backend.prepare({ name: `${node.name}/${part}`, rows, columns, values }),
    );
    products.set(node, parts);
    runs.set(node, {
      forward: (part: number, vectors: Numbers, count: number, out: Numbers) => {
        parts[part]!.forward(vectors, count, out);
      },
      transposed: (part: number, errors: Numbers, count: number, out: Numbers) => {
        parts[part]!.transposed(errors, count, out);
      },
    });
  }
  const executor = new Executor(graph, store, {
    precision: 'float64',
    skipped: folded.skipped,
    products: (node) => runs.get(node),
  });
  return { executor, products };
}
