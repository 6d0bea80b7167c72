// Products along one axis: dense layers with a constant matrix, and products of two activations.

import type { Dense, MatMul } from '../../workload/graph/index.js';
import { binary, binaryBackward } from '../operators/elementwise.js';
import { vectorGradient } from '../operators/gradient-arrays.js';
import { dense, denseInputGradient, denseWeightGradient, matmul, matmulBackward } from '../operators/matmul.js';
import { inverseAxes, transpose } from '../operators/moves.js';
import { reshaped, sizeOf, zeros, type Numbers, type Values } from '../operators/values.js';
import {
  alignedShape,
  inputTensor,
  NO_PARAMETERS,
  outputTensor,
  roles,
  type MaybeValues,
  type NodeRun,
  type Step,
} from './node.js';

/** A tensor's values times a factor; itself where that is 1. */
export const scaled = (x: Values, factor: number): Values =>
  factor === 1 ? x : { shape: x.shape, data: x.data.map((value) => value * factor) };

const lastTwo = (rank: number): number[] => {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  return [...axes.slice(0, -2), rank - 1, rank - 2];
};

/** Dense layers in the order [groups, vectors of all images, K]: one matrix a group. */
interface Vectors {
  readonly values: Values;
  /** Undoes the order for results of `features` in place of K. */
  readonly restore: (values: Values) => Values;
}

/** The vectors of a dense node: its axis last, its groups first. */
function vectorsOf(x: Values, { axis, groups }: Dense, sampleRank: number): Vectors {
  const rank = sampleRank + 1;
  const at = axis + 1;
  const swap = at === rank - 1 ? undefined : Array.from({ length: rank }, (_, i) => i).filter((i) => i !== at);
  const order = swap && [...swap, at];
  const moved = order === undefined ? x : transpose(x, order);
  const back = (values: Values): Values => (order === undefined ? values : transpose(values, inverseAxes(order)));
  const width = moved.shape.at(-1)!;
  const images = moved.shape[0]!;
  if (groups === 1) {
    const leading = moved.shape.slice(0, -1);
    return {
      values: reshaped(moved, [1, sizeOf(leading), width]),
      restore: (values) => back(reshaped(values, [...leading, values.shape.at(-1)!])),
    };
  }
  const positions = sizeOf(moved.shape.slice(1, -1)) / groups;
  const grouped = transpose(reshaped(moved, [images, groups, positions, width]), [1, 0, 2, 3]);
  return {
    values: reshaped(grouped, [groups, images * positions, width]),
    restore: (values) => {
      const features = values.shape.at(-1)!;
      const undone = transpose(reshaped(values, [groups, images, positions, features]), [1, 0, 2, 3]);
      return back(reshaped(undone, [...moved.shape.slice(0, -1), features]));
    },
  };
}

const part = (x: Values, group: number): Values => {
  const size = sizeOf(x.shape.slice(1));
  return { shape: x.shape.slice(1), data: x.data.subarray(group * size, (group + 1) * size) };
};

/** The matrices [groups, features, K] of a dense node. */
export function denseMatrices(operator: Dense, weight: Values): Values {
  const { groups, weightLayout, alpha } = operator;
  const three = reshaped(weight, [groups, ...weight.shape.slice(-2)]);
  return scaled(weightLayout === 'in-out' ? transpose(three, [0, 2, 1]) : three, alpha);
}

/** Gradients of the matrices behind each other. */
function joined(parts: readonly Numbers[], shape: readonly number[]): Values {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return { shape, data: only };
  const all = zeros(only!, shape);
  parts.forEach((own, group) => {
    all.data.set(own, group * own.length);
  });
  return all;
}

