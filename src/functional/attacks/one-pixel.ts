// One-pixel attack (Su et al., 2019): differential evolution over places and colours, no gradient.

import { ClassifierAttack } from './classifier-attack.js';
import { crossEntropy } from '../training/loss.js';
import type { Stream } from '../streams.js';
import type { PictureShape } from './rp2.js';
import { cut, type AttackTask, type Iteration } from './victim.js';

/** Knobs; torchattacks: 1 pixel, 10 iterations, population 10; the paper: population 400, 100 iterations. */
export interface OnePixelOptions {
  pixels: number;
  iterations: number;
  population: number;
}

/** Weight of a difference of two members (the paper's F). */
const DIFFERENCE = 0.5;

/**
 * Each member says for every pixel its row, column and colours (shares from 0 to 1). A child is one member plus half
 * the difference of two others, all different and none its parent; it stays in its parent's place where the network
 * believes the label less (the target more).
 */
export class OnePixel extends ClassifierAttack {
  readonly total: number;
  readonly arrays: ReadonlyMap<string, Float64Array>;
  readonly #options: OnePixelOptions;
  readonly #shape: PictureShape;
  /** Numbers of a member. */
  readonly #genes: number;
  readonly #members: Float64Array;
  /** Loss of each member: that of its label (more is better), or less that of its target. */
  readonly #fitness: Float64Array;

  constructor(task: AttackTask, options: OnePixelOptions, shape: PictureShape) {
    super(task);
    this.#options = options;
    this.#shape = shape;
    this.total = options.iterations;
    this.#genes = options.pixels * (2 + shape.channels);
    const draw = task.stream('attack population');
    const members = task.count * options.population;
    this.#members = Float64Array.from({ length: members * this.#genes }, () => draw());
    this.#fitness = new Float64Array(members).fill(-Infinity);
    this.arrays = new Map([
      ['members', this.#members],
      ['fitness', this.#fitness],
    ]);
  }

  step(): Iteration {
    const { count } = this.task;
    const { population } = this.#options;
    const before = this.state();
    if (this.iteration === 0) this.#evaluateAll();
    const draw = this.task.stream(`attack generation ${this.iteration}`);
    const children = new Float64Array(count * population * this.#genes);
    for (let member = 0; member < count * population; member++) {
      const first = Math.floor(member / population) * population;
      const [a, b, c] = threeOthers(draw, population, member - first).map((one) => first + one);
      for (let g = 0; g < this.#genes; g++) {
        const of = (one: number): number => this.#members[one * this.#genes + g]!;
        children[member * this.#genes + g] = cut(of(a!) + DIFFERENCE * (of(b!) - of(c!)), 0, 1);
      }
    }
    const fitness = this.#evaluate(children);
    for (let member = 0; member < fitness.length; member++) {
      if (fitness[member]! <= this.#fitness[member]!) continue;
      this.#fitness[member] = fitness[member]!;
      const at = member * this.#genes;
      this.#members.set(children.subarray(at, at + this.#genes), at);
    }
    this.iteration++;
    return before;
  }

  adversarial(): Float64Array {
    const { clean, count, victim } = this.task;
    const { population } = this.#options;
    const x = Float64Array.from(clean);
    for (let i = 0; i < count; i++) {
      let best = i * population;
      for (let m = best; m < (i + 1) * population; m++) if (this.#fitness[m]! > this.#fitness[best]!) best = m;
      if (this.#fitness[best]! === -Infinity) continue;
      x.set(this.#painted(i, this.#members, best), i * victim.size);
    }
    return x;
  }

  #evaluateAll(): void {
    this.#fitness.set(this.#evaluate(this.#members));
  }

  #evaluate(members: Float64Array): Float64Array {
    const { victim, count, labels, targets } = this.task;
    const { population } = this.#options;
    const out = new Float64Array(count * population);
    for (let p = 0; p < population; p++) {
      const x = new Float64Array(count * victim.size);
      for (let i = 0; i < count; i++) x.set(this.#painted(i, members, i * population + p), i * victim.size);
      const { losses } = crossEntropy(victim.logits(x, count), targets ?? labels, count);
      for (let i = 0; i < count; i++) out[i * population + p] = targets === null ? losses[i]! : -losses[i]!;
    }
    return out;
  }

  /** The clean picture with a member's pixels. */
  #painted(picture: number, members: Float64Array, member: number): Float64Array {
    const { clean, victim, range } = this.task;
    const { channels, height, width } = this.#shape;
    const x = clean.slice(picture * victim.size, (picture + 1) * victim.size);
    for (let p = 0; p < this.#options.pixels; p++) {
      const at = member * this.#genes + p * (2 + channels);
      const row = Math.min(height - 1, Math.floor(members[at]! * height));
      const column = Math.min(width - 1, Math.floor(members[at + 1]! * width));
      for (let c = 0; c < channels; c++)
        x[(c * height + row) * width + column] = range[0] + members[at + 2 + c]! * (range[1] - range[0]);
    }
    return x;
  }
}

/** Three members of a population, all different, none `self`. */
function threeOthers(draw: Stream, population: number, self: number): number[] {
  const taken = [self];
  const chosen: number[] = [];
  while (chosen.length < 3) {
    let one = Math.floor(draw() * (population - taken.length));
    for (const other of taken) if (one >= other) one++;
    chosen.push(one);
    taken.push(one);
    taken.sort((x, y) => x - y);
  }
  return chosen;
}
