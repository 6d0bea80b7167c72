// The network format: a YAML file with a graph of layers. docs/operators.md says what each layer type does.

import * as z from 'zod';
import { choice, count, flag, list, object, real, text, union } from '../../config/index.js';
import {
  ELEMENTWISE_FUNCTIONS,
  REDUCE_FUNCTIONS,
  RESIZE_COORDINATES,
  RESIZE_ROUNDINGS,
  UNARY_FUNCTIONS,
} from '../graph/operators.js';
import { arithmetic, axis, convolution, extras, perAxis, pool, recurrent, sizes, wiring } from './layer-keys.js';
import { lower } from '../../config/typed.js';

/** Types of layers that are a function of each element, in the file's spelling. */
export const UNARY_TYPES = UNARY_FUNCTIONS.map((name) => lower(name));
const plainUnary = UNARY_TYPES.filter((name) => name !== 'clip');
/** Types of layers that join tensors element by element, in the order of their functions. */
export const ELEMENTWISE_TYPES = ELEMENTWISE_FUNCTIONS.map((name) => lower(name));

/** A kind of layers by the words of its `type`; its keys are made when a file has one. */
const layerOf = <const W extends readonly string[], S extends z.ZodRawShape>(
  types: W,
  what: string,
  keys: () => S,
  description: string,
) => {
  const schema = object(() => ({ type: choice(types, what), ...keys() }), description);
  // What zod else finds by making the keys of every kind.
  schema._zod.propValues = { type: new Set(types) };
  return schema;
};

const affine = flag('Has a scale and a bias').default(true);

