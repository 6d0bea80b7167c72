// Operators at odd shapes: what `npm run onnx:agree` found to differ from ONNX Runtime 1.30.0, with its values.

import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { Executor } from '../../src/functional/execute.js';
import { fromFileLayout, toFileLayout } from '../../src/functional/layout.js';
import { NodeProtoSchema } from '../../src/tensors/generated/onnx_pb.js';
import { Attributes } from '../../src/workload/onnx/attributes.js';
import { lazyConstant } from '../../src/workload/onnx/constants.js';
import { FOLDS } from '../../src/workload/onnx/fold.js';
import { importOnnx } from '../../src/workload/onnx/index.js';
import { reals } from './onnx-agree/draw.js';
import { modelOfCase, type CaseInput, type OperatorCase } from './onnx-agree/model.js';

/** Shape and values of the one output of an operator; inputs that are no constants are called x0, x1, ... */
function outputOf(one: Omit<OperatorCase, 'outputs'>): { shape: readonly number[]; values: readonly number[] } {
  const { graph, parameters } = importOnnx(modelOfCase({ ...one, outputs: ['y'] }), 'case');
  const inputs = new Map(
    graph.inputs.map((id) => {
      const tensor = graph.tensors[id]!;
      const { dims, data } = one.inputs[Number(tensor.name.slice(1))]!;
      return [tensor.name, fromFileLayout(tensor, { shape: [...dims], data: Float64Array.from(data) })];
    }),
  );
  const tensor = graph.tensors[graph.outputs[0]!]!;
  const made = new Executor(graph, parameters, { precision: 'float64' }).forward(inputs);
  const { shape, data } = toFileLayout(tensor, made.get(tensor.name)!);
  return { shape, values: [...data] };
}

const active = (data: readonly number[], dims: readonly number[] = [data.length]): CaseInput => ({
  ...reals(data, dims),
  constant: false,
});

describe('MatMul: leading axes of one operand alone', () => {
  const product = (...inputs: CaseInput[]) => outputOf({ type: 'MatMul', opset: 13, attributes: {}, inputs });

  it('a constant of two matrices before a matrix with a batch axis', () => {
    expect(product(reals([2, 3], [2, 1, 1]), active([5], [1, 1, 1]))).toEqual({ shape: [2, 1, 1], values: [10, 15] });
  });
  it('a constant of more axes behind a vector', () => {
    expect(product(active([2]), reals([3], [1, 1, 1]))).toEqual({ shape: [1, 1], values: [6] });
  });
  it('a constant of more axes before a matrix', () => {
    expect(product(reals([3], [1, 1, 1, 1]), active([2], [1, 1]))).toEqual({ shape: [1, 1, 1, 1], values: [6] });
  });
  it('a matrix whose rows are the batch, and a vector', () => {
    expect(product(active([1, 2, 3, 4], [2, 2]), active([5, 6]))).toEqual({ shape: [2], values: [17, 39] });
  });
});

describe('Mod', () => {
  it('with fmod has the sign of the dividend', () => {
    const inputs = [active([-7, 7]), reals([3, 3])];
    expect(outputOf({ type: 'Mod', opset: 13, attributes: { fmod: 1n }, inputs }).values).toEqual([-1, 1]);
  });
  it.each([
    [1n, [-1, 1]],
    [0n, [2, 1]],
  ])('of constants, fmod %s', (fmod, remainders) => {
    const folds = new Attributes(create(NodeProtoSchema, { attribute: [{ name: 'fmod', i: fmod }] }));
    const constants = [reals([-7, 7]), reals([3, 3])].map(({ data, dims }) =>
      lazyConstant('x', { dtype: 'f32', shape: [...dims] }, () => Float64Array.from(data)),
    );
    expect([...FOLDS.get('Mod')!(constants, folds, 'y', 13).numbers()]).toEqual(remainders);
  });
});

describe('Resize', () => {
  it('moves values by a scale that keeps the size: floor((1 + 0.5) / 1.25 - 0.5) is row 0', () => {
    const x = active([1, 2, 3, 4], [1, 1, 2, 2]);
    const attributes = { mode: 'nearest', coordinate_transformation_mode: 'half_pixel', nearest_mode: 'floor' };
    const found = outputOf({ type: 'Resize', opset: 13, attributes, inputs: [x, null, reals([1, 1, 1.25, 0.5])] });
    expect(found).toEqual({ shape: [1, 1, 2, 1], values: [1, 1] });
  });
});
