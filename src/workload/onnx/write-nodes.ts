// Operators of a graph as ONNX nodes, the reverse of the importers.

import type { Node, OperatorKind, Operator, Tensor, UnaryFunction } from '../graph/index.js';
import { elementType, writtenAxis, writtenShape, type ModelWriter } from './write-model.js';
import { conv, convTranspose, dense, matmul, recurrent } from './write-products.js';
import { ints, windowOf, type Of, type Write, type Written } from './written.js';
import { leading } from '../../config/typed.js';

/** A node of one type, its inputs as they stand. */
const plain =
  (type: string) =>
  ({ writer, inputs, outputs }: Written<Operator>): null => {
    writer.add(type, inputs, outputs);
    return null;
  };

const UNARY: Partial<Record<UnaryFunction, string>> = {
  relu: 'Relu',
  tanh: 'Tanh',
  sigmoid: 'Sigmoid',
  softplus: 'Softplus',
  softsign: 'Softsign',
  mish: 'Mish',
  hardSwish: 'HardSwish',
  erf: 'Erf',
  exp: 'Exp',
  log: 'Log',
  sqrt: 'Sqrt',
  reciprocal: 'Reciprocal',
  abs: 'Abs',
  neg: 'Neg',
  sign: 'Sign',
  floor: 'Floor',
  ceil: 'Ceil',
  round: 'Round',
  not: 'Not',
  sin: 'Sin',
  cos: 'Cos',
};

const unary: Write<Of<'unary'>> = ({ writer, operator, inputs, outputs, role }) => {
  const [x] = leading(1, inputs);
  const { function: name, alpha, beta } = operator;
  const type = UNARY[name];
  if (type !== undefined) writer.add(type, [x], outputs);
  else if (name === 'clip') {
    const limit = (value: number, given: string): string =>
      Number.isNaN(value) ? role(given) : Number.isFinite(value) ? writer.real(value) : '';
    writer.add('Clip', [x, limit(alpha, 'min'), limit(beta, 'max')], outputs);
  } else if (name === 'leakyRelu') writer.add('LeakyRelu', [x], outputs, { attributes: { alpha } });
  else if (name === 'elu') writer.add('Elu', [x], outputs, { attributes: { alpha } });
  else if (name === 'celu') writer.add('Celu', [x], outputs, { attributes: { alpha } });
  else if (name === 'selu') writer.add('Selu', [x], outputs, { attributes: { alpha, gamma: beta } });
  else if (name === 'hardSigmoid') writer.add('HardSigmoid', [x], outputs, { attributes: { alpha, beta } });
  else if (name === 'thresholdedRelu') writer.add('ThresholdedRelu', [x], outputs, { attributes: { alpha } });
  else if (name === 'shrink') writer.add('Shrink', [x], outputs, { attributes: { lambd: alpha, bias: beta } });
  else if (name === 'gelu')
    writer.add('Gelu', [x], outputs, { attributes: { approximate: alpha === 1 ? 'tanh' : 'none' } });
  else if (name === 'silu') {
    const scaled = alpha === 1 ? x : writer.add('Mul', [x, writer.real(alpha)]);
    writer.add('Mul', [x, writer.add('Sigmoid', [scaled])], outputs);
  } else return `${name} is not written`;
  return null;
};

const ELEMENTWISE: Readonly<Record<Of<'elementwise'>['function'], string>> = {
  add: 'Add',
  sub: 'Sub',
  mul: 'Mul',
  div: 'Div',
  min: 'Min',
  max: 'Max',
  mean: 'Mean',
  pow: 'Pow',
  mod: 'Mod',
  fmod: 'Mod',
  equal: 'Equal',
  less: 'Less',
  lessOrEqual: 'LessOrEqual',
  greater: 'Greater',
  greaterOrEqual: 'GreaterOrEqual',
  and: 'And',
  or: 'Or',
  xor: 'Xor',
};

const elementwise: Write<Of<'elementwise'>> = ({ writer, operator, inputs, outputs }) => {
  const name = operator.function === 'add' && inputs.length > 2 ? 'Sum' : ELEMENTWISE[operator.function];
  writer.add(name, inputs, outputs, { attributes: operator.function === 'fmod' ? { fmod: 1n } : {} });
  return null;
};

const pool: Write<Of<'pool'>> = ({ writer, operator, inputs, outputs }) => {
  const { reduce, ceil, countPadding, p } = operator;
  const type = { max: 'MaxPool', average: 'AveragePool', lp: 'LpPool' }[reduce];
  const attributes = {
    ...windowOf(operator),
    ...(ceil && { ceil_mode: 1n }),
    ...(reduce === 'average' && { count_include_pad: countPadding ? 1n : 0n }),
    ...(reduce === 'lp' && { p: BigInt(p) }),
  };
  writer.add(type, inputs, outputs, { attributes });
  return null;
};

