// Cases of operators that a vector unit does: element-wise, reductions, norms, softmax, resampling, quantization.

import { big, flag, integers, one, reals, type Draw, type Maker } from './draw.js';
import type { CaseInput } from './model.js';

const unary =
  (first: number, range: { from?: number; to?: number } = {}, names: readonly string[] = []): Maker =>
  (draw, type) => {
    const attributes = Object.fromEntries(
      names.filter(() => draw.once()).map((name) => [name, draw.int(1, 12) / 8] as const),
    );
    return one(type, draw.int(first, 20), [draw.tensor(draw.sizes(draw.int(1, 4)), range)], attributes);
  };

const clip: Maker = (draw, type) => {
  const opset = draw.int(7, 20);
  const x = draw.tensor(draw.sizes(draw.int(1, 4)));
  const [low, high] = [-draw.int(0, 64) / 64, draw.int(0, 64) / 64];
  if (opset < 11) return one(type, opset, [x], { min: low, max: high });
  const limits = [draw.once() ? reals([low], []) : null, reals([high], [])];
  return one(type, opset, [x, ...limits]);
};

/** Shapes that broadcast to one. */
function broadcasting(draw: Draw, count: number): number[][] {
  const full = draw.sizes(draw.int(1, 4), 4);
  return Array.from({ length: count }, (_, i) => {
    const shape = full.map((size) => (i > 0 && draw.once(3) ? 1 : size));
    return i > 0 && draw.once(3) ? shape.slice(draw.int(0, shape.length - 1)) : shape;
  });
}

const elementwise =
  (first: number, range: Parameters<Draw['tensor']>[1] = {}, many = false): Maker =>
  (draw, type) => {
    const shapes = broadcasting(draw, many ? draw.int(1, 3) : 2);
    const constant = draw.int(-1, shapes.length - 1);
    const inputs = shapes.map((dims, i) => draw.tensor(dims, { ...range, constant: i === constant && i > 0 }));
    return one(type, draw.int(first, 20), inputs);
  };

/** Divisors and moduli away from 0. */
const divided: Maker = (draw, type) => {
  const [a = [], b = []] = broadcasting(draw, 2);
  const positive = draw.tensor(b, { from: 0.5, to: 2, constant: draw.once() });
  if (type === 'Mod') return one(type, draw.int(10, 20), [draw.tensor(a), positive], { fmod: 1n });
  return one(type, draw.int(7, 20), [draw.tensor(a), positive]);
};

const power: Maker = (draw, type) => {
  const [a = [], b = []] = broadcasting(draw, 2);
  return one(type, draw.int(7, 20), [draw.tensor(a, { from: 0.25, to: 2 }), draw.tensor(b, { constant: draw.once() })]);
};

const where: Maker = (draw, type) => {
  const [a = [], b = [], c = []] = broadcasting(draw, 3);
  const condition = draw.tensor(a, { element: 'bool', from: 0, to: 1 });
  return one(type, draw.int(9, 20), [condition, draw.tensor(b), draw.tensor(c, { constant: draw.once() })]);
};

const softmax: Maker = (draw, type) => {
  const rank = draw.int(1, 4);
  const opset = draw.int(7, 20);
  // Negative axes from opset 11 on.
  const axis = opset < 11 ? draw.int(0, rank - 1) : draw.axis(rank);
  return one(type, opset, [draw.tensor(draw.sizes(rank))], { axis: BigInt(axis) });
};

const reduce =
  (asInput: number, range: { from?: number; to?: number } = {}): Maker =>
  (draw, type) => {
    const rank = draw.int(1, 4);
    const opset = draw.int(7, 20);
    const axes = draw.axes(rank).map((axis) => (opset >= 11 && draw.once() ? axis - rank : axis));
    const x = draw.tensor(draw.sizes(rank), range);
    const keepdims = flag(draw.once());
    if (opset < asInput) return one(type, opset, [x], axes.length > 0 ? { axes: big(axes), keepdims } : { keepdims });
    return axes.length > 0
      ? one(type, opset, [x, integers(axes)], { keepdims })
      : one(type, opset, [x], { keepdims, noop_with_empty_axes: flag(draw.once()) });
  };

const arg: Maker = (draw, type) => {
  const rank = draw.int(1, 4);
  const opset = draw.int(7, 20);
  const last = opset >= 12 ? { select_last_index: flag(draw.once()) } : {};
  const axis = BigInt(opset < 11 ? draw.int(0, rank - 1) : draw.axis(rank));
  // Few different values: ties.
  const x = draw.tensor(draw.sizes(rank), { from: 0, to: 0.05 });
  return one(type, opset, [x], { axis, keepdims: flag(draw.once()), ...last });
};

const prelu: Maker = (draw, type) => {
  const dims = draw.sizes(draw.int(2, 4));
  const slope = draw.once() ? [1] : [dims[1]!, ...dims.slice(2).map(() => 1)];
  return one(type, draw.int(9, 20), [draw.tensor(dims), draw.constant(slope)]);
};

