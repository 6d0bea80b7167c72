// The matrices of nodes with constant weights: as arrays hold them, and as a second copy for errors holds them.

import type { Node } from '../../workload/graph/index.js';
import { denseMatrices } from '../nodes/dense.js';
import { sizeOf, type Values } from '../operators/values.js';
import { leading } from '../../config/typed.js';

/** One matrix of a product: rows x columns, row-major. */
export interface PartMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

/**
 * The matrices of a node with constant weights, in the order in which its run numbers them.
 * @param halves recurrent layers: inputs and states have a matrix each, else stand side by side in one
 */
export function matricesOf({ operator }: Node, parameters: ReadonlyMap<string, Values>, halves: boolean): PartMatrix[] {
  const weight = parameters.get('weight')!;
  switch (operator.kind) {
    case 'conv': {
      const rows = sizeOf(weight.shape.slice(1));
      const columns = weight.shape[0]! / operator.groups;
      return Array.from({ length: operator.groups }, (_, g) =>
        matrix(rows, columns, (r, c) => weight.data[(g * columns + c) * rows + r]!),
      );
    }
    case 'convTranspose': {
      const channels = weight.shape[0]! / operator.groups;
      const columns = weight.shape[1]!;
      const places = sizeOf(weight.shape.slice(2));
      const at = (channel: number, column: number, place: number): number =>
        weight.data[(channel * columns + column) * places + place]!;
      return Array.from({ length: operator.groups }, (_, g) =>
        matrix(channels * places, columns, (r, c) => at(g * channels + Math.floor(r / places), c, r % places)),
      );
    }
    case 'dense': {
      const matrices = denseMatrices(operator, weight);
      const [groups, columns, rows] = leading(3, matrices.shape);
      return Array.from({ length: groups }, (_, g) =>
        matrix(rows, columns, (r, c) => matrices.data[(g * columns + c) * rows + r]!),
      );
    }
    case 'recurrent': {
      const recurrent = parameters.get('recurrent')!;
      const [directions, columns, features] = leading(3, weight.shape);
      const { hidden } = operator;
      const input = (d: number, r: number, c: number): number => weight.data[(d * columns + c) * features + r]!;
      const state = (d: number, r: number, c: number): number => recurrent.data[(d * columns + c) * hidden + r]!;
      return Array.from({ length: directions }, (_, d) =>
        halves
          ? [matrix(features, columns, (r, c) => input(d, r, c)), matrix(hidden, columns, (r, c) => state(d, r, c))]
          : [matrix(features + hidden, columns, (r, c) => (r < features ? input(d, r, c) : state(d, r - features, c)))],
      ).flat();
    }
    default:
      return [];
  }
}

function matrix(rows: number, columns: number, at: (r: number, c: number) => number): PartMatrix {
  const values = new Float64Array(rows * columns);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) values[r * columns + c] = at(r, c);
  return { rows, columns, values };
}

/** A matrix with rows and columns changed over: the second copy of a dense or recurrent layer's weights. */
export const turned = ({ rows, columns, values }: PartMatrix): PartMatrix =>
  matrix(columns, rows, (r, c) => values[c * columns + r]!);

/**
 * The rotated kernel (PipeLayer Sec. 4.4): of a convolution's [channels x places, filters] the matrix [filters x
 * places, channels], as `unfoldErrors` orders its rows.
 */
export function rotated({ rows, columns, values }: PartMatrix, places: number): PartMatrix {
  const at = (r: number, c: number): number => {
    const filter = Math.floor(r / places);
    return values[(c * places + (r % places)) * columns + filter]!;
  };
  return matrix(columns * places, rows / places, at);
}
