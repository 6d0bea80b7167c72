// FGSM, BIM, PGD and MI-FGSM: steps along the sign (or the direction) of the loss's gradient, kept within a ball.

import { ClassifierAttack } from './classifier-attack.js';
import { crossEntropy, type LossOf } from '../training/loss.js';
import { normalOf } from '../streams.js';
import { cut, signOf, type AttackTask, type Iteration } from './victim.js';

/** How steps are taken. */
export interface SignStepOptions {
  /** Largest distance from the clean picture. */
  epsilon: number;
  /** Length of a step. */
  step: number;
  iterations: number;
  norm: 'linf' | 'l2';
  /** Starts at a random point of the ball. */
  randomStart: boolean;
  /** Share of the accumulated direction that stays (MI-FGSM); null: none is accumulated. */
  decay: number | null;
}

/** Added to norms before a division (torchattacks). */
const DIVISION = 1e-10;

/** Steps of one sign: up the loss of the label, or down that of the target. */
export class SignSteps extends ClassifierAttack {
  readonly total: number;
  readonly arrays: ReadonlyMap<string, Float64Array>;
  readonly #options: SignStepOptions;
  readonly #pictures: Float64Array;
  readonly #momentum: Float64Array;

  constructor(task: AttackTask, options: SignStepOptions) {
    super(task);
    this.#options = options;
    this.total = options.iterations;
    this.#pictures = startingPoint(task, options);
    this.#momentum = new Float64Array(options.decay === null ? 0 : this.#pictures.length);
    this.arrays = new Map([
      ['adversarial', this.#pictures],
      ['momentum', this.#momentum],
    ]);
  }

  step(): Iteration {
    const { victim, count, labels, targets } = this.task;
    const aim = targets ?? labels;
    let loss: LossOf | null = null;
    const { logits, gradient } = victim.gradient(this.#pictures, count, (out) => {
      loss = crossEntropy(out, aim, count);
      return loss.error;
    });
    const before = this.report(logits);
    if (this.#options.decay !== null) this.#accumulate(gradient, this.#options.decay);
    this.#move(this.#options.decay === null ? gradient : this.#momentum);
    this.iteration++;
    return before;
  }

  adversarial(): Float64Array {
    return this.#pictures;
  }

  /** g = gradient / its mean size + decay x g (Dong et al., CVPR 2018). */
  #accumulate(gradient: Float64Array, decay: number): void {
    const { size } = this.task.victim;
    for (let at = 0; at < gradient.length; at += size) {
      let sum = 0;
      for (let j = at; j < at + size; j++) sum += Math.abs(gradient[j]!);
      const mean = sum / size;
      for (let j = at; j < at + size; j++)
        this.#momentum[j] = decay * this.#momentum[j]! + (mean === 0 ? 0 : gradient[j]! / mean);
    }
  }

  #move(direction: Float64Array): void {
    const { victim, clean, targets, range } = this.task;
    const { epsilon, step, norm } = this.#options;
    const along = targets === null ? step : -step;
    const x = this.#pictures;
    if (norm === 'linf') {
      for (let j = 0; j < x.length; j++) {
        const moved = x[j]! + along * signOf(direction[j]!) - clean[j]!;
        x[j] = cut(clean[j]! + cut(moved, -epsilon, epsilon), range[0], range[1]);
      }
      return;
    }
    for (let at = 0; at < x.length; at += victim.size) {
      const length = normOf(direction, null, at, victim.size) + DIVISION;
      for (let j = at; j < at + victim.size; j++) x[j]! += (along * direction[j]!) / length;
      const distance = normOf(x, clean, at, victim.size);
      const factor = distance === 0 ? 1 : Math.min(1, epsilon / distance);
      for (let j = at; j < at + victim.size; j++)
        x[j] = cut(clean[j]! + (x[j]! - clean[j]!) * factor, range[0], range[1]);
    }
  }
}

/** 2-norm of a row, or of its difference to another. */
export function normOf(values: Float64Array, less: Float64Array | null, at: number, size: number): number {
  let sum = 0;
  for (let j = at; j < at + size; j++) {
    const value = less === null ? values[j]! : values[j]! - less[j]!;
    sum += value * value;
  }
  return Math.sqrt(sum);
}

/**
 * Where an attack begins: the clean pictures, or with a random start a point of the ball. A replay's noise is in units
 * of epsilon (-1 to 1).
 */
function startingPoint({ clean, victim, range, start, stream }: AttackTask, options: SignStepOptions): Float64Array {
  const x = Float64Array.from(clean);
  const { epsilon, norm, randomStart } = options;
  if (start === null && !randomStart) return x;
  const uniform = stream('attack start');
  if (start !== null || norm === 'linf') {
    for (let j = 0; j < x.length; j++) {
      const share = start === null ? 2 * uniform() - 1 : start[j]!;
      x[j] = cut(clean[j]! + epsilon * share, range[0], range[1]);
    }
    return x;
  }
  // Evenly in the ball of the 2-norm: a direction of normal numbers, and a length by the root of the dimension.
  const normal = normalOf(uniform);
  for (let at = 0; at < x.length; at += victim.size) {
    const direction = Float64Array.from({ length: victim.size }, normal);
    const length = normOf(direction, null, 0, victim.size);
    const reach = (epsilon * uniform() ** (1 / victim.size)) / (length === 0 ? 1 : length);
    for (let j = 0; j < victim.size; j++) x[at + j] = cut(clean[at + j]! + reach * direction[j]!, range[0], range[1]);
  }
  return x;
}
