// A weight layer of a network: its matrix, its window, and what its stage does and reads.

import type { Graph, Node, Window } from './graph/index.js';
import type { Shape } from './map-shape.js';

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

/** An error of the network's input that a stage gives. */
export interface InputError {
  /** Of the vectors of its product or of an operand. */
  use: 'product' | 'operand';
  values: number;
  /** Nothing else is in the product's vectors. */
  alone: boolean;
}

/** A function of one value whose derivative errors pass on their way back. */
export interface Masking {
  /** The function's node. */
  node: Node;
  /** Values that pass it. */
  values: number;
  /** Its derivative is a bit a value (ReLU), else it is found by a value. */
  bit: boolean;
  /** That value is its input. */
  byInput: boolean;
}

/** What of the forward pass a stage's own way back finds again, beside what it may leave to its readers. */
export interface FoundAgain {
  /** Values, of this stage and of others. */
  values: number;
  /** Values that the stage stores for the way back alone, its own or its readers'. */
  kept: number;
  /** Bits of masks and arg-max indices. */
  bits: number;
  /** Some of it the stage itself makes. */
  own: boolean;
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
  /**
   * The first function behind the product that an error passes, which stages that read it apply to the errors that they
   * give; null for none, and for recurrent layers.
   */
  masking: Masking | null;
  /** Outputs of the product. */
  neurons: number;
  /** Values that its stage stores: pooled where all readers want them so, and before its pools. */
  pooledNeurons: number;
  storedNeurons: number;
  /** Pools that its stage does. */
  pools: PoolStep[];
  inputs: WeightInput[];
  /** By producer (0: the network's input): values that its stage reads of it. */
  reads: ReadonlyMap<number, number>;
  /** Errors that it gives of what it reads of the network's input. */
  inputErrors: InputError[];
  /** Weight layers whose stages read this one's. */
  consumers: number[];
  isOutput: boolean;
  /** Values added element-wise in its stage, an image. */
  adds: number;
  /** Values that go through an activation in its stage, an image. */
  activations: number;
  /** Values added going back: errors of several readers of a tensor, and of the network's output, meet. */
  meeting: number;
  /** Values that its stage reads beside its product's vectors: operands of element-wise operators. */
  operands: number;
  /** What its own way back finds again: in training, in attacks that keep neurons, in those that keep masks. */
  found: { training: FoundAgain; kept: FoundAgain; masks: FoundAgain };
  /** What it reads of the network's input was made with constants that training changes (a norm, an embedding). */
  trainsInput: boolean;
  /** Batch norms that inference folds into its weights; training does them. */
  folded: readonly Node[];
  /** The product's node. */
  node: Node;
  /** Other nodes that its stage does, in order: before its product (on the network's input) and behind it. */
  nodes: readonly Node[];
  /** Those before its product. */
  before: readonly Node[];
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
