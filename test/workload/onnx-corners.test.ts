// Corners of ONNX's operators, worked out by hand (ONNX Runtime gives the same): batches of several samples, third
// operands, sequences shorter than their steps, values handed out to functions; what is refused.

import { describe, expect, it } from 'vitest';
import { active, outputOf } from './one-operator.js';
import { big, integers, reals } from './onnx-agree/draw.js';
import type { CaseInput } from './onnx-agree/model.js';

const indices = (data: readonly number[], dims: readonly number[]): CaseInput => ({
  ...integers(data, dims),
  constant: false,
});

describe('Gather', () => {
  const table = reals([1, 2, 3, 4, 5, 6], [2, 3]);
  it('parts of a constant along its last axis, two samples of indices', () => {
    const inputs = [table, indices([0, -1, 1, 1], [2, 2])];
    const found = outputOf({ type: 'Gather', opset: 13, attributes: { axis: 1n }, inputs });
    expect(found).toEqual({ shape: [2, 2, 2], values: [1, 3, 2, 2, 4, 6, 5, 5] });
  });
});

describe('Gemm', () => {
  const [x, w] = [active([1, 2, 3, 4], [2, 2]), reals([1, 0, 1, 0, 1, 1], [2, 3])];
  it.each<[string, CaseInput, number[]]>([
    ['a value a vector', reals([10, 20], [2, 1]), [11, 12, 13, 23, 24, 27]],
    ['a value each', reals([1, 2, 3, 4, 5, 6], [2, 3]), [2, 4, 6, 7, 9, 13]],
    ['computed', active([1, 2, 3], [3]), [2, 4, 6, 4, 6, 10]],
  ])('a third operand of %s', (_, third, values) => {
    expect(outputOf({ type: 'Gemm', opset: 13, attributes: {}, inputs: [x, w, third] })).toEqual({
      shape: [2, 3],
      values,
    });
  });
});

it('Expand: to a shape of fewer axes, two samples', () => {
  const inputs = [active([1, 2], [2, 1, 1]), integers([3])];
  const values = [1, 1, 1, 2, 2, 2];
  expect(outputOf({ type: 'Expand', opset: 13, attributes: {}, inputs })).toEqual({ shape: [2, 1, 3], values });
});

it('MatMul: a constant with an axis in front of the batch', () => {
  const inputs = [reals([1, 2, 3, 4, 5, 6], [3, 1, 1, 2]), active([1, 10, 100, 1000], [2, 2, 1])];
  const values = [21, 2100, 43, 4300, 65, 6500];
  expect(outputOf({ type: 'MatMul', opset: 13, attributes: {}, inputs })).toEqual({ shape: [3, 2, 1, 1], values });
});

it('MaxPool: padding as wide as a dilated kernel allows', () => {
  const attributes = { kernel_shape: big([2]), dilations: big([3]), pads: big([3, 0]) };
  const inputs = [active([5, 1, 2, 7], [1, 1, 4])];
  expect(outputOf({ type: 'MaxPool', opset: 13, attributes, inputs })).toEqual({
    shape: [1, 1, 4],
    values: [5, 1, 2, 7],
  });
});

describe('recurrent layers', () => {
  const one = (of: number): CaseInput => reals([of], [1, 1, 1]);
  const x = active([1, 2, 4], [3, 1, 1]);
  it.each([
    ['forward', [1, 2.5, 0]],
    ['reverse', [2, 2, 0]],
  ])('%s over two of three steps', (direction, values) => {
    const inputs = [x, one(1), one(0.5), null, { ...integers([2]), element: 'i32' } as const];
    const attributes = { direction, hidden_size: 1n, activations: ['Relu'] };
    const found = outputOf({ type: 'RNN', opset: 13, attributes, inputs, outputs: ['y', 'last'] });
    expect(found).toEqual({ shape: [3, 1, 1, 1], values });
  });

  it('values go to the functions that take some', () => {
    // i, o, f, c: of -1 everywhere; c = leaky (-0.5) of i = 0 and c = -0.5: the cell is 0 but for f's.
    const inputs = [active([-1], [1, 1, 1]), reals([1, 1, 1, 1], [1, 4, 1]), reals([0, 0, 0, 0], [1, 4, 1])];
    const attributes = { hidden_size: 1n, activations: ['Softsign', 'LeakyRelu', 'Softsign'], activation_alpha: [0.5] };
    const found = outputOf({ type: 'LSTM', opset: 13, attributes, inputs });
    // i = o = -0.5, c = -0.5: cell 0.25, softsign 0.2, times o.
    expect(found.values).toEqual([-0.1]);
  });

  it('sequences that end at different steps, and none', () => {
    const lengths = (...of: number[]): CaseInput => ({ ...integers(of), element: 'i32' });
    const two = active([1, 2, 3, 4], [2, 2, 1]);
    const refused = (input: CaseInput, of: CaseInput) => (): unknown =>
      outputOf({ type: 'RNN', opset: 13, attributes: { hidden_size: 1n }, inputs: [input, one(1), one(1), null, of] });
    expect(refused(two, lengths(1, 2))).toThrow('sequences of different length are not supported');
    expect(refused(x, lengths(4))).toThrow('its sequences are 4 steps long, expected 1 to 3');
  });
});

it.each([
  ['exclude_outside', 'cubic', 'weights that leave out what is outside the map (exclude_outside) are not supported'],
  ['antialias', 'linear', 'a filter as wide as the scale (antialias) is not supported'],
])('Resize with %s is refused', (attribute, mode, message) => {
  const inputs = [active([1, 2, 3, 4], [1, 1, 2, 2]), null, reals([1, 1, 0.5, 0.5])];
  const attributes = { mode, [attribute]: 1n };
  expect(() => outputOf({ type: 'Resize', opset: 18, attributes, inputs })).toThrow(message);
});
