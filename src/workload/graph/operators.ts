// The operators of a graph: what each computes, with every attribute resolved. ONNX's definitions are the reference.

import type { Arithmetic, ProductOperator } from './products.js';
import type { Window } from './shapes.js';
import type {
  Concat,
  Expand,
  Gather,
  OneHot,
  Pad,
  Reshape,
  Shuffle,
  Slice,
  Split,
  Tile,
  Transpose,
} from './move-operators.js';

/**
 * Product of two activations, inputs [a, b] (and c): [..., M, K] x [..., K, N] = [..., M, N], leading axes broadcast
 * (ONNX MatMul, numpy's matmul). `transposeA/B`: the operand is stored with its last two axes exchanged (Gemm). y =
 * alpha a b + beta c.
 */
export interface MatMul {
  readonly kind: 'matmul';
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly alpha: number;
  readonly beta: number;
  readonly arithmetic: Arithmetic;
}

/**
 * Pool over [C, ...space]. `ceil`: outputs are rounded up, but no window starts in the padding behind. `countPadding`:
 * an average divides by the whole window. `lp`: (sum |x|^p)^(1/p). `global`: the window is the map.
 */
export interface Pool extends Window {
  readonly kind: 'pool';
  readonly reduce: 'max' | 'average' | 'lp';
  readonly ceil: boolean;
  readonly countPadding: boolean;
  readonly global: boolean;
  readonly p: number;
}

/** PyTorch's adaptive pools: output i of n reads inputs floor(i in / n) to ceil((i + 1) in / n) - 1. */
export interface AdaptivePool {
  readonly kind: 'adaptivePool';
  readonly reduce: 'max' | 'average';
  readonly sizes: readonly number[];
}

/** How places of a resampled map become places of the input (ONNX Resize). */
export const RESIZE_COORDINATES = [
  'half_pixel',
  'half_pixel_symmetric',
  'pytorch_half_pixel',
  'align_corners',
  'asymmetric',
  'tf_half_pixel_for_nn',
] as const;
/** How the nearest place is chosen (ONNX Resize). */
export const RESIZE_ROUNDINGS = ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'] as const;

/**
 * Resampling; attributes as ONNX Resize names them; an entry of `sizes` and `scales` for every axis of the sample.
 */
export interface Resize {
  readonly kind: 'resize';
  readonly mode: 'nearest' | 'linear' | 'cubic';
  readonly sizes: readonly number[];
  readonly scales: readonly number[];
  readonly coordinates: (typeof RESIZE_COORDINATES)[number];
  readonly rounding: (typeof RESIZE_ROUNDINGS)[number];
  readonly cubicCoefficient: number;
}

/** Functions of several tensors, element by element. `mod` has the divisor's sign, `fmod` the dividend's. */
export const ELEMENTWISE_FUNCTIONS = [
  'add',
  'sub',
  'mul',
  'div',
  'min',
  'max',
  'mean',
  'pow',
  'mod',
  'fmod',
  'equal',
  'less',
  'lessOrEqual',
  'greater',
  'greaterOrEqual',
  'and',
  'or',
  'xor',
] as const;
/** Name of a function of several tensors. */
export type ElementwiseFunction = (typeof ELEMENTWISE_FUNCTIONS)[number];

/** Element by element over its inputs (two; add, min, max, mean: one or more), which broadcast as in numpy. */
export interface Elementwise {
  readonly kind: 'elementwise';
  readonly function: ElementwiseFunction;
}

/** condition ? a : b; inputs [condition, a, b], which broadcast. */
export interface Where {
  readonly kind: 'where';
}

/** Functions of each element. */
export const UNARY_FUNCTIONS = [
  'relu',
  'clip',
  'leakyRelu',
  'elu',
  'celu',
  'selu',
  'gelu',
  'silu',
  'hardSwish',
  'hardSigmoid',
  'tanh',
  'sigmoid',
  'softplus',
  'softsign',
  'mish',
  'thresholdedRelu',
  'shrink',
  'erf',
  'exp',
  'log',
  'sqrt',
  'reciprocal',
  'abs',
  'neg',
  'sign',
  'floor',
  'ceil',
  'round',
  'not',
  'sin',
  'cos',
] as const;
/** Name of a function of each element. */
export type UnaryFunction = (typeof UNARY_FUNCTIONS)[number];

