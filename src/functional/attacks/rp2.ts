// RP2 (Eykholt et al., CVPR 2018): one masked perturbation for all pictures, robust to what a camera does to it.

import { crossEntropy, meanOf } from '../training/loss.js';
import type { Numbers } from '../operators/values.js';
import { ADAM, Optimizer } from '../training/optimizer.js';
import type { Stream } from '../streams.js';
import { cut, fooled, shareOf, type AttackRun, type AttackTask, type Iteration } from './victim.js';

/** Knobs; the authors' LISA-CNN run: 300 iterations, lambda 0.02, Adam at 0.1, noise cut to 20. */
export interface Rp2Options {
  iterations: number;
  learningRate: number;
  /** Weight of the 2-norm of the masked noise. */
  lambda: number;
  /** Weight of the total variation of the masked noise. */
  totalVariation: number;
  /** Weight of the non-printability score. */
  nonPrintability: number;
  /** Values of a channel that a printer has. */
  printable: readonly number[];
  /** Largest size of a value of the noise as it is put on; what goes beyond has no gradient (the authors' clip). */
  noiseLimit: number;
  /** Largest shift (values of the picture's grid) and smallest and largest brightness, drawn each iteration. */
  transforms: { shift: number; brightness: readonly [low: number, high: number] } | null;
  /** Shift and brightness of each iteration instead of draws: [dx, dy, brightness]. */
  replay: readonly (readonly [dx: number, dy: number, brightness: number])[] | null;
}

/** Channels, rows and columns of a picture. */
export interface PictureShape {
  channels: number;
  height: number;
  width: number;
}

/**
 * Minimizes the mean over pictures of the cross entropy of transform(clip(x + M n)) with the target (without targets:
 * its negative, with the label), plus lambda |M n|, total variation and non-printability. M has the size of a picture,
 * or of one channel.
 */
export class Rp2 implements AttackRun {
  readonly total: number;
  iteration = 0;
  readonly arrays: ReadonlyMap<string, Numbers>;
  readonly #task: AttackTask;
  readonly #options: Rp2Options;
  readonly #shape: PictureShape;
  readonly #mask: Float64Array;
  readonly #noise: Float64Array;
  readonly #optimizer: Optimizer;

