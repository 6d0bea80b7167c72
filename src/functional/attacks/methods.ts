// Attacks by name: the knobs of a config over the defaults of torchattacks or of the papers.

import type { AttackConfig, AttackMethod } from '../../run-config/index.js';
import { CarliniWagner } from './carlini-wagner.js';
import { DeepFool } from './deepfool.js';
import { Jsma } from './jsma.js';
import { OnePixel, type OnePixelOptions } from './one-pixel.js';
import { Rp2, type PictureShape } from './rp2.js';
import { SignSteps, type SignStepOptions } from './sign-steps.js';
import { Universal } from './universal.js';
import type { AttackRun, AttackTask } from './victim.js';

/** Pixel steps of torchattacks, for data of 0 to 1. */
const EPSILON = 8 / 255;
const STEP = 2 / 255;

/** What some methods need beside the task. */
export interface MethodInputs {
  shape: PictureShape;
  /** RP2's mask; null: everywhere. */
  mask: Float64Array | null;
}

type Make = (task: AttackTask, knobs: AttackConfig, inputs: MethodInputs) => AttackRun;

const steps = (otherwise: SignStepOptions): Make => {
  return (task, knobs) => {
    const { epsilon, step, iterations, norm, randomStart } = knobs;
    const wide = epsilon ?? otherwise.epsilon;
    return new SignSteps(task, {
      epsilon: wide,
      // FGSM goes all the way in one step.
      step: step ?? (otherwise.iterations === 1 ? wide : otherwise.step),
      iterations: iterations ?? otherwise.iterations,
      norm: norm ?? otherwise.norm,
      randomStart: randomStart ?? otherwise.randomStart,
      decay: otherwise.decay === null ? null : (knobs.decay ?? otherwise.decay),
    });
  };
};

const STEPS: SignStepOptions = {
  epsilon: EPSILON,
  step: STEP,
  iterations: 10,
  norm: 'linf',
  randomStart: false,
  decay: null,
};

const METHODS: Record<AttackMethod, Make> = {
  fgsm: steps({ ...STEPS, iterations: 1 }),
  bim: steps(STEPS),
  pgd: steps({ ...STEPS, randomStart: true }),
  mifgsm: steps({ ...STEPS, decay: 1 }),
  cw: (task, { constant, confidence, iterations, learningRate }) =>
    new CarliniWagner(task, {
      constant: constant ?? 1,
      confidence: confidence ?? 0,
      iterations: iterations ?? 50,
      learningRate: learningRate ?? 0.01,
    }),
  deepfool: (task, { iterations, overshoot }) =>
    new DeepFool(task, { iterations: iterations ?? 50, overshoot: overshoot ?? 0.02 }),
  universal: (task, { epsilon, norm, iterations, delta, overshoot }) =>
    new Universal(task, {
      epsilon: epsilon ?? 10 / 255,
      norm: norm ?? 'linf',
      iterations: iterations ?? 20,
      delta: delta ?? 0.2,
      overshoot: overshoot ?? 0.02,
      steps: 50,
    }),
  jsma: (task, { theta, gamma }) => new Jsma(task, { theta: theta ?? 1, gamma: gamma ?? 0.1 }),
  onepixel: (task, knobs, { shape }) => new OnePixel(task, onePixelOptions(knobs), shape),
  rp2: (task, knobs, { shape, mask }) => {
    const { transforms } = knobs;
    return new Rp2(
      task,
      {
        iterations: knobs.iterations ?? 300,
        learningRate: knobs.learningRate ?? 0.1,
        lambda: knobs.lambda ?? 0.02,
        totalVariation: knobs.totalVariation ?? 0,
        nonPrintability: knobs.nonPrintability ?? 0,
        printable: knobs.printable ?? [],
        noiseLimit: knobs.noiseLimit ?? 20,
        transforms:
          transforms === undefined
            ? null
            : { shift: transforms.shift, brightness: [transforms.brightness[0] ?? 1, transforms.brightness[1] ?? 1] },
        replay: null,
      },
      shape,
      mask ?? new Float64Array(task.victim.size).fill(1),
    );
  },
};

/** What a one-pixel attack does where knobs leave it open. */
export const onePixelOptions = ({ pixels, iterations, population }: AttackConfig): OnePixelOptions => ({
  pixels: pixels ?? 1,
  iterations: iterations ?? 10,
  population: population ?? 10,
});

/** Methods that want a class of their own. */
export const NEEDS_TARGET: ReadonlySet<AttackMethod> = new Set(['jsma']);
/** Methods that know no target. */
export const UNTARGETED: ReadonlySet<AttackMethod> = new Set(['deepfool', 'universal']);

/** The attack that a config names, ready to step. */
export const attackOf: Make = (task, knobs, inputs) => METHODS[knobs.method](task, knobs, inputs);
