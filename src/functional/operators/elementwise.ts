// Functions of two or more tensors, element by element with broadcast: forward and backward.

import { broadcastShape, expand, sumTo } from './broadcast.js';
import type { ElementwiseFunction } from '../../workload/graph/index.js';
import { zerosLike, type Numbers, type Values } from './values.js';

/** A function of two numbers with its derivatives. At ties, min and max pass the gradient to the first. */
interface Binary {
  readonly value: (a: number, b: number) => number;
  readonly slopes: (a: number, b: number, y: number) => readonly [number, number];
}

const NONE = [0, 0] as const;
const logical = (value: (a: number, b: number) => boolean): Binary => ({
  value: (a, b) => (value(a, b) ? 1 : 0),
  slopes: () => NONE,
});

/** Binary functions by name. `mod` has the divisor's sign, `fmod` the dividend's. */
export const BINARY: Record<BinaryName, Binary> = {
  add: { value: (a, b) => a + b, slopes: () => [1, 1] },
  sub: { value: (a, b) => a - b, slopes: () => [1, -1] },
  mul: { value: (a, b) => a * b, slopes: (a, b) => [b, a] },
  div: { value: (a, b) => a / b, slopes: (_, b, y) => [1 / b, -y / b] },
  min: {
    value: (a, b) => (a <= b || Number.isNaN(a) ? a : b),
    slopes: (a, b) => (a <= b ? [1, 0] : [0, 1]),
  },
  max: {
    value: (a, b) => (a >= b || Number.isNaN(a) ? a : b),
    slopes: (a, b) => (a >= b ? [1, 0] : [0, 1]),
  },
  pow: {
    value: (a, b) => a ** b,
    slopes: (a, b, y) => [b === 0 ? 0 : b * a ** (b - 1), a > 0 ? y * Math.log(a) : 0],
  },
  prelu: { value: (a, b) => (a < 0 ? a * b : a), slopes: (a, b) => (a > 0 ? [1, 0] : [b, a]) },
  mod: { value: (a, b) => a - Math.floor(a / b) * b, slopes: (a, b) => [1, -Math.floor(a / b)] },
  fmod: { value: (a, b) => a % b, slopes: (a, b) => [1, -Math.trunc(a / b)] },
  equal: logical((a, b) => a === b),
  greater: logical((a, b) => a > b),
  greaterOrEqual: logical((a, b) => a >= b),
  less: logical((a, b) => a < b),
  lessOrEqual: logical((a, b) => a <= b),
  and: logical((a, b) => a !== 0 && b !== 0),
  or: logical((a, b) => a !== 0 || b !== 0),
  xor: logical((a, b) => (a !== 0) !== (b !== 0)),
};

/** A function of two operands. */
export type BinaryName = Exclude<ElementwiseFunction, 'mean'> | 'prelu';

/** y = f(a, b) over the broadcast of both shapes. */
export function binary(a: Values, b: Values, name: BinaryName): Values {
  const shape = broadcastShape(a.shape, b.shape);
  const left = expand(a, shape).data;
  const right = expand(b, shape).data;
  const y = zerosLike(a.data, left.length);
  if (name === 'add') for (let i = 0; i < y.length; i++) y[i] = left[i]! + right[i]!;
  else if (name === 'mul') for (let i = 0; i < y.length; i++) y[i] = left[i]! * right[i]!;
  else apply(BINARY[name], left, right, y);
  return { shape, data: y };
}

function apply(f: Binary, a: Numbers, b: Numbers, y: Numbers): void {
  for (let i = 0; i < y.length; i++) y[i] = f.value(a[i]!, b[i]!);
}

/** Gradients of both operands, summed over axes along which they were repeated. */
export function binaryBackward(
  { a, b, y, dy }: { readonly a: Values; readonly b: Values; readonly y: Values; readonly dy: Values },
  name: BinaryName,
): { a: Values; b: Values } {
  if (name === 'add') return { a: sumTo(dy, a.shape), b: sumTo(dy, b.shape) };
  const left = expand(a, y.shape).data;
  const right = expand(b, y.shape).data;
  const da = zerosLike(dy.data, dy.data.length);
  const db = zerosLike(dy.data, dy.data.length);
  const { slopes } = BINARY[name];
  for (let i = 0; i < da.length; i++) {
    const [toA, toB] = slopes(left[i]!, right[i]!, y.data[i]!);
    da[i] = dy.data[i]! * toA;
    db[i] = dy.data[i]! * toB;
  }
  return { a: sumTo({ shape: y.shape, data: da }, a.shape), b: sumTo({ shape: y.shape, data: db }, b.shape) };
}

/** y = condition ? a : b over the broadcast of all three. */
export function where(condition: Values, a: Values, b: Values): Values {
  const shape = broadcastShape(condition.shape, broadcastShape(a.shape, b.shape));
  const chosen = expand(condition, shape).data;
  const left = expand(a, shape).data;
  const right = expand(b, shape).data;
  const y = zerosLike(a.data, chosen.length);
  for (let i = 0; i < y.length; i++) y[i] = chosen[i] !== 0 ? left[i]! : right[i]!;
  return { shape, data: y };
}

/** Gradients of both choices of `where`. */
export function whereBackward(condition: Values, a: Values, b: Values, dy: Values): { a: Values; b: Values } {
  const chosen = expand(condition, dy.shape).data;
  const da = zerosLike(dy.data, dy.data.length);
  const db = zerosLike(dy.data, dy.data.length);
  for (let i = 0; i < da.length; i++)
    if (chosen[i] !== 0) da[i] = dy.data[i]!;
    else db[i] = dy.data[i]!;
  return { a: sumTo({ shape: dy.shape, data: da }, a.shape), b: sumTo({ shape: dy.shape, data: db }, b.shape) };
}
