// The matrices of one node in a backend of reals.

import type { Backend, Product } from '../backend.js';
import type { NodeProducts } from '../nodes/index.js';
import type { Values } from '../operators/values.js';
import type { Node } from '../../workload/graph/index.js';
import { partOf, placesOf } from './map-places.js';
import { matricesOf } from './matrices.js';

/**
 * The matrices of a node in a backend of reals, and how the node runs on them.
 * @param rangeOf largest magnitude of a part's inputs; undefined: not known
 */
export function realProducts(
  node: Node,
  parameters: ReadonlyMap<string, Values>,
  backend: Backend,
  rangeOf: (part: number) => number | undefined = () => undefined,
): { parts: readonly Product[]; run: NodeProducts } {
  const halves = node.operator.kind === 'recurrent' && node.operator.cell === 'gru';
  const parts = matricesOf(node, parameters, halves).map(({ rows, columns, values }, part) =>
    backend.prepare({ name: `${node.name}/${part}`, rows, columns, values }, { range: rangeOf(part) }),
  );
  const groups = parts.length;
  const takesMaps = node.operator.kind === 'conv' && parts.every(({ forwardMaps }) => forwardMaps !== undefined);
  const maps: NodeProducts['maps'] = (x, layout, images, y) => {
    const data = layout.doubles(x instanceof Float64Array ? x : Float64Array.from(x), images * groups);
    parts.forEach((product, part) => {
      product.forwardMaps!(
        partOf(layout, data, { part, groups, images }),
        { ...placesOf(layout, product.columns, { part, groups }), data: y, scales: null },
        { image: 0, vectorsPerImage: layout.geometry.outputSize },
      );
    });
  };
  return {
    parts,
    run: {
      halves,
      ...(takesMaps ? { maps } : {}),
      forward: ({ part, vectors, count }, out, place) => {
        parts[part]!.forward(vectors, count, out, place);
      },
      transposed: ({ part, vectors, count }, out, place) => {
        parts[part]!.transposed(vectors, count, out, place);
      },
    },
  };
}
