// ONNX Runtime's own operators, which its optimizer and its quantizer write, as nodes of ONNX's.

import { TensorProto_DataType } from '../../tensors/generated/onnx_pb.js';
import type { NodeContext } from './context.js';
import { laidOut, type Compose, type Work } from './work.js';
import { whole, type LaidOut } from './lay-out.js';
import { attributeOf } from './write-model.js';

/** The domain of these operators. */
export const CONTRIB_DOMAIN = 'com.microsoft';

/** Operators by name, and what they are laid out into. */
export const CONTRIB: readonly (readonly [string, (context: NodeContext) => LaidOut])[] = laidOut([
  ['Gelu', (work) => work.add('Gelu', [work.read(0)])],
  ['BiasGelu', (work) => work.add('Gelu', [work.add('Add', [work.read(0), work.read(1)])])],
  ['FastGelu', fastGelu],
  ['QuickGelu', quickGelu],
  ['FusedConv', fusedConv],
  ['FusedGemm', (work) => activated(work, work.add('Gemm', work.reads(), work.without(/^activation|^leaky/)))],
  ['FusedMatMul', fusedMatMul],
  ['SkipLayerNormalization', skipNorm('LayerNormalization')],
  ['SkipSimplifiedLayerNormalization', skipNorm('SimplifiedLayerNormalization')],
  ['MatMulIntegerToFloat', integerToFloat],
  ['QLinearAdd', twoOperands('Add')],
  ['QLinearMul', twoOperands('Mul')],
  ['QLinearSigmoid', oneOperand('Sigmoid')],
  ['QLinearLeakyRelu', oneOperand('LeakyRelu')],
  ['QLinearSoftmax', oneOperand('Softmax', /^opset$/)],
  ['QLinearAveragePool', oneOperand('AveragePool', /^channels_last$/)],
  ['QLinearGlobalAveragePool', oneOperand('GlobalAveragePool', /^channels_last$/)],
  ['QLinearConcat', concat],
  ['QGemm', gemm],
]);

/** The real values of a quantized input, whose scale and zero point stand behind it. */
const real = (work: Work, at: number): string =>
  work.add('DequantizeLinear', [work.read(at), ...scaleOf(work, at + 1)]);

/** Quantizes by a scale and a zero point. */
const quantized = (work: Work, values: string, scale: number): string =>
  work.add('QuantizeLinear', [values, ...scaleOf(work, scale)]);

function scaleOf(work: Work, at: number): string[] {
  const zeroPoint = work.optional(at + 1);
  return zeroPoint === undefined ? [work.read(at)] : [work.read(at), zeroPoint];
}

/** The activation that the operator names, over `values`. @throws ShapeError for another */
function activated(work: Work, values: string): string {
  const { attributes } = work.context;
  const name = attributes.text('activation', '');
  const [first, second] = attributes.floats('activation_params') ?? [];
  if (name === '') return values;
  if (['Relu', 'Tanh', 'Sigmoid'].includes(name)) return work.add(name, [values]);
  if (name === 'LeakyRelu') {
    const alpha = first ?? attributes.float('activation_alpha', attributes.float('leaky_relu_alpha', 0.01));
    return work.add(name, [values], [attributeOf('alpha', alpha)]);
  }
  if (name === 'HardSigmoid' && first !== undefined && second !== undefined)
    return work.add(name, [values], [attributeOf('alpha', first), attributeOf('beta', second)]);
  if (name === 'Clip' && first !== undefined && second !== undefined)
    return work.add(name, [values, work.number(first), work.number(second)]);
  return work.context.fail(`the activation ${name} is not supported`);
}

function fastGelu(work: Work): string {
  const bias = work.optional(1);
  const x = bias === undefined ? work.read(0) : work.add('Add', [work.read(0), bias]);
  return work.add('Gelu', [x], [attributeOf('approximate', 'tanh')]);
}

/** x sigmoid(alpha x) */
function quickGelu(work: Work): string {
  const alpha = work.number(work.context.attributes.float('alpha', 1.702));
  const gate = work.add('Sigmoid', [work.add('Mul', [work.read(0), alpha])]);
  return work.add('Mul', [work.read(0), gate]);
}

