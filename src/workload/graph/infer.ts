// Shape inference: the shapes that an operator makes of its inputs' shapes.

import { elementsOf, type Layout } from './graph.js';
import type { Operator, Recurrent, Window } from './operators.js';

/** Shapes that do not fit an operator; the message says how. The caller names node and file. */
export class ShapeError extends Error {
  override name = 'ShapeError';
}

const fail = (message: string): never => {
  throw new ShapeError(message);
};

export const showShape = (shape: readonly number[]): string => (shape.length === 0 ? 'one value' : shape.join('x'));

/** Gates of a cell. */
export const gatesOf = (cell: Recurrent['cell']): number => (cell === 'lstm' ? 4 : cell === 'gru' ? 3 : 1);
export const directionsOf = ({ direction }: Recurrent): number => (direction === 'bidirectional' ? 2 : 1);

/** The shape to which shapes broadcast (numpy's rule, as ONNX's). @throws ShapeError where they do not */
export function broadcast(shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    let size = 1;
    for (const shape of shapes) {
      const own = shape[shape.length - rank + axis] ?? 1;
      if (own === size || own === 1) continue;
      if (size !== 1) fail(`the shapes ${shapes.map(showShape).join(' and ')} do not broadcast`);
      size = own;
    }
    return size;
  });
}

/** Sizes of space behind a window that slides over `space`. */
export function slide(space: readonly number[], window: Window, ceil = false): number[] {
  if (space.length !== window.kernel.length)
    fail(`a window of ${window.kernel.length} axes over space of ${space.length} (${showShape(space)})`);
  return space.map((size, axis) => {
    const kernel = window.kernel[axis]!;
    const stride = window.strides[axis]!;
    const before = window.padBegin[axis]!;
    const extent = window.dilations[axis]! * (kernel - 1) + 1;
    const room = size + before + window.padEnd[axis]! - extent;
    if (!Number.isSafeInteger(extent) || room < 0)
      fail(
        `the kernel of ${showShape(window.kernel)}${extent > kernel ? `, ${extent} wide with its dilation,` : ''} is ` +
          `larger than its input of ${showShape(space)}${before + window.padEnd[axis]! > 0 ? ' with its padding' : ''}`,
      );
    const steps = ceil ? Math.ceil(room / stride) : Math.floor(room / stride);
    // A window that would start in the padding behind is left out (as PyTorch and ONNX do).
    return ceil && steps * stride >= size + before ? steps : steps + 1;
  });
}

/**
 * Padding of TensorFlow's `same` (ONNX SAME_UPPER): ceil(size / stride) outputs, the odd one behind; SAME_LOWER: the odd
 * one before.
 * @returns before and after, of one axis
 */
export function samePadding(
  size: number,
  kernel: number,
  stride: number,
  dilation: number,
  lower = false,
): [number, number] {
  const extent = dilation * (kernel - 1) + 1;
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + extent - size);
  if (!Number.isSafeInteger(total)) fail(`a kernel ${extent} wide with its dilation cannot be padded`);
  const less = Math.floor(total / 2);
  return lower ? [total - less, less] : [less, total - less];
}

/** Axis `axis` of a shape replaced. */
const withAxis = (shape: readonly number[], axis: number, sizes: readonly number[]): number[] => [
  ...shape.slice(0, axis),
  ...sizes,
  ...shape.slice(axis + 1),
];

function channelsIn(shape: readonly number[], groups: number, channels: number): number {
  const cin = shape[0] ?? fail('it reads one value, a map of channels is needed');
  if (cin % groups !== 0) fail(`${groups} groups do not divide ${cin} input channels`);
  if (channels % groups !== 0) fail(`${groups} groups do not divide ${channels} output channels`);
  return cin;
}

function recurrentShapes(operator: Recurrent, [x]: readonly (readonly number[])[]): number[][] {
  if (x?.length !== 2) return fail(`a ${operator.cell} reads steps x features, found ${showShape(x ?? [])}`);
  const state = [directionsOf(operator), operator.hidden];
  return operator.results.map((result) => (result === 'sequence' ? [x[0]!, ...state] : state));
}

/**
 * Shapes of an operator's outputs, one sample's.
 * @param inputs shapes of its inputs, in order
 * @param parameter shape of a parameter by role, where an output's shape depends on it (gather's table)
 * @throws ShapeError where they do not fit
 */
