// Named streams of random draws: equal names and seeds give equal draws, whatever else runs.

import seedrandom from 'seedrandom';

/** Draws from 0 up to (not with) 1. */
export type Stream = () => number;

/** A stream by its name and the run's seed. */
export const streamOf = (seed: number, name: string): Stream => seedrandom.alea(`${seed}:${name}`);

/** The same, seeded with its first draw: for streams that mostly have none. */
export function lazyStreamOf(seed: number, name: string): Stream {
  let stream: Stream | null = null;
  return () => (stream ??= streamOf(seed, name))();
}

/** Standard normal draws of a stream (Box and Muller's pairs, both used). */
export function normalOf(stream: Stream): Stream {
  let kept: number | null = null;
  return () => {
    if (kept !== null) {
      const value = kept;
      kept = null;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - stream()));
    const angle = 2 * Math.PI * stream();
    kept = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}