const adaptivePool: Write<Of<'adaptivePool'>> = ({ writer, operator, inputs, outputs, x }) => {
  const { sizes, reduce } = operator;
  if (sizes.every((size) => size === 1))
    writer.add(reduce === 'max' ? 'GlobalMaxPool' : 'GlobalAveragePool', inputs, outputs);
  else {
    const space = x.shape.slice(1);
    if (sizes.some((size, i) => space[i]! % size !== 0)) return 'windows of different sizes are not written';
    const kernel = ints(sizes.map((size, i) => space[i]! / size));
    writer.add(reduce === 'max' ? 'MaxPool' : 'AveragePool', inputs, outputs, {
      attributes: {
        kernel_shape: kernel,
        strides: kernel,
      },
    });
  }
  return null;
};

const norm: Write<Of<'norm'>> = ({ writer, operator, inputs, outputs, x, role }) => {
  const { norm: kind, epsilon, axes, groups } = operator;
  const [input] = leading(1, inputs);
  switch (kind) {
    case 'batch':
      writer.add('BatchNormalization', [input, role('scale'), role('bias'), role('mean'), role('variance')], outputs, {
        attributes: {
          epsilon,
        },
      });
      return null;
    case 'layer':
      if (role('scale') === '') return 'a layer norm without scale is not written';
      writer.add('LayerNormalization', [input, role('scale'), role('bias')], outputs, {
        attributes: {
          axis: BigInt(writtenAxis(x, axes[0]!)),
          epsilon,
        },
      });
      return null;
    case 'instance':
      if (role('scale') === '') return 'an instance norm without scale is not written';
      writer.add('InstanceNormalization', [input, role('scale'), role('bias')], outputs, { attributes: { epsilon } });
      return null;
    case 'rms':
    case 'group':
      return `${kind} norms (${groups} groups) are not written`;
  }
};

const softmax: Write<Of<'softmax'>> = ({ writer, operator, inputs, outputs, x }) => {
  if (operator.axes.length !== 1) return 'a softmax over several axes is not written';
  const axis = BigInt(writtenAxis(x, operator.axes[0]!));
  writer.add(operator.log ? 'LogSoftmax' : 'Softmax', inputs, outputs, { attributes: { axis } });
  return null;
};

const reduce: Write<Of<'reduce'>> = ({ writer, operator, inputs, outputs, x }) => {
  const { function: name, axes, keep, lastIndex } = operator;
  const written = axes.map((axis) => writtenAxis(x, axis));
  const keepdims = keep ? 1n : 0n;
  if (name === 'argMax' || name === 'argMin') {
    const type = name === 'argMax' ? 'ArgMax' : 'ArgMin';
    const attributes = { axis: BigInt(written[0]!), keepdims, select_last_index: lastIndex ? 1n : 0n };
    writer.add(type, inputs, outputs, { attributes });
    return null;
  }
  const type = `Reduce${name[0]!.toUpperCase()}${name.slice(1)}`;
  writer.add(type, [inputs[0]!, writer.integers(written)], outputs, { attributes: { keepdims } });
  return null;
};

/** Every axis of the file; the batch's as it stands. */
const everyAxis = (tensor: Tensor, values: readonly number[], ofBatch: number): number[] => {
  const all = [...values];
  if (tensor.batchAxis !== null) all.splice(tensor.batchAxis, 0, ofBatch);
  return all;
};

const slice: Write<Of<'slice'>> = ({ writer, operator, inputs, outputs, x }) => {
  const { starts, sizes, steps } = operator;
  const ends = starts.map((start, i) => {
    const end = start + sizes[i]! * steps[i]!;
    // Before the first element: further back than any axis reaches.
    return end < 0 ? -(2 ** 31) : end;
  });
  const axes = starts.map((_, axis) => writtenAxis(x, axis));
  writer.add('Slice', [inputs[0]!, ...[starts, ends, axes, steps].map((list) => writer.integers(list))], outputs);
  return null;
};

const resize: Write<Of<'resize'>> = ({ writer, operator, inputs, outputs, x }) => {
  const { mode, scales, coordinates, rounding, cubicCoefficient } = operator;
  if (x.shape.some((size, axis) => Math.floor(size * scales[axis]!) !== operator.sizes[axis]))
    return 'a resize to sizes that its scales do not give is not written';
  const factors = Float32Array.from(everyAxis(x, scales, 1));
  const name = writer.fresh('scales');
  writer.constant(name, [factors.length], factors);
  writer.add('Resize', [inputs[0]!, '', name], outputs, {
    attributes: {
      mode,
      coordinate_transformation_mode: coordinates,
      nearest_mode: rounding,
      cubic_coeff_a: cubicCoefficient,
    },
  });
  return null;
};

const gather: Write<Of<'gather'>> = ({ writer, operator, inputs, outputs, node, x, role }) => {
  if (operator.lookup) {
    writer.add('Gather', [role('table'), inputs[0]!], outputs);
    return null;
  }
  const indices = writer.graph.tensors[node.inputs[1]!]!;
  const chosen = indices.constant === null ? inputs[1]! : writer.indices(indices.constant);
  writer.add('Gather', [inputs[0]!, chosen], outputs, { attributes: { axis: BigInt(writtenAxis(x, operator.axis)) } });
  return null;
};

