// A weight layer of a network: its matrix, its window, and what its stage does and reads.

import type { Graph, Node, Window } from './graph/index.js';
import type { Shape } from './map-shape.js';

/** What backpropagation through a layer's activation needs; `lstm`: of any recurrent layer. */
export type Activation = 'none' | 'relu' | 'tanh' | 'sigmoid' | 'softmax' | 'lstm';
/** Kind of a weight layer's product. */
export type WeightLayerType = 'conv2d' | 'conv3d' | 'adder2d' | 'deconv' | 'dense' | 'matmul' | 'lstm' | 'gru' | 'rnn';

/** A pool between two weight layers. */
export interface PoolStep {
  kind: 'max' | 'avg';
  /** Of an adaptive pool its largest. */
  window: Window;
  adaptive: boolean;
  inShape: Shape;
  outShape: Shape;
  /** Places of its windows inside its input, over all channels. */
  places: number;
  /** The pool's node. */
  node: Node;
}

/** A way from a producing weight layer (0: the network's input) to its reader, with the pools that it passes. */
export interface WeightInput {
  producer: number;
  pools: PoolStep[];
  /**
   * What a position of the reader's output needs of the producer's: those that its window sees, the one at its own
   * place (an operand of an element-wise operator), or all.
   */
  need: 'window' | 'place' | 'all';
}

/** A layer with weights as the hardware sees it. */
export interface WeightLayer {
  /** 1..L in topological order. */
  index: number;
  name: string;
  type: WeightLayerType;
  /** Vectors depend on each other, one after the other (recurrent layers). */
  serial: boolean;
  /** Of the product; no axes where it has none. */
  window: Window;
  groups: number;
  cin: number;
  cout: number;
  inShape: Shape;
  outShape: Shape;
  /**
   * Matrix of one group, without bias: K_h K_w C_in / groups rows (recurrent: I + H); all columns (C_out; LSTM: 4H).
   */
  rows: number;
  columns: number;
  /** Input vectors of an image (recurrent: 1 a time step). */
  positions: number;
  /** Input positions: H_in W_in of a map of rows and columns. */
  inPositions: number;
  /** Time steps of a recurrent layer, else 1. */
  steps: number;
  macs: number;
  weights: number;
  biases: number;
  /** Values of the second operand of a product of two activations; null where the matrix is constant. */
  dynamic: { operandValues: number } | null;
  /** What derivative its readers' backward passes apply: of the first activation behind the product. */
  activation: Activation;
  /** Outputs of the product. */
  neurons: number;
  /** Values that its stage stores: pooled where all readers want them so, and before its pools. */
  pooledNeurons: number;
  storedNeurons: number;
  /** Pools that its stage does. */
  pools: PoolStep[];
  inputs: WeightInput[];
  /** Weight layers whose stages read this one's. */
  consumers: number[];
  isOutput: boolean;
  /** Values added element-wise in its stage, an image. */
  adds: number;
  /** Values that go through an activation in its stage, an image. */
  activations: number;
  /** Values added going back: where a tensor has several readers their errors meet. */
  meeting: number;
  /** Values that its stage reads of other stages beside its product's vectors: operands of element-wise operators. */
  operands: number;
  /** Values of the forward pass that going back through its nodes finds again, and those that only that keeps. */
  refound: number;
  kept: number;
  /** What it reads of the network's input was made with constants that training changes (a norm, an embedding). */
  trainsInput: boolean;
  /** Batch norms that inference folds into its weights; training does them. */
  folded: readonly Node[];
  /** The product's node. */
  node: Node;
  /** Other nodes that its stage does, in order: before its product (on the network's input) and behind it. */
  nodes: readonly Node[];
}

/** A network as the hardware sees it. */
export interface Network {
  name: string;
  source: string | undefined;
  graph: Graph;
  input: Shape;
  /** Values of the network's outputs, an image. */
  outputs: number;
  layers: WeightLayer[];
  macs: number;
  weights: number;
  biases: number;
}
