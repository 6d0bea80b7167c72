// Keys that several layer types of a network file share.

import * as z from 'zod';
import { choice, count, flag, list, real, text, union } from '../../config/index.js';
import { DIRECTIONS } from '../graph/products.js';

/** A number for all axes of space, or one for each. */
export const perAxis = (description: string, min = 1) =>
  union(
    [
      count(`${description}, all ways`, { min }),
      z.array(count(description, { min }), { error: 'a number, or one for each axis' }).min(1).max(3),
    ],
    description,
  );

/** A list of sizes. */
export const sizes = (description: string, min = 0) => list(count(description, { min }), description);
/** An axis of a sample, negative ones from behind. */
export const axis = (description: string) => count(description, { min: -5, max: 5 });

/** Name of a layer and what it reads. */
export const wiring = {
  name: text('Name, unique in the network'),
  from: union(
    [text('A layer, an output of one (`split:1`), a constant, or `input`'), list(text('A tensor'), 'Several')],
    'What it reads (default: the layer before it)',
  ).optional(),
};

/** Scales, zero points, peepholes and other rare parameters: role and shape. */
export const extras = {
  parameters: z
    .record(z.string(), z.array(count('Size', { min: 0 })))
    .optional()
    .describe('Further parameters by role, with their shapes'),
};
/** How a product's numbers are held. */
export const arithmetic = choice(['float', 'integer', 'requantized'], 'How numbers are held (quantized ONNX)').default(
  'float',
);

const padding = union(
  [
    choice(['same', 'same-lower', 'valid'], 'As TensorFlow counts'),
    count('Places on each side', { min: 0 }),
    z
      .array(count('places', { min: 0 }), { error: 'a number, one an axis, or befores and afters' })
      .min(1)
      .max(6),
  ],
  'Padding: a number, one for each axis, or all befores and then all afters (top, left, bottom, right)',
).default(0);

const sliding = {
  kernel: perAxis('Kernel'),
  stride: perAxis('Stride').default(1),
  padding,
  dilation: perAxis('Dilation').default(1),
};

/** Keys of convolutions of every kind. */
export const convolution = {
  ...wiring,
  channels: count('Output channels'),
  ...sliding,
  groups: count('Groups').default(1),
  bias: flag('Has a bias').default(true),
  ...extras,
};

/** Keys of pools. */
export const pool = {
  ...wiring,
  kernel: perAxis('Window').optional(),
  stride: perAxis('Stride (default: the window)').optional(),
  padding,
  dilation: perAxis('Dilation').default(1),
  ceil: flag('Sizes are rounded up').default(false),
  global: flag('The window is the whole map').default(false),
  countPadding: flag('Averages divide by the whole window, its padding included').default(false),
  p: count('lppool: power').default(2),
};

/** Keys of recurrent layers. */
export const recurrent = {
  ...wiring,
  hidden: count('Hidden size'),
  layers: count('Layers, one on the other').default(1),
  direction: choice(DIRECTIONS, 'Direction').default('forward'),
  output: choice(
    ['sequence', 'last', 'full'],
    'What comes out: all hidden states, the last, or (full) steps x directions ' +
      'x hidden, then last hidden and cell states',
  ).default('sequence'),
  bias: flag('Has a bias').default(true),
  states: list(choice(['hidden', 'cell'], 'State'), 'Initial states that `from` names behind the input').default([]),
  activations: list(text('sigmoid, tanh, relu, ...'), 'Of gates, cell, output, for each direction').optional(),
  clip: real('Limit of what enters the activations').optional(),
  linearBeforeReset: flag('gru: the state is multiplied before the reset gate').default(false),
  inputForget: flag('lstm: input and forget gates are coupled').default(false),
  ...extras,
};
