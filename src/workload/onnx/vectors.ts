// ONNX's operators of a vector unit: element-wise, activations, norms, softmax, pools, resampling, quantization.

import { elementsOf, RESIZE_COORDINATES, RESIZE_ROUNDINGS } from '../graph/index.js';
import type { ElementwiseFunction, Pool, ReduceFunction, UnaryFunction } from '../graph/index.js';
import { batchNorm, groupNorm, instanceNorm, lastAxesNorm, lrn } from './norms.js';
import { mapInput } from './products.js';
import { windowOf } from './window.js';
import { axesOf, axisOf } from './resolve.js';
import { dtypeName } from '../../tensors/onnx.js';
import { biasOfProduct, factorOfProduct } from './joined.js';
import { BatchError, type Importer, type NodeContext, type Value } from './context.js';
import { leading } from '../../config/typed.js';

const valuesOf = (context: NodeContext): Value[] =>
  Array.from({ length: context.inputCount }, (_, i) => context.value(i) ?? context.fail(`input ${i} is missing`));

const elementwise =
  (name: ElementwiseFunction, dtype?: string): Importer =>
  (context) => {
    if (context.opset < 7 && context.attributes.has('axis'))
      context.fail('broadcasting along an axis (below opset 7) is not supported; convert the model to a later opset');
    const { operands, batch } = context.aligned(valuesOf(context));
    return context.add({ kind: 'elementwise', function: name }, operands, [batch], {
      parameters: [],
      dtypes: dtype === undefined ? undefined : [dtype],
    });
  };

/** A sum; where it adds a product's bias, the product. */
const addition: Importer = (context) => biasOfProduct(context, valuesOf(context)) ?? elementwise('add')(context);

/** A product of a result and a number; where it is a factor of a matrix product, that. */
const scaling =
  (name: 'mul' | 'div'): Importer =>
  (context) =>
    factorOfProduct(context, valuesOf(context), name === 'div') ?? elementwise(name)(context);

type Alphas = (context: NodeContext) => readonly [number, number];
const NO_ALPHAS: Alphas = () => [0, 0];
const attributes =
  (alpha: number, beta?: number): Alphas =>
  ({ attributes: given }) => [given.float('alpha', alpha), beta === undefined ? 0 : given.float('beta', beta)];

const unary =
  (name: UnaryFunction, alphas = NO_ALPHAS): Importer =>
  (context) => {
    const x = context.active(0);
    const [alpha, beta] = alphas(context);
    return context.add({ kind: 'unary', function: name, alpha, beta }, [x], [x.batch]);
  };

/** Limits are attributes below opset 11, then inputs; those given at run time are parameters. */
const clip: Importer = (context) => {
  const x = context.active(0);
  const { attributes: given } = context;
  const limits = [1, 2].map((index, i) => {
    if (!context.has(index))
      return { value: i === 0 ? given.float('min', -Infinity) : given.float('max', Infinity), parameter: undefined };
    const value = context.value(index);
    if (value?.kind === 'constant') return { value: value.constant.numbers()[0]!, parameter: undefined };
    return { value: NaN, parameter: context.needParameter(index, 'its limit') };
  });
  return context.add(
    { kind: 'unary', function: 'clip', alpha: limits[0]!.value, beta: limits[1]!.value },
    [x],
    [x.batch],
    {
      parameters: [
        ['min', limits[0]!.parameter],
        ['max', limits[1]!.parameter],
      ],
    },
  );
};

const prelu: Importer = (context) => {
  const x = context.active(0);
  let slope = context.needParameter(1, 'its slope');
  // Below opset 7 slopes stand for channels; later they broadcast. A slope with the batch's axis loses it.
  if (context.opset < 7 && elementsOf(slope.shape) > 1)
    slope = { ...slope, shape: [elementsOf(slope.shape), ...context.full(x).slice(2).fill(1)] };
  const at = x.batch === null ? -1 : slope.shape.length - context.full(x).length + x.batch;
  if (at >= 0 && slope.shape[at] !== 1) throw new BatchError('its slopes differ from sample to sample');
  if (at >= 0) slope = { ...slope, shape: slope.shape.filter((_, axis) => axis !== at) };
  return context.add({ kind: 'prelu' }, [x], [x.batch], { parameters: [['slope', slope]] });
};

