// Products on stored integers (ONNX's ConvInteger, MatMulInteger, QLinearConv, QLinearMatMul): zero points taken off,
// sums of whole numbers, and, where the node says so, the result brought to the output's scale.

import type { Conv, Dense, MatMul } from '../../workload/graph/index.js';
import { integerRange, roundToEven } from '../operators/quantize.js';
import { sizeOf, zeros, type Values } from '../operators/values.js';
import { outputTensor, type NodeRun, type Step } from './node.js';
import { leading } from '../../config/typed.js';

/** x minus a zero point: a scalar, or a vector along `axis`. */
function without(x: Values, zero: Values | undefined, axis: number): Values {
  if (zero === undefined) return x;
  const y = zeros(x.data, x.shape);
  const inner = sizeOf(x.shape.slice(axis + 1));
  const length = zero.data.length;
  for (let i = 0; i < y.data.length; i++) y.data[i] = x.data[i]! - zero.data[Math.floor(i / inner) % length]!;
  return y;
}

const NO_ZERO = new Float64Array(1);

/** Axis of the output channels of a node's weights. */
const channelAxis = ({ operator, parameters }: NodeRun<Conv | Dense>): number => {
  const rank = parameters.get('weight')!.shape.length;
  if (operator.kind === 'conv') return 0;
  return operator.weightLayout === 'in-out' ? rank - 1 : rank - 2;
};

/** Runs a product on integers through the product that `float` does, on reals or in a backend that stores the codes. */
export function onIntegers<Kind extends Conv | Dense | MatMul>(
  run: NodeRun<Kind>,
  float: (run: NodeRun<Kind>) => Step,
): Step {
  const { operator, inputs, parameters, node, graph } = run;
  if (operator.arithmetic === 'float') return float(run);
  const operands = operator.kind === 'matmul' ? 2 : 1;
  // A zero point that is computed at run time is the last input.
  const computed = parameters.has('xZeroPoint') ? undefined : inputs[operands];
  const xZero = parameters.get('xZeroPoint') ?? computed;
  const wZero = parameters.get('wZeroPoint');
  const x = inputs[0]!;
  const byRow = operator.kind === 'matmul' && xZero !== undefined && xZero.data.length > 1 && computed === undefined;
  const shifted = without(x, xZero, byRow ? x.shape.length - 2 : 0);
  const weights = new Map(parameters);
  const others = inputs.slice(1, operands);
  if (operator.kind === 'matmul') others[0] = without(inputs[1]!, wZero, inputs[1]!.shape.length - 1);
  else {
    const axis = channelAxis({ ...run, operator });
    weights.set('weight', without(parameters.get('weight')!, wZero, axis));
  }
  const step = float({
    ...run,
    products: byRow ? undefined : run.products?.stored?.(xZero?.data ?? NO_ZERO),
    inputs: [shifted, ...others],
    parameters: weights,
    node: { ...node, inputs: node.inputs.slice(0, operands) },
    graph,
  });
  if (operator.arithmetic === 'integer') return step;
  return requantized(run, step);
}

/** Sums times x scale, times w scale, over y scale, rounded to even, plus y's zero point, cut to y's type. */
function requantized(run: NodeRun<Conv | Dense | MatMul>, step: Step): Step {
  const { operator, parameters } = run;
  const sums = step.outputs[0]!;
  const [xScale, wScale, yScale] = leading(
    3,
    ['xScale', 'wScale', 'yScale'].map((role) => parameters.get(role)!.data),
  );
  const zero = parameters.get('yZeroPoint')?.data[0] ?? 0;
  const [least, most] = integerRange(outputTensor(run).dtype);
  const axis = operator.kind === 'conv' ? 1 : sums.shape.length - 1;
  const inner = sizeOf(sums.shape.slice(axis + 1));
  const factor = (i: number): number => (xScale[0]! * wScale[Math.floor(i / inner) % wScale.length]!) / yScale[0]!;
  const y = zeros(sums.data, sums.shape);
  for (let i = 0; i < y.data.length; i++)
    y.data[i] = Math.min(most, Math.max(least, roundToEven(sums.data[i]! * factor(i)) + zero));
  return {
    outputs: [y],
    back: ([dy], wanted) =>
      step.back([dy && { shape: dy.shape, data: dy.data.map((value, i) => value * factor(i)) }], wanted),
  };
}