/** [N, C, ...space] and constants by channel. */
function channels(draw: Draw): { x: CaseInput; byChannel: (from?: number) => CaseInput; count: number } {
  const dims = [draw.int(1, 2), draw.int(1, 4), ...draw.sizes(draw.int(1, 3))];
  return { x: draw.tensor(dims), count: dims[1]!, byChannel: (from = -2) => draw.constant([dims[1]!], { from }) };
}

const batchNorm: Maker = (draw, type) => {
  const { x, byChannel } = channels(draw);
  const inputs = [x, byChannel(), byChannel(), byChannel(), byChannel(0.25)];
  return one(type, draw.int(9, 20), inputs, draw.once() ? { epsilon: 0.125 } : {});
};

const instanceNorm: Maker = (draw, type) => {
  const { x, byChannel } = channels(draw);
  return one(type, draw.int(7, 20), [x, byChannel(), byChannel()], { epsilon: 0.125 });
};

const layerNorm: Maker = (draw, type) => {
  const rank = draw.int(1, 4);
  const dims = draw.sizes(rank);
  const axis = draw.axis(rank);
  const own = dims.slice(axis < 0 ? axis + rank : axis);
  const inputs = [draw.tensor(dims), draw.constant(own), ...(draw.once() ? [draw.constant(own)] : [])];
  return one(type, draw.int(17, 20), inputs, { axis: BigInt(axis), epsilon: 0.125 });
};

/** Opset 18: scales and biases stand for groups; 21 changed that. */
const groupNorm: Maker = (draw, type) => {
  const groups = draw.int(1, 3);
  const x = draw.tensor([draw.int(1, 2), groups * draw.int(1, 3), ...draw.sizes(draw.int(1, 3))]);
  const inputs = [x, draw.constant([groups]), draw.constant([groups])];
  return one(type, draw.int(18, 20), inputs, { num_groups: BigInt(groups), epsilon: 0.125 });
};

const lrn: Maker = (draw, type) => {
  const { x } = channels(draw);
  const size = BigInt(2 * draw.int(0, 2) + 1);
  return one(type, draw.int(7, 20), [x], { size, alpha: 0.25, beta: 0.75, bias: 1.5 });
};

/** Scales of a space. Where no size changes onnxruntime copies the map, whatever the scales are: none then. */
function scalesFor(draw: Draw, [, , ...space]: readonly number[], least: number): CaseInput {
  const scales = space.map(() => draw.int(least, 12) / 4);
  const same = scales.every((scale, i) => Math.floor(space[i]! * scale) === space[i]);
  return reals([1, 1, ...(same ? space.map(() => 1) : scales)]);
}

const COORDINATES = ['half_pixel', 'pytorch_half_pixel', 'align_corners', 'asymmetric'];

const resize: Maker = (draw, type) => {
  const mode = draw.pick(['nearest', 'linear', 'cubic']);
  const x = draw.tensor([draw.int(1, 2), draw.int(1, 3), draw.int(2, 6), draw.int(2, 6)]);
  const attributes = {
    mode,
    coordinate_transformation_mode: draw.pick(COORDINATES),
    ...(mode === 'nearest'
      ? { nearest_mode: draw.pick(['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil']) }
      : {}),
  };
  const opset = draw.pick([11, 13, 18, 19]);
  const space = [draw.int(1, 9), draw.int(1, 9)];
  if (draw.once()) return one(type, opset, [x, null, null, integers([...x.dims.slice(0, 2), ...space])], attributes);
  return one(type, opset, [x, null, scalesFor(draw, x.dims, 2)], attributes);
};

const upsample: Maker = (draw, type) => {
  const x = draw.tensor([draw.int(1, 2), draw.int(1, 3), draw.int(2, 6), draw.int(2, 6)]);
  return one(type, 9, [x, scalesFor(draw, x.dims, 4)], { mode: draw.pick(['nearest', 'linear']) });
};

const cast: Maker = (draw, type) =>
  // 1 float, 6 int32, 7 int64, 9 bool
  one(type, draw.int(9, 20), [draw.tensor(draw.sizes(draw.int(1, 4)))], { to: BigInt(draw.pick([1, 6, 7, 9])) });

const oneHot: Maker = (draw, type) => {
  const rank = draw.int(1, 3);
  const depth = draw.int(2, 5);
  const x = draw.tensor(draw.sizes(rank), { element: 'i64', from: -depth, to: depth - 1 });
  return one(type, draw.int(11, 20), [x, integers([depth], [1]), reals([0.25, 3])], {
    axis: BigInt(draw.axis(rank + 1)),
  });
};

const quantized = (element: 'u8' | 'i8'): Parameters<Draw['tensor']>[1] =>
  element === 'u8' ? { element, from: 0, to: 255 } : { element, from: -128, to: 127 };

