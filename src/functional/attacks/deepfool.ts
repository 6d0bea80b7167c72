// DeepFool (Moosavi-Dezfooli et al., CVPR 2016) with torchattacks' rule: each step goes to the nearest border of
// classes.

import { ClassifierAttack } from './classifier-attack.js';
import { cut, predictions, type AttackTask, type Iteration, type Victim } from './victim.js';

/** Knobs; torchattacks: 50 iterations, overshoot 0.02. */
export interface DeepFoolOptions {
  iterations: number;
  overshoot: number;
}

/** Gradients of all logits of the pictures: [classes][count, size], one error pass a class. */
export function jacobian(
  victim: Victim,
  pictures: Float64Array,
  count: number,
): { logits: Float64Array; gradients: Float64Array[] } {
  const gradients: Float64Array[] = [];
  let logits: Float64Array = new Float64Array(0);
  for (let k = 0; k < victim.classes; k++) {
    const of = victim.gradient(pictures, count, (out) => {
      const error = new Float64Array(out.length);
      for (let i = 0; i < count; i++) error[i * victim.classes + k] = 1;
      return error;
    });
    logits = of.logits;
    gradients.push(of.gradient);
  }
  return { logits, gradients };
}

/** Some of the pictures [count, size], one after the other. */
export function chosenPictures(pictures: Float64Array, size: number, chosen: readonly number[]): Float64Array {
  const out = new Float64Array(chosen.length * size);
  chosen.forEach((picture, i) => {
    out.set(pictures.subarray(picture * size, (picture + 1) * size), i * size);
  });
  return out;
}

/**
 * The step of one picture to the nearest linearized border: (1 + overshoot) |f| w / |w|^2, f the difference of logits,
 * w of their gradients; null where every gradient vanishes.
 */
export function borderStep(
  logits: Float64Array,
  gradients: readonly Float64Array[],
  { picture, label }: { readonly picture: number; readonly label: number },
  overshoot: number,
): Float64Array | null {
  const classes = gradients.length;
  const size = gradients[0]!.length / (logits.length / classes);
  const at = picture * size;
  let [nearest, least, square] = [-1, Infinity, 0];
  for (let k = 0; k < classes; k++) {
    if (k === label) continue;
    let sum = 0;
    for (let j = at; j < at + size; j++) sum += (gradients[k]![j]! - gradients[label]![j]!) ** 2;
    const distance = Math.abs(logits[picture * classes + k]! - logits[picture * classes + label]!) / Math.sqrt(sum);
    if (distance < least) [nearest, least, square] = [k, distance, sum];
  }
  if (nearest < 0) return null;
  const gap = Math.abs(logits[picture * classes + nearest]! - logits[picture * classes + label]!);
  const factor = ((1 + overshoot) * gap) / square;
  return Float64Array.from(
    { length: size },
    (_, j) => factor * (gradients[nearest]![at + j]! - gradients[label]![at + j]!),
  );
}

/** Pictures walk to the nearest border until the network is wrong about them. */
export class DeepFool extends ClassifierAttack {
  readonly total: number;
  readonly arrays: ReadonlyMap<string, Float64Array>;
  readonly #options: DeepFoolOptions;
  readonly #pictures: Float64Array;

  constructor(task: AttackTask, options: DeepFoolOptions) {
    super(task);
    this.#options = options;
    this.total = options.iterations;
    this.#pictures = Float64Array.from(task.clean);
    this.arrays = new Map([['adversarial', this.#pictures]]);
  }

  step(): Iteration {
    const { victim, count, labels, range } = this.task;
    const all = victim.logits(this.#pictures, count);
    const before = this.report(all);
    const said = predictions(all, count);
    // Pictures that are fooled stand still: nothing is asked for them.
    const active = Array.from(labels.keys()).filter((i) => said[i] === labels[i]);
    if (active.length > 0) {
      const some = chosenPictures(this.#pictures, victim.size, active);
      const { logits, gradients } = jacobian(victim, some, active.length);
      active.forEach((picture, i) => {
        const move = borderStep(logits, gradients, { picture: i, label: labels[picture]! }, this.#options.overshoot);
        move?.forEach((by, j) => {
          const at = picture * victim.size + j;
          this.#pictures[at] = cut(this.#pictures[at]! + by, range[0], range[1]);
        });
      });
    }
    this.iteration++;
    return before;
  }

  adversarial(): Float64Array {
    return this.#pictures;
  }
}