function fusedConv(work: Work): string {
  const [operands, sum] = [work.reads().slice(0, 3), work.optional(3)];
  const made = work.add('Conv', operands, work.without(/^activation/));
  return activated(work, sum === undefined ? made : work.add('Add', [made, sum]));
}

function fusedMatMul(work: Work): string {
  const { attributes, fail } = { attributes: work.context.attributes, fail: (what: string) => work.context.fail(what) };
  const operands = ['A', 'B'].map((side, i) => {
    if (attributes.int(`transBatch${side}`, 0) !== 0) fail(`transBatch${side} is not supported`);
    const rank = work.context.fullShape(i).length;
    if (attributes.int(`trans${side}`, 0) === 0 || rank < 2) return work.read(i);
    const perm = Array.from({ length: rank }, (_, axis) => axis);
    perm.push(...perm.splice(-2).reverse());
    return work.add('Transpose', [work.read(i)], whole({ perm }));
  });
  const made = work.add('MatMul', operands);
  const alpha = attributes.float('alpha', 1);
  return alpha === 1 ? made : work.add('Mul', [made, work.number(alpha)]);
}

/** input, skip, gamma, beta, bias; of RMS norms input, skip, gamma, bias. Its fourth output is the sum. */
function skipNorm(norm: 'LayerNormalization' | 'SimplifiedLayerNormalization'): Compose {
  return (work) => {
    const { context } = work;
    if (context.wants(1) || context.wants(2)) context.fail('its mean and deviation as outputs are not supported');
    const centred = norm === 'LayerNormalization';
    const bias = work.optional(centred ? 4 : 3);
    let sum = work.add('Add', [work.read(0), work.read(1)]);
    if (bias !== undefined) sum = work.add('Add', [sum, bias]);
    const named = context.node.output[3];
    if (named !== undefined && named !== '') {
      work.nodes.finish(sum, named);
      sum = named;
    }
    const beta = centred ? work.optional(3) : undefined;
    const operands = [sum, work.read(2), ...(beta === undefined ? [] : [beta])];
    return work.add(norm, operands, [...whole({ axis: -1 }), ...work.without(/^(?!epsilon$)/)]);
  };
}

/** A, B, scale of A, of B, zero point of A, of B, bias. */
function integerToFloat(work: Work): string {
  const points = [4, 5].map((at) => work.optional(at) ?? '');
  const product = work.add('MatMulInteger', [work.read(0), work.read(1), ...points]);
  const real = work.add('Cast', [product], whole({ to: TensorProto_DataType.FLOAT }));
  const scaled = work.add('Mul', [real, work.add('Mul', [work.read(2), work.read(3)])]);
  const bias = work.optional(6);
  return bias === undefined ? scaled : work.add('Add', [scaled, bias]);
}

function twoOperands(type: string): Compose {
  return (work) => quantized(work, work.add(type, [real(work, 0), real(work, 3)]), 6);
}

function oneOperand(type: string, own = /^$/): Compose {
  return (work) => {
    if (work.context.attributes.int('channels_last', 0) !== 0) work.context.fail('channels_last is not supported');
    return quantized(work, work.add(type, [real(work, 0)], work.without(own)), 3);
  };
}

/** Scale and zero point of the output, then of each operand values, scale and zero point. */
function concat(work: Work): string {
  const operands = [];
  for (let at = 2; at < work.context.inputCount; at += 3) operands.push(real(work, at));
  return quantized(work, work.add('Concat', operands, work.without(/^$/)), 0);
}

/** A and B with scales and zero points, C in steps of both scales, scale and zero point of the output or none. */
function gemm(work: Work): string {
  const operands = [real(work, 0), real(work, 3)];
  const bias = work.optional(6);
  if (bias !== undefined) {
    const real = work.add('Cast', [bias], whole({ to: TensorProto_DataType.FLOAT }));
    operands.push(work.add('Mul', [real, work.add('Mul', [work.read(1), work.read(4)])]));
  }
  const made = work.add('Gemm', operands, work.without(/^$/));
  return work.optional(7) === undefined ? made : quantized(work, made, 7);
}
