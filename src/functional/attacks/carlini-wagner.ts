// Carlini and Wagner's L2 attack (S&P 2017): Adam in tanh space on distance and margin, one constant.

import type { Numbers } from '../operators/values.js';
import { ADAM, Optimizer } from '../training/optimizer.js';
import { cut, fooled, shareOf, type AttackRun, type AttackTask, type Iteration } from './victim.js';

/** Knobs of the attack; torchattacks: constant 1, confidence 0, 50 iterations, learning rate 0.01. */
export interface CarliniWagnerOptions {
  constant: number;
  confidence: number;
  iterations: number;
  learningRate: number;
}

/** Pictures are moved off the ends of their range by this share, where atanh would be infinite. */
const INSIDE = 0.999999;

/**
 * Minimizes |x - x0|^2 + constant x max(margin, -confidence) for each picture; the margin is the best other logit less
 * the target's (untargeted: the label's less the best other). x = low + (tanh w + 1) / 2 x (high - low). The result of
 * a picture is the nearest that fooled on the way, or the last.
 */
export class CarliniWagner implements AttackRun {
  readonly total: number;
  iteration = 0;
  readonly arrays: ReadonlyMap<string, Numbers>;
  readonly #task: AttackTask;
  readonly #options: CarliniWagnerOptions;
  readonly #w: Float64Array;
  readonly #optimizer: Optimizer;
  readonly #best: Float64Array;
  readonly #distance: Float64Array;

  constructor(task: AttackTask, options: CarliniWagnerOptions) {
    this.#task = task;
    this.#options = options;
    this.total = options.iterations;
    const [low, high] = task.range;
    this.#w = Float64Array.from(task.clean, (x) =>
      Math.atanh(INSIDE * ((2 * (cut(x, low, high) - low)) / (high - low) - 1)),
    );
    this.#optimizer = new Optimizer({ ...ADAM, learningRate: options.learningRate }, this.#w.length);
    this.#best = this.#pictures();
    this.#distance = new Float64Array(task.count).fill(Infinity);
    this.arrays = new Map<string, Numbers>([
      ['w', this.#w],
      ['best', this.#best],
      ['distance', this.#distance],
      ...[...this.#optimizer.arrays].map(([name, array]) => [`adam.${name}`, array] as const),
    ]);
  }

  step(): Iteration {
    const { victim, count, clean, range } = this.#task;
    const x = this.#pictures();
    let margins: Float64Array = new Float64Array(count);
    const { logits, gradient } = victim.gradient(x, count, (out) => {
      const { error, margin } = this.#margins(out);
      margins = margin;
      return error;
    });
    const before = this.#report(x, logits, margins);
    const scale = (range[1] - range[0]) / 2;
    const down = new Float64Array(x.length);
    for (let j = 0; j < x.length; j++) {
      const t = Math.tanh(this.#w[j]!);
      down[j] = (2 * (x[j]! - clean[j]!) + gradient[j]!) * scale * (1 - t * t);
    }
    this.#optimizer.update(this.#w, down);
    this.iteration++;
    return before;
  }

  state(): Iteration {
    const x = this.#pictures();
    const logits = this.#task.victim.logits(x, this.#task.count);
    return this.#report(x, logits, this.#margins(logits).margin);
  }

  adversarial(): Float64Array {
    const x = this.#pictures();
    const { size } = this.#task.victim;
    this.#distance.forEach((distance, i) => {
      if (distance < Infinity) x.set(this.#best.subarray(i * size, (i + 1) * size), i * size);
    });
    return x;
  }

  #pictures(): Float64Array {
    const [low, high] = this.#task.range;
    return Float64Array.from(this.#w, (w) => low + ((Math.tanh(w) + 1) / 2) * (high - low));
  }

  /** constant x max(margin, -confidence) of each picture, and its error at the logits. */
  #margins(logits: Float64Array): { error: Float64Array; margin: Float64Array } {
    const { count, labels, targets } = this.#task;
    const { constant, confidence } = this.#options;
    const classes = logits.length / count;
    const error = new Float64Array(logits.length);
    const margin = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const own = (targets ?? labels)[i]!;
      let other = own === 0 ? 1 : 0;
      for (let k = 0; k < classes; k++)
        if (k !== own && logits[i * classes + k]! > logits[i * classes + other]!) other = k;
      const towards = targets === null ? -1 : 1;
      const gap = towards * (logits[i * classes + other]! - logits[i * classes + own]!);
      margin[i] = constant * Math.max(gap, -confidence);
      if (gap <= -confidence) continue;
      error[i * classes + other] = towards * constant;
      error[i * classes + own] = -towards * constant;
    }
    return { error, margin };
  }

  /** Loss: the mean over pictures of distance and margin. Keeps the nearest pictures that fool. */
  #report(x: Float64Array, logits: Float64Array, margins: Float64Array): Iteration {
    const { victim, clean, count } = this.#task;
    const flags = fooled(logits, this.#task);
    let loss = 0;
    for (let i = 0; i < count; i++) {
      let distance = 0;
      for (let j = i * victim.size; j < (i + 1) * victim.size; j++) distance += (x[j]! - clean[j]!) ** 2;
      loss += distance + margins[i]!;
      if (flags[i] === 1 && distance < this.#distance[i]!) {
        this.#distance[i] = distance;
        this.#best.set(x.subarray(i * victim.size, (i + 1) * victim.size), i * victim.size);
      }
    }
    return { iteration: this.iteration, loss: loss / count, success: shareOf(flags) };
  }
}
