// What outputs say beside labels: right ones, right among five, loss in nats.

import { UserError } from '../../config/index.js';
import type { Values } from '../operators/values.js';

/** Sums over samples (or places of sequences). */
export interface Score {
  right: number;
  /** The label is among the five largest. */
  rightOfFive: number;
  /** Sum of -ln of the label's softmax. */
  nats: number;
  places: number;
}

/** A score of no samples. */
export const noScore = (): Score => ({ right: 0, rightOfFive: 0, nats: 0, places: 0 });

/** Adds one score to another. */
export function addScore(to: Score, from: Score): void {
  to.right += from.right;
  to.rightOfFive += from.rightOfFive;
  to.nats += from.nats;
  to.places += from.places;
}

/** Place of the largest of `classes` values from `at` on; the first of equals. */
export function largestAt(data: ArrayLike<number>, at: number, classes: number): number {
  let best = 0;
  for (let c = 1; c < classes; c++) if (data[at + c]! > data[at + best]!) best = c;
  return best;
}

/**
 * Scores logits [images, ..., classes] with a label for each row.
 * @param shares the network's output is a softmax already
 */
export function scoreOf({ data, shape }: Values, labels: Int32Array, shares = false): Score {
  const classes = shape.at(-1)!;
  const score = noScore();
  for (let row = 0; row < labels.length; row++) {
    const at = row * classes;
    const label = labels[row]!;
    const own = data[at + label]!;
    let most = -Infinity;
    let above = 0;
    for (let c = 0; c < classes; c++) {
      const value = data[at + c]!;
      if (value > most) most = value;
      // What is no number stands above all.
      if (!(value < own) && (c < label || value !== own)) above++;
    }
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp(data[at + c]! - most);
    score.right += above === 0 ? 1 : 0;
    score.rightOfFive += above < 5 ? 1 : 0;
    score.nats += shares ? -Math.log(Math.max(own, Number.MIN_VALUE)) : Math.log(sum) - (own - most);
  }
  score.places = labels.length;
  return score;
}

/** Refuses labels that the network has no class for. @throws UserError naming the first */
export function checkLabels(labels: Int32Array, rows: number, classes: number, file: string): void {
  if (labels.length !== rows)
    throw new UserError(`${file}: ${labels.length} labels, the network gives ${rows} answers`);
  const at = labels.findIndex((label) => label >= classes);
  if (at >= 0) throw new UserError(`${file}: label ${at} is ${labels[at]!}, the network has ${classes} classes`);
}
