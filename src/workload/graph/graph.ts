// A network as a graph of operators over tensors: one sample's shapes, the batch aside; numbers of weights elsewhere.

import type { TensorData } from '../../tensors/tensor.js';
import type { Operator } from './operators.js';
import type { Layout } from './shapes.js';

/** Numbers that a network carries: where they are and how they are used. */
export interface Parameter {
  /** Key in `Parameters`. Two uses of one array have one key (tied weights). */
  readonly key: string;
  /** Shape as the operator uses it. */
  readonly shape: readonly number[];
  /** The stored array's axes in the order of use; null: as stored. */
  readonly permutation: readonly number[] | null;
  /** Stored integers stand for (q - zeroPoint) scale (QDQ): keys of both, and the stored array's axis of vectors. */
  readonly quantization: { readonly scale: string; readonly zeroPoint: string | null; readonly axis: number } | null;
}

/** A tensor of a graph: what one node makes, and who reads it. */
export interface Tensor {
  /** Index in `Graph.tensors`. */
  readonly id: number;
  /** Unique in the graph. */
  readonly name: string;
  /** Of one sample: the batch axis is left out. */
  readonly shape: readonly number[];
  readonly layout: Layout;
  /** Where the batch axis stands in the file's own shape; null: the tensor has none (the file's shape is `shape`). */
  readonly batchAxis: number | null;
  /** Element type as files name it: f32, i64, ... */
  readonly dtype: string;
  /** Node that makes it and which of its outputs it is; null: an input of the network or a constant. */
  readonly maker: { readonly node: number; readonly output: number } | null;
  /** Nodes that read it, in order, each once. */
  readonly readers: readonly number[];
  /** A constant operand (a bias that is added, a mask, a class token). */
  readonly constant: Parameter | null;
}

/** An operator in its place in a graph. */
export interface Node {
  /** Index in `Graph.nodes`. */
  readonly id: number;
  /** Unique in the graph. */
  readonly name: string;
  readonly operator: Operator;
  /** The operator's name in the file it came from ("Conv", "conv2d"). */
  readonly type: string;
  /** Tensor ids, in the operator's order. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Weights, biases, norm constants by role (see each operator). */
  readonly parameters: ReadonlyMap<string, Parameter>;
}

/** A directed acyclic graph. Never changed once it is built. */
export interface Graph {
  readonly name: string;
  readonly source: string | undefined;
  /** Tensor ids. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly tensors: readonly Tensor[];
  /** In topological order. */
  readonly nodes: readonly Node[];
  /** Samples of the file's batch axis (1 where it is symbolic): its shapes have it at `batchAxis`. */
  readonly batch: number;
}

/** The numbers of a network, loaded when they are asked for, so that runs of timing alone never load them. */
export interface Parameters {
  /** Keys that can be asked for. */
  readonly keys: readonly string[];
  /** The stored array (row-major) and its shape. @throws UserError where the file does not hold it */
  get(key: string): { readonly shape: readonly number[]; readonly data: TensorData };
}

/** The shape as the file has it, batch axis included. */
export function fileShape(tensor: Tensor, batch: number): number[] {
  const shape = [...tensor.shape];
  if (tensor.batchAxis !== null) shape.splice(tensor.batchAxis, 0, batch);
  return shape;
}

/** First input of a node. */
export const inputOf = (graph: Graph, node: Node, which = 0): Tensor => graph.tensors[node.inputs[which]!]!;
/** First output of a node. */
export const outputOf = (graph: Graph, node: Node, which = 0): Tensor => graph.tensors[node.outputs[which]!]!;
