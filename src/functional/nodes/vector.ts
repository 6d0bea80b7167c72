// Nodes of the vector unit: element-wise functions, softmax, norms, pools, reductions, resampling.

import type {
  AdaptivePool,
  Elementwise,
  Lrn,
  Norm,
  Pool,
  PRelu,
  Reduce,
  Resize,
  Softmax,
  Unary,
  Where,
} from '../../workload/graph/index.js';
import { activate, activateBackward } from '../operators/activations.js';
import { binary, binaryBackward, where, whereBackward } from '../operators/elementwise.js';
import {
  batchNorm,
  batchNormBackward,
  batchNormTrainingBackward,
  channelStatistics,
  groupNorm,
  layerNorm,
  rowNorm,
  rowNormBackward,
} from '../operators/norm.js';
import { rowNormIn, softmaxIn } from '../operators/in-format.js';
import { localResponseNorm, localResponseNormBackward } from '../operators/response-norm.js';
import {
  adaptiveAveragePool,
  adaptiveAveragePoolBackward,
  adaptiveMaxPool,
  averagePool,
  averagePoolBackward,
  lpPool,
  lpPoolBackward,
  maxPool,
  maxPoolBackward,
} from '../operators/pool.js';
import { argMost, reduce, reduceBackward } from '../operators/reduce.js';
import { resize, resizeBackward } from '../operators/resize.js';
import { softmax, softmaxBackward } from '../operators/softmax.js';
import { reshaped, sizeOf, type Values } from '../operators/values.js';
import { scaled } from './dense.js';
import {
  alignedShape,
  inputTensor,
  outputTensor,
  roles,
  step,
  type NodeRun,
  type SeenStatistics,
  type Step,
} from './node.js';
import { leading } from '../../config/typed.js';

/** Files hold attributes in single precision: this one of hard sigmoid stands for 1/6. */
const SINGLE_SIXTH = Math.fround(1 / 6);

/** A function of each element. */
export function unaryNode({ operator, inputs, parameters }: NodeRun<Unary>): Step {
  const x = inputs[0]!;
  const { function: name } = operator;
  // Bounds of a clip that the file leaves to its caller are parameters.
  const given = parameters.get('min')?.data[0] ?? operator.alpha;
  const alpha = given === SINGLE_SIXTH ? 1 / 6 : given;
  const beta = parameters.get('max')?.data[0] ?? operator.beta;
  const y = activate(x, name, alpha, beta);
  return step(y, (dy) => [activateBackward({ x, y, dy }, name, alpha, beta)]);
}

const isInteger = (dtype: string): boolean => /^[iu]\d+$/.test(dtype);

/** A function of several tensors, folded from the left; whole numbers are divided and raised as whole numbers. */
export function elementwiseNode(run: NodeRun<Elementwise>): Step {
  const { operator, inputs } = run;
  const output = outputTensor(run);
  const operands = inputs.map((x, i) => reshaped(x, alignedShape(inputTensor(run, i), x, output)));
  const name = operator.function === 'mean' ? 'add' : operator.function;
  const partial: Values[] = [operands[0]!];
  for (const operand of operands.slice(1)) partial.push(binary(partial.at(-1)!, operand, name));
  const last = partial.at(-1)!;
  const share = operator.function === 'mean' ? 1 / inputs.length : 1;
  const whole = (name === 'div' || name === 'pow') && isInteger(output.dtype);
  const y = whole ? { shape: last.shape, data: last.data.map(Math.trunc) } : scaled(last, share);
  return step({ shape: [y.shape[0]!, ...output.shape], data: y.data }, (dy) => {
    let error = reshaped(scaled(dy, share), last.shape);
    const gradients: Values[] = [];
    for (let i = operands.length - 1; i > 0; i--) {
      const both = binaryBackward({ a: partial[i - 1]!, b: operands[i]!, y: partial[i]!, dy: error }, name);
      gradients.unshift(both.b);
      error = both.a;
    }
    return [error, ...gradients].map((gradient, i) => reshaped(gradient, inputs[i]!.shape));
  });
}

/** A choice by condition. */
export function whereNode(run: NodeRun<Where>): Step {
  const output = outputTensor(run);
  const [condition, a, b] = leading(
    3,
    run.inputs.map((x, i) => reshaped(x, alignedShape(inputTensor(run, i), x, output))),
  );
  return step(where(condition, a, b), (dy) => {
    const gradients = whereBackward(condition, a, b, dy);
    return [undefined, reshaped(gradients.a, run.inputs[1]!.shape), reshaped(gradients.b, run.inputs[2]!.shape)];
  });
}

/** x, or slope x below 0. */
export function preluNode({ inputs, parameters }: NodeRun<PRelu>): Step {
  const x = inputs[0]!;
  const stored = parameters.get('slope')!;
  const sample = [...stored.shape];
  while (sample.length >= x.shape.length && sample[0] === 1) sample.shift();
  const slope = reshaped(stored, sample);
  const y = binary(x, slope, 'prelu');
  return {
    outputs: [y],
    back: ([dy]) => {
      const gradients = binaryBackward({ a: x, b: slope, y, dy: dy! }, 'prelu');
      return { inputs: [gradients.a], parameters: roles([['slope', reshaped(gradients.b, stored.shape)]]) };
    },
  };
}

