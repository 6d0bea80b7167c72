// What a node asks of a vector unit: additions, multiplications, ... by the definition of its operator. Exact integers.

import { inputOf, outputOf, type Graph, type Node } from './graph.js';
import { placesAlong } from './counts.js';
import { directionsOf } from './products.js';
import { elementsOf } from './shapes.js';
import { placeOf } from './place.js';
import type { ElementwiseFunction, Norm, Pool, ReduceFunction, Resize } from './operators.js';

/**
 * Operations of a lane: sums and differences, products, quotients, comparisons and choices, and functions of one value
 * that are looked up or approximated (exponential, logarithm, root, reciprocal root, tanh).
 */
export const VECTOR_ACTIONS = ['add', 'multiply', 'divide', 'compare', 'function'] as const;
/** An operation of a lane. */
export type VectorAction = (typeof VECTOR_ACTIONS)[number];
/** Operations of one sample by kind; what is not named is none. */
export type VectorWork = { readonly [A in VectorAction]?: number };

const NONE: VectorWork = {};

/** The unit that does a node: adders, look-up tables and pooling units are not the vector unit. */
export function doneByVector(graph: Graph, node: Node): boolean {
  return Object.values(vectorWork(graph, node)).some((count) => count > 0);
}

/**
 * Operations of a sample that a vector unit does for a node, by the operator's definition: softmax subtracts the
 * maximum, a norm is a mean, a variance, a scale. Sums of two or more tensors are the adder's, functions of one value
 * the activation unit's, maxima and sums of windows the pooling unit's; recurrent cells multiply and add their gates.
 */
export function vectorWork(graph: Graph, node: Node): VectorWork {
  const { operator } = node;
  if (placeOf(graph, node) === 'folded') return NONE;
  const n = elementsOf(outputOf(graph, node).shape);
  const x = inputOf(graph, node);
  const values = elementsOf(x.shape);
  switch (operator.kind) {
    case 'elementwise':
      return elementwise(operator.function, n, Math.max(1, node.inputs.length - 1));
    case 'where':
      return { compare: n };
    case 'prelu':
      return { compare: n, multiply: n };
    case 'softmax': {
      const groups = n / elementsOf(operator.axes.map((axis) => x.shape[axis]!));
      const shifted = { compare: n - groups, add: 2 * n - groups };
      return operator.log
        ? { compare: shifted.compare, add: shifted.add + n, function: n + groups }
        : { ...shifted, function: n, divide: n };
    }
    case 'norm':
      return normWork(operator, x.shape, (role) => node.parameters.has(role));
    case 'lrn': {
      // The window runs over channels; places outside the map are none.
      const [channels = 1, ...space] = x.shape;
      const begin = Math.floor((operator.size - 1) / 2);
      const window = {
        kernel: [operator.size],
        strides: [1],
        dilations: [1],
        padBegin: [begin],
        padEnd: [operator.size - 1 - begin],
      };
      const places = placesAlong(channels, channels, window, 0) * elementsOf(space);
      // Squares; sums of windows and the bias; scale and exponent; a power by logarithm and exponential; the quotient.
      return { multiply: 3 * n, add: places - n + n, function: 2 * n, divide: n };
    }
    case 'pool': {
      if (operator.reduce !== 'lp') return NONE;
      const places = windowPlacesOf(graph, node, operator);
      return operator.p === 2
        ? { multiply: places, add: places - n, function: n }
        : { function: 2 * places + 2 * n, multiply: places + n, add: places - n };
    }
    case 'reduce':
      return reduce(operator.function, values, n);
    case 'resize':
      return resize(operator, x.shape, n);
    case 'quantize': {
      const work = { multiply: n, add: n };
      return operator.direction === 'dynamic' ? { ...work, compare: 2 * values, divide: 1 } : work;
    }
    case 'oneHot':
      return { compare: n };
    case 'matmul':
      return {
        ...(operator.alpha === 1 ? {} : { multiply: n }),
        ...(node.inputs.length > 2 ? { add: n } : {}),
      };
    case 'recurrent': {
      const hidden = operator.hidden * directionsOf(operator) * x.shape[0]!;
      if (operator.cell === 'rnn') return NONE;
      // Reset behind the product: the candidate's two halves meet behind it.
      if (operator.cell === 'gru') return { multiply: 2 * hidden, add: (operator.linearBeforeReset ? 3 : 2) * hidden };
      const peephole = node.parameters.has('peephole') ? 3 * hidden : 0;
      return { multiply: 3 * hidden + peephole, add: hidden + peephole, function: hidden };
    }
    default:
      return NONE;
  }
}

