// What going back through a node that is no product takes: operations, values of the forward pass that it finds again.

import { placesAlong } from './counts.js';
import { inputOf, outputOf, type Graph, type Node } from './graph.js';
import { movedValues } from './moves.js';
import type { ElementwiseFunction, Norm, Reduce, UnaryFunction } from './operators.js';
import { directionsOf, gatesOf, type Recurrent } from './products.js';
import { elementsOf } from './shapes.js';
import { windowPlacesOf, type VectorWork } from './vector-work.js';

/** Going back through a node, one sample. */
export interface Backward {
  /** Operations of the vector unit that give the errors of its inputs. */
  readonly errors: VectorWork;
  /** Those that give the gradients of its own constants (training). */
  readonly gradients: VectorWork;
  /** Errors that pass the derivative of a function of one value (activation unit). */
  readonly masks: number;
  /** Tensors of the forward pass that it finds again. */
  readonly needs: readonly number[];
  /** Further values that it finds again: gates, statistics. */
  readonly kept: number;
  /** Values that are moved through the buffer. */
  readonly moved: number;
}

const NONE: Backward = { errors: {}, gradients: {}, masks: 0, needs: [], kept: 0, moved: 0 };

/** Functions that are constant between their steps, or of truth values: no error goes through them. */
const WITHOUT_DERIVATIVE: ReadonlySet<UnaryFunction> = new Set(['sign', 'floor', 'ceil', 'round', 'not']);
/** Functions whose derivative does not follow from what they give. */
const BY_INPUT: ReadonlySet<UnaryFunction> = new Set([
  ...(['gelu', 'silu', 'hardSwish', 'mish', 'erf', 'log', 'abs', 'sin', 'cos'] as const),
]);

/** True where the derivative of a function of one value is found by its input, which must be kept beside the output. */
export const derivesFromInput = (name: UnaryFunction): boolean => BY_INPUT.has(name);

/**
 * Going back through a node; null where no error can. A product's own passes (transposed, gradient, or the two products
 * of two activations) and a pool's routing are counted elsewhere; a recurrent layer's cell is counted here.
 */
export function backwardOf(graph: Graph, node: Node): Backward | null {
  const { operator } = node;
  const y = node.outputs[0]!;
  const x = node.inputs[0]!;
  const n = elementsOf(outputOf(graph, node).shape);
  const shape = inputOf(graph, node).shape;
  const values = elementsOf(shape);
  const moved = movedValues(graph, node);
  switch (operator.kind) {
    case 'unary':
      if (WITHOUT_DERIVATIVE.has(operator.function)) return null;
      return { ...NONE, masks: n, needs: [derivesFromInput(operator.function) ? x : y] };
    case 'elementwise':
      return elementwise(graph, node, operator.function, n);
    case 'where': {
      const [, ...branches] = node.inputs;
      return {
        ...NONE,
        errors: { compare: n * branches.length, add: spread(graph, branches, n) },
        needs: [x],
      };
    }
    case 'prelu': {
      const slopes = elementsOf(node.parameters.get('slope')?.shape ?? []);
      return {
        ...NONE,
        errors: { compare: n, multiply: n },
        gradients: { multiply: n, add: Math.max(0, n - slopes) },
        needs: [x],
      };
    }
    case 'softmax': {
      const groups = n / elementsOf(operator.axes.map((axis) => shape[axis]!));
      // y (e - sum(e y)); of the logarithm e - exp(y) sum(e).
      const add = n - groups + n;
      const errors = operator.log ? { function: n, multiply: n, add } : { multiply: 2 * n, add };
      return { ...NONE, errors, needs: [y] };
    }
    case 'norm':
      return norm(operator, shape, node);
    case 'lrn': {
      const [channels = 1, ...space] = shape;
      const begin = Math.floor((operator.size - 1) / 2);
      const window = { kernel: [operator.size], strides: [1], dilations: [1], padBegin: [begin], padEnd: [begin] };
      const places = placesAlong(channels, channels, window, 0) * elementsOf(space);
      // e s^-beta - 2 alpha beta / size x sum(e y / s): quotients and sums of windows of s are found anew.
      return { ...NONE, errors: { multiply: 4 * n, divide: n, add: places - n + n }, needs: [x, y] };
    }
    case 'pool': {
      if (operator.reduce !== 'lp') return NONE;
      const places = windowPlacesOf(graph, node, operator);
      return {
        ...NONE,
        errors: { multiply: 2 * places, divide: n, function: operator.p === 2 ? 0 : places },
        needs: [x, y],
      };
    }
    case 'reduce':
      return reduce(operator, { x, y, values, n });
    case 'resize': {
      const axes = operator.sizes.filter((size, axis) => size !== shape[axis]).length;
      const taps = operator.mode === 'nearest' ? 1 : (operator.mode === 'linear' ? 2 : 4) ** axes;
      return { ...NONE, errors: { multiply: taps === 1 ? 0 : taps * n, add: Math.max(0, taps * n - values) } };
    }
    case 'quantize':
      return operator.direction === 'dequantize' ? { ...NONE, errors: { multiply: n } } : null;
    case 'expand':
    case 'tile':
      return { ...NONE, errors: { add: Math.max(0, n - values) }, moved };
    case 'gather':
      // Rows of a table gather the errors of all places that looked them up; others scatter them.
      return operator.lookup ? { ...NONE, gradients: { add: n } } : { ...NONE, errors: { add: n }, moved };
    case 'matmul': {
      const scaled = operator.alpha === 1 ? 0 : n;
      return { ...NONE, errors: { multiply: scaled, add: spread(graph, node.inputs.slice(2), n) } };
    }
    case 'recurrent':
      return recurrent(operator, node, shape[0]!);
    default:
      return { ...NONE, moved };
  }
}