/**
 * A function of each element. `alpha`, `beta` where the function has them: clip [alpha, beta] (-Infinity, Infinity
 * where open, NaN where they are the parameters `min`, `max`; relu6 is clip 0 6), leakyRelu alpha, elu and celu alpha,
 * selu alpha and beta (ONNX gamma), hardSigmoid
 * max(0, min(1, alpha x + beta)), thresholdedRelu alpha, shrink alpha (lambd) and beta (bias), gelu `approximate` by
 * tanh where alpha is 1, silu x sigmoid(alpha x); others 0.
 */
export interface Unary {
  readonly kind: 'unary';
  readonly function: UnaryFunction;
  readonly alpha: number;
  readonly beta: number;
}

/** x where x >= 0, slope x elsewhere. Parameter `slope`, which broadcasts to the input from the right. */
export interface PRelu {
  readonly kind: 'prelu';
}

/** Softmax over `axes` together (opset below 13 flattens from an axis on), or its logarithm. */
export interface Softmax {
  readonly kind: 'softmax';
  readonly axes: readonly number[];
  readonly log: boolean;
}

/**
 * Normalizations. Parameters `scale`, `bias` (optional but for batch norm), batch norm also `mean`, `variance`.
 * batch: by channel (axis 0) with stored statistics. layer, rms: over `axes` (the last ones), parameters of these axes'
 * shape. group: over `groups` groups of channels and space, parameters [C] ([groups] where `perGroup`). instance: over
 * the space of each channel.
 */
export interface Norm {
  readonly kind: 'norm';
  readonly norm: 'batch' | 'layer' | 'rms' | 'group' | 'instance';
  readonly axes: readonly number[];
  readonly groups: number;
  readonly epsilon: number;
  readonly perGroup: boolean;
}

/** Local response normalization across channels (ONNX LRN): x / (bias + alpha / size sum x^2)^beta. */
export interface Lrn {
  readonly kind: 'lrn';
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly bias: number;
}

/** Functions that take axes away. */
export const REDUCE_FUNCTIONS = [
  'mean',
  'sum',
  'max',
  'min',
  'prod',
  'l1',
  'l2',
  'sumSquare',
  'logSum',
  'logSumExp',
  'argMax',
  'argMin',
] as const;
/** Name of a reduction. */
export type ReduceFunction = (typeof REDUCE_FUNCTIONS)[number];

/** Reduction over `axes` (argMax, argMin: one, the first of equal values unless `lastIndex`); kept as 1 or dropped. */
export interface Reduce {
  readonly kind: 'reduce';
  readonly function: ReduceFunction;
  readonly axes: readonly number[];
  readonly keep: boolean;
  readonly lastIndex: boolean;
}

/** Another element type: `to`, as files name it. */
export interface Cast {
  readonly kind: 'cast';
  readonly to: string;
}

/**
 * ONNX QuantizeLinear, DequantizeLinear (parameters `scale`, `zeroPoint`, by `axis` where they are vectors) and
 * DynamicQuantizeLinear (outputs y, scale [], zeroPoint []). `to`: the element type that is made.
 */
export interface Quantize {
  readonly kind: 'quantize';
  readonly direction: 'quantize' | 'dequantize' | 'dynamic';
  readonly axis: number | null;
  readonly to: string;
}

/** An operator of a graph, told apart by `kind`. */
export type Operator =
  | ProductOperator
  | MatMul
  | Pool
  | AdaptivePool
  | Resize
  | Elementwise
  | Where
  | Unary
  | PRelu
  | Softmax
  | Norm
  | Lrn
  | Reduce
  | Concat
  | Split
  | Slice
  | Pad
  | Reshape
  | Transpose
  | Expand
  | Tile
  | Shuffle
  | Gather
  | OneHot
  | Cast
  | Quantize;
/** Name of a kind of operator. */
export type OperatorKind = Operator['kind'];