const layer = z.discriminatedUnion(
  'type',
  [
    layerOf(['conv1d', 'conv2d', 'conv3d'], 'Convolution', () => ({ ...convolution, arithmetic }), 'Convolution'),
    layerOf(
      ['adder2d'],
      'AdderNet convolution',
      () => ({ ...convolution }),
      'AdderNet convolution: L1 distance in place of the product',
    ),
    layerOf(
      ['deconv1d', 'deconv2d', 'deconv3d'],
      'Transposed convolution',
      () => ({
        ...convolution,
        outputPadding: perAxis('Places added behind', 0).default(0),
      }),
      'Transposed convolution',
    ),
    layerOf(
      ['dense'],
      'Fully connected',
      () => ({
        ...wiring,
        features: count('Outputs'),
        axis: axis('Axis that it takes; all others are positions (default: the last; a map is flattened)').optional(),
        groups: count('Matrices, by the axes before the last two').default(1),
        bias: flag('Has a bias').default(true),
        arithmetic,
        ...extras,
      }),
      'Fully connected: one product for each position (time step, token)',
    ),
    layerOf(
      ['matmul'],
      'Product of two activations',
      () => ({
        ...wiring,
        transposeA: flag('The left one is stored with its last axes exchanged').default(false),
        transposeB: flag('The right one is').default(false),
        alpha: real('Factor').default(1),
        beta: real('Factor of a third tensor that is added').default(1),
        arithmetic,
        ...extras,
      }),
      'Product of two activations',
    ),
    layerOf(['lstm', 'gru', 'rnn'], 'Recurrent', () => ({ ...recurrent }), 'Recurrent layers over time steps'),
    layerOf(['maxpool', 'avgpool', 'lppool'], 'Pooling', () => ({ ...pool }), 'Pooling'),
    layerOf(
      ['adaptivemaxpool', 'adaptiveavgpool'],
      'Adaptive pooling',
      () => ({
        ...wiring,
        size: perAxis('Output size'),
      }),
      'Pooling to a size',
    ),
    layerOf(
      ['upsample'],
      'Resampling',
      () => ({
        ...wiring,
        mode: choice(['nearest', 'linear', 'bilinear', 'cubic'], 'How').default('nearest'),
        scale: union([real('All ways'), list(real('Scale'), 'For each axis of space')], 'Factor').optional(),
        size: perAxis('Output size').optional(),
        coordinates: choice(RESIZE_COORDINATES, 'As ONNX Resize names them').default('half_pixel'),
        rounding: choice(RESIZE_ROUNDINGS, 'As ONNX Resize names them').default('round_prefer_floor'),
        cubicCoefficient: real('cubic: coefficient').default(-0.75),
        sizes: sizes('Output size of every axis').optional(),
        scales: list(real('Scale'), 'Of every axis').optional(),
      }),
      'Resampling of space',
    ),
    layerOf(
      [...plainUnary, 'relu6'],
      'Function of each element',
      () => ({
        ...wiring,
        alpha: real('Its first constant').optional(),
        beta: real('Its second constant').optional(),
      }),
      'Activation, or another function of each element',
    ),
    layerOf(
      ['clip'],
      'Clip',
      () => ({
        ...wiring,
        min: real('Lowest').optional(),
        max: real('Highest').optional(),
        ...extras,
      }),
      'Limits each element',
    ),
    layerOf(
      ['prelu'],
      'Leaky ReLU with learned slopes',
      () => ({
        ...wiring,
        shape: sizes('Of the slopes').optional(),
      }),
      'Leaky ReLU with learned slopes (one a channel)',
    ),
    layerOf(
      ['softmax', 'logsoftmax'],
      'Softmax',
      () => ({
        ...wiring,
        axis: axis('Axis (default: the last; the channels of a map)').optional(),
        axes: list(axis('Axis'), 'Axes taken together').optional(),
      }),
      'Softmax',
    ),
    layerOf(
      ['batchnorm'],
      'Batch normalization',
      () => ({ ...wiring, epsilon: real('Epsilon').default(1e-5) }),
      'Batch normalization, folded into the layer before it where that is a product',
    ),
    layerOf(
      ['layernorm', 'rmsnorm'],
      'Normalization',
      () => ({
        ...wiring,
        axes: count('Last axes that it covers').default(1),
        epsilon: real('Epsilon').default(1e-5),
        affine,
      }),
      'Normalization of each position',
    ),
    layerOf(
      ['groupnorm', 'instancenorm'],
      'Normalization',
      () => ({
        ...wiring,
        groups: count('groupnorm: groups').default(1),
        epsilon: real('Epsilon').default(1e-5),
        affine,
        perGroup: flag('groupnorm: a scale for each group, not channel').default(false),
      }),
      'Normalization of groups of channels',
    ),
    layerOf(
      ['lrn'],
      'Local response normalization',
      () => ({
        ...wiring,
        size: count('Channels').default(5),
        alpha: real('alpha').default(1e-4),
        beta: real('beta').default(0.75),
        bias: real('k').default(1),
      }),
      'Local response normalization',
    ),
    layerOf(ELEMENTWISE_TYPES, 'Element-wise', () => ({ ...wiring }), 'Element-wise, with broadcast'),
    layerOf(['where'], 'Choice', () => ({ ...wiring }), 'condition ? a : b, element-wise'),
    layerOf(
      ['reduce'],
      'Reduction',
      () => ({
        ...wiring,
        function: choice(REDUCE_FUNCTIONS, 'Function'),
        axes: list(axis('Axis'), 'Axes'),
        keep: flag('Axes stay, of size 1').default(false),
        lastIndex: flag('argMax, argMin: the last of equal values').default(false),
      }),
      'Reduction over axes',
    ),
    layerOf(
      ['concat'],
      'Concatenation',
      () => ({
        ...wiring,
        axis: axis('Axis (default: channels; features)').optional(),
      }),
      'Concatenation',
    ),
    layerOf(
      ['split'],
      'Parts',
      () => ({
        ...wiring,
        axis: axis('Axis (default: channels; features)').optional(),
        sizes: sizes('Of the parts').optional(),
        parts: count('Equal parts').optional(),
      }),
      'Parts along an axis: NAME, NAME:1, ...',
    ),
    layerOf(
      ['slice'],
      'Part',
      () => ({
        ...wiring,
        starts: sizes('First index of every axis'),
        sizes: sizes('Count of every axis'),
        steps: list(count('Step', { min: -Number.MAX_SAFE_INTEGER }), 'Step of every axis').optional(),
      }),
      'A part',
    ),
    layerOf(
      ['pad'],
      'Padding',
      () => ({
        ...wiring,
        begin: list(count('Places', { min: -Number.MAX_SAFE_INTEGER }), 'Before every axis'),
        end: list(count('Places', { min: -Number.MAX_SAFE_INTEGER }), 'Behind every axis'),
        mode: choice(['constant', 'reflect', 'edge', 'wrap'], 'What fills').default('constant'),
        value: real('constant: the value').default(0),
        ...extras,
      }),
      'Padding',
    ),
    layerOf(['reshape'], 'Reshape', () => ({ ...wiring, shape: sizes('Of a sample') }), 'Another shape'),
    layerOf(['flatten'], 'Flatten', () => ({ ...wiring }), 'One vector'),
    layerOf(
      ['transpose'],
      'Transpose',
      () => ({ ...wiring, permutation: sizes('Axes in their new order') }),
      'Axes in another order',
    ),
    layerOf(['expand'], 'Broadcast', () => ({ ...wiring, shape: sizes('Of a sample') }), 'Broadcast to a shape'),
    layerOf(['tile'], 'Repeat', () => ({ ...wiring, repeats: sizes('Along every axis') }), 'Repeats'),
    layerOf(
      ['pixelshuffle', 'spacetodepth'],
      'Blocks',
      () => ({
        ...wiring,
        block: count('Side of a block'),
        order: choice(['DCR', 'CRD'], "As ONNX DepthToSpace's mode").default('CRD'),
      }),
      'Channels to space, or back',
    ),
    layerOf(
      ['embedding'],
      'Look-up',
      () => ({
        ...wiring,
        entries: count('Entries'),
        features: union([count('Values of an entry'), sizes('Shape of an entry')], 'Values of an entry'),
        table: text('Name of a table that another layer has, too').optional(),
      }),
      'Look-up in a table of constants',
    ),
    layerOf(['gather'], 'Gather', () => ({ ...wiring, axis: axis('Axis').default(0) }), 'Picks by an index'),
    layerOf(
      ['onehot'],
      'One-hot',
      () => ({
        ...wiring,
        axis: axis('New axis').default(-1),
        depth: count('Depth'),
        on: real('Value at the index').default(1),
        off: real('Value elsewhere').default(0),
      }),
      'One-hot vectors',
    ),
    layerOf(['cast'], 'Cast', () => ({ ...wiring, to: text('Element type') }), 'Another element type'),
    layerOf(
      ['quantize', 'dequantize', 'dynamicquantize'],
      'Quantization',
      () => ({
        ...wiring,
        axis: axis('Axis of vectors of scales').optional(),
        to: text('Element type').default('u8'),
        ...extras,
      }),
      'To integers and back',
    ),
  ],
  { error: layerType },
);

