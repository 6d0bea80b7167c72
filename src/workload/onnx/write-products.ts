// Products with weights or of two activations, and recurrent layers, as ONNX nodes.

import type { Recurrent } from '../graph/index.js';
import { writtenShape, type AttributeValue } from './write-model.js';
import { ints, windowOf, type Of, type Write } from './written.js';

/** Conv: a convolution with groups and dilation. */
export const conv: Write<Of<'conv'>> = ({ writer, operator, inputs, outputs, role }) => {
  if (operator.arithmetic !== 'float') return 'products of stored integers are not written';
  const attributes = { ...windowOf(operator), group: BigInt(operator.groups) };
  writer.add('Conv', [inputs[0]!, role('weight'), role('bias')], outputs, { attributes });
  return null;
};

/** ConvTranspose. */
export const convTranspose: Write<Of<'convTranspose'>> = ({ writer, operator, inputs, outputs, role }) => {
  const { groups, outputPadding } = operator;
  const attributes = { ...windowOf(operator), group: BigInt(groups), output_padding: ints(outputPadding) };
  writer.add('ConvTranspose', [inputs[0]!, role('weight'), role('bias')], outputs, { attributes });
  return null;
};

/** Gemm for one vector a sample; else MatMul, with Add where there is a bias. */
export const dense: Write<Of<'dense'>> = ({ writer, operator, inputs, outputs, x, role, node }) => {
  const { axis, groups, weightLayout, alpha, beta, arithmetic } = operator;
  if (arithmetic !== 'float') return 'products of stored integers are not written';
  const rank = x.shape.length;
  const last = axis === rank - 1;
  const bias = role('bias');
  if (last && rank === 1 && groups === 1 && x.batchAxis === 0) {
    const transB = weightLayout === 'out-in' ? 1n : 0n;
    writer.add('Gemm', [inputs[0]!, role('weight'), bias], outputs, { attributes: { transB, alpha, beta } });
    return null;
  }
  if (axis !== rank - 2 && !last) return 'a product along this axis is not written';
  // x W reads [in, out], W x reads [out, in].
  let weight = role('weight');
  if ((weightLayout === 'out-in') === last) {
    const perm = groups > 1 ? [0n, 2n, 1n] : [1n, 0n];
    weight = writer.add('Transpose', [weight], undefined, { attributes: { perm } });
  }
  const { shape } = node.parameters.get('weight')!;
  if (groups > 1) {
    const matrix = weightLayout === 'out-in' && last ? [shape[2]!, shape[1]!] : shape.slice(-2);
    weight = writer.add('Reshape', [weight, writer.integers([...x.shape.slice(0, -2), ...matrix])]);
  }
  const operands = last ? [inputs[0]!, weight] : [weight, inputs[0]!];
  const steps: ((name: string, out: readonly string[] | undefined) => string)[] = [];
  steps.push((_, out) => writer.add('MatMul', operands, out, { attributes: {}, name: node.name }));
  if (alpha !== 1)
    steps.push((name, out) =>
      writer.add('Mul', [name, writer.real(alpha)], out, { attributes: {}, name: writer.fresh('Mul') }),
    );
  if (bias !== '') {
    const scaled = beta === 1 ? bias : writer.add('Mul', [bias, writer.real(beta)]);
    steps.push((name, out) => writer.add('Add', [name, scaled], out, { attributes: {}, name: writer.fresh('Add') }));
  }
  let name = '';
  steps.forEach((step, i) => (name = step(name, i === steps.length - 1 ? outputs : undefined)));
  return null;
};

/** MatMul of two activations. */
export const matmul: Write<Of<'matmul'>> = ({ writer, operator, inputs, outputs, node }) => {
  const { transposeA, transposeB, alpha, beta, arithmetic } = operator;
  if (arithmetic !== 'float') return 'products of stored integers are not written';
  const turned = (which: number, turn: boolean): string => {
    if (!turn) return inputs[which]!;
    const rank = writtenShape(writer.graph.tensors[node.inputs[which]!]!).length;
    const axes = Array.from({ length: rank }, (_, axis) => axis);
    [axes[rank - 2], axes[rank - 1]] = [rank - 1, rank - 2];
    return writer.add('Transpose', [inputs[which]!], undefined, { attributes: { perm: ints(axes) } });
  };
  const operands = [turned(0, transposeA), turned(1, transposeB)];
  const third = inputs[2];
  if (alpha === 1 && third === undefined) {
    writer.add('MatMul', operands, outputs);
    return null;
  }
  const plain = writer.add('MatMul', operands, undefined, { attributes: {}, name: node.name });
  const scaled = third === undefined ? outputs : undefined;
  const product = writer.add('Mul', [plain, writer.real(alpha)], scaled, { attributes: {}, name: writer.fresh('Mul') });
  if (third === undefined) return null;
  const added = [product, writer.add('Mul', [third, writer.real(beta)])];
  writer.add('Add', added, outputs, { attributes: {}, name: writer.fresh('Add') });
  return null;
};