/** y = alpha x W + beta bias along an axis. */
export function denseNode(run: NodeRun<Dense>): Step {
  const { operator, inputs, parameters, products, images } = run;
  const { groups, features, weightLayout, alpha, beta } = operator;
  const x = inputs[0]!;
  const output = outputTensor(run);
  const weight = parameters.get('weight')!;
  const matrices = denseMatrices(operator, weight);
  const sampleRank = inputTensor(run).shape.length;
  const { values, restore } = vectorsOf(x, operator, sampleRank);
  const count = values.shape[1]!;
  const place = { image: 0, vectorsPerImage: count / Math.max(1, Math.min(images, x.shape[0]!)), from: 0 };
  const product = zeros(x.data, [groups, count, features]);
  for (let group = 0; group < groups; group++) {
    const rows = part(values, group);
    const out = part(product, group);
    if (products === undefined) out.data.set(dense(rows, part(matrices, group), undefined).data);
    else products.forward({ part: group, vectors: rows.data, count }, out.data, place);
  }
  const y = restore(product);
  const bias = parameters.get('bias');
  const added = bias && scaled(reshaped(bias, biasShape(bias.shape, output.shape)), beta);
  return {
    outputs: [added === undefined ? y : binary(y, added, 'add')],
    back: ([dy], wanted) => {
      const errors = vectorsOf(dy!, operator, sampleRank);
      const dx = zeros(dy!.data, values.shape);
      for (let group = 0; group < groups; group++) {
        if (!wanted.inputs) break;
        const e = part(errors.values, group);
        const back = part(dx, group);
        if (products === undefined) back.data.set(denseInputGradient(part(matrices, group), e).data);
        else products.transposed({ part: group, vectors: e.data, count }, back.data, place);
      }
      if (!wanted.parameters) return { inputs: [restore(dx)], parameters: NO_PARAMETERS };
      const gradientOf = (group: number): Numbers => {
        const [own, e] = [part(values, group), part(errors.values, group)];
        if (products?.gradients === undefined) return denseWeightGradient(own, e).weight.data;
        const places = place.vectorsPerImage;
        const out = zeros(dy!.data, matrices.shape.slice(1));
        vectorGradient(
          { part: group, images: count / places, places, inputs: own, errors: e },
          products.gradients,
          out.data,
        );
        return out.data;
      };
      const dw = joined(
        Array.from({ length: groups }, (_, group) => gradientOf(group)),
        matrices.shape,
      );
      const natural = weightLayout === 'in-out' ? transpose(dw, [0, 2, 1]) : dw;
      const dBias = added === undefined ? undefined : binaryBackward({ a: y, b: added, y: dy!, dy: dy! }, 'add').b;
      return {
        inputs: [restore(dx)],
        parameters: roles([
          ['weight', reshaped(scaled(natural, alpha), weight.shape)],
          ['bias', dBias && reshaped(scaled(dBias, beta), bias!.shape)],
        ]),
      };
    },
  };
}

/** A bias as it broadcasts to [images, ...]: aligned at the last axis, an axis of 1 for images. */
const biasShape = (bias: readonly number[], output: readonly number[]): number[] => {
  const own = [...bias];
  while (own.length > output.length) own.shift();
  return [1, ...new Array<number>(output.length - own.length).fill(1), ...own];
};

/** y = alpha a b + beta c, leading axes broadcast. */
export function matmulNode(run: NodeRun<MatMul>): Step {
  const { operator, inputs, pairs } = run;
  const { transposeA, transposeB, alpha, beta } = operator;
  const output = outputTensor(run);
  const [aTensor, bTensor] = [inputTensor(run, 0), inputTensor(run, 1)];
  const rank = Math.max(aTensor.shape.length, bTensor.shape.length, 2);
  const seen = (x: Values, shape: readonly number[], left: boolean): Values => {
    const sample = shape.length === 1 ? (left ? [1, shape[0]!] : [shape[0]!, 1]) : shape;
    const ones = new Array<number>(rank - sample.length).fill(1);
    return reshaped(x, [x.shape[0]!, ...ones, ...sample]);
  };
  const rawA = seen(inputs[0]!, aTensor.shape, true);
  const rawB = seen(inputs[1]!, bTensor.shape, false);
  const a = transposeA ? transpose(rawA, lastTwo(rank + 1)) : rawA;
  const b = transposeB ? transpose(rawB, lastTwo(rank + 1)) : rawB;
  const product = scaled(matmul(a, b, pairs), alpha);
  const shape = [product.shape[0]!, ...output.shape];
  const y = reshaped(product, shape);
  const c = inputs[2];
  const third = c && scaled(reshaped(c, alignedShape(inputTensor(run, 2), c, output)), beta);
  return {
    outputs: [third === undefined ? y : binary(y, third, 'add')],
    back: ([dy]) => {
      const errors = reshaped(dy!, [dy!.shape[0]!, ...product.shape.slice(1)]);
      const gradients = matmulBackward(a, b, scaled(errors, alpha));
      const da = transposeA ? transpose(gradients.a, lastTwo(rank + 1)) : gradients.a;
      const db = transposeB ? transpose(gradients.b, lastTwo(rank + 1)) : gradients.b;
      const dc: MaybeValues = third && scaled(binaryBackward({ a: y, b: third, y: dy!, dy: dy! }, 'add').b, beta);
      return {
        inputs: [
          reshaped(da, inputs[0]!.shape),
          reshaped(db, inputs[1]!.shape),
          ...(dc === undefined ? [] : [reshaped(dc, c!.shape)]),
        ],
        parameters: roles([]),
      };
    },
  };
}
