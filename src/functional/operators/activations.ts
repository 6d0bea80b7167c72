// Activations and other functions of one number: value and derivative, ONNX's definitions and PyTorch's rules at kinks.

import { cumulativeNormal } from 'vega-statistics';
import { roundEven } from '../../numerics/formats/rounding.js';
import type { UnaryFunction } from '../../workload/graph/index.js';
import { zerosLike, type Numbers, type Values } from './values.js';

/** A function of one number; `a` and `b` are its parameters (the graph's alpha and beta). */
export interface Activation {
  readonly value: (x: number, a: number, b: number) => number;
  /** Derivative at x, where the value is y. */
  readonly slope: (x: number, y: number, a: number, b: number) => number;
}

const activation = (value: Activation['value'], slope: Activation['slope']): Activation => ({ value, slope });

/** erf x = 2 F(x sqrt 2) - 1, F the cumulative normal distribution; absolute error below 1e-15. */
export const erf = (x: number): number => (x === 0 ? x : 2 * cumulativeNormal(x * Math.SQRT2) - 1);

const logistic = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : 1 - 1 / (1 + Math.exp(x)));
const softplus = (x: number): number => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)));
const density = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
const GELU_SCALE = Math.sqrt(2 / Math.PI);
const GELU_CUBE = 0.044715;
const geluTanh = (x: number): number => Math.tanh(GELU_SCALE * (x + GELU_CUBE * x * x * x));
const ramp = (x: number): number => Math.min(1, Math.max(0, x));
/** `x` where it is a number within the bounds or not a number. */
const clip = (x: number, low: number, high: number): number => (x < low ? low : x > high ? high : x);
/** Activations by name. At a kink the slope is PyTorch's; `clip` (and relu6) passes nothing at its bounds. */
export const ACTIVATIONS: Record<UnaryFunction, Activation> = {
  relu: activation(
    (x) => (x < 0 ? 0 : x),
    (x) => (x > 0 ? 1 : 0),
  ),
  clip: activation(clip, (x, _, low, high) => (x > low && x < high ? 1 : 0)),
  leakyRelu: activation(
    (x, a) => (x < 0 ? a * x : x),
    (x, _, a) => (x > 0 ? 1 : a),
  ),
  thresholdedRelu: activation(
    (x, a) => (x > a ? x : 0),
    (x, _, a) => (x > a ? 1 : 0),
  ),
  elu: activation(
    (x, a) => (x < 0 ? a * Math.expm1(x) : x),
    (x, y, a) => (x > 0 ? 1 : y + a),
  ),
  celu: activation(
    (x, a) => (x < 0 ? a * Math.expm1(x / a) : x),
    (x, _, a) => (x > 0 ? 1 : Math.exp(x / a)),
  ),
  selu: activation(
    (x, a, b) => b * (x < 0 ? a * Math.expm1(x) : x),
    (x, y, a, b) => (x > 0 ? b : y + a * b),
  ),
  gelu: activation(
    (x, a) => (a === 1 ? 0.5 * x * (1 + geluTanh(x)) : x * cumulativeNormal(x)),
    (x, _, a) => {
      if (a !== 1) return cumulativeNormal(x) + x * density(x);
      const t = geluTanh(x);
      return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * GELU_SCALE * (1 + 3 * GELU_CUBE * x * x);
    },
  ),
  silu: activation(
    (x, a) => x * logistic(a * x),
    (x, _, a) => {
      const s = logistic(a * x);
      return s * (1 + a * x * (1 - s));
    },
  ),
  shrink: activation(
    (x, a, b) => (x < -a ? x + b : x > a ? x - b : 0),
    (x, _, a) => (x < -a || x > a ? 1 : 0),
  ),
  sin: activation(Math.sin, Math.cos),
  cos: activation(Math.cos, (x) => -Math.sin(x)),
  hardSwish: activation(
    (x) => x * ramp(x / 6 + 0.5),
    (x) => (x < -3 ? 0 : x > 3 ? 1 : x / 3 + 0.5),
  ),
  hardSigmoid: activation(
    (x, a, b) => ramp(a * x + b),
    (x, _, a, b) => (a * x + b > 0 && a * x + b < 1 ? a : 0),
  ),
  sigmoid: activation(logistic, (_, y) => y * (1 - y)),
  tanh: activation(Math.tanh, (_, y) => 1 - y * y),
  softplus: activation(softplus, logistic),
  softsign: activation(
    (x) => x / (1 + Math.abs(x)),
    (x) => 1 / (1 + Math.abs(x)) ** 2,
  ),
  mish: activation(
    (x) => x * Math.tanh(softplus(x)),
    (x) => {
      const t = Math.tanh(softplus(x));
      return t + x * (1 - t * t) * logistic(x);
    },
  ),
  abs: activation(Math.abs, (x) => Math.sign(x)),
  neg: activation(
    (x) => -x,
    () => -1,
  ),
  exp: activation(Math.exp, (_, y) => y),
  log: activation(Math.log, (x) => 1 / x),
  sqrt: activation(Math.sqrt, (_, y) => 0.5 / y),
  reciprocal: activation(
    (x) => 1 / x,
    (_, y) => -y * y,
  ),
  erf: activation(erf, (x) => (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x)),
  sign: activation(Math.sign, () => 0),
  floor: activation(Math.floor, () => 0),
  ceil: activation(Math.ceil, () => 0),
  round: activation(roundEven, () => 0),
  not: activation(
    (x) => (x === 0 ? 1 : 0),
    () => 0,
  ),
};

/** y = f(x), element by element. */
export function activate(x: Values, name: UnaryFunction, a: number, b: number): Values {
  const f = ACTIVATIONS[name];
  const y = zerosLike(x.data, x.data.length);
  if (name === 'relu') relu(x.data, y);
  else {
    for (let i = 0; i < y.length; i++) y[i] = f.value(x.data[i]!, a, b);
  }
  return { shape: x.shape, data: y };
}

/** dx = dy f'(x), element by element; y is the value. */
export function activateBackward(
  { x, y, dy }: { readonly x: Values; readonly y: Values; readonly dy: Values },
  name: UnaryFunction,
  a: number,
  b: number,
): Values {
  const f = ACTIVATIONS[name];
  const dx = zerosLike(x.data, x.data.length);
  if (name === 'relu') for (let i = 0; i < dx.length; i++) dx[i] = x.data[i]! > 0 ? dy.data[i]! : 0;
  else {
    for (let i = 0; i < dx.length; i++) dx[i] = dy.data[i]! * f.slope(x.data[i]!, y.data[i]!, a, b);
  }
  return { shape: x.shape, data: dx };
}

function relu(x: Numbers, y: Numbers): void {
  for (let i = 0; i < y.length; i++) {
    const value = x[i]!;
    y[i] = value < 0 ? 0 : value;
  }
}