/** Writers by operator; those that are missing are not written. */
const WRITERS: { readonly [K in OperatorKind]?: Write<Of<K>> } = {
  conv,
  convTranspose,
  dense,
  matmul,
  recurrent,
  pool,
  adaptivePool,
  resize,
  elementwise,
  where: plain('Where'),
  unary,
  prelu: ({ writer, inputs, outputs, role }) => void writer.add('PRelu', [inputs[0]!, role('slope')], outputs),
  softmax,
  norm,
  lrn: ({ writer, inputs, outputs, operator: { size, alpha, beta, bias } }) =>
    void writer.add('LRN', inputs, outputs, { attributes: { size: BigInt(size), alpha, beta, bias } }),
  reduce,
  concat: ({ writer, inputs, outputs, operator, node, y }) => {
    const tensors = node.inputs.map((id) => writer.graph.tensors[id]!);
    const sample = tensors.findIndex(({ batchAxis }) => batchAxis !== null);
    if (sample >= 0 && y.batchAxis !== 0 && tensors.some(({ batchAxis }) => batchAxis === null))
      return 'a constant that is joined to each sample is written where the batch is the first axis alone';
    // A constant stands before or behind every sample: as often as the batch is long.
    const joined = tensors.map(({ batchAxis, shape }, i) => {
      if (sample < 0 || batchAxis !== null) return inputs[i]!;
      const ends = [writer.integers([0]), writer.integers([1])];
      const batch = writer.add('Slice', [writer.add('Shape', [inputs[sample]!]), ...ends]);
      return writer.add('Expand', [
        inputs[i]!,
        writer.add('Concat', [batch, writer.integers(shape)], undefined, { attributes: { axis: 0n } }),
      ]);
    });
    writer.add('Concat', joined, outputs, { attributes: { axis: BigInt(writtenAxis(y, operator.axis)) } });
    return null;
  },
  cast: ({ writer, inputs, outputs, operator }) => {
    const to = elementType(operator.to);
    if (to === undefined) return `a cast to ${operator.to} is not written`;
    writer.add('Cast', inputs, outputs, { attributes: { to: BigInt(to) } });
    return null;
  },
  split: ({ writer, inputs, outputs, operator, x }) =>
    void writer.add('Split', [inputs[0]!, writer.integers(operator.sizes)], outputs, {
      attributes: {
        axis: BigInt(writtenAxis(x, operator.axis)),
      },
    }),
  slice,
  gather,
  expand: ({ writer, inputs, outputs, operator, y }) =>
    void writer.add('Expand', [inputs[0]!, writer.integers(everyAxis(y, operator.shape, 1))], outputs),
  pad: ({ writer, inputs, outputs, operator, x, role }) => {
    const { begin, end, mode, value } = operator;
    const pads = writer.integers([...everyAxis(x, begin, 0), ...everyAxis(x, end, 0)]);
    const filled = Number.isNaN(value) ? role('value') : writer.real(value);
    writer.add('Pad', [inputs[0]!, pads, mode === 'constant' ? filled : ''], outputs, { attributes: { mode } });
    return null;
  },
  reshape: ({ writer, inputs, outputs, y }) =>
    void writer.add('Reshape', [inputs[0]!, writer.integers(writtenShape(y))], outputs),
  transpose: ({ writer, inputs, outputs, operator, x, y }) => {
    const order = operator.permutation.map((axis) => writtenAxis(x, axis));
    if (x.batchAxis !== null) order.splice(y.batchAxis ?? 0, 0, x.batchAxis);
    writer.add('Transpose', inputs, outputs, { attributes: { perm: ints(order) } });
    return null;
  },
  tile: ({ writer, inputs, outputs, operator, x }) =>
    void writer.add('Tile', [inputs[0]!, writer.integers(everyAxis(x, operator.repeats, 1))], outputs),
  shuffle: ({ writer, inputs, outputs, operator: { to, block, order } }) =>
    void writer.add(to === 'space' ? 'DepthToSpace' : 'SpaceToDepth', inputs, outputs, {
      attributes: {
        blocksize: BigInt(block),
        ...(to === 'space' && { mode: order }),
      },
    }),
};

/** Adds a node of the graph. @returns why it is not written; null where it is */
export function writeNode(writer: ModelWriter, node: Node): string | null {
  const { graph } = writer;
  return written({
    writer,
    operator: node.operator,
    node,
    inputs: node.inputs.map((id) => writer.tensor(id)),
    outputs: node.outputs.map((id) => graph.tensors[id]!.name),
    x: graph.tensors[node.inputs[0]!]!,
    y: graph.tensors[node.outputs[0]!]!,
    role: (role) => {
      const parameter = node.parameters.get(role);
      return parameter === undefined ? '' : writer.parameter(parameter);
    },
  });
}

function written<K extends OperatorKind>(
  one: Written<Of<K>> & { readonly operator: { readonly kind: K } },
): string | null {
  const write: (typeof WRITERS)[K] = WRITERS[one.operator.kind];
  return write === undefined ? 'ONNX has no such operator, or it is not written' : (write(one) ?? null);
}
