// Cases of ONNX Runtime's own operators.

import type { AttributeValue } from '../../../src/workload/onnx/write-model.js';
import { big, flag, one, type Draw, type Maker } from './draw.js';
import type { CaseInput, OperatorCase } from './model.js';

/** A case of a contributed operator. */
const own = (
  type: string,
  inputs: readonly (CaseInput | null)[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
): OperatorCase => ({ ...one(type, 17, inputs, attributes), domain: 'com.microsoft' });

/** Bytes with a scale and a zero point behind them. */
function quantized(draw: Draw, dims: readonly number[], constant = false): CaseInput[] {
  return [draw.tensor(dims, { element: 'u8', from: 0, to: 255, constant }), ...steps(draw, -5)];
}

/** A scale, a power of two, and a zero point. */
const steps = (draw: Draw, exponent: number): CaseInput[] => [
  { ...draw.constant([]), data: [2 ** exponent] },
  draw.constant([], { element: 'u8', from: 100, to: 150 }),
];

const gelu =
  (biased: boolean | null): Maker =>
  (draw, type) => {
    const shape = draw.sizes(draw.int(1, 3));
    const bias = biased ?? draw.once();
    return own(type, [draw.tensor(shape), ...(bias ? [draw.constant(shape.slice(-1))] : [])]);
  };

const fusedConv: Maker = (draw, type) => {
  const [inner, outer, size] = [draw.int(1, 3), draw.int(1, 3), draw.int(1, 3)];
  const x = draw.tensor([1, inner, size + draw.int(0, 3), size + draw.int(0, 3)]);
  const weights = [draw.constant([outer, inner, size, size]), draw.constant([outer])];
  const [activation, ...parameters] = draw.pick([
    ['Relu'] as const,
    ['Tanh'] as const,
    ['Sigmoid'] as const,
    ['LeakyRelu', 0.25] as const,
    ['Clip', -0.5, 0.75] as const,
    ['HardSigmoid', 0.25, 0.5] as const,
  ]);
  return own(type, [x, ...weights], {
    activation,
    ...(parameters.length > 0 ? { activation_params: parameters } : {}),
  });
};

const fusedGemm: Maker = (draw, type) => {
  const [m = 1, k = 1, n = 1] = draw.sizes(3);
  const transB = draw.once();
  const inputs = [draw.tensor([m, k]), draw.constant(transB ? [n, k] : [k, n]), draw.constant([n])];
  return own(type, inputs, { activation: draw.pick(['Relu', 'Tanh']), transB: flag(transB), alpha: 0.5 });
};

const fusedMatMul: Maker = (draw, type) => {
  const [m = 1, k = 1, n = 1] = draw.sizes(3);
  const ahead = draw.sizes(draw.int(0, 2), 3);
  const [transA, transB] = [draw.once(), draw.once()];
  const a = draw.tensor([...ahead, ...(transA ? [k, m] : [m, k])]);
  const b = draw.tensor([...ahead, ...(transB ? [n, k] : [k, n])], { constant: draw.once() });
  return own(type, [a, b], { transA: flag(transA), transB: flag(transB), alpha: draw.pick([1, 0.5]) });
};

const skipNorm =
  (centred: boolean): Maker =>
  (draw, type) => {
    const shape = [1, ...draw.sizes(2).map((size) => size + 1)];
    const values = (): CaseInput => draw.constant(shape.slice(-1));
    const operands: (CaseInput | null)[] = [draw.tensor(shape), draw.tensor(shape), values()];
    if (centred) operands.push(draw.once() ? values() : null);
    if (draw.once()) operands.push(values());
    const outputs = draw.once() ? ['y', '', '', 's'] : ['y'];
    return { ...own(type, operands, { epsilon: 0.0625 }), outputs };
  };

const integerToFloat: Maker = (draw, type) => {
  const [m = 1, k = 1, n = 1] = draw.sizes(3);
  const [a, aScale, aZero] = quantized(draw, [m, k]);
  const [b, bScale, bZero] = quantized(draw, [k, n], true);
  return own(type, [a!, b!, aScale!, bScale!, aZero!, bZero!, draw.constant([n])]);
};

const twoOperands: Maker = (draw, type) => {
  const shape = draw.sizes(draw.int(1, 3));
  return own(type, [...quantized(draw, shape), ...quantized(draw, shape, true), ...steps(draw, -3)]);
};

const oneOperand =
  (attributes: Readonly<Record<string, AttributeValue>> = {}): Maker =>
  (draw, type) =>
    own(type, [...quantized(draw, draw.sizes(draw.int(1, 3))), ...steps(draw, -4)], attributes);

const pool =
  (attributes: Readonly<Record<string, AttributeValue>>): Maker =>
  (draw, type) => {
    const map = [1, draw.int(1, 3), draw.int(2, 5), draw.int(2, 5)];
    return own(type, [...quantized(draw, map), ...steps(draw, -4)], attributes);
  };

const softmax: Maker = (draw, type) => {
  // Of a scale of 1/256 onnxruntime makes a probability of 1 a zero.
  const output = [
    { ...draw.constant([]), data: [2 ** -7] },
    { ...draw.constant([], { element: 'u8' }), data: [0] },
  ];
  return own(type, [...quantized(draw, draw.sizes(2)), ...output], { axis: -1n, opset: 13n });
};

const concat: Maker = (draw, type) => {
  const [rows, ...columns] = [draw.int(1, 3), draw.int(1, 3), draw.int(1, 3)];
  const operands = columns.flatMap((size, i) => quantized(draw, [rows, size], i > 0));
  return own(type, [...steps(draw, -4), ...operands], { axis: 1n });
};

const gemm: Maker = (draw, type) => {
  const [m = 1, k = 1, n = 1] = draw.sizes(3);
  const transB = draw.once();
  const operands = [...quantized(draw, [m, k]), ...quantized(draw, transB ? [n, k] : [k, n], true)];
  const bias = draw.constant([n], { element: 'i32', from: -500, to: 500 });
  return own(type, [...operands, bias, ...(draw.once() ? steps(draw, -2) : [])], { transB: flag(transB) });
};

/** What makes a case of each operator. */
export const CONTRIB_CASES: readonly (readonly [string, Maker])[] = [
  ['Gelu', gelu(false)],
  ['BiasGelu', gelu(true)],
  ['FastGelu', gelu(null)],
  ['QuickGelu', (draw, type) => own(type, [draw.tensor(draw.sizes(draw.int(1, 3)))], { alpha: 1.5 })],
  ['FusedConv', fusedConv],
  ['FusedGemm', fusedGemm],
  ['FusedMatMul', fusedMatMul],
  ['SkipLayerNormalization', skipNorm(true)],
  ['SkipSimplifiedLayerNormalization', skipNorm(false)],
  ['MatMulIntegerToFloat', integerToFloat],
  ['QLinearAdd', twoOperands],
  ['QLinearMul', twoOperands],
  ['QLinearSigmoid', oneOperand()],
  ['QLinearLeakyRelu', oneOperand({ alpha: 0.25 })],
  ['QLinearSoftmax', softmax],
  ['QLinearAveragePool', pool({ kernel_shape: big([2, 2]), strides: big([2, 1]) })],
  ['QLinearGlobalAveragePool', pool({})],
  ['QLinearConcat', concat],
  ['QGemm', gemm],
];
