// The `training` and `attack` trees of a config: how networks learn on the hardware, and how they are attacked on it.

import type * as z from 'zod';
import {
  below1,
  choice,
  count,
  flag,
  fraction,
  list,
  mapping,
  object,
  positive,
  real,
  text,
  union,
} from '../config/index.js';

/** Backends that run forward and back. */
export const COMPUTE_KINDS = [
  'float32',
  'float64',
  'integer',
  'crossbar',
  'posit',
  'elma',
  'lognet',
  'minifloat',
] as const;

/** How numbers of training run. */
const backend = (otherwise: string) =>
  choice(COMPUTE_KINDS, `How the matrices of weight layers multiply (default: ${otherwise})`).optional();

const device = object(
  () => ({
    scheme: choice(
      ['single', 'pair'],
      'One device a weight (the middle of its range is 0), or two whose difference it is',
    ).default('single'),
    rounding: choice(
      ['nearest', 'stochastic'],
      'Pulses of a change: the nearest whole number, or right on average',
    ).default('nearest'),
    hidden: flag('Changes add up in digital memory; a pulse is given for each whole step').default(false),
    verify: count('Most pulses of write-verify an update; 0: none', { min: 0, max: 1000 }).default(0),
    endurance: flag("Devices die at the device's rated endurance").default(true),
    inputBits: count(
      'Bits of an input from 0 to 1 that drives an array, one after the other (missing: inputs are not rounded)',
      { max: 16 },
    ).optional(),
    converterBits: count(
      "Bits of columns' converters over the range of all rows; a dummy column of middle conductance is taken off " +
        '(missing: sums are not converted)',
      { max: 32 },
    ).optional(),
    headroom: positive('Largest weight, in units of the largest starting weight of its layer').default(1.5),
  }),
  'How updates are written with `update: device`',
);

/** Schema of `training`. */
export const trainingSchema = object(
  () => ({
    epochs: count('Passes over the data').default(1),
    batch: count('Pictures of an update').default(64),
    iterations: count('Updates in all; unset: as many as the epochs have').optional(),
    shuffle: flag('Pictures in another order each epoch').default(true),
    optimizer: choice(['sgd', 'adam'], "torch's definitions").default('sgd'),
    learningRate: positive('Learning rate').default(0.05),
    learningRates: mapping(positive('Learning rate of a layer'), 'By layer name, in place of learningRate').default({}),
    momentum: fraction('Momentum of SGD').default(0),
    weightDecay: real('Share of a weight added to its gradient', { min: 0 }).default(0),
    beta1: below1("Adam's first moment that stays").default(0.9),
    beta2: below1("Adam's second moment that stays").default(0.999),
    epsilon: positive("Added to Adam's divisor").default(1e-8),
    loss: choice(['cross-entropy', 'mse'], 'Loss').default('cross-entropy'),
    backend: backend('float32'),
    gradients: choice(
      ['digital', 'arrays'],
      'Weight gradients of integer and crossbar backends: in digital units, or out of arrays into which the inputs ' +
        'of each picture are written (gradient.mapping)',
    ).default('digital'),
    batchNorm: choice(
      ['batch', 'stored'],
      "Batch norms that are not folded into a product take the batch's own statistics (torch's training mode), or " +
        'the stored ones; integer and crossbar backends fold them with the stored ones',
    ).default('batch'),
    adderRate: positive(
      "AdderNet's eta: norm of a weight gradient of its layers, in roots of the number of weights",
    ).default(0.2),
    update: choice(
      ['ideal', 'fixed-point', 'device'],
      'Weights take their change as it is, rounded to the fixed point of weights.bits, or in pulses of the device',
    ).default('ideal'),
    rounding: choice(
      ['nearest', 'stochastic'],
      'Rounding of fixed-point weights: to the nearest, or right on average (Gupta et al., ICML 2015)',
    ).default('stochastic'),
    recalibrate: count('Updates after which the ranges of integer, crossbar and lognet are taken anew').default(10),
    device: device.prefault({}),
    checkpoint: object(
      () => ({
        every: count('Epochs between two checkpoints').default(1),
        seconds: positive('Seconds between two checkpoints within an epoch').default(30),
      }),
      'Checkpoints',
    ).prefault({}),
    adversarial: flag('Pictures of each batch are attacked first (the `attack` tree says how)').default(false),
    adversarialShare: fraction(
      'Share of a batch that is attacked: 1 (Madry et al., ICLR 2018), 0.5 (Goodfellow et al., ICLR 2015)',
    ).default(1),
    attackOn: list(
      text('A preset or config file'),
      "Designs on which the attack of adversarial training is timed beside the run's own",
    ).default(['a3']),
  }),
  'Training on the hardware',
);