/** Additions where an operand was broadcast: its error is the sum over all places that read it. */
const spread = (graph: Graph, operands: readonly number[], n: number): number =>
  operands.reduce((sum, id) => {
    const { shape, constant } = graph.tensors[id]!;
    return constant === null ? sum + n - elementsOf(shape) : sum;
  }, 0);

function elementwise(graph: Graph, node: Node, name: ElementwiseFunction, n: number): Backward | null {
  const own = node.inputs.filter((id) => graph.tensors[id]!.constant === null);
  const [first, second] = node.inputs.map((id) => graph.tensors[id]!.constant === null);
  const add = spread(graph, node.inputs, n);
  const by = (work: VectorWork, needs: readonly number[]): Backward => ({
    ...NONE,
    errors: { ...work, add: add + (work.add ?? 0) },
    needs: needs.filter((id) => graph.tensors[id]!.constant === null),
  });
  switch (name) {
    case 'add':
      return by({}, []);
    case 'sub':
      return by({ add: second === true ? n : 0 }, []);
    case 'mean':
      return by({ multiply: n }, []);
    case 'mul':
      return by({ multiply: n * own.length * Math.max(1, node.inputs.length - 1) }, node.inputs);
    case 'div':
      // e / b, and -y e / b.
      return by(
        { divide: n, multiply: second === true ? n : 0, add: second === true ? n : 0 },
        second === true ? [node.inputs[1]!, node.outputs[0]!] : [],
      );
    case 'min':
    case 'max':
      return by({ compare: n * own.length }, node.inputs);
    case 'pow':
      // e p y / x, and e y ln x.
      return by(
        {
          multiply: 2 * n * own.length,
          divide: first === true ? n : 0,
          function: second === true ? n : 0,
        },
        [...node.inputs, node.outputs[0]!],
      );
    default:
      return null;
  }
}

function norm({ norm: kind, axes, groups }: Norm, shape: readonly number[], node: Node): Backward {
  const n = elementsOf(shape);
  const x = node.inputs[0]!;
  const has = (role: string): number => elementsOf(node.parameters.get(role)?.shape ?? [0]);
  const [scales, shifts] = [has('scale'), has('bias')];
  const gradients = {
    multiply: scales > 0 ? n : 0,
    add: (scales > 0 ? n - scales : 0) + (shifts > 0 ? n - shifts : 0),
  };
  // Statistics of earlier images are constants: one factor a channel. Its gradients find normalized values again.
  if (kind === 'batch') return { ...NONE, errors: { multiply: n }, gradients };
  const sets =
    kind === 'group' ? groups : kind === 'instance' ? shape[0]! : n / elementsOf(axes.map((axis) => shape[axis]!));
  // With z = (x - mean) / deviation found anew from x and e' = scale e: (e' - mean(e') - z mean(e' z)) / deviation.
  const centred = kind === 'rms' ? 0 : 1;
  const scaled = scales > 0 ? n : 0;
  return {
    ...NONE,
    errors: {
      multiply: n + scaled + 3 * n + (1 + centred) * sets,
      add: centred * (n + n - sets + n) + (n - sets) + n,
    },
    gradients,
    needs: [x],
    kept: (1 + centred) * sets,
  };
}