const softmax =
  (log: boolean): Importer =>
  (context) => {
    const flattens = context.opset < 13;
    let x = context.active(0);
    const rank = context.full(x).length;
    const axis = context.attributes.int('axis', flattens ? 1 : -1);
    const from = axis < 0 ? axis + rank : axis;
    // Below opset 13 all axes from this one on go together.
    const wanted = flattens ? Array.from({ length: rank - from }, (_, i) => from + i) : [from];
    if (x.batch !== null && wanted.includes(x.batch)) x = context.explicit(x);
    return context.add({ kind: 'softmax', axes: wanted.map((one) => context.axis(x, one)), log }, [x], [x.batch]);
  };

const pool =
  (reduce: Pool['reduce'], global = false): Importer =>
  (context) => {
    const x = mapInput(context);
    const { attributes: given } = context;
    if (context.wants(1)) context.fail('the places of its maxima (its second output) are not supported');
    const space = context.shape(x).slice(1);
    const kernel = global ? space : (given.ints('kernel_shape') ?? context.fail('it has no kernel_shape'));
    const ceil = given.int('ceil_mode', 0) === 1;
    const window = global
      ? {
          kernel,
          strides: kernel,
          dilations: kernel.map(() => 1),
          padBegin: kernel.map(() => 0),
          padEnd: kernel.map(() => 0),
        }
      : windowOf(context, space, kernel);
    const countPadding = given.int('count_include_pad', 0) === 1;
    return context.add({ kind: 'pool', reduce, ceil, countPadding, global, p: given.int('p', 2), ...window }, [x], [0]);
  };

const resize: Importer = (context) => {
  const x = context.active(0);
  const { attributes: given, opset } = context;
  const full = context.full(x);
  const [scalesAt, sizesAt] = context.node.opType === 'Upsample' ? [1, 9] : opset < 11 ? [1, 9] : [2, 3];
  const axes = given.ints('axes')?.map((axis) => axisOf(axis, full.length));
  const spread = (values: readonly number[] | undefined, rest: readonly number[]): number[] | undefined => {
    if (values === undefined || values.length === 0) return undefined;
    const wanted = (axes ?? full).length;
    if (values.length !== wanted || !values.every((one) => Number.isFinite(one) && one > 0))
      context.fail(`its scales or sizes are [${values.join(', ')}], expected ${wanted} numbers above 0`);
    if (axes === undefined) return [...values];
    return rest.map((one, axis) => (axes.includes(axis) ? values[axes.indexOf(axis)]! : one));
  };
  const ones = full.map(() => 1);
  const scalesGiven = spread(context.numbers(scalesAt, 'its scales') ?? given.floats('scales'), ones);
  const sizesGiven = spread(sizesAt < 9 ? context.numbers(sizesAt, 'its sizes') : undefined, full);
  const policy = given.text('keep_aspect_ratio_policy', 'stretch');
  const kept = (wanted: readonly number[]): number[] => {
    const resized = axes ?? [...full.keys()];
    const ratios = resized.map((axis) => wanted[axis]! / full[axis]!);
    const scale = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios);
    return full.map((size, axis) => (resized.includes(axis) ? Math.round(size * scale) : size));
  };
  const sizes =
    sizesGiven !== undefined
      ? policy === 'stretch'
        ? sizesGiven
        : kept(sizesGiven)
      : scalesGiven !== undefined
        ? full.map((size, axis) => Math.floor(size * scalesGiven[axis]!))
        : context.fail('neither sizes nor scales are given');
  const scales = scalesGiven ?? full.map((size, axis) => sizes[axis]! / size);
  if (x.batch !== null && sizes[x.batch] !== full[x.batch]) throw new BatchError('resizes the batch');
  const sample = (values: readonly number[]): number[] => values.filter((_, axis) => axis !== x.batch);
  const mode = given.text('mode', 'nearest');
  if (mode === 'cubic' && given.int('exclude_outside', 0) !== 0)
    context.fail('weights that leave out what is outside the map (exclude_outside) are not supported');
  if (mode !== 'nearest' && given.int('antialias', 0) !== 0 && scales.some((scale) => scale < 1))
    context.fail('a filter as wide as the scale (antialias) is not supported');
  return context.add(
    {
      kind: 'resize',
      mode: mode === 'nearest' || mode === 'cubic' ? mode : 'linear',
      sizes: sample(sizes),
      scales: sample(scales),
      coordinates: context.word(
        'coordinate_transformation_mode',
        RESIZE_COORDINATES,
        opset < 11 ? 'asymmetric' : 'half_pixel',
      ),
      rounding: context.word('nearest_mode', RESIZE_ROUNDINGS, opset < 11 ? 'floor' : 'round_prefer_floor'),
      cubicCoefficient: given.float('cubic_coeff_a', -0.75),
    },
    [x],
    [x.batch],
  );
};

