// Batch norms taken into the weights of the product in front of them, as hardware stores them.

import { productBefore, type Graph, type Node } from '../../workload/graph/index.js';
import type { RoleGradient } from '../execute.js';
import { sizeOf, zeros, type Numbers, type Values } from '../operators/values.js';
import type { ParameterStore } from '../parameter-store.js';
import { leading } from '../../config/typed.js';

/** Norms that were taken in (they hand their input on), and the parameters of the products that took them. */
export interface Folded {
  readonly skipped: ReadonlySet<number>;
  readonly parameters: ReadonlyMap<Node, ReadonlyMap<string, Values>>;
  /** By product: the norms that it took in, in their order. */
  readonly norms: ReadonlyMap<Node, readonly FoldedNorm[]>;
}

/** A norm that a product took in: weights were multiplied by `factor`, biases became (bias - mean) factor + shift. */
interface FoldedNorm {
  readonly node: Node;
  /** By channel. */
  readonly factor: Float64Array;
  readonly mean: Numbers;
  /** 1 / sqrt(variance + epsilon) by channel. */
  readonly inverse: Float64Array;
  /** The product's weights and biases before. */
  readonly weight: Values;
  readonly bias: Numbers | undefined;
}

/** Folds every batch norm right behind a product that nobody else reads. */
export function foldNorms(graph: Graph, store: ParameterStore): Folded {
  const skipped = new Set<number>();
  const parameters = new Map<Node, ReadonlyMap<string, Values>>();
  const norms = new Map<Node, FoldedNorm[]>();
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
    const inverse = Float64Array.from(variance, (value) => 1 / Math.sqrt(value + operator.epsilon));
    const factor = Float64Array.from(scale, (value, c) => value / Math.sqrt(variance[c]! + operator.epsilon));
    const weight = own.get('weight')!;
    const scaled = zeros(weight.data, weight.shape);
    const channel = channelOf(product, weight.shape);
    for (let i = 0; i < scaled.data.length; i++) scaled.data[i] = weight.data[i]! * factor[channel(i)]!;
    const bias = zeros(weight.data, [factor.length]);
    const before = own.get('bias')?.data;
    for (let c = 0; c < factor.length; c++) bias.data[c] = ((before?.[c] ?? 0) - mean[c]!) * factor[c]! + shift[c]!;
    parameters.set(product, new Map([...own, ['weight', scaled], ['bias', bias]]));
    norms.set(product, [...(norms.get(product) ?? []), { node, factor, mean, inverse, weight, bias: before }]);
    skipped.add(node.id);
  }
  return { skipped, parameters, norms };
}

/**
 * Gradients of a product's folded weights and biases as those of the numbers that were folded: its own, and the norms'
 * scales and biases. Means and variances are constants.
 */
function unfolded(node: Node, gradients: ReadonlyMap<string, Values>, norms: readonly FoldedNorm[]): RoleGradient[] {
  const all: RoleGradient[] = [];
  let weight = gradients.get('weight')!;
  let bias = gradients.get('bias')!;
  for (const norm of norms.toReversed()) {
    const channel = channelOf(node, norm.weight.shape);
    const scale = zeros(bias.data, bias.shape);
    const own = { weight: zeros(weight.data, norm.weight.shape), bias: zeros(bias.data, bias.shape) };
    for (let c = 0; c < scale.data.length; c++) {
      scale.data[c] = bias.data[c]! * ((norm.bias?.[c] ?? 0) - norm.mean[c]!) * norm.inverse[c]!;
      own.bias.data[c] = bias.data[c]! * norm.factor[c]!;
    }
    for (let i = 0; i < weight.data.length; i++) {
      const c = channel(i);
      scale.data[c]! += weight.data[i]! * norm.weight.data[i]! * norm.inverse[c]!;
      own.weight.data[i] = weight.data[i]! * norm.factor[c]!;
    }
    all.push([norm.node, 'scale', scale], [norm.node, 'bias', bias]);
    ({ weight, bias } = own);
  }
  all.push([node, 'weight', weight]);
  if (node.parameters.has('bias')) all.push([node, 'bias', bias]);
  return all;
}

/** Gradients of a node's parameters as those of what is stored: its own, and of norms that it has taken in. */
export function storedGradients(
  { norms }: Folded,
  node: Node,
  gradients: ReadonlyMap<string, Values>,
): Iterable<RoleGradient> {
  const own = norms.get(node);
  return own === undefined
    ? [...gradients].map(([role, gradient]): RoleGradient => [node, role, gradient])
    : unfolded(node, gradients, own);
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
    const [inputs, filters] = leading(2, shape);
    const perGroup = inputs / operator.groups;
    return (i) =>
      Math.floor(Math.floor(i / (inner * filters)) / perGroup) * filters + (Math.floor(i / inner) % filters);
  }
  const columns = shape.at(-1)!;
  return operator.kind === 'dense' && operator.weightLayout === 'in-out'
    ? (i) => i % columns
    : (i) => Math.floor(i / columns);
}