  /** @param mask 0 where the noise is not, [channels, height, width] or [height, width]. */
  constructor(task: AttackTask, options: Rp2Options, shape: PictureShape, mask: Float64Array) {
    this.#task = task;
    this.#options = options;
    this.#shape = shape;
    this.total = options.iterations;
    this.#mask = spread(mask, task.victim.size);
    this.#noise =
      task.start === null
        ? randomNoise(task.stream('attack start'), task.victim.size)
        : spread(task.start, task.victim.size);
    this.#optimizer = new Optimizer({ ...ADAM, learningRate: options.learningRate }, task.victim.size);
    this.arrays = new Map<string, Numbers>([
      ['noise', this.#noise],
      ...[...this.#optimizer.arrays].map(([name, array]) => [`adam.${name}`, array] as const),
    ]);
  }

  step(): Iteration {
    const { victim, count } = this.#task;
    const { size } = victim;
    const [dx, dy, brightness] = this.#transform(this.iteration);
    const plain = this.adversarial();
    const seen = this.#seen(plain, dx, dy, brightness);
    let entropy = 0;
    const toward = this.#toward;
    const { logits, gradient } = victim.gradient(seen.pictures, count, (out) => {
      const { losses, error } = crossEntropy(out, this.#aims(), count);
      entropy = toward * meanOf(losses);
      return error.map((value) => (toward * value) / count);
    });
    const untouched = dx === 0 && dy === 0 && brightness === 1;
    const success = shareOf(fooled(untouched ? logits : victim.logits(plain, count), this.#task));
    const masked = this.#masked();
    const down = new Float64Array(size);
    for (let i = 0; i < count; i++)
      for (let j = 0; j < size; j++) {
        const at = this.#sourceOf(j, dx, dy);
        // The picture's value at `at` is seen at j; a clip lets no gradient through.
        if (at < 0 || seen.clipped[i * size + j] === 1) continue;
        if (this.#clips(masked, i, at)) continue;
        down[at]! += gradient[i * size + j]! * brightness;
      }
    for (let j = 0; j < size; j++) down[j]! *= this.#mask[j]!;
    const before = { iteration: this.iteration, loss: entropy + this.#penalties(down), success };
    const { noiseLimit } = this.#options;
    for (let j = 0; j < size; j++) if (Math.abs(this.#noise[j]!) > noiseLimit) down[j] = 0;
    this.#optimizer.update(this.#noise, down);
    this.iteration++;
    return before;
  }

  state(): Iteration {
    const { victim, count } = this.#task;
    const plain = this.adversarial();
    const [dx, dy, brightness] = this.#transform(this.iteration);
    const logits = victim.logits(this.#seen(plain, dx, dy, brightness).pictures, count);
    const { losses } = crossEntropy(logits, this.#aims(), count);
    const untouched = dx === 0 && dy === 0 && brightness === 1;
    const success = shareOf(fooled(untouched ? logits : victim.logits(plain, count), this.#task));
    const loss = this.#toward * meanOf(losses) + this.#penalties(null);
    return { iteration: this.iteration, loss, success };
  }

  adversarial(): Float64Array {
    const { clean, victim, range } = this.#task;
    const masked = this.#masked();
    return clean.map((x, at) => cut(x + masked[at % victim.size]!, range[0], range[1]));
  }

  /** What is put on each picture. */
  #masked(): Float64Array {
    return this.#cutNoise().map((n, j) => n * this.#mask[j]!);
  }

  #cutNoise(): Float64Array {
    const { noiseLimit } = this.#options;
    return this.#noise.map((n) => cut(n, -noiseLimit, noiseLimit));
  }

  /** 1: down the cross entropy of the target; -1: up that of the label. */
  get #toward(): 1 | -1 {
    return this.#task.targets === null ? -1 : 1;
  }

  #aims(): Int32Array {
    return this.#task.targets ?? this.#task.labels;
  }

  #clips(masked: Float64Array, picture: number, j: number): boolean {
    const { clean, victim, range } = this.#task;
    const value = clean[picture * victim.size + j]! + masked[j]!;
    return value < range[0] || value > range[1];
  }

  #transform(iteration: number): readonly [dx: number, dy: number, brightness: number] {
    const { replay, transforms } = this.#options;
    if (replay !== null) return replay[iteration] ?? [0, 0, 1];
    if (transforms === null) return [0, 0, 1];
    const draw = this.#task.stream(`attack transform ${iteration}`);
    const shift = (): number => Math.floor(draw() * (2 * transforms.shift + 1)) - transforms.shift;
    const [low, high] = transforms.brightness;
    return [shift(), shift(), low + (high - low) * draw()];
  }

  /** Place of the picture that is seen at j after a shift, -1 for the empty border. */
  #sourceOf(j: number, dx: number, dy: number): number {
    const { height, width } = this.#shape;
    const column = (j % width) - dx;
    const row = (Math.floor(j / width) % height) - dy;
    return column < 0 || column >= width || row < 0 || row >= height ? -1 : j - dx - dy * width;
  }

  /** Pictures as a camera sees them: shifted (zeros come in), brighter or darker, clipped. */
  #seen(
    plain: Float64Array,
    dx: number,
    dy: number,
    brightness: number,
  ): { pictures: Float64Array; clipped: Uint8Array } {
    const { victim, count, range } = this.#task;
    const pictures = new Float64Array(plain.length);
    const clipped = new Uint8Array(plain.length);
    for (let i = 0; i < count; i++)
      for (let j = 0; j < victim.size; j++) {
        const from = this.#sourceOf(j, dx, dy);
        const value = from < 0 ? 0 : plain[i * victim.size + from]! * brightness;
        const at = i * victim.size + j;
        pictures[at] = cut(value, range[0], range[1]);
        if (pictures[at] !== value) clipped[at] = 1;
      }
    return { pictures, clipped };
  }

  /** What the noise itself costs; its gradient is added to `down` where there is one. */
  #penalties(down: Float64Array | null): number {
    const { lambda, totalVariation, nonPrintability } = this.#options;
    const masked = this.#masked();
    let cost = 0;
    const length = Math.sqrt(masked.reduce((sum, n) => sum + n * n, 0));
    cost += lambda * length;
    if (down !== null && length > 0)
      for (let j = 0; j < masked.length; j++) down[j]! += (lambda * masked[j]! * this.#mask[j]!) / length;
    if (totalVariation > 0) cost += totalVariation * this.#variation(masked, down, totalVariation);
    if (nonPrintability > 0) cost += nonPrintability * this.#nonPrintability(down, nonPrintability);
    return cost;
  }

  /** Sum over neighbours of |difference| (anisotropic total variation). */
  #variation(masked: Float64Array, down: Float64Array | null, weight: number): number {
    const { height, width } = this.#shape;
    let sum = 0;
    const pair = (a: number, b: number): void => {
      const gap = masked[b]! - masked[a]!;
      sum += Math.abs(gap);
      if (down === null || gap === 0) return;
      const slope = weight * Math.sign(gap);
      down[b]! += slope * this.#mask[b]!;
      down[a]! -= slope * this.#mask[a]!;
    };
    for (let j = 0; j < masked.length; j++) {
      if ((j % width) + 1 < width) pair(j, j + 1);
      if ((Math.floor(j / width) % height) + 1 < height) pair(j, j + width);
    }
    return sum;
  }

  /** Sum over the mask of the product over printable values of |noise - value|. */
  #nonPrintability(down: Float64Array | null, weight: number): number {
    const { printable } = this.#options;
    const noise = this.#cutNoise();
    let sum = 0;
    for (let j = 0; j < this.#noise.length; j++) {
      if (this.#mask[j] === 0) continue;
      const gaps = printable.map((p) => noise[j]! - p);
      sum += gaps.reduce((product, gap) => product * Math.abs(gap), 1);
      if (down === null) continue;
      const slope = gaps.reduce(
        (total, gap, p) =>
          total + gaps.reduce((product, other, q) => product * (p === q ? Math.sign(gap) : Math.abs(other)), 1),
        0,
      );
      down[j]! += weight * slope;
    }
    return sum;
  }
}

/** An array of one channel for all channels of a picture. */
const spread = (values: Float64Array, size: number): Float64Array =>
  Float64Array.from({ length: size }, (_, j) => values[j % values.length]!);

/** Small noise to start from: even from -0.5 to 0.5 (the norm has no gradient at 0). */
const randomNoise = (stream: Stream, size: number): Float64Array =>
  Float64Array.from({ length: size }, () => stream() - 0.5);