export function inferShapes(
  operator: Operator,
  inputs: readonly (readonly number[])[],
  parameter: (role: string) => readonly number[] | undefined = () => undefined,
): number[][] {
  const x = inputs[0] ?? fail('it reads nothing');
  const axisIn = (axis: number): number =>
    axis < x.length ? x[axis]! : fail(`there is no axis ${axis} in ${showShape(x)}`);
  switch (operator.kind) {
    case 'conv':
    case 'adder':
      channelsIn(x, operator.groups, operator.channels);
      return [[operator.channels, ...slide(x.slice(1), operator)]];
    case 'convTranspose': {
      channelsIn(x, operator.groups, operator.channels);
      const { kernel, strides, dilations, padBegin, padEnd, outputPadding } = operator;
      if (x.length - 1 !== kernel.length) fail(`a kernel of ${kernel.length} axes over ${showShape(x)}`);
      const space = kernel.map((k, i) => {
        const extent = dilations[i]! * (k - 1) + 1;
        return (x[i + 1]! - 1) * strides[i]! + extent + outputPadding[i]! - padBegin[i]! - padEnd[i]!;
      });
      if (space.some((size) => size < 1)) fail(`its padding leaves nothing of ${showShape(x)}`);
      return [[operator.channels, ...space]];
    }
    case 'dense':
      axisIn(operator.axis);
      return [withAxis(x, operator.axis, [operator.features])];
    case 'matmul':
      return [matmulShape(x, inputs[1] ?? fail('a product reads two tensors'), operator)];
    case 'recurrent':
      return recurrentShapes(operator, inputs);
    case 'pool':
      operator.kernel.forEach((size, i) => {
        if (operator.padBegin[i]! >= size || operator.padEnd[i]! >= size + (operator.ceil ? size : 0))
          fail(
            `a padding of ${showShape(operator.padBegin)} leaves windows of ${showShape(operator.kernel)} without any ` +
              'input',
          );
      });
      return [[axisIn(0), ...slide(x.slice(1), operator, operator.ceil)]];
    case 'adaptivePool':
      if (x.length - 1 !== operator.sizes.length) fail(`${operator.sizes.length} sizes for ${showShape(x)}`);
      return [[axisIn(0), ...operator.sizes]];
    case 'resize':
      if (x.length !== operator.sizes.length) fail(`${operator.sizes.length} sizes for ${showShape(x)}`);
      return [[...operator.sizes]];
    case 'elementwise':
    case 'where':
      return [broadcast(inputs)];
    case 'unary':
    case 'cast':
    case 'norm':
    case 'lrn':
      return [[...x]];
    case 'prelu': {
      const shape = broadcast([x, parameter('slope') ?? inputs[1] ?? []]);
      if (shape.length !== x.length || elementsOf(shape) !== elementsOf(x)) fail(`its slopes exceed ${showShape(x)}`);
      return [[...x]];
    }
    case 'softmax':
      operator.axes.forEach(axisIn);
      return [[...x]];
    case 'quantize':
      return operator.direction === 'dynamic' ? [[...x], [], []] : [[...x]];
    case 'reduce': {
      operator.axes.forEach(axisIn);
      const gone = new Set(operator.axes);
      return [x.flatMap((size, axis) => (!gone.has(axis) ? [size] : operator.keep ? [1] : []))];
    }
    case 'concat': {
      axisIn(operator.axis);
      for (const other of inputs)
        if (other.length !== x.length || other.some((size, i) => i !== operator.axis && size !== x[i]))
          fail(`it joins ${showShape(x)} and ${showShape(other)}, which differ outside axis ${operator.axis}`);
      return [withAxis(x, operator.axis, [inputs.reduce((sum, other) => sum + other[operator.axis]!, 0)])];
    }
    case 'split': {
      const total = operator.sizes.reduce((sum, size) => sum + size, 0);
      if (total !== axisIn(operator.axis))
        fail(`parts of ${operator.sizes.join(' + ')} do not make ${x[operator.axis]}`);
      return operator.sizes.map((size) => withAxis(x, operator.axis, [size]));
    }
    case 'slice':
      return [operator.sizes.map((size, axis) => Math.min(size, axisIn(axis)))];
    case 'pad': {
      const shape = x.map((size, axis) => size + (operator.begin[axis] ?? 0) + (operator.end[axis] ?? 0));
      if (operator.begin.length !== x.length) fail(`padding of ${operator.begin.length} axes for ${showShape(x)}`);
      if (shape.some((size) => size < 0)) fail(`its padding leaves nothing of ${showShape(x)}`);
      return [shape];
    }
    case 'reshape':
      if (elementsOf(operator.shape) !== elementsOf(x))
        fail(`${showShape(x)} (${elementsOf(x)} values) does not reshape to ${showShape(operator.shape)}`);
      return [[...operator.shape]];
    case 'transpose':
      if (operator.permutation.length !== x.length) fail(`${operator.permutation.length} axes for ${showShape(x)}`);
      return [operator.permutation.map(axisIn)];
    case 'expand':
      return [broadcast([x, operator.shape])];
    case 'tile':
      if (operator.repeats.length !== x.length) fail(`${operator.repeats.length} repeats for ${showShape(x)}`);
      return [x.map((size, axis) => size * operator.repeats[axis]!)];
    case 'shuffle':
      return [shuffleShape(x, operator.to, operator.block)];
    case 'gather': {
      const table = operator.lookup ? (parameter('table') ?? fail('it has no table')) : x;
      const indices = operator.lookup ? x : (inputs[1] ?? fail('it reads no indices'));
      if (operator.axis >= table.length) fail(`there is no axis ${operator.axis} in ${showShape(table)}`);
      return [withAxis(table, operator.axis, indices)];
    }
    case 'oneHot':
      return [[...x.slice(0, operator.axis), operator.depth, ...x.slice(operator.axis)]];
  }
}

