// Products with constant weights: each kind of operator with its attributes, the shapes it makes, and its matrix.

import { elementsOf, fail, showShape, slide, withAxis, type Layout, type Window } from './shapes.js';

/**
 * How a product's numbers are held. `float`: as they are. `integer`: y (int32) = sum of (x - xZeroPoint)(w -
 * wZeroPoint), ONNX ConvInteger and MatMulInteger. `requantized`: that sum x xScale wScale / yScale, rounded to even,
 * plus yZeroPoint, clipped (QLinearConv, QLinearMatMul). Scales and zero points are parameters of these names where
 * they are constant; where xZeroPoint is computed it is the node's last input.
 */
export type Arithmetic = 'float' | 'integer' | 'requantized';

/**
 * Convolution of [Cin, ...space] to [channels, ...space']. Parameters: `weight` [channels, Cin / groups, ...kernel],
 * `bias` [channels] (optional).
 */
export interface Conv extends Window {
  readonly kind: 'conv';
  readonly channels: number;
  readonly groups: number;
  readonly arithmetic: Arithmetic;
}

/** AdderNet convolution (Chen et al., CVPR 2020): -sum |x - w| in place of sum x w; else as `conv`. */
export interface Adder extends Window {
  readonly kind: 'adder';
  readonly channels: number;
  readonly groups: number;
}

/**
 * Transposed convolution of [Cin, ...space]. Parameters: `weight` [Cin, channels / groups, ...kernel], `bias`
 * [channels] (optional). An axis grows to (in - 1) stride + dilation (kernel - 1) + 1 + outputPadding - pads.
 */
export interface ConvTranspose extends Window {
  readonly kind: 'convTranspose';
  readonly channels: number;
  readonly groups: number;
  readonly outputPadding: readonly number[];
}

/**
 * Product with a constant matrix along one axis: axis `axis` of size K becomes `features`; all other axes are
 * positions. The last axis: x W (MatMul, Gemm, PyTorch's Linear); the one before it: W x (MatMul with a constant left
 * operand). Parameters: `weight`, [K, features] where `weightLayout` is 'in-out', [features, K] where 'out-in'; with
 * `groups` > 1 [groups, ...] of that, where the axes before the matrix's two, multiplied, are the groups; `bias`
 * [features] (optional; as it broadcasts from the right where axis is not the last). y = alpha x W + beta bias.
 */
export interface Dense {
  readonly kind: 'dense';
  readonly axis: number;
  readonly features: number;
  readonly groups: number;
  readonly weightLayout: 'in-out' | 'out-in';
  readonly alpha: number;
  readonly beta: number;
  readonly arithmetic: Arithmetic;
}

/** Activations of recurrent cells, lower case as in ONNX's list. */
export interface CellActivation {
  readonly name: string;
  readonly alpha?: number;
  readonly beta?: number;
}

/** Ways in which a recurrent layer goes along its steps. */
export const DIRECTIONS = ['forward', 'reverse', 'bidirectional'] as const;

/**
 * One layer of LSTM, GRU or RNN over [steps, features]; D = 1 or 2 directions, H = hidden, G = 4 gates (LSTM; order i o
 * f c), 3 (GRU; z r h), 1. Inputs: x, then those of `states` in order ([D, H] each). Outputs: those of `results` in
 * order: `sequence` [steps, D, H], `hidden` [D, H], `cell` [D, H]. Parameters: `weight` [D, G H, features], `recurrent`
 * [D, G H, H], `bias` [D, 2 G H] (input half, state half; optional), `peephole` [D, 3 H] (i o f; optional).
 */
export interface Recurrent {
  readonly kind: 'recurrent';
  readonly cell: 'lstm' | 'gru' | 'rnn';
  readonly hidden: number;
  readonly direction: (typeof DIRECTIONS)[number];
  readonly states: readonly ('hidden' | 'cell')[];
  readonly results: readonly ('sequence' | 'hidden' | 'cell')[];
  /** Of each direction in turn: LSTM 3 (gates, cell, output), GRU 2 (gates, hidden), RNN 1. */
  readonly activations: readonly CellActivation[];
  readonly clip: number | null;
  readonly linearBeforeReset: boolean;
  readonly inputForget: boolean;
}

/** Gates of a cell. */
export const gatesOf = (cell: Recurrent['cell']): number => (cell === 'lstm' ? 4 : cell === 'gru' ? 3 : 1);

/** Directions of a recurrent layer: 1 or 2. */
export const directionsOf = ({ direction }: Recurrent): number => (direction === 'bidirectional' ? 2 : 1);

/** The operators whose weights stand on crossbars (MAC units in digital designs), by kind. */
interface Products {
  conv: Conv;
  adder: Adder;
  convTranspose: ConvTranspose;
  dense: Dense;
  recurrent: Recurrent;
}
type ProductKind = keyof Products;
type ProductOf<K extends ProductKind> = { [P in K]: Products[P] }[K];

