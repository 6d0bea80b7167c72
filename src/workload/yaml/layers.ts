// Layers of a network file as operators: each type with its parameters.

import {
  elementsOf,
  showShape,
  UNARY_FUNCTIONS,
  ELEMENTWISE_FUNCTIONS,
  type ElementwiseFunction,
  type Norm,
  type UnaryFunction,
} from '../graph/index.js';
import type { Adder, LayerContext, Of, Read } from './context.js';
import { recurrent } from './recurrent.js';
import { adaptive, conv, pool, upsample } from './windows.js';
import { ELEMENTWISE_TYPES, UNARY_TYPES, type LayerFile } from './schema.js';
import { recordOf } from '../../config/typed.js';

/** Adds the nodes of a layer. @returns its outputs */
export function addLayer(file: LayerFile, context: LayerContext): Read[] {
  const [x] = context.inputs;
  if (x === undefined) return context.fail('from', 'it reads nothing');
  const many = MANY.has(file.type) || ('states' in file && file.states.length > 0);
  if (!many && context.inputs.length > 1)
    context.fail('from', `${file.type} reads one layer, found ${context.inputs.length}`);
  // Cast: the entry of a type is for the layers of that type.
  return ADDERS[file.type](file as never, x, context);
}

/** Types that may read several tensors. */
const MANY = new Set<LayerFile['type']>([
  ...ELEMENTWISE_TYPES,
  'concat',
  'matmul',
  'where',
  'gather',
  'conv1d',
  'conv2d',
  'conv3d',
  'dense',
]);

/** An axis counted from 0, negative ones from behind. */
function axisOf(axis: number, rank: number, key: string, { fail }: LayerContext): number {
  const found = axis < 0 ? axis + rank : axis;
  return found >= 0 && found < rank ? found : fail(key, `there is no axis ${axis} in a tensor of ${rank} axes`);
}

/** The channels of a map, the last axis of others. */
const mainAxis = ({ layout, shape }: Read): number => (layout === 'map' ? 0 : Math.max(0, shape.length - 1));

const dense: Adder<Of<'dense'>> = (file, given, context) => {
  let x = given;
  if (file.axis === undefined && (x.layout === 'map' || x.shape.length === 0))
    x = context.helper('flatten', { kind: 'reshape', shape: [elementsOf(x.shape)] }, [x]);
  const axis = file.axis === undefined ? x.shape.length - 1 : axisOf(file.axis, x.shape.length, 'axis', context);
  const matrix = [file.features, x.shape[axis]!];
  return context.add(
    {
      kind: 'dense',
      axis,
      features: file.features,
      groups: file.groups,
      weightLayout: 'out-in',
      alpha: 1,
      beta: 1,
      arithmetic: file.arithmetic,
    },
    [x, ...context.inputs.slice(1)],
    {
      weight: file.groups > 1 ? [file.groups, ...matrix] : matrix,
      ...(file.bias ? { bias: [file.features] } : {}),
      ...file.parameters,
    },
  );
};

/** Constants of functions that have them, where a file gives none (ONNX's defaults). */
export const DEFAULTS: Partial<Record<UnaryFunction, readonly [number, number]>> = {
  leakyRelu: [0.01, 0],
  elu: [1, 0],
  celu: [1, 0],
  selu: [1.6732632423543772, 1.0507009873554805],
  silu: [1, 0],
  hardSigmoid: [1 / 6, 0.5],
  thresholdedRelu: [1, 0],
  shrink: [0.5, 0],
};

const unary: Adder<Of<'relu'>> = (file, x, context) => {
  if (file.type === 'relu6') return context.add({ kind: 'unary', function: 'clip', alpha: 0, beta: 6 }, [x]);
  const name = UNARY_FUNCTIONS[UNARY_TYPES.indexOf(file.type)]!;
  const [alpha, beta] = DEFAULTS[name] ?? [0, 0];
  return context.add({ kind: 'unary', function: name, alpha: file.alpha ?? alpha, beta: file.beta ?? beta }, [x]);
};

const norm = (
  x: Read,
  context: LayerContext,
  operator: Norm,
  { shape, affine }: { readonly shape: readonly number[]; readonly affine: boolean },
): Read[] =>
  context.add(operator, [x], affine ? { scale: shape, ...(operator.norm !== 'rms' ? { bias: shape } : {}) } : {});