/** A softmax whose result (or a view of it) is what the network gives. */
export function isOutputSoftmax({ tensors, nodes, outputs }: Graph, { operator, outputs: [made] }: Node): boolean {
  if (operator.kind !== 'softmax') return false;
  for (let tensor = tensors[made!]!; ;) {
    if (outputs.includes(tensor.id)) return true;
    const reader = tensor.readers.length === 1 ? nodes[tensor.readers[0]!]! : undefined;
    if (reader?.operator.kind !== 'reshape') return false;
    tensor = tensors[reader.outputs[0]!]!;
  }
}

/** `steps`: operands less one. */
function elementwise(name: ElementwiseFunction, n: number, steps: number): VectorWork {
  switch (name) {
    case 'add':
      return NONE;
    case 'sub':
      return { add: n * steps };
    case 'mean':
      return { add: n * steps, multiply: n };
    case 'mul':
      return { multiply: n * steps };
    case 'div':
      return { divide: n * steps };
    case 'pow':
      return { function: 2 * n, multiply: n };
    case 'mod':
    case 'fmod':
      return { divide: n, multiply: n, add: n };
    default:
      return { compare: n * steps };
  }
}

/** Places of a pool's windows inside its input, over all outputs and channels. */
export const windowPlacesOf = (graph: Graph, node: Node, pool: Pool): number => {
  const [channels, ...space] = inputOf(graph, node).shape;
  const { shape } = outputOf(graph, node);
  return space.reduce((all, size, axis) => all * placesAlong(size, shape[axis + 1]!, pool, axis), channels!);
};

/**
 * A batch norm while weights are trained: they change, so that it is folded into none of them, and it takes running
 * statistics of the images so far, to which each value is added.
 */
export function batchNormInTraining(graph: Graph, node: Node): VectorWork {
  const n = elementsOf(outputOf(graph, node).shape);
  return { multiply: 2 * n, add: 3 * n };
}

function normWork(
  { norm: kind, axes, groups }: Norm,
  shape: readonly number[],
  has: (role: string) => boolean,
): VectorWork {
  const n = elementsOf(shape);
  // Stored statistics: one factor and one summand a channel.
  if (kind === 'batch') return { multiply: n, add: n };
  const sets =
    kind === 'group' ? groups : kind === 'instance' ? shape[0]! : n / elementsOf(axes.map((axis) => shape[axis]!));
  const scale = has('scale') ? n : 0;
  const shift = has('bias') ? n : 0;
  // Mean square: squares, their sum, its share and epsilon, the reciprocal root, and a factor for each value.
  const scaled = { multiply: 2 * n + sets + scale, add: n + shift, function: sets };
  if (kind === 'rms') return scaled;
  // The mean, and its difference to each value.
  return { multiply: scaled.multiply + sets, add: scaled.add + n - sets + n, function: scaled.function };
}

function reduce(name: ReduceFunction, values: number, n: number): VectorWork {
  const sum = values - n;
  switch (name) {
    case 'mean':
      return { add: sum, multiply: n };
    case 'sum':
      return { add: sum };
    case 'prod':
      return { multiply: sum };
    case 'l1':
      return { compare: values, add: sum };
    case 'l2':
      return { multiply: values, add: sum, function: n };
    case 'sumSquare':
      return { multiply: values, add: sum };
    case 'logSum':
      return { add: sum, function: n };
    case 'logSumExp':
      return { compare: sum, add: values + sum + n, function: values + n };
    default:
      return { compare: sum };
  }
}

/** A value between others is a weighted sum of 2 (cubic: 4) along each axis that is resized. */
function resize({ mode, sizes, scales }: Resize, shape: readonly number[], n: number): VectorWork {
  if (mode === 'nearest') return NONE;
  const axes = sizes.filter((size, axis) => size !== shape[axis] || scales[axis] !== 1).length;
  const taps = (mode === 'linear' ? 2 : 4) ** axes;
  return taps === 1 ? NONE : { multiply: taps * n, add: (taps - 1) * n };
}