const repeat = object(
  {
    type: choice(['repeat'], 'A block of layers, several times one behind the other'),
    name: text('Name; layer `add` of the third time is called NAME3_add, what comes out NAME'),
    from: text('What the first one reads (default: the layer before it)').optional(),
    times: count('How often'),
    layers: list(layer, 'Layers of the block; `input` is what the block reads').min(1, {
      error: 'at least one layer',
    }),
  },
  'A block of layers, several times one behind the other',
);

const layerOrBlock = z.discriminatedUnion('type', [...layer.options, repeat], {
  error: layerType,
});

/** All layer types, for messages. */
export const LAYER_TYPES: readonly string[] = layerOrBlock.options.flatMap(({ _zod }) =>
  [...(_zod.propValues.type ?? [])].map(String),
);

function layerType(): string {
  return `a layer type: ${LAYER_TYPES.join(', ')}`;
}

const inputShape = union(
  [
    object(
      { name: text('Name').optional(), channels: count('Channels'), height: count('Height'), width: count('Width') },
      'An image',
    ),
    object(
      { name: text('Name').optional(), features: count('Values'), steps: count('Time steps').default(1) },
      'A vector, or a sequence of vectors',
    ),
    object({ name: text('Name').optional(), channels: count('Channels'), length: count('Length') }, 'A signal'),
    object(
      {
        name: text('Name').optional(),
        shape: list(count('Size', { min: 0 }), 'Of a sample'),
        dtype: text('Element type').default('f32'),
      },
      'A tensor; the batch axis is left out',
    ),
  ],
  'What the network reads',
);

/** Schema of a network file. */
export const networkSchema = object(
  {
    name: text('Name of the network'),
    aliases: list(text('Name'), 'Other names by which a preset is found').optional(),
    description: text('One line about it').optional(),
    source: text('Publication it follows').optional(),
    weights: text('File of its weights: LAYER.weight, LAYER.bias, ... (safetensors, npz), beside this file').optional(),
    input: inputShape.optional(),
    inputs: list(inputShape, 'Several inputs, each with a name').optional(),
    outputs: list(text('A layer'), 'What comes out (default: the layer that nobody reads)').optional(),
    constants: list(
      object(
        {
          name: text('Name'),
          shape: list(count('Size', { min: 0 }), 'Of a sample'),
          dtype: text('Element type').default('f32'),
        },
        'A constant tensor',
      ),
      'Constant tensors that layers read, their numbers among the weights',
    ).default([]),
    layers: list(layerOrBlock, 'Layers in order').min(1, { error: 'at least one layer' }),
  },
  'A neural network as a graph of layers',
);

/** A checked network file. */
export type NetworkFile = z.output<typeof networkSchema>;
/** A layer, or a block of layers. */
export type FileLayer = NetworkFile['layers'][number];
/** A checked layer of a network file. */
export type LayerFile = z.output<typeof layer>;
/** A checked input of a network file. */
export type InputFile = NonNullable<NetworkFile['input']>;