/** An operator with constant weights. */
export type ProductOperator = ProductOf<ProductKind>;

type Shape = readonly number[];

/** The matrix of a product, of one group without bias, and the vectors of a sample that go through each group. */
export interface Matrix {
  rows: number;
  columns: number;
  groups: number;
  positions: number;
  /** Multiply-accumulates where they are not the product of these. */
  macsScatter?: number;
}

/** What is said of a kind of product. `x`: shape of its input; `y`: of its first output. */
interface Product<O> {
  /** Shapes of its outputs. @throws ShapeError where the input does not fit */
  shapes(operator: O, x: Shape): number[][];
  matrix(operator: O, x: Shape, y: Shape): Matrix;
  /** What the axes of its output mean. */
  layout(operator: O, y: Shape): Layout;
}

function channelsIn(shape: Shape, { groups, channels }: { groups: number; channels: number }): number {
  const cin = shape[0] ?? fail('it reads one value, a map of channels is needed');
  if (cin % groups !== 0) fail(`${groups} groups do not divide ${cin} input channels`);
  if (channels % groups !== 0) fail(`${groups} groups do not divide ${channels} output channels`);
  return cin;
}

/** Sliding windows over a map, whatever is done with what they see. */
const sliding: Product<Conv | Adder> = {
  shapes(operator, x) {
    channelsIn(x, operator);
    return [[operator.channels, ...slide(x.slice(1), operator)]];
  },
  matrix: ({ groups, channels, kernel }, x, y) => ({
    rows: (x[0]! / groups) * elementsOf(kernel),
    columns: channels / groups,
    groups,
    positions: elementsOf(y.slice(1)),
  }),
  layout: () => 'map',
};

const PRODUCTS: { readonly [K in ProductKind]: Product<Products[K]> } = {
  conv: sliding,
  adder: sliding,
  convTranspose: {
    shapes(operator, x) {
      channelsIn(x, operator);
      const { kernel, strides, dilations, padBegin, padEnd, outputPadding } = operator;
      if (x.length - 1 !== kernel.length) fail(`a kernel of ${kernel.length} axes over ${showShape(x)}`);
      const space = kernel.map((k, i) => {
        const extent = dilations[i]! * (k - 1) + 1;
        return (x[i + 1]! - 1) * strides[i]! + extent + outputPadding[i]! - padBegin[i]! - padEnd[i]!;
      });
      if (space.some((size) => size < 1)) fail(`its padding leaves nothing of ${showShape(x)}`);
      return [[operator.channels, ...space]];
    },
    matrix({ groups, channels, kernel }, x, y) {
      const cin = x[0]! / groups;
      const columns = channels / groups;
      const taps = elementsOf(kernel);
      return {
        rows: cin * taps,
        columns,
        groups,
        positions: elementsOf(y.slice(1)),
        macsScatter: cin * columns * taps * groups * elementsOf(x.slice(1)),
      };
    },
    layout: () => 'map',
  },
  dense: {
    shapes({ axis, features }, x) {
      if (axis >= x.length) fail(`there is no axis ${axis} in ${showShape(x)}`);
      return [withAxis(x, axis, [features])];
    },
    matrix({ axis, features, groups }, x) {
      const rows = x[axis]!;
      return { rows, columns: features, groups, positions: elementsOf(x) / rows / groups };
    },
    layout: ({ axis }, y) => (axis === y.length - 1 && y.length > 1 ? 'sequence' : 'plain'),
  },
  recurrent: {
    shapes(operator, x) {
      if (x.length !== 2) return fail(`a ${operator.cell} reads steps x features, found ${showShape(x)}`);
      const state = [directionsOf(operator), operator.hidden];
      return operator.results.map((result) => (result === 'sequence' ? [x[0]!, ...state] : state));
    },
    matrix: (operator, x) => ({
      rows: x[1]! + operator.hidden,
      columns: gatesOf(operator.cell) * operator.hidden,
      groups: directionsOf(operator),
      positions: x[0]!,
    }),
    layout: (_, y) => (y.length === 2 ? 'sequence' : 'plain'),
  },
};

/** True for a product with constant weights. */
export const isProduct = (operator: { readonly kind: string }): operator is ProductOperator =>
  Object.hasOwn(PRODUCTS, operator.kind);

const productOf = <K extends ProductKind>(operator: ProductOf<K>): Product<ProductOf<K>> =>
  // Cast: the entry of a kind is for the operators of that kind.
  PRODUCTS[operator.kind as K];

/** Shapes of a product's outputs, of one sample. @throws ShapeError where its input does not fit */
export const productShapes = (operator: ProductOperator, x: Shape): number[][] =>
  productOf(operator).shapes(operator, x);

/** The matrix of a product. */
export const productMatrix = (operator: ProductOperator, x: Shape, y: Shape): Matrix =>
  productOf(operator).matrix(operator, x, y);

/** What the axes of a product's output mean. */
export const productLayout = (operator: ProductOperator, y: Shape): Layout => productOf(operator).layout(operator, y);
