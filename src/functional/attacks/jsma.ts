// JSMA (Papernot et al., EuroS&P 2016): two pixels a round, the pair whose change moves the target up, the others down.

import { ClassifierAttack } from './classifier-attack.js';
import { chosenPictures, jacobian } from './deepfool.js';
import { predictions, type AttackTask, type Iteration } from './victim.js';

/** Knobs; CleverHans: theta 1, a tenth of the pixels. */
export interface JsmaOptions {
  /** What is added to a pixel; negative: pixels are lowered. */
  theta: number;
  /** Largest share of the pixels that change, up to whole pairs. */
  gamma: number;
}

/** Pixels that have gone this share of the range the way they are to go are full from the start. */
const FULL = 0.99;

/**
 * Rounds of pairs p < q with the largest |alpha beta|, the first of equals in row order; alpha > 0 > beta where pixels
 * are raised, alpha < 0 < beta where they are lowered.
 */
export class Jsma extends ClassifierAttack {
  readonly total: number;
  readonly arrays: ReadonlyMap<string, Float64Array>;
  readonly #targets: Int32Array;
  readonly #theta: number;
  readonly #pictures: Float64Array;
  /** 1: may still be changed. */
  readonly #open: Float64Array;
  /** 1: no pair is left. */
  readonly #stuck: Float64Array;

  /** @throws Error where no target is given: the method needs one. */
  constructor(task: AttackTask, { theta, gamma }: JsmaOptions) {
    super(task);
    if (task.targets === null) throw new Error('JSMA needs a target class');
    this.#targets = task.targets;
    this.#theta = theta;
    this.total = Math.ceil((task.victim.size * gamma) / 2);
    const [low, high] = task.range;
    this.#pictures = Float64Array.from(task.clean);
    const gone = (x: number): number => (theta < 0 ? high - x : x - low) / (high - low);
    this.#open = Float64Array.from(task.clean, (x) => (gone(x) < FULL ? 1 : 0));
    this.#stuck = new Float64Array(task.count);
    this.arrays = new Map([
      ['adversarial', this.#pictures],
      ['open', this.#open],
      ['stuck', this.#stuck],
    ]);
  }

  step(): Iteration {
    const { victim, count } = this.task;
    const logits = victim.logits(this.#pictures, count);
    const before = this.report(logits);
    const said = predictions(logits, count);
    const active = Array.from(said.keys()).filter((i) => said[i] !== this.#targets[i] && this.#stuck[i] === 0);
    if (active.length > 0) {
      const some = chosenPictures(this.#pictures, victim.size, active);
      const { gradients } = jacobian(victim, some, active.length);
      active.forEach((picture, i) => {
        this.#change(picture, gradients, i * victim.size);
      });
    }
    this.iteration++;
    return before;
  }

  adversarial(): Float64Array {
    return this.#pictures;
  }

  /** @param at where the picture's gradients begin. */
  #change(picture: number, gradients: readonly Float64Array[], at: number): void {
    const { victim, range } = this.task;
    const target = this.#targets[picture]!;
    const from = picture * victim.size;
    const open: number[] = [];
    for (let j = 0; j < victim.size; j++) if (this.#open[from + j] === 1) open.push(j);
    const alpha = new Float64Array(victim.size);
    const beta = new Float64Array(victim.size);
    const way = this.#theta < 0 ? -1 : 1;
    gradients.forEach((of, k) => {
      const into = k === target ? alpha : beta;
      for (const j of open) into[j]! += of[at + j]!;
    });
    let [best, first, second] = [0, -1, -1];
    for (let a = 0; a < open.length; a++) {
      const p = open[a]!;
      for (let b = a + 1; b < open.length; b++) {
        const q = open[b]!;
        const up = way * (alpha[p]! + alpha[q]!);
        const down = way * (beta[p]! + beta[q]!);
        if (up > 0 && down < 0 && up * -down > best) [best, first, second] = [up * -down, p, q];
      }
    }
    if (first < 0) {
      this.#stuck[picture] = 1;
      return;
    }
    for (const j of [first, second]) {
      this.#pictures[from + j] = Math.min(range[1], Math.max(range[0], this.#pictures[from + j]! + this.#theta));
      this.#open[from + j] = 0;
    }
  }
}
