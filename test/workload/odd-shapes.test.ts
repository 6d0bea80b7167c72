// Operators at odd shapes: what `npm run onnx:agree` found to differ from ONNX Runtime 1.30.0, with its values.

import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { NodeProtoSchema } from '../../src/tensors/generated/onnx_pb.js';
import { Attributes } from '../../src/workload/onnx/attributes.js';
import { lazyConstant } from '../../src/workload/onnx/constants.js';
import { FOLDS } from '../../src/workload/onnx/fold.js';
import { active, outputOf } from './one-operator.js';
import { reals } from './onnx-agree/draw.js';
import type { CaseInput } from './onnx-agree/model.js';

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
