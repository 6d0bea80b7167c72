// Products of matrices: dense layers over any number of positions, and two activations with broadcast (attention).

import { broadcastIndex, broadcastShape } from './broadcast.js';
import { gemm, transposeInto } from './gemm.js';
import { zeros, zerosLike, type Numbers, type Values } from './values.js';
import { leading } from '../../config/typed.js';

/** A product of `count` vectors with the constant matrix. */
export type Product = (vectors: Numbers, count: number, out: Numbers) => void;

/** y [..., O] = x [..., I] w^T + b, w [O, I] (PyTorch's layout), b [O]. `product`, where given, does the product. */
export function dense(x: Values, w: Values, b: Values | undefined, product?: Product): Values {
  const [outputs, inputs] = leading(2, w.shape);
  const count = x.data.length / inputs;
  const y = zeros(x.data, [...x.shape.slice(0, -1), outputs]);
  if (product !== undefined) product(x.data, count, y.data);
  else
    gemm(
      { m: count, n: outputs, k: inputs },
      { data: x.data, at: 0 },
      { data: w.data, at: 0 },
      { data: y.data, at: 0, rowStride: outputs, columnStride: 1, add: false },
    );
  if (b !== undefined)
    for (let i = 0, at = 0; i < count; i++) for (let o = 0; o < outputs; o++, at++) y.data[at]! += b.data[o]!;
  return y;
}

/** Gradient of a dense layer's input. `product`: e [count, O] to [count, I] (a transposed product). */
export function denseInputGradient(w: Values, dy: Values, product?: Product): Values {
  const [outputs, inputs] = leading(2, w.shape);
  const count = dy.data.length / outputs;
  const dx = zeros(dy.data, [...dy.shape.slice(0, -1), inputs]);
  if (product !== undefined) product(dy.data, count, dx.data);
  else {
    const transposed = zerosLike(w.data, w.data.length);
    transposeInto({ rows: outputs, columns: inputs }, { data: w.data, at: 0 }, { data: transposed, at: 0 });
    gemm(
      { m: count, n: inputs, k: outputs },
      { data: dy.data, at: 0 },
      { data: transposed, at: 0 },
      { data: dx.data, at: 0, rowStride: inputs, columnStride: 1, add: false },
    );
  }
  return dx;
}

/** Gradients of a dense layer's weights [O, I] and bias [O], summed over all positions. */
export function denseWeightGradient(x: Values, dy: Values): { weight: Values; bias: Values } {
  const inputs = x.shape.at(-1)!;
  const outputs = dy.shape.at(-1)!;
  const count = x.data.length / inputs;
  if (count === 1) return outerProduct(x, dy);
  const columns = zerosLike(x.data, x.data.length);
  const errors = zerosLike(dy.data, dy.data.length);
  transposeInto({ rows: count, columns: inputs }, { data: x.data, at: 0 }, { data: columns, at: 0 });
  transposeInto({ rows: count, columns: outputs }, { data: dy.data, at: 0 }, { data: errors, at: 0 });
  const weight = zeros(x.data, [outputs, inputs]);
  gemm(
    { m: outputs, n: inputs, k: count },
    { data: errors, at: 0 },
    { data: columns, at: 0 },
    { data: weight.data, at: 0, rowStride: inputs, columnStride: 1, add: false },
  );
  const bias = zeros(x.data, [outputs]);
  for (let o = 0; o < outputs; o++) {
    let sum = 0;
    for (let i = 0, at = o * count; i < count; i++, at++) sum += errors[at]!;
    bias.data[o] = sum;
  }
  return { weight, bias };
}

/** The gradients of one vector. */
function outerProduct({ data: x }: Values, { data: dy }: Values): { weight: Values; bias: Values } {
  const weight = zeros(x, [dy.length, x.length]);
  for (let o = 0, at = 0; o < dy.length; o++) {
    const error = dy[o]!;
    for (let i = 0; i < x.length; i++) weight.data[at++] = 0 + error * x[i]!;
  }
  return { weight, bias: { shape: [dy.length], data: dy.slice() } };
}

interface MatmulPlan {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly outputShape: readonly number[];
  /** Which matrix of a and of b makes each product. */
  readonly aIndex: Int32Array;
  readonly bIndex: Int32Array;
}

