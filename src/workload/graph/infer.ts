// Shape inference: the shapes that an operator makes of its inputs' shapes.

import { broadcast, elementsOf, fail, showShape, slide, withAxis, type Layout } from './shapes.js';
import type { Operator } from './operators.js';
import { isProduct, productLayout, productShapes } from './products.js';

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
  if (isProduct(operator)) return productShapes(operator, x);
  switch (operator.kind) {
    case 'matmul':
      return [matmulShape(x, inputs[1] ?? fail('a product reads two tensors'), operator)];
    case 'pool':
      operator.kernel.forEach((taps, i) => {
        // Taps that are no further apart than the map is long reach it wherever their window does.
        const apart = operator.dilations[i]!;
        const size = apart <= axisIn(i + 1) ? (taps - 1) * apart + 1 : taps;
        if (operator.padBegin[i]! >= size || operator.padEnd[i]! >= size + (operator.ceil ? size : 0))
          fail(
            `a padding of ${showShape(operator.padBegin)} leaves windows of ` +
              `${showShape(operator.kernel)} without any ` +
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
  if (isProduct(operator)) return productLayout(operator, output);
  switch (operator.kind) {
    case 'pool':
    case 'adaptivePool':
    case 'lrn':
    case 'shuffle':
      return 'map';
    case 'transpose':
    case 'gather':
      return output.length === 2 ? 'sequence' : 'plain';
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