/** Softmax over neighbouring axes together. */
export function softmaxNode({ operator, inputs, round }: NodeRun<Softmax>): Step {
  const x = inputs[0]!;
  const axes = [...operator.axes].sort((a, b) => a - b).map((axis) => axis + 1);
  const first = axes[0]!;
  const end = axes.at(-1)! + 1;
  const lines = [sizeOf(x.shape.slice(0, first)), sizeOf(x.shape.slice(first, end)), sizeOf(x.shape.slice(end))];
  const seen = reshaped(x, lines);
  const y = round === undefined ? softmax(seen, 1, operator.log) : softmaxIn(round, seen, operator.log);
  return step(reshaped(y, x.shape), (dy) => [
    reshaped(softmaxBackward(y, reshaped(dy, lines), 1, operator.log), x.shape),
  ]);
}

/** Batch norm in training: the batch's own statistics, through which errors pass too. */
function trainedNorm(x: Values, parameters: NodeRun['parameters'], epsilon: number, seen: SeenStatistics): Step {
  const scale = parameters.get('scale')!;
  const { mean, variance, count } = channelStatistics(x);
  // Running variances are unbiased ones (torch).
  const share = count > 1 ? count / (count - 1) : 1;
  seen(mean, { shape: variance.shape, data: variance.data.map((value) => value * share) });
  return {
    outputs: [batchNorm(x, { scale, shift: parameters.get('bias')!, mean, variance }, epsilon)],
    back: ([dy]) => {
      const gradients = batchNormTrainingBackward(x, scale, epsilon, dy!);
      return {
        inputs: [gradients.input],
        parameters: roles([
          ['scale', gradients.scale],
          ['bias', gradients.shift],
        ]),
      };
    },
  };
}

/** Norms; batch norm with its stored statistics, in training with the batch's own. */
export function normNode({ operator, inputs, parameters, round, seen }: NodeRun<Norm>): Step {
  const x = inputs[0]!;
  const scale = parameters.get('scale');
  const bias = parameters.get('bias');
  const { epsilon } = operator;
  if (operator.norm === 'batch' && seen !== undefined) return trainedNorm(x, parameters, epsilon, seen);
  if (operator.norm === 'batch') {
    const mean = parameters.get('mean')!;
    const variance = parameters.get('variance')!;
    return {
      outputs: [batchNorm(x, { scale: scale!, shift: bias!, mean, variance }, epsilon)],
      back: ([dy]) => {
        const gradients = batchNormBackward(x, { scale: scale!, mean, variance }, epsilon, dy!);
        return {
          inputs: [gradients.input],
          parameters: roles([
            ['scale', gradients.scale],
            ['bias', gradients.shift],
          ]),
        };
      },
    };
  }
  const rows =
    operator.norm === 'layer' || operator.norm === 'rms'
      ? layerNorm(x.shape, Math.min(...operator.axes) + 1, epsilon, operator.norm === 'layer')
      : groupNorm(x.shape, operator.norm === 'group' ? operator.groups : x.shape[1]!, epsilon, operator.perGroup);
  const shape = scale?.shape ?? bias?.shape ?? [];
  return {
    outputs: [round === undefined ? rowNorm(x, scale, bias, rows) : rowNormIn(round, x, { scale, shift: bias }, rows)],
    back: ([dy]) => {
      const gradients = rowNormBackward(x, rows, dy!, { scale, parameterShape: shape });
      return {
        inputs: [gradients.input],
        parameters: roles([
          ['scale', scale && gradients.scale],
          ['bias', bias && gradients.shift],
        ]),
      };
    },
  };
}

/** Local response norm. */
export function lrnNode({ operator, inputs }: NodeRun<Lrn>): Step {
  const x = inputs[0]!;
  return step(localResponseNorm(x, operator), (dy) => [localResponseNormBackward(x, dy, operator)]);
}

/** Pools over windows. */
export function poolNode({ operator, inputs }: NodeRun<Pool>): Step {
  const x = inputs[0]!;
  if (operator.reduce === 'max') {
    const { y, from } = maxPool(x, operator);
    return step(y, (dy) => [maxPoolBackward(x.shape, from, dy)]);
  }
  if (operator.reduce === 'lp') {
    const y = lpPool(x, operator, operator.p);
    return step(y, (dy) => [lpPoolBackward({ x, y, dy }, operator, operator.p)]);
  }
  return step(averagePool(x, operator, operator.countPadding), (dy) => [
    averagePoolBackward(x.shape, dy, operator, operator.countPadding),
  ]);
}

/** Pools to a given size. */
export function adaptivePoolNode({ operator, inputs }: NodeRun<AdaptivePool>): Step {
  const x = inputs[0]!;
  if (operator.reduce === 'max') {
    const { y, from } = adaptiveMaxPool(x, operator.sizes);
    return step(y, (dy) => [maxPoolBackward(x.shape, from, dy)]);
  }
  return step(adaptiveAveragePool(x, operator.sizes), (dy) => [adaptiveAveragePoolBackward(x.shape, dy)]);
}

/** Reductions over axes. */
export function reduceNode({ operator, inputs }: NodeRun<Reduce>): Step {
  const x = inputs[0]!;
  const axes = operator.axes.map((axis) => axis + 1);
  const kind = operator.function;
  if (kind === 'argMax' || kind === 'argMin')
    return step(
      argMost(x, axes[0]!, { keep: operator.keep, sign: kind === 'argMax' ? 1 : -1, last: operator.lastIndex }),
      () => [undefined],
    );
  const y = reduce(x, kind, axes, operator.keep);
  return step(y, (dy) => [reduceBackward({ x, y, dy }, kind, axes)]);
}

/** Resampling. */
export function resizeNode({ operator, inputs }: NodeRun<Resize>): Step {
  const x = inputs[0]!;
  return step(resize(x, operator), (dy) => [resizeBackward(x.shape, dy, operator)]);
}
