// Batch norms taken into the weights of the product in front of them, as hardware stores them.

import { productBefore, type Graph, type Node } from '../../workload/graph/index.js';
import { denseMatrices } from '../nodes/dense.js';
import { sizeOf, zeros, type Values } from '../operators/values.js';
import type { ParameterStore } from '../parameter-store.js';

/** Norms that were taken in (they hand their input on), and the parameters of the products that took them. */
export interface Folded {
  readonly skipped: ReadonlySet<number>;
  readonly parameters: ReadonlyMap<Node, ReadonlyMap<string, Values>>;
}

/** Folds every batch norm right behind a product that nobody else reads. */
export function foldNorms(graph: Graph, store: ParameterStore): Folded {
  const skipped = new Set<number>();
  const parameters = new Map<Node, ReadonlyMap<string, Values>>();
  for (const node of graph.nodes) {
    const { operator } = node;
    if (operator.kind !== 'norm' || operator.norm !== 'batch') continue;
    const product = productBefore(graph, node);
    if (product === null || (product.operator.kind === 'dense' && !plainDense(product))) continue;
    const norm = store.ofNode(node);
    const own = parameters.get(product) ?? store.ofNode(product);
    const mean = norm.get('mean')!.data;
    const shift = norm.get('bias')!.data;
    const variance = norm.get('variance')!.data;
    const scale = norm.get('scale')!.data;
    const factor = Float64Array.from(scale, (value, c) => value / Math.sqrt(variance[c]! + operator.epsilon));
    const weight = own.get('weight')!;
    const scaled = zeros(weight.data, weight.shape);
    const channel = channelOf(product, weight.shape);
    for (let i = 0; i < scaled.data.length; i++) scaled.data[i] = weight.data[i]! * factor[channel(i)]!;
    const bias = zeros(weight.data, [factor.length]);
    const before = own.get('bias')?.data;
    for (let c = 0; c < factor.length; c++) bias.data[c] = ((before?.[c] ?? 0) - mean[c]!) * factor[c]! + shift[c]!;
    parameters.set(product, new Map([...own, ['weight', scaled], ['bias', bias]]));
    skipped.add(node.id);
  }
  return { skipped, parameters };
}

const plainDense = ({ operator }: Node): boolean =>
  operator.kind === 'dense' && operator.groups === 1 && operator.beta === 1;

/** Output channel of an element of a product's weights. */
function channelOf({ operator }: Node, shape: readonly number[]): (i: number) => number {
  if (operator.kind === 'conv') {
    const size = sizeOf(shape.slice(1));
    return (i) => Math.floor(i / size);
  }
  if (operator.kind === 'convTranspose') {
    const inner = sizeOf(shape.slice(2));
    const [inputs, filters] = shape as [number, number];
    const perGroup = inputs / operator.groups;
    return (i) =>
      Math.floor(Math.floor(i / (inner * filters)) / perGroup) * filters + (Math.floor(i / inner) % filters);
  }
  const columns = shape.at(-1)!;
  return operator.kind === 'dense' && operator.weightLayout === 'in-out'
    ? (i) => i % columns
    : (i) => Math.floor(i / columns);
}

/** One matrix of a product: rows x columns, row-major. */
export interface PartMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

/** The matrices of a node with constant weights, in the order in which its run numbers them. */
export function matricesOf({ operator }: Node, parameters: ReadonlyMap<string, Values>): PartMatrix[] {
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
      const rows = weight.shape[0]! / operator.groups;
      const columns = sizeOf(weight.shape.slice(1));
      return Array.from({ length: operator.groups }, (_, g) =>
        matrix(rows, columns, (r, c) => weight.data[(g * rows + r) * columns + c]!),
      );
    }
    case 'dense': {
      const matrices = denseMatrices(operator, weight);
      const [groups, columns, rows] = matrices.shape as [number, number, number];
      return Array.from({ length: groups }, (_, g) =>
        matrix(rows, columns, (r, c) => matrices.data[(g * columns + c) * rows + r]!),
      );
    }
    case 'recurrent': {
      const recurrent = parameters.get('recurrent')!;
      const [directions, columns, features] = weight.shape as [number, number, number];
      const { hidden, cell } = operator;
      const input = (d: number, r: number, c: number): number => weight.data[(d * columns + c) * features + r]!;
      const state = (d: number, r: number, c: number): number => recurrent.data[(d * columns + c) * hidden + r]!;
      return Array.from({ length: directions }, (_, d) =>
        cell === 'gru'
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