/** Shapes of a product as numpy and ONNX have it: vectors are rows on the left and columns on the right. */
function matmulPlan(a: readonly number[], b: readonly number[]): MatmulPlan {
  const left = a.length === 1 ? [1, a[0]!] : a;
  const right = b.length === 1 ? [b[0]!, 1] : b;
  const leading = broadcastShape(left.slice(0, -2), right.slice(0, -2));
  const m = left.at(-2)!;
  const n = right.at(-1)!;
  return {
    m,
    n,
    k: left.at(-1)!,
    outputShape: [...leading, ...(a.length === 1 ? [] : [m]), ...(b.length === 1 ? [] : [n])],
    aIndex: broadcastIndex(left.slice(0, -2), leading),
    bIndex: broadcastIndex(right.slice(0, -2), leading),
  };
}

/** Two matrices, a [m, k] and b [k, n], and where their product [m, n] goes. */
export interface MatrixPair {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly a: Numbers;
  readonly b: Numbers;
  readonly out: Numbers;
  /** Image of the batch, and number of the product among the image's. */
  readonly image: number;
  readonly matrix: number;
}

/** Multiplies a pair of matrices. */
export type PairProduct = (pair: MatrixPair) => void;

/**
 * y = a x b over the last two axes; leading axes, of which the first is the batch, broadcast. `product`, where given,
 * multiplies each pair.
 */
export function matmul(a: Values, b: Values, product?: PairProduct): Values {
  const { m, n, k, outputShape, aIndex, bIndex } = matmulPlan(a.shape, b.shape);
  const y = zeros(a.data, outputShape);
  if (product !== undefined) {
    const matrices = aIndex.length / Math.max(1, outputShape[0]!);
    for (let i = 0; i < aIndex.length; i++)
      product({
        ...{ m, n, k },
        a: a.data.subarray(aIndex[i]! * m * k, (aIndex[i]! + 1) * m * k),
        b: b.data.subarray(bIndex[i]! * k * n, (bIndex[i]! + 1) * k * n),
        out: y.data.subarray(i * m * n, (i + 1) * m * n),
        image: Math.floor(i / matrices),
        matrix: i % matrices,
      });
    return y;
  }
  const transposed = zerosLike(b.data, k * n);
  let held = -1;
  for (let i = 0; i < aIndex.length; i++) {
    if (bIndex[i] !== held)
      transposeInto({ rows: k, columns: n }, { data: b.data, at: bIndex[i]! * k * n }, { data: transposed, at: 0 });
    held = bIndex[i]!;
    gemm(
      { m, n, k },
      { data: a.data, at: aIndex[i]! * m * k },
      { data: transposed, at: 0 },
      { data: y.data, at: i * m * n, rowStride: n, columnStride: 1, add: false },
    );
  }
  return y;
}

/** Gradients of both operands; broadcast axes are summed. */
export function matmulBackward(a: Values, b: Values, dy: Values): { a: Values; b: Values } {
  const { m, n, k, aIndex, bIndex } = matmulPlan(a.shape, b.shape);
  const da = zeros(a.data, a.shape);
  const db = zeros(b.data, b.shape);
  const left = zerosLike(a.data, m * k);
  const errors = zerosLike(dy.data, m * n);
  for (let i = 0; i < aIndex.length; i++) {
    const aAt = aIndex[i]! * m * k;
    const bAt = bIndex[i]! * k * n;
    gemm(
      { m, n: k, k: n },
      { data: dy.data, at: i * m * n },
      { data: b.data, at: bAt },
      { data: da.data, at: aAt, rowStride: k, columnStride: 1, add: true },
    );
    transposeInto({ rows: m, columns: k }, { data: a.data, at: aAt }, { data: left, at: 0 });
    transposeInto({ rows: m, columns: n }, { data: dy.data, at: i * m * n }, { data: errors, at: 0 });
    gemm(
      { m: k, n, k: m },
      { data: left, at: 0 },
      { data: errors, at: 0 },
      { data: db.data, at: bAt, rowStride: n, columnStride: 1, add: true },
    );
  }
  return { a: da, b: db };
}