const quantize: Maker = (draw, type) => {
  const dims = draw.sizes(draw.int(2, 4));
  const element = draw.pick(['u8', 'i8'] as const);
  const opset = draw.pick([10, 13, 19]);
  const axis = opset >= 13 && draw.once() ? draw.int(0, dims.length - 1) : null;
  const shape = axis === null ? [] : [dims[axis]!];
  // Powers of two: no quotient is rounded, so that both round the same number.
  const scale = { ...draw.constant(shape), data: Array.from({ length: shape[0] ?? 1 }, () => 2 ** -draw.int(3, 6)) };
  const zero = draw.constant(shape, { element, from: 0, to: 100 });
  const x = type === 'QuantizeLinear' ? draw.tensor(dims, { from: -8, to: 8 }) : draw.tensor(dims, quantized(element));
  return one(type, opset, [x, scale, zero], axis === null ? {} : { axis: BigInt(axis) });
};

const dynamicQuantize: Maker = (draw, type) => ({
  ...one(type, draw.int(11, 20), [draw.tensor(draw.sizes(draw.int(1, 3)))]),
  outputs: ['y', 'scale', 'zero'],
});

const BOOL = { element: 'bool', from: 0, to: 1 } as const;

/** Makers by operator. */
export const VECTOR_CASES: readonly (readonly [string, Maker])[] = [
  ...['Relu', 'Tanh', 'Sigmoid', 'Softplus', 'Softsign', 'Exp', 'Abs', 'Neg', 'Floor', 'Ceil', 'Sin', 'Cos'].map(
    (type) => [type, unary(7)] as const,
  ),
  ...['Sign', 'Erf'].map((type) => [type, unary(9)] as const),
  ['Round', unary(11)],
  ['Sqrt', unary(7, { from: 0, to: 4 })],
  ['Log', unary(7, { from: 0.1, to: 4 })],
  ['Reciprocal', unary(7, { from: 0.1, to: 4 })],
  ['LeakyRelu', unary(7, {}, ['alpha'])],
  ['Elu', unary(7, {}, ['alpha'])],
  ['Celu', unary(12, {}, ['alpha'])],
  ['Selu', unary(7, {}, ['alpha', 'gamma'])],
  ['HardSigmoid', unary(7, {}, ['alpha', 'beta'])],
  ['ThresholdedRelu', unary(10, {}, ['alpha'])],
  ['Shrink', unary(9, {}, ['lambd', 'bias'])],
  ['HardSwish', unary(14)],
  ['Mish', unary(18)],
  [
    'Gelu',
    (draw, type) =>
      one(type, 20, [draw.tensor(draw.sizes(draw.int(1, 4)))], { approximate: draw.pick(['none', 'tanh']) }),
  ],
  ['Clip', clip],
  ['Not', (draw, type) => one(type, draw.int(7, 20), [draw.tensor(draw.sizes(draw.int(1, 4)), BOOL)])],
  ...['Add', 'Sub', 'Mul'].map((type) => [type, elementwise(7)] as const),
  ...['Sum', 'Mean', 'Min', 'Max'].map((type) => [type, elementwise(8, {}, true)] as const),
  ...['Less', 'Greater'].map((type) => [type, elementwise(9, { from: -0.1, to: 0.1 })] as const),
  ...['LessOrEqual', 'GreaterOrEqual'].map((type) => [type, elementwise(12, { from: -0.1, to: 0.1 })] as const),
  ['Equal', elementwise(11, { from: -0.1, to: 0.1 })],
  ...['And', 'Or', 'Xor'].map((type) => [type, elementwise(7, BOOL)] as const),
  ['Div', divided],
  ['Mod', divided],
  ['Pow', power],
  ['Where', where],
  ['PRelu', prelu],
  ['Softmax', softmax],
  ['LogSoftmax', softmax],
  ['ReduceSum', reduce(13)],
  ...['ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare'].map(
    (type) => [type, reduce(18)] as const,
  ),
  ['ReduceLogSum', reduce(18, { from: 0.1, to: 2 })],
  ['ReduceLogSumExp', reduce(18)],
  ['ArgMax', arg],
  ['ArgMin', arg],
  ['BatchNormalization', batchNorm],
  ['InstanceNormalization', instanceNorm],
  ['LayerNormalization', layerNorm],
  ['GroupNormalization', groupNorm],
  ['LRN', lrn],
  ['Resize', resize],
  ['Upsample', upsample],
  ['Cast', cast],
  [
    'CastLike',
    (draw, type) => {
      const like = draw.constant([1], { element: draw.pick(['f32', 'i32', 'bool'] as const), from: 0, to: 1 });
      return one(type, draw.int(15, 20), [draw.tensor(draw.sizes(draw.int(1, 4))), like]);
    },
  ],
  [
    'LpNormalization',
    (draw, type) => {
      const shape = draw.sizes(draw.int(1, 4));
      const range = draw.once(4) ? { from: 0, to: 0 } : {};
      const attributes = { axis: BigInt(draw.axis(shape.length)), p: BigInt(draw.int(1, 2)) };
      return one(type, draw.int(7, 20), [draw.tensor(shape, range)], attributes);
    },
  ],
  ['OneHot', oneHot],
  ['QuantizeLinear', quantize],
  ['DequantizeLinear', quantize],
  ['DynamicQuantizeLinear', dynamicQuantize],
];