const elementwise =
  (name: ElementwiseFunction): Adder<Of<'add'>> =>
  (_, _x, context) =>
    context.add({ kind: 'elementwise', function: name }, context.inputs);

const ELEMENTWISE = recordOf(ELEMENTWISE_TYPES, (_, i) => elementwise(ELEMENTWISE_FUNCTIONS[i]!));

/** Adders by layer type. */
const ADDERS: { [T in LayerFile['type']]: Adder<Of<T>> } = {
  ...ELEMENTWISE,
  ...recordOf([...UNARY_TYPES, 'relu6'], () => unary),
  conv1d: conv,
  conv2d: conv,
  conv3d: conv,
  adder2d: conv,
  deconv1d: conv,
  deconv2d: conv,
  deconv3d: conv,
  dense,
  matmul: ({ transposeA, transposeB, alpha, beta, arithmetic, parameters }, _, context) => {
    if (context.inputs.length < 2) context.fail('from', 'a product reads two tensors');
    return context.add({ kind: 'matmul', transposeA, transposeB, alpha, beta, arithmetic }, context.inputs, parameters);
  },
  lstm: recurrent,
  gru: recurrent,
  rnn: recurrent,
  maxpool: pool,
  avgpool: pool,
  lppool: pool,
  adaptivemaxpool: adaptive,
  adaptiveavgpool: adaptive,
  upsample,
  clip: ({ min, max, parameters }, x, context) =>
    context.add(
      {
        kind: 'unary',
        function: 'clip',
        alpha: parameters?.min === undefined ? (min ?? -Infinity) : NaN,
        beta: parameters?.max === undefined ? (max ?? Infinity) : NaN,
      },
      [x],
      parameters,
    ),
  prelu: ({ shape }, x, context) =>
    context.add({ kind: 'prelu' }, [x], {
      slope: shape ?? (x.layout === 'map' ? [x.shape[0]!, ...x.shape.slice(1).map(() => 1)] : x.shape.slice(-1)),
    }),
  softmax: (file, x, context) => softmax(file, x, context),
  logsoftmax: (file, x, context) => softmax(file, x, context),
  batchnorm: ({ epsilon }, x, context) => {
    const shape = [x.shape[0] ?? 1];
    const parameters = { scale: shape, bias: shape, mean: shape, variance: shape };
    return context.add({ ...NORM, norm: 'batch', epsilon }, [x], parameters);
  },
  layernorm: (file, x, context) => lastNorm('layer', file, x, context),
  rmsnorm: (file, x, context) => lastNorm('rms', file, x, context),
  groupnorm: ({ groups, epsilon, affine, perGroup }, x, context) => {
    if (x.shape[0]! % groups !== 0) context.fail('groups', `${groups} groups do not divide ${x.shape[0]} channels`);
    const operator: Norm = { ...NORM, norm: 'group', groups, epsilon, perGroup };
    return norm(x, context, operator, { shape: [perGroup ? groups : x.shape[0]!], affine });
  },
  instancenorm: ({ epsilon, affine }, x, context) =>
    norm(x, context, { ...NORM, norm: 'instance', epsilon }, { shape: [x.shape[0]!], affine }),
  lrn: ({ size, alpha, beta, bias }, x, context) => context.add({ kind: 'lrn', size, alpha, beta, bias }, [x]),
  where: (_, _x, context) => context.add({ kind: 'where' }, context.inputs),
  reduce: ({ function: name, axes, keep, lastIndex }, x, context) =>
    context.add(
      {
        kind: 'reduce',
        function: name,
        axes: axes.map((axis) => axisOf(axis, x.shape.length, 'axes', context)),
        keep,
        lastIndex,
      },
      [x],
    ),
  concat: ({ axis }, x, context) => {
    const at = axis === undefined ? mainAxis(x) : axisOf(axis, x.shape.length, 'axis', context);
    return context.add({ kind: 'concat', axis: at }, context.inputs);
  },
  split: ({ axis, sizes, parts }, x, context) => {
    const at = axis === undefined ? mainAxis(x) : axisOf(axis, x.shape.length, 'axis', context);
    const total = x.shape[at]!;
    if (sizes === undefined && (parts === undefined || total % parts !== 0))
      context.fail('parts', `expected sizes, or parts that divide ${total}`);
    return context.add({ kind: 'split', axis: at, sizes: sizes ?? new Array<number>(parts!).fill(total / parts!) }, [
      x,
    ]);
  },
  slice: ({ starts, sizes, steps }, x, context) => {
    if (starts.length !== x.shape.length || sizes.length !== x.shape.length)
      context.fail('starts', `expected ${x.shape.length} starts and sizes, one for each axis of ${showShape(x.shape)}`);
    const by = steps ?? starts.map(() => 1);
    sizes.forEach((size, i) => {
      const end = starts[i]! + (size - 1) * by[i]!;
      if (size > 0 && (starts[i]! >= x.shape[i]! || end < 0 || end >= x.shape[i]!))
        context.fail('sizes', `indexes ${starts[i]} to ${end} leave axis ${i} of ${showShape(x.shape)}`);
    });
    return context.add({ kind: 'slice', starts, sizes, steps: by }, [x]);
  },
  pad: ({ begin, end, mode, value, parameters }, x, context) =>
    context.add(
      { kind: 'pad', begin, end, mode, value: parameters?.value === undefined ? value : NaN },
      [x],
      parameters,
    ),
  reshape: ({ shape }, x, context) => context.add({ kind: 'reshape', shape }, [x]),
  flatten: (_, x, context) => context.add({ kind: 'reshape', shape: [elementsOf(x.shape)] }, [x]),
  transpose: ({ permutation }, x, context) => context.add({ kind: 'transpose', permutation }, [x]),
  expand: ({ shape }, x, context) => context.add({ kind: 'expand', shape }, [x]),
  tile: ({ repeats }, x, context) => context.add({ kind: 'tile', repeats }, [x]),
  pixelshuffle: ({ block, order }, x, context) => context.add({ kind: 'shuffle', to: 'space', block, order }, [x]),
  spacetodepth: ({ block, order }, x, context) => context.add({ kind: 'shuffle', to: 'depth', block, order }, [x]),
  embedding: ({ entries, features, table }, x, context) => {
    if (table !== undefined) context.shared('table', table);
    return context.add({ kind: 'gather', axis: 0, lookup: true }, [x], {
      table: [entries, ...(typeof features === 'number' ? [features] : features)],
    });
  },
  gather: ({ axis }, x, context) => {
    if (context.inputs.length !== 2) context.fail('from', 'gather reads data and indices');
    const at = axisOf(axis, x.shape.length, 'axis', context);
    return context.add({ kind: 'gather', axis: at, lookup: false }, context.inputs);
  },
  onehot: ({ axis, depth, on, off }, x, context) =>
    context.add({ kind: 'oneHot', axis: axisOf(axis, x.shape.length + 1, 'axis', context), depth, on, off }, [x]),
  cast: ({ to }, x, context) => context.add({ kind: 'cast', to }, [x]),
  quantize: (file, x, context) => quantize('quantize', file, x, context),
  dequantize: (file, x, context) => quantize('dequantize', file, x, context),
  dynamicquantize: (file, x, context) => quantize('dynamic', file, x, context),
};

