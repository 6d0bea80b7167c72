// Places of a sweep's points in their order: products of axes, or seeded samples between their ends.

import seedrandom from 'seedrandom';
import type { Axis } from './axes.js';
import type { SampleFile } from './sweep-file.js';

/** Keeps a point or leaves it out, by its places on the axes. */
export type Keep = (places: readonly number[]) => boolean;

/** Tries for each wanted point before a random sample gives up on its conditions. */
const MOST_TRIES = 1000;
/** And tries in a row. */
const MOST_MISSES = 300_000;

/** Number of combinations of the axes' choices. */
export const combinations = (axes: readonly Axis[]): number =>
  axes.reduce((product, { choices }) => product * (choices?.length ?? NaN), 1);

/** All combinations as numbers of choices, the last axis fastest; it is the same list each time. */
export function* gridPlaces(axes: readonly Axis[]): Generator<readonly number[]> {
  const lengths = axes.map(({ choices }) => choices?.length ?? 0);
  const places = lengths.map(() => 0);
  for (let left = combinations(axes); left > 0; left--) {
    yield places;
    for (let a = lengths.length - 1; a >= 0; a--) {
      places[a] = (places[a]! + 1) % lengths[a]!;
      if (places[a] !== 0) break;
    }
  }
}

/** Seeded samples as shares of the way on each axis; the same seed gives the same points on every machine. */
export function* samplePlaces(
  axes: readonly Axis[],
  { method, count, seed }: SampleFile,
  keep: Keep,
): Generator<readonly number[]> {
  const random = seedrandom.alea(`sweep-sample:${method}:${seed}`);
  if (method === 'latin-hypercube') {
    const shares = axes.map(() => latinColumn(count, random));
    for (let i = 0; i < count; i++) {
      const places = shares.map((column) => column[i]!);
      if (keep(places)) yield places;
    }
    return;
  }
  let found = 0;
  let misses = 0;
  for (let tries = 0; found < count && tries < count * MOST_TRIES && misses < MOST_MISSES; tries++) {
    const places = axes.map(() => random());
    misses++;
    if (!keep(places)) continue;
    yield places;
    found++;
    misses = 0;
  }
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
