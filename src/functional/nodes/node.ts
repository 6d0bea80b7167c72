// How a node of the graph runs on numbers: values in, values out, and how errors go back.

import type { Graph, Node, Operator, Tensor } from '../../workload/graph/index.js';
import type { CellSignals } from '../operators/cells/cell.js';
import type { MapProduct, PartVectors } from '../operators/conv.js';
import type { GradientArrays } from '../operators/gradient-arrays.js';
import type { Round } from '../operators/in-format.js';
import type { PairProduct } from '../operators/matmul.js';
import type { Numbers, Values } from '../operators/values.js';

/** An error of a result, or undefined where nobody read it. */
export type MaybeValues = Values | undefined;

/** What a node's backward pass gives. */
export interface NodeGradients {
  /** By input, in the node's order; undefined where no gradient passes (indices, conditions). */
  readonly inputs: readonly MaybeValues[];
  /** By role, in the shape that the operator uses. */
  readonly parameters: ReadonlyMap<string, Values>;
}

/** Which gradients are asked for; others may be left out to save time. */
export interface Wanted {
  readonly inputs: boolean;
  readonly parameters: boolean;
}

/** What a node's forward pass gives. `back` holds what the backward pass needs; drop it to free that. */
export interface Step {
  readonly outputs: readonly Values[];
  readonly back: (errors: readonly MaybeValues[], wanted: Wanted) => NodeGradients;
}

/** Which vectors a product is asked for, so that a backend's draws do not depend on how images are batched. */
export interface ProductPlace {
  /** Number of the first vector's image, counted in the batch from 0. */
  readonly image: number;
  readonly vectorsPerImage: number;
  /** First vector within its image: a step of a recurrent layer. */
  readonly from: number;
}

/** The constant matrices of one node in a backend; vectors and results are reals. */
export interface NodeProducts {
  /** Of a recurrent layer: inputs and states have matrices of their own (parts 2 d, 2 d + 1 of direction d). */
  readonly halves?: boolean;
  /** [count, rows] times the part's matrix to [count, columns]. */
  forward(vectors: PartVectors, out: Numbers, place: ProductPlace): void;
  /** All of a convolution out of its maps; missing where the backend takes unfolded windows only. */
  readonly maps?: MapProduct['maps'];
  /** [count, columns] times the transposed matrix to [count, rows]. */
  transposed(errors: PartVectors, out: Numbers, place: ProductPlace): void;
  /**
   * A convolution's errors by a second copy of its weights, the kernel rotated: [count input places, filters x kernel
   * places] to [count, channels]. Missing: errors come from `transposed`.
   */
  readonly rotated?: (errors: PartVectors, out: Numbers, place: ProductPlace) => void;
  /**
   * Of products on integers: the same with the zero points of the inputs, one for all images or one each; vectors are
   * then codes less their zero point, and results sums of whole numbers.
   */
  readonly stored?: (zeros: Numbers) => NodeProducts;
  /** Arrays for gradients of the matrices; missing: digital units, in double precision. */
  readonly gradients?: GradientArrays;
}

/** A node of one kind with all that its pass needs. */
export interface NodeRun<Kind extends Operator = Operator> {
  readonly graph: Graph;
  readonly node: Node;
  readonly operator: Kind;
  /** [images or 1, ...sample shape]; 1 where the tensor has no batch. */
  readonly inputs: readonly Values[];
  /** By role, as the operator uses them; empty for none. */
  readonly parameters: ReadonlyMap<string, Values>;
  /** Products of this node by a backend, where one does them. */
  readonly products: NodeProducts | undefined;
  /** What becomes of the signals inside a recurrent layer. */
  readonly signals?: CellSignals | undefined;
  /** Products of two activations, where hardware does them. */
  readonly pairs?: PairProduct | undefined;
  /** Rounds to the vector unit's format; undefined: double precision. */
  readonly round?: Round | undefined;
  readonly images: number;
  /** In training: takes the statistics of a batch norm's batch. Missing: stored statistics are used. */
  readonly seen?: SeenStatistics | undefined;
}

/** Takes mean and unbiased variance of each channel of a batch. */
export type SeenStatistics = (mean: Values, variance: Values) => void;

/** No gradients of parameters. */
export const NO_PARAMETERS: ReadonlyMap<string, Values> = new Map();

/** A step of one output and of inputs alone. */
export const step = (y: Values, back: (dy: Values) => readonly MaybeValues[]): Step => ({
  outputs: [y],
  back: ([dy]) => ({ inputs: dy === undefined ? [] : back(dy), parameters: NO_PARAMETERS }),
});

/** Roles with their values, those that are undefined left out. */
export const roles = (entries: readonly (readonly [string, MaybeValues])[]): Map<string, Values> => {
  const map = new Map<string, Values>();
  for (const [role, values] of entries) if (values !== undefined) map.set(role, values);
  return map;
};

/** The graph's tensor behind an input of a node. */
export const inputTensor = ({ graph, node }: NodeRun, which = 0): Tensor => graph.tensors[node.inputs[which]!]!;
/** The graph's tensor behind an output of a node. */
export const outputTensor = ({ graph, node }: NodeRun, which = 0): Tensor => graph.tensors[node.outputs[which]!]!;

/**
 * An operand's shape as it broadcasts to a result: [images, ...] with as many axes as the result has. Without a batch
 * the operand's axes align from the right with the file's shape of the result, whose batch axis is left out.
 */
export function alignedShape(operand: Tensor, values: Values, result: Tensor): number[] {
  const batchAt = result.batchAxis;
  const rank = result.shape.length;
  const own = [...operand.shape];
  if (operand.batchAxis !== null) own.splice(operand.batchAxis, 0, 1);
  const fileRank = rank + (batchAt === null ? 0 : 1);
  const file = [...new Array<number>(Math.max(0, fileRank - own.length)).fill(1), ...own];
  if (batchAt !== null && file[batchAt] === 1) file.splice(batchAt, 1);
  while (file.length > rank && file[0] === 1) file.shift();
  return [values.shape[0]!, ...file];
}
