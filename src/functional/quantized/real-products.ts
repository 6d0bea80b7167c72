// The matrices of one node in a backend of reals.

import type { Backend, Product } from '../backend.js';
import type { NodeProducts } from '../nodes/index.js';
import type { Values } from '../operators/values.js';
import type { Node } from '../../workload/graph/index.js';
import { matricesOf } from './matrices.js';

/** The matrices of a node in a backend of reals, and how the node runs on them. */
export function realProducts(
  node: Node,
  parameters: ReadonlyMap<string, Values>,
  backend: Backend,
): { parts: readonly Product[]; run: NodeProducts } {
  const halves = node.operator.kind === 'recurrent' && node.operator.cell === 'gru';
  const parts = matricesOf(node, parameters, halves).map(({ rows, columns, values }, part) =>
    backend.prepare({ name: `${node.name}/${part}`, rows, columns, values }),
  );
  return {
    parts,
    run: {
      halves,
      forward: ({ part, vectors, count }, out) => {
        parts[part]!.forward(vectors, count, out);
      },
      transposed: ({ part, vectors, count }, out) => {
        parts[part]!.transposed(vectors, count, out);
      },
    },
  };
}