const NORM = { kind: 'norm', axes: [], groups: 1, perGroup: false } as const;

function softmax(file: Of<'softmax'>, x: Read, context: LayerContext): Read[] {
  const axes = file.axes ?? [file.axis ?? mainAxis(x)];
  const rank = x.shape.length;
  return context.add(
    {
      kind: 'softmax',
      axes: axes.map((axis) => axisOf(axis, rank, 'axis', context)),
      log: file.type === 'logsoftmax',
    },
    [x],
  );
}

function lastNorm(kind: 'layer' | 'rms', file: Of<'layernorm'>, x: Read, context: LayerContext): Read[] {
  const first = x.shape.length - file.axes;
  if (first < 0) context.fail('axes', `there are ${x.shape.length} axes in ${showShape(x.shape)}`);
  const axes = x.shape.map((_, i) => i).slice(first);
  return norm(
    x,
    context,
    { ...NORM, norm: kind, axes, epsilon: file.epsilon },
    { shape: x.shape.slice(first), affine: file.affine },
  );
}

function quantize(
  direction: 'quantize' | 'dequantize' | 'dynamic',
  file: Of<'quantize'>,
  x: Read,
  context: LayerContext,
): Read[] {
  const axis = file.axis === undefined ? null : axisOf(file.axis, x.shape.length, 'axis', context);
  const scales = direction === 'dynamic' ? {} : { scale: [], zeroPoint: [] };
  return context.add({ kind: 'quantize', direction, axis, to: file.to }, [x], file.parameters ?? scales);
}
