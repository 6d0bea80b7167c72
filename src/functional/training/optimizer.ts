// Update rules: SGD with momentum and weight decay, Adam (torch's definitions).

import { zerosLike, type Numbers } from '../operators/values.js';

/** Knobs of an update rule. */
export type OptimizerOptions =
  | { readonly kind: 'sgd'; readonly learningRate: number; readonly momentum: number; readonly weightDecay: number }
  | {
      readonly kind: 'adam';
      readonly learningRate: number;
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
      readonly weightDecay: number;
    };

/** torch's defaults of Adam. */
export const ADAM = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 } as const;

/**
 * The rule for one array of values with its state. SGD: d = gradient + weightDecay w; m = momentum m + d (no dampening,
 * no Nesterov); w -= learningRate m. Adam: both moments with bias correction, w -= learningRate m / (sqrt(v) +
 * epsilon), weight decay added to the gradient.
 */
export class Optimizer {
  readonly #options: OptimizerOptions;
  /** Momentum (SGD), first and second moment (Adam), and the number of steps: what a checkpoint keeps. */
  readonly arrays: ReadonlyMap<string, Numbers>;
  readonly #first: Numbers;
  readonly #second: Numbers;
  readonly #steps: Float64Array;

  /** @param like values of the precision that the state is kept in. */
  constructor(options: OptimizerOptions, size: number, like: Numbers = new Float64Array(0)) {
    this.#options = options;
    this.#first = zerosLike(like, size);
    this.#second = zerosLike(like, options.kind === 'adam' ? size : 0);
    this.#steps = new Float64Array(1);
    this.arrays = new Map([
      ['first', this.#first],
      ['second', this.#second],
      ['steps', this.#steps],
    ]);
  }

  /** The change of every value for this gradient, written into `change`; the values themselves stay. */
  change(values: Numbers, gradient: Numbers, change: Numbers): void {
    const o = this.#options;
    const first = this.#first;
    const step = (this.#steps[0] = this.#steps[0]! + 1);
    if (o.kind === 'sgd' && o.momentum === 0 && o.weightDecay === 0) {
      for (let i = 0; i < change.length; i++) change[i] = -o.learningRate * gradient[i]!;
      return;
    }
    if (o.kind === 'sgd') {
      for (let i = 0; i < values.length; i++) {
        const d = gradient[i]! + o.weightDecay * values[i]!;
        first[i] = o.momentum * first[i]! + d;
        change[i] = -o.learningRate * first[i]!;
      }
      return;
    }
    const second = this.#second;
    const correction1 = 1 - o.beta1 ** step;
    const correction2 = Math.sqrt(1 - o.beta2 ** step);
    for (let i = 0; i < values.length; i++) {
      const d = gradient[i]! + o.weightDecay * values[i]!;
      first[i] = o.beta1 * first[i]! + (1 - o.beta1) * d;
      second[i] = o.beta2 * second[i]! + (1 - o.beta2) * d * d;
      change[i] = (-o.learningRate * (first[i]! / correction1)) / (Math.sqrt(second[i]!) / correction2 + o.epsilon);
    }
  }

  /** Values after one step, in place. */
  update(values: Numbers, gradient: Numbers, scratch: Numbers = zerosLike(values, values.length)): void {
    this.change(values, gradient, scratch);
    for (let i = 0; i < values.length; i++) values[i]! += scratch[i]!;
  }
}
