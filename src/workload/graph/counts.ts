// What a node amounts to, for one sample: its matrix, products, elements. Exact integers.

import { inputOf, outputOf, type Graph, type Node } from './graph.js';
import type { Operator, Pool } from './operators.js';
import { isProduct, productMatrix, type Matrix } from './products.js';
import { elementsOf, type Window } from './shapes.js';

/** Zeros where a node has no such thing. */
export interface Counts {
  /** Matrix of one group, without bias (recurrent: features + hidden rows; all gates' columns). */
  readonly rows: number;
  readonly columns: number;
  readonly groups: number;
  /** Input vectors a sample and group. */
  readonly positions: number;
  /** rows x columns x groups x positions; zeros of padding count as work. */
  readonly macs: number;
  /** Transposed convolution: one vector an input place, each times Cin / groups x (Cout / groups x kernel). */
  readonly macsScatter: number;
  /** Elements of the constant matrix, and of its bias (recurrent: both halves). */
  readonly parameters: number;
  readonly biases: number;
  /** Output elements, all outputs' (recurrent: the sequence alone where it is there). */
  readonly elements: number;
  /** Pools: places of windows inside the pool's own input, over all outputs and channels. */
  readonly windowPlaces: number;
  /** Constants that are no weights of a matrix: norms, slopes, tables. */
  readonly constants: number;
}

const NONE = { rows: 0, columns: 0, groups: 0, positions: 0, macs: 0, macsScatter: 0, windowPlaces: 0 };

/** Counts of nodes: many ask, nodes never change. */
const KNOWN = new WeakMap<Node, Counts>();

/** Counts of a node, of one sample. */
export function countsOf(graph: Graph, node: Node): Counts {
  let counts = KNOWN.get(node);
  if (counts === undefined) KNOWN.set(node, (counts = counted(graph, node)));
  return counts;
}

function counted(graph: Graph, node: Node): Counts {
  const x = inputOf(graph, node).shape;
  const out = outputOf(graph, node);
  const matrix = matrixOf(graph, node, x, out.shape);
  const size = (role: string): number => {
    const parameter = node.parameters.get(role);
    return parameter === undefined ? 0 : elementsOf(parameter.shape);
  };
  const weights = matrix !== null && node.operator.kind !== 'matmul';
  const others = [...node.parameters.keys()].filter((role) => OWN_CONSTANTS.has(role));
  return {
    ...NONE,
    ...matrix,
    ...(matrix !== null && {
      macs: matrix.rows * matrix.columns * matrix.groups * matrix.positions,
      macsScatter: matrix.macsScatter ?? matrix.rows * matrix.columns * matrix.groups * matrix.positions,
    }),
    parameters: weights ? matrix.rows * matrix.columns * matrix.groups : 0,
    biases: weights ? size('bias') : 0,
    elements:
      node.operator.kind === 'recurrent'
        ? elementsOf(out.shape)
        : sum(node.outputs.map((id) => elementsOf(graph.tensors[id]!.shape))),
    windowPlaces: windowPlaces(node.operator, x, out.shape),
    constants: weights ? size('peephole') : sum(others.map(size)),
  };
}

const OWN_CONSTANTS = new Set(['scale', 'bias', 'mean', 'variance', 'slope', 'table']);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** The matrix of a product and the vectors that go through it; null for what is none. */
function matrixOf(graph: Graph, node: Node, x: readonly number[], y: readonly number[]): Matrix | null {
  const { operator } = node;
  if (isProduct(operator)) return productMatrix(operator, x, y);
  if (operator.kind !== 'matmul') return null;
  const b = inputOf(graph, node, 1).shape;
  const rows = operator.transposeA ? x.at(-2)! : x.at(-1)!;
  const columns = b.length === 1 ? 1 : operator.transposeB ? b.at(-2)! : b.at(-1)!;
  const positions = x.length === 1 ? 1 : operator.transposeA ? x.at(-1)! : x.at(-2)!;
  return { rows, columns, groups: elementsOf(y) / positions / columns, positions };
}

/** Places of the windows of an axis that lie inside the input, over all outputs. */
export function placesAlong(size: number, outputs: number, window: Window, axis: number): number {
  const taps = window.kernel[axis]!;
  const [stride, dilation, pad] = [window.strides[axis]!, window.dilations[axis]!, window.padBegin[axis]!];
  // Over the fewer of the two: either may be a line of a billion.
  let places = 0;
  if (taps <= outputs)
    for (let tap = 0; tap < taps; tap++) places += inside(tap * dilation - pad, stride, outputs, size);
  else for (let output = 0; output < outputs; output++) places += inside(output * stride - pad, dilation, taps, size);
  return places;
}

/** How many of `count` places, a `step` apart from `first` on, lie in 0 .. size - 1. */
function inside(first: number, step: number, count: number, size: number): number {
  const from = Math.max(0, Math.ceil(-first / step));
  const to = Math.min(count - 1, Math.floor((size - 1 - first) / step));
  return Math.max(0, to - from + 1);
}

function windowPlaces(operator: Operator, x: readonly number[], y: readonly number[]): number {
  if (operator.kind === 'pool')
    return x
      .slice(1)
      .reduce((product, size, axis) => product * placesAlong(size, y[axis + 1]!, operator satisfies Pool, axis), x[0]!);
  if (operator.kind === 'adaptivePool')
    return x.slice(1).reduce((product, size, axis) => product * adaptivePlaces(size, y[axis + 1]!), x[0]!);
  return 0;
}

/** Sum of the windows floor(i in / n) .. ceil((i + 1) in / n). */
const adaptivePlaces = (size: number, outputs: number): number =>
  sum(
    Array.from({ length: outputs }, (_, i) => Math.ceil(((i + 1) * size) / outputs) - Math.floor((i * size) / outputs)),
  );
