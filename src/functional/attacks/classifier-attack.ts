// What attacks share whose state is the loss of the classes and the share that is fooled.

import { crossEntropy, meanOf } from '../training/loss.js';
import type { Numbers } from '../operators/values.js';
import { fooled, shareOf, type AttackRun, type AttackTask, type Iteration } from './victim.js';

/** An attack on what a network says of pictures: subclasses move them. */
export abstract class ClassifierAttack implements AttackRun {
  abstract readonly total: number;
  abstract readonly arrays: ReadonlyMap<string, Numbers>;
  iteration = 0;

  constructor(protected readonly task: AttackTask) {}

  abstract step(): Iteration;
  abstract adversarial(): Float64Array;

  state(): Iteration {
    const { victim, count } = this.task;
    return this.report(victim.logits(this.adversarial(), count));
  }

  /** The state at logits [count, classes]: the loss is that of the targets, or of the labels where there are none. */
  protected report(logits: Float64Array): Iteration {
    const { count, labels, targets } = this.task;
    const { losses } = crossEntropy(logits, targets ?? labels, count);
    return { iteration: this.iteration, loss: meanOf(losses), success: shareOf(fooled(logits, this.task)) };
  }
}
