// Universal perturbation (Moosavi-Dezfooli et al., CVPR 2017): one perturbation, grown picture by picture with
// DeepFool.

import { ClassifierAttack } from './classifier-attack.js';
import { borderStep, jacobian } from './deepfool.js';
import { normOf } from './sign-steps.js';
import { cut, predictions, type AttackTask, type Iteration } from './victim.js';

/** Knobs; ART: DeepFool inside, 20 passes, delta 0.2, eps 10 (pixels to 255), L-infinity. */
export interface UniversalOptions {
  epsilon: number;
  norm: 'linf' | 'l2';
  /** Passes over the pictures. */
  iterations: number;
  /** The attack ends when all but this share of the pictures are fooled. */
  delta: number;
  /** DeepFool's overshoot, and its steps a picture. */
  overshoot: number;
  steps: number;
}

/**
 * Passes over the pictures; one that is not fooled yet adds its own way to the border, and the sum is cut to the ball.
 */
export class Universal extends ClassifierAttack {
  readonly total: number;
  readonly arrays: ReadonlyMap<string, Float64Array>;
  readonly #options: UniversalOptions;
  readonly #noise: Float64Array;

  constructor(task: AttackTask, options: UniversalOptions) {
    super(task);
    this.#options = options;
    this.total = options.iterations;
    this.#noise = new Float64Array(task.victim.size);
    this.arrays = new Map([['noise', this.#noise]]);
  }

  step(): Iteration {
    const { count, stream } = this.task;
    const before = this.state();
    if (before.success < 1 - this.#options.delta) {
      const order = Array.from({ length: count }, (_, i) => i);
      const draw = stream(`attack order ${this.iteration}`);
      for (let i = count - 1; i > 0; i--) {
        const j = Math.floor(draw() * (i + 1));
        [order[i], order[j]] = [order[j]!, order[i]!];
      }
      for (const picture of order) this.#grow(picture);
    }
    this.iteration++;
    return before;
  }

  adversarial(): Float64Array {
    const { clean, victim, range } = this.task;
    return Float64Array.from(clean, (x, at) => cut(x + this.#noise[at % victim.size]!, range[0], range[1]));
  }

  /** Adds one picture's way over the border. */
  #grow(picture: number): void {
    const { victim, clean, labels, range } = this.task;
    const label = labels[picture]!;
    const from = clean.subarray(picture * victim.size, (picture + 1) * victim.size);
    const moved = new Float64Array(victim.size);
    for (let step = 0; step < this.#options.steps; step++) {
      const x = Float64Array.from(from, (value, j) => cut(value + this.#noise[j]! + moved[j]!, range[0], range[1]));
      const { logits, gradients } = jacobian(victim, x, 1);
      if (predictions(logits, 1)[0] !== label) break;
      const way = borderStep(logits, gradients, { picture: 0, label }, this.#options.overshoot);
      if (way === null) break;
      for (let j = 0; j < moved.length; j++) moved[j]! += way[j]!;
    }
    const { epsilon, norm } = this.#options;
    for (let j = 0; j < moved.length; j++) this.#noise[j]! += moved[j]!;
    const length = norm === 'l2' ? normOf(this.#noise, null, 0, this.#noise.length) : 0;
    const factor = length > epsilon ? epsilon / length : 1;
    for (let j = 0; j < moved.length; j++)
      this.#noise[j] = norm === 'l2' ? this.#noise[j]! * factor : cut(this.#noise[j]!, -epsilon, epsilon);
  }
}