function matmulShape(
  a: readonly number[],
  b: readonly number[],
  operator: { transposeA: boolean; transposeB: boolean },
): number[] {
  // A vector on the left is a row, on the right a column; their axis is dropped (numpy's matmul).
  const left = a.length === 1 ? [1, a[0]!] : operator.transposeA ? exchanged(a) : a;
  const right = b.length === 1 ? [b[0]!, 1] : operator.transposeB ? exchanged(b) : b;
  if (left.length < 2 || right.length < 2) fail('a product of one value');
  if (left.at(-1) !== right.at(-2))
    fail(`${showShape(a)} times ${showShape(b)}: ${left.at(-1)} and ${right.at(-2)} differ`);
  return [
    ...broadcast([left.slice(0, -2), right.slice(0, -2)]),
    ...(a.length === 1 ? [] : [left.at(-2)!]),
    ...(b.length === 1 ? [] : [right.at(-1)!]),
  ];
}

const exchanged = (shape: readonly number[]): number[] => [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!];

function shuffleShape(x: readonly number[], to: 'space' | 'depth', block: number): number[] {
  const [c, ...space] = x;
  const square = block ** space.length;
  if (c === undefined || space.length === 0) return fail(`it needs a map, found ${showShape(x)}`);
  if (to === 'space') {
    if (c % square !== 0) fail(`blocks of ${square} do not divide ${c} channels`);
    return [c / square, ...space.map((size) => size * block)];
  }
  if (space.some((size) => size % block !== 0)) fail(`blocks of ${block} do not divide ${showShape(space)}`);
  return [c * square, ...space.map((size) => size / block)];
}

/** What the axes of an operator's output mean, as far as it can be told. */
export function layoutOf(operator: Operator, output: readonly number[], inputs: readonly Layout[]): Layout {
  switch (operator.kind) {
    case 'conv':
    case 'adder':
    case 'convTranspose':
    case 'pool':
    case 'adaptivePool':
    case 'lrn':
    case 'shuffle':
      return 'map';
    case 'recurrent':
    case 'transpose':
    case 'gather':
      return output.length === 2 ? 'sequence' : 'plain';
    case 'dense':
      return operator.axis === output.length - 1 && output.length > 1 ? 'sequence' : 'plain';
    case 'reshape':
      return output.length === 2 ? 'sequence' : 'plain';
    case 'matmul':
    case 'oneHot':
    case 'reduce':
      return output.length === 2 ? 'sequence' : 'plain';
    default:
      return inputs.find((layout) => layout !== 'plain') ?? 'plain';
  }
}
