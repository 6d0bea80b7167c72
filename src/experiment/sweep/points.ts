// The points of a sweep in their order: products of axes, or seeded samples between their ends.

import seedrandom from 'seedrandom';
import type { Assignment, Axis } from './axes.js';
import type { SampleFile } from './sweep-file.js';

/** Values of a point, axis by axis. */
export type Values = readonly Assignment[];

/** Keeps a point or leaves it out. */
export type Keep = (values: Values) => boolean;

/** Tries for each wanted point before a random sample gives up on its conditions. */
const MOST_TRIES = 1000;
/** And tries in a row. */
const MOST_MISSES = 300_000;

/** Number of combinations of the axes' choices. */
export const combinations = (axes: readonly Axis[]): number =>
  axes.reduce((product, { choices }) => product * (choices?.length ?? NaN), 1);

/** All combinations, the last axis fastest. */
export function* gridPoints(axes: readonly Axis[]): Generator<Values> {
  const lists = axes.map(({ choices }) => choices ?? []);
  const digits = lists.map(() => 0);
  for (let left = combinations(axes); left > 0; left--) {
    yield lists.flatMap((choices, a) => choices[digits[a]!]!);
    for (let a = lists.length - 1; a >= 0; a--) {
      digits[a] = (digits[a]! + 1) % lists[a]!.length;
      if (digits[a] !== 0) break;
    }
  }
}

/** Seeded samples; the same seed gives the same points on every machine. */
export function samplePoints(axes: readonly Axis[], { method, count, seed }: SampleFile, keep: Keep): Values[] {
  const random = seedrandom.alea(`sweep-sample:${method}:${seed}`);
  if (method === 'latin-hypercube') {
    const shares = axes.map(() => latinColumn(count, random));
    return Array.from({ length: count }, (_, i) => axes.flatMap((axis, a) => axis.at(shares[a]![i]!))).filter(keep);
  }
  const points: Values[] = [];
  let misses = 0;
  for (let tries = 0; points.length < count && tries < count * MOST_TRIES && misses < MOST_MISSES; tries++) {
    const values = axes.flatMap((axis) => axis.at(random()));
    misses++;
    if (!keep(values)) continue;
    points.push(values);
    misses = 0;
  }
  return points;
}

/** One share in each of `count` equal strata, in shuffled order. */
export function latinColumn(count: number, random: () => number): number[] {
  const column = Array.from({ length: count }, (_, i) => (i + random()) / count);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [column[i], column[j]] = [column[j]!, column[i]!];
  }
  return column;
}
