// What an attack needs of a network, and what it is asked to do; every method is a run of iterations over this.

import type { Numbers } from '../operators/values.js';
import type { Stream } from '../streams.js';

/** What a backward pass starts from: the error of logits [count, classes]. */
export type ErrorOf = (logits: Float64Array) => Float64Array;

/** A network under attack: pictures are rows of `size` values in the range of the data (0 to 1 unless said). */
export interface Victim {
  /** Values of a picture. */
  readonly size: number;
  readonly classes: number;
  /** Logits [count, classes] of pictures [count, size]. */
  logits(pictures: Float64Array, count: number): Float64Array;
  /**
   * Logits, and the gradient [count, size] of the loss whose error at the logits `errorOf` gives (one forward, one
   * error pass).
   */
  gradient(pictures: Float64Array, count: number, errorOf: ErrorOf): { logits: Float64Array; gradient: Float64Array };
}

/** Images that an attack sent through a network. */
export interface Passes {
  /** Forward alone (queries, and looks at the state). */
  forward: number;
  /** Forward, with the error back to the picture. */
  gradient: number;
}

/** Means over pictures: largest change, 2-norm, values that changed. */
export interface Distortion {
  linf: number;
  l2: number;
  l0: number;
}

/** What is asked of an attack. */
export interface AttackTask {
  victim: Victim;
  /** Clean pictures [count, size]. */
  clean: Float64Array;
  count: number;
  /** Classes of the pictures. */
  labels: Int32Array;
  /** Class that each picture is to become; null: any but its label. */
  targets: Int32Array | null;
  /** Lowest and highest value of a picture. */
  range: readonly [low: number, high: number];
  /** Starting noise or points of a replay, as the method takes them; null: the method's own. */
  start: Float64Array | null;
  /** A named stream of random draws; the same name gives the same draws. */
  stream: (name: string) => Stream;
}

/** State before an iteration (and after the last): means over the pictures. */
export interface Iteration {
  iteration: number;
  loss: number;
  success: number;
}

/** An attack under way. */
export interface AttackRun {
  /** Iterations in all. */
  readonly total: number;
  /** Iterations done. */
  iteration: number;
  /** One iteration. @returns the state before it. */
  step(): Iteration;
  /** The state as it is now. */
  state(): Iteration;
  /** The pictures as they are now [count, size]. */
  adversarial(): Float64Array;
  /**
   * Everything that the next iterations depend on, by name: what a checkpoint keeps, written back into these arrays by
   * whoever resumes.
   */
  readonly arrays: ReadonlyMap<string, Numbers>;
}

/** The class with the largest logit of each picture, the first of equals. */
export function predictions(logits: Float64Array, count: number): Int32Array {
  const classes = logits.length / count;
  const out = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    let best = 0;
    for (let k = 1; k < classes; k++) if (logits[i * classes + k]! > logits[i * classes + best]!) best = k;
    out[i] = best;
  }
  return out;
}

/** Pictures that are where the attacker wants them: at their target, or anywhere but their label. */
export function fooled(logits: Float64Array, { count, labels, targets }: AttackTask): Uint8Array {
  const said = predictions(logits, count);
  const out = new Uint8Array(count);
  for (let i = 0; i < count; i++) out[i] = (targets === null ? said[i] !== labels[i] : said[i] === targets[i]) ? 1 : 0;
  return out;
}

/** Share of ones. */
export const shareOf = (flags: Uint8Array): number => flags.reduce((sum, flag) => sum + flag, 0) / flags.length;

/** -1, 0 or 1; 0 of 0 (torch's sign). */
export const signOf = (value: number): number => (value > 0 ? 1 : value < 0 ? -1 : 0);

/** A value cut to a range. */
export const cut = (value: number, low: number, high: number): number =>
  value < low ? low : value > high ? high : value;
