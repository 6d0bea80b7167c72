// The description of a network: a YAML file with a graph of layers.

import * as z from 'zod';
import { choice, count, flag, list, object, text, union } from '../config/index.js';

const pair = (description: string, min = 1) =>
  union(
    [
      count(`${description}, both ways`, { min }),
      z.tuple([count('height', { min }), count('width', { min })], { error: 'expected [height, width]' }),
    ],
    description,
  );

const wiring = {
  name: text('Name, unique in the network'),
  from: union(
    [text('A layer or `input`'), list(text('A layer or `input`'), 'Several')],
    'What it reads (default: the layer before it)',
  ).optional(),
};

const convolution = {
  ...wiring,
  channels: count('Output channels'),
  kernel: pair('Kernel'),
  stride: pair('Stride').default(1),
  padding: union(
    [
      choice(['same', 'valid'], 'As TensorFlow counts'),
      count('Rows and columns on each side', { min: 0 }),
      z.tuple([count('rows', { min: 0 }), count('columns', { min: 0 })], { error: 'expected [rows, columns]' }),
    ],
    'Padding',
  ).default(0),
  dilation: pair('Dilation').default(1),
  groups: count('Groups').default(1),
  bias: flag('Has a bias').default(true),
};

const pool = {
  ...wiring,
  kernel: pair('Window').optional(),
  stride: pair('Stride (default: the window)').optional(),
  padding: pair('Padding', 0).default(0),
  ceil: flag('Sizes are rounded up').default(false),
  global: flag('The window is the whole map').default(false),
};

/** Activations, each a layer type that looks every value up. */
export const ACTIVATIONS = ['relu', 'tanh', 'sigmoid', 'softmax'] as const;

const LAYERS = [
  object({ type: choice(['conv2d'], 'Convolution'), ...convolution }, 'Convolution'),
  object(
    { type: choice(['adder2d'], 'AdderNet convolution'), ...convolution },
    'AdderNet convolution: L1 distance in place of the product',
  ),
  object(
    {
      type: choice(['dense'], 'Fully connected'),
      ...wiring,
      features: count('Outputs'),
      bias: flag('Has a bias').default(true),
    },
    'Fully connected',
  ),
  object(
    {
      type: choice(['lstm'], 'LSTM'),
      ...wiring,
      hidden: count('Hidden size'),
      bias: flag('Has a bias').default(true),
    },
    "LSTM over the input's time steps",
  ),
  object({ type: choice(['maxpool'], 'Max pooling'), ...pool }, 'Max pooling'),
  object({ type: choice(['avgpool'], 'Average pooling'), ...pool }, 'Average pooling'),
  object({ type: choice(ACTIVATIONS, 'Activation'), ...wiring }, 'Activation: every value looked up'),
  object(
    { type: choice(['batchnorm'], 'Batch normalization'), ...wiring },
    'Batch normalization, folded into the layer before it',
  ),
  object({ type: choice(['flatten'], 'Flatten'), ...wiring }, 'Flatten'),
  object({ type: choice(['add'], 'Sum'), ...wiring }, 'Element-wise sum'),
  object(
    { type: choice(['concat'], 'Concatenation'), ...wiring },
    'Concatenation of channels (of features, where the inputs differ in size)',
  ),
] as const;

const layer = z.discriminatedUnion('type', LAYERS, {
  error: `expected a layer type: ${LAYERS.flatMap(({ shape }) => shape.type.options).join(', ')}`,
});

/** Schema of a network file. */
export const networkSchema = object(
  {
    name: text('Name of the network'),
    description: text('One line about it').optional(),
    source: text('Publication it follows').optional(),
    input: union(
      [
        object({ channels: count('Channels'), height: count('Height'), width: count('Width') }, 'An image'),
        object(
          { features: count('Values'), steps: count('Time steps').default(1) },
          'A vector, or a sequence of vectors',
        ),
      ],
      'What the network reads',
    ),
    layers: list(layer, 'Layers in order').min(1, { error: 'expected at least one layer' }),
  },
  'A neural network as a graph of layers',
);

export type NetworkFile = z.output<typeof networkSchema>;
export type LayerFile = NetworkFile['layers'][number];