const reduce =
  (name: ReduceFunction): Importer =>
  (context) => {
    let x = context.active(0);
    const arg = name === 'argMax' || name === 'argMin';
    const rank = context.full(x).length;
    const { attributes: given } = context;
    const wanted = arg
      ? [(given.int('axis', 0) + rank) % rank]
      : (axesOf(given, context.constant(1, 'its axes'), rank) ??
        (given.int('noop_with_empty_axes', 0) === 1 ? [] : Array.from({ length: rank }, (_, axis) => axis)));
    if (x.batch !== null && wanted.includes(x.batch)) x = context.explicit(x);
    const keep = given.int('keepdims', 1) === 1;
    const { batch } = x;
    const dropped = keep ? 0 : wanted.filter((axis) => batch !== null && axis < batch).length;
    return context.add(
      {
        kind: 'reduce',
        function: name,
        axes: wanted.map((axis) => context.axis(x, axis)),
        keep,
        lastIndex: given.int('select_last_index', 0) === 1,
      },
      [x],
      [batch === null ? null : batch - dropped],
      { dtypes: arg ? ['i64'] : undefined },
    );
  };

const where: Importer = (context) => {
  const { operands, batch } = context.aligned(valuesOf(context));
  return context.add({ kind: 'where' }, operands, [batch], { dtypes: [context.dtype(operands[1]!)] });
};

const cast: Importer = (context) => {
  const x = context.active(0);
  const to = dtypeName(context.attributes.int('to', 1));
  return context.add({ kind: 'cast', to }, [x], [x.batch], { dtypes: [to] });
};

const quantize =
  (direction: 'quantize' | 'dequantize' | 'dynamic'): Importer =>
  (context) => {
    const x = context.active(0);
    if (direction === 'dynamic')
      return context.add({ kind: 'quantize', direction, axis: null, to: 'u8' }, [x], [x.batch, null, null], {
        parameters: [],
        dtypes: ['u8', 'f32', 'u8'],
      });
    const scale = context.needParameter(1, 'its scale');
    const zeroPoint = context.parameter(2, 'its zero point');
    const zero = context.value(2);
    const to = direction === 'dequantize' ? 'f32' : zero?.kind === 'constant' ? zero.constant.dtype : 'u8';
    const axis =
      scale.shape.length === 0 || scale.shape[0] === 1 ? null : context.axis(x, context.attributes.int('axis', 1));
    return context.add({ kind: 'quantize', direction, axis, to }, [x], [x.batch], {
      parameters: [
        ['scale', scale],
        ['zeroPoint', zeroPoint],
      ],
      dtypes: [to],
    });
  };

const oneHot: Importer = (context) => {
  const x = context.active(0);
  const [depth] = leading(1, context.counts(1, 'its depth', 1));
  const values = context.numbers(2, 'its values') ?? context.fail('its values (input 2) are missing');
  if (values.length !== 2) context.fail(`its values are [${values.join(', ')}], expected one off and one on`);
  const [off, on] = leading(2, values);
  const at = axisOf(context.attributes.int('axis', -1), context.full(x).length + 1);
  const behind = x.batch !== null && at > x.batch;
  const batch = x.batch === null ? null : behind ? x.batch : x.batch + 1;
  return context.add({ kind: 'oneHot', axis: behind ? at - 1 : at, depth, on, off }, [x], [batch]);
};

