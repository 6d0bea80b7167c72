// The trees `model`, `data` and `test` of a config: trained weights and labelled samples.

import type * as z from 'zod';
import { choice, count, list, object, positive, real, text } from '../config/index.js';

/** Kinds of data sets. */
export const DATA_KINDS = ['idx', 'cifar10', 'npz', 'csv', 'png', 'text', 'digits'] as const;

/** Schema of `model`. */
export const modelSchema = object(
  () => ({
    weights: text(
      'File with the weights (safetensors, npz, pt, onnx): LAYER.weight, LAYER.bias, as PyTorch lays them out',
    ).optional(),
  }),
  'A trained model',
);

/** Schema of `data` and `test`. */
export const dataSchema = object(
  () => ({
    kind: choice(
      DATA_KINDS,
      'IDX (MNIST), CIFAR-10 binary, npz (an array for each input, by name), CSV (a sample a line), a folder of PNG, ' +
        'text by characters, or digits that xbarflow draws itself; files may be gzipped',
    ),
    inputs: text('File (png: folder) with the samples').optional(),
    labels: text('File with the labels; unset: those of the same file, or none').optional(),
    labelColumn: text("CSV: column of the labels: a column's name, first, last or none").default('last'),
    vocabulary: text('Text: JSON list of characters (default: those of the text)').optional(),
    start: count('Text: first character that is read', { min: 0 }).default(0),
    scale: positive('Factor of the raw numbers (default: 1/255 for bytes of pictures, else 1)').optional(),
    mean: list(real('Mean'), 'Taken off after scaling, by channel').default([]),
    deviation: list(real('Deviation'), 'Divisor after that, by channel').default([]),
    from: count('First sample', { min: 0 }).default(0),
    count: count('Samples (default: all; digits: 1000)').optional(),
    seed: count("Digits: seed of the drawing (default: the run's)", { min: 0 }).optional(),
  }),
  'Labelled samples',
);

/** A checked `data` or `test` tree. */
export type DataConfig = z.output<typeof dataSchema>;