/** Attacks by name. */
export const ATTACK_METHODS = [
  'fgsm',
  'bim',
  'pgd',
  'mifgsm',
  'cw',
  'deepfool',
  'universal',
  'jsma',
  'onepixel',
  'rp2',
] as const;

/** Name of an attack. */
export type AttackMethod = (typeof ATTACK_METHODS)[number];

/** Schema of `attack`; what is left out is the method's default (torchattacks', or its paper's). */
export const attackSchema = object(
  () => ({
    method: choice(ATTACK_METHODS, 'Attack').default('fgsm'),
    backend: backend('functional.backend'),
    epsilon: positive('Largest distance from the clean picture, in units of the data').optional(),
    step: positive('Length of a step').optional(),
    iterations: count('Iterations').optional(),
    decay: real('Share of the accumulated direction that stays (mifgsm)', { min: 0 }).optional(),
    norm: choice(['linf', 'l2'], 'Norm of the distance').optional(),
    randomStart: flag('Starts at a random point of the ball (pgd)').optional(),
    targeted: flag('The attacker wants a class of its own').default(false),
    target: union(
      [choice(['next'], '(label + 1) of the classes'), count('A class', { min: 0 })],
      'Class that the attacker wants, with targeted',
    ).default('next'),
    confidence: real('Margin that is wanted beyond the border (cw)', { min: 0 }).optional(),
    constant: positive('Weight of the margin against the distance (cw)').optional(),
    learningRate: positive("Adam's learning rate (cw, rp2)").optional(),
    overshoot: positive('Share beyond the border (deepfool, universal)').optional(),
    theta: real('Change of a pixel; below 0 pixels are lowered (jsma)').optional(),
    gamma: fraction('Largest share of the pixels that change, up to whole pairs (jsma)').optional(),
    pixels: count('Pixels that change (onepixel)').optional(),
    population: count('Candidates of a generation (onepixel)', { min: 4, max: 100_000 }).optional(),
    delta: fraction('Share of pictures that need not be fooled (universal)').optional(),
    mask: text('npz, npy or PNG file: where the perturbation may be (rp2)').optional(),
    lambda: real('Weight of the norm of the perturbation (rp2)', { min: 0 }).optional(),
    totalVariation: real('Weight of the total variation (rp2)', { min: 0 }).optional(),
    nonPrintability: real('Weight of the non-printability score (rp2)', { min: 0 }).optional(),
    printable: list(real('A value that a printer has'), 'Values that a printer has (rp2)').optional(),
    noiseLimit: positive('Largest size of a value of the perturbation (rp2)').optional(),
    transforms: object(
      () => ({
        shift: count('Largest shift, pixels', { min: 0 }).default(2),
        brightness: list(positive('A factor'), '[lowest, highest] brightness').default([0.7, 1.3]),
      }),
      'Random transforms of each iteration (rp2)',
    ).optional(),
    start: text('npz or npy file: starting points or noise, so that a run can be replayed').optional(),
    gradientFrom: choice(
      ['hardware', 'float'],
      'Gradients of the hardware (white box through its noise), or of the float model (transfer)',
    ).default('hardware'),
    range: list(real('A value'), '[lowest, highest] value of a picture').default([0, 1]),
    seed: count('Seed of random draws (default: workload.seed)', { min: 0 }).optional(),
    checkpoint: object(
      () => ({ seconds: positive('Seconds between two checkpoints').default(2) }),
      'Checkpoints of the command attack',
    ).prefault({}),
  }),
  'Adversarial attack',
);

const STEPS = ['epsilon', 'step', 'iterations', 'norm', 'randomStart', 'start'] as const;

/** Knobs that each method reads, beside those that all do. */
export const ATTACK_READS: Readonly<Record<AttackMethod, readonly (keyof AttackConfig)[]>> = {
  fgsm: STEPS,
  bim: STEPS,
  pgd: STEPS,
  mifgsm: [...STEPS, 'decay'],
  cw: ['constant', 'confidence', 'iterations', 'learningRate'],
  deepfool: ['iterations', 'overshoot'],
  universal: ['epsilon', 'norm', 'iterations', 'delta', 'overshoot'],
  jsma: ['theta', 'gamma'],
  onepixel: ['pixels', 'iterations', 'population'],
  rp2: [
    ...(['iterations', 'learningRate', 'lambda', 'totalVariation', 'nonPrintability', 'printable'] as const),
    ...(['noiseLimit', 'transforms', 'mask', 'start'] as const),
  ],
};

/** A checked `training` tree. */
export type TrainingConfig = z.output<typeof trainingSchema>;
/** A checked `attack` tree. */
export type AttackConfig = z.output<typeof attackSchema>;