const RESULTS: readonly Recurrent['results'][number][] = ['sequence', 'hidden', 'cell'];
const CELL_NAMES: ReadonlyMap<string, string> = new Map([
  ['relu', 'Relu'],
  ['tanh', 'Tanh'],
  ['sigmoid', 'Sigmoid'],
  ['affine', 'Affine'],
  ['leakyrelu', 'LeakyRelu'],
  ['thresholdedrelu', 'ThresholdedRelu'],
  ['scaledtanh', 'ScaledTanh'],
  ['hardsigmoid', 'HardSigmoid'],
  ['elu', 'Elu'],
  ['softsign', 'Softsign'],
  ['softplus', 'Softplus'],
]);

/** ONNX reads [steps, batch, features] and gives [steps, directions, batch, hidden], [directions, batch, hidden]. */
export const recurrent: Write<Recurrent> = ({ writer, operator, inputs, outputs, node, x, role }) => {
  const { graph } = writer;
  const moved = (
    name: string,
    { from, to, rank }: { readonly from: number | null; readonly to: number; readonly rank: number },
    out?: readonly string[],
  ): string => {
    if (from === to && out === undefined) return name;
    const axes = Array.from({ length: rank }, (_, axis) => axis);
    const order = axes.filter((axis) => axis !== from);
    if (from !== null) order.splice(to, 0, from);
    return writer.add('Transpose', [name], out, { attributes: { perm: ints(order) }, name: writer.fresh('Transpose') });
  };
  if (x.batchAxis === null) return 'a sequence without a batch is not written';
  const stateOf = (name: 'hidden' | 'cell'): string => {
    const at = operator.states.indexOf(name);
    if (at < 0) return '';
    const { batchAxis } = graph.tensors[node.inputs[1 + at]!]!;
    return moved(inputs[1 + at]!, { from: batchAxis, to: 1, rank: 3 });
  };
  const alphas = operator.activations.flatMap(({ alpha }) => (alpha === undefined ? [] : [alpha]));
  const betas = operator.activations.flatMap(({ beta }) => (beta === undefined ? [] : [beta]));
  const attributes: Record<string, AttributeValue> = {
    hidden_size: BigInt(operator.hidden),
    direction: operator.direction,
    activations: operator.activations.map(({ name }) => CELL_NAMES.get(name) ?? name),
    ...(alphas.length > 0 && { activation_alpha: alphas }),
    ...(betas.length > 0 && { activation_beta: betas }),
    ...(operator.clip !== null && { clip: operator.clip }),
    ...(operator.cell === 'gru' && { linear_before_reset: operator.linearBeforeReset ? 1n : 0n }),
    ...(operator.cell === 'lstm' && operator.inputForget && { input_forget: 1n }),
  };
  const read = [
    moved(inputs[0]!, { from: x.batchAxis, to: 1, rank: 3 }),
    role('weight'),
    role('recurrent'),
    role('bias'),
    '',
    stateOf('hidden'),
    ...(operator.cell === 'lstm' ? [stateOf('cell'), role('peephole')] : []),
  ];
  const made = RESULTS.slice(0, operator.cell === 'lstm' ? 3 : 2).map((result) =>
    operator.results.includes(result) ? writer.fresh(result) : '',
  );
  const last = made.findLastIndex((name) => name !== '');
  writer.add(operator.cell.toUpperCase(), read, made.slice(0, last + 1), { attributes, name: node.name });
  operator.results.forEach((result, i) => {
    const tensor = graph.tensors[node.outputs[i]!]!;
    const at = result === 'sequence' ? 2 : 1;
    moved(
      made[RESULTS.indexOf(result)]!,
      { from: at, to: tensor.batchAxis ?? at, rank: result === 'sequence' ? 4 : 3 },
      [outputs[i]!],
    );
  });
  return null;
};