/** Importers of a vector unit's operators by ONNX operator. */
export const VECTORS: readonly (readonly [string, Importer])[] = [
  ['Add', addition],
  ['Sum', addition],
  ['Sub', elementwise('sub')],
  ['Mul', scaling('mul')],
  ['Div', scaling('div')],
  ['Min', elementwise('min')],
  ['Max', elementwise('max')],
  ['Mean', elementwise('mean')],
  ['Pow', elementwise('pow')],
  ['Mod', (context) => elementwise(context.attributes.int('fmod', 0) === 1 ? 'fmod' : 'mod')(context)],
  ['Equal', elementwise('equal', 'bool')],
  ['Less', elementwise('less', 'bool')],
  ['LessOrEqual', elementwise('lessOrEqual', 'bool')],
  ['Greater', elementwise('greater', 'bool')],
  ['GreaterOrEqual', elementwise('greaterOrEqual', 'bool')],
  ['And', elementwise('and', 'bool')],
  ['Or', elementwise('or', 'bool')],
  ['Xor', elementwise('xor', 'bool')],
  ['Where', where],
  ['Relu', unary('relu')],
  ['Clip', clip],
  ['LeakyRelu', unary('leakyRelu', attributes(0.01))],
  ['Elu', unary('elu', attributes(1))],
  ['Celu', unary('celu', attributes(1))],
  [
    'Selu',
    unary('selu', ({ attributes: given }) => [
      given.float('alpha', 1.6732632423543772),
      given.float('gamma', 1.0507009873554805),
    ]),
  ],
  ['Gelu', unary('gelu', ({ attributes: given }) => [given.text('approximate', 'none') === 'tanh' ? 1 : 0, 0])],
  ['Swish', unary('silu', attributes(1))],
  ['HardSwish', unary('hardSwish')],
  ['HardSigmoid', unary('hardSigmoid', attributes(0.2, 0.5))],
  ['Tanh', unary('tanh')],
  ['Sigmoid', unary('sigmoid')],
  ['Softplus', unary('softplus')],
  ['Softsign', unary('softsign')],
  ['Mish', unary('mish')],
  ['ThresholdedRelu', unary('thresholdedRelu', attributes(1))],
  ['Shrink', unary('shrink', ({ attributes: given }) => [given.float('lambd', 0.5), given.float('bias', 0)])],
  ['Erf', unary('erf')],
  ['Exp', unary('exp')],
  ['Log', unary('log')],
  ['Sqrt', unary('sqrt')],
  ['Reciprocal', unary('reciprocal')],
  ['Abs', unary('abs')],
  ['Neg', unary('neg')],
  ['Sign', unary('sign')],
  ['Floor', unary('floor')],
  ['Ceil', unary('ceil')],
  ['Round', unary('round')],
  ['Not', unary('not')],
  ['Sin', unary('sin')],
  ['Cos', unary('cos')],
  ['PRelu', prelu],
  ['Softmax', softmax(false)],
  ['LogSoftmax', softmax(true)],
  ['BatchNormalization', batchNorm],
  ['InstanceNormalization', instanceNorm],
  ['GroupNormalization', groupNorm],
  ['LayerNormalization', lastAxesNorm('layer')],
  ['RMSNormalization', lastAxesNorm('rms')],
  ['SimplifiedLayerNormalization', lastAxesNorm('rms')],
  ['LRN', lrn],
  ['MaxPool', pool('max')],
  ['AveragePool', pool('average')],
  ['LpPool', pool('lp')],
  ['GlobalMaxPool', pool('max', true)],
  ['GlobalAveragePool', pool('average', true)],
  ['GlobalLpPool', pool('lp', true)],
  ['Resize', resize],
  ['Upsample', resize],
  ['ReduceMean', reduce('mean')],
  ['ReduceSum', reduce('sum')],
  ['ReduceMax', reduce('max')],
  ['ReduceMin', reduce('min')],
  ['ReduceProd', reduce('prod')],
  ['ReduceL1', reduce('l1')],
  ['ReduceL2', reduce('l2')],
  ['ReduceSumSquare', reduce('sumSquare')],
  ['ReduceLogSum', reduce('logSum')],
  ['ReduceLogSumExp', reduce('logSumExp')],
  ['ArgMax', reduce('argMax')],
  ['ArgMin', reduce('argMin')],
  ['OneHot', oneHot],
  ['Cast', cast],
  ['QuantizeLinear', quantize('quantize')],
  ['DequantizeLinear', quantize('dequantize')],
  ['DynamicQuantizeLinear', quantize('dynamic')],
];