function reduce(
  { function: name }: Reduce,
  { x, y, values, n }: { x: number; y: number; values: number; n: number },
): Backward | null {
  switch (name) {
    case 'sum':
      return NONE;
    case 'mean':
      return { ...NONE, errors: { multiply: n } };
    case 'max':
    case 'min':
    case 'l1':
      return { ...NONE, errors: { compare: values }, needs: [x, ...(name === 'l1' ? [] : [y])] };
    case 'prod':
      return { ...NONE, errors: { multiply: n, divide: values }, needs: [x, y] };
    case 'l2':
      return { ...NONE, errors: { divide: n, multiply: values }, needs: [x, y] };
    case 'sumSquare':
      return { ...NONE, errors: { multiply: values + n }, needs: [x] };
    case 'logSum':
      return { ...NONE, errors: { function: n, multiply: n }, needs: [y] };
    case 'logSumExp':
      return { ...NONE, errors: { add: values, function: values, multiply: values }, needs: [x, y] };
    default:
      return null;
  }
}

/**
 * A cell's step back, each hidden value: the derivatives of its gates by the activation unit, the rest by definition
 * (LSTM: o' = h' t, c' += h' o (1 - t^2) with t = tanh c, i' = c' g, g' = c' i, f' = c' c_before, c_before' = c' f;
 * GRU: n' = h' - h' z, z' = h' (h_before - n), the reset gate's two products, h_before' += h' z). The errors of a step
 * and of the one behind it meet.
 */
function recurrent(operator: Recurrent, node: Node, steps: number): Backward {
  const hidden = operator.hidden * directionsOf(operator) * steps;
  const masks = gatesOf(operator.cell) * hidden;
  if (operator.cell === 'rnn') return { ...NONE, errors: { add: hidden }, masks, needs: [node.outputs[0]!] };
  if (operator.cell === 'gru')
    return { ...NONE, errors: { multiply: 4 * hidden, add: 5 * hidden }, masks, kept: 4 * hidden };
  const peepholes = node.parameters.has('peephole') ? 3 * hidden : 0;
  return {
    ...NONE,
    errors: { multiply: 8 * hidden + peepholes, add: 3 * hidden + peepholes },
    gradients: { multiply: peepholes, add: peepholes },
    masks,
    kept: 6 * hidden,
  };
}

/** Inputs of a node into which no error goes: conditions, indices. */
const withoutError = ({ operator }: Node, place: number): boolean => {
  switch (operator.kind) {
    case 'where':
      return place === 0;
    case 'gather':
      return operator.lookup || place === 1;
    case 'oneHot':
      return true;
    default:
      return false;
  }
};

/** Nodes that an error of the network's outputs reaches. In linear time. */
export function reachedByError({ nodes, tensors, outputs }: Graph): ReadonlySet<Node> {
  const reached = new Set<Node>();
  const open = [...outputs];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const { maker } = tensors[id]!;
    if (maker === null) continue;
    const node = nodes[maker.node]!;
    if (reached.has(node)) continue;
    reached.add(node);
    for (const [place, input] of node.inputs.entries()) if (!withoutError(node, place)) open.push(input);
  }
  return reached;
}

/** Roles of constants that training changes beside the weights of products. */
const TRAINED = ['scale', 'bias', 'slope', 'table'];

/** Constants of a norm, slopes, a table that training changes; 0 for products, whose weights have their own passes. */
export const trainedConstants = ({ operator, parameters }: Node): number =>
  operator.kind === 'norm' || operator.kind === 'prelu' || operator.kind === 'gather'
    ? TRAINED.reduce((sum, role) => sum + elementsOf(parameters.get(role)?.shape ?? [0]), 0)
    : 0;
