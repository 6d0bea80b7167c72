// Values of knobs at which curves and maps are worked out.

import type { RailKnob } from './knobs.js';

/** Points of a curve. */
const POINTS = 40;
/** Values of each knob of a map. */
const MAPPED = 12;
/** From this ratio of last to first on, values are spread by their logarithm. */
const LOGARITHMIC = 16;

/** From this ratio of largest to smallest on, a map is shaded by logarithms: one cell would leave all others pale. */
const LOGARITHMIC_SHADES = 100;

const isLogarithmic = (first: number, last: number): boolean => first > 0 && last / first >= LOGARITHMIC;

/** Whole values from a slider's first to its last: its own, and others between them up to 40. */
export function curveValues({ values }: RailKnob): string[] {
  const own = values.map(Number);
  const [first, last] = [Math.min(...own), Math.max(...own)];
  const all = new Set(own);
  const log = isLogarithmic(first, last);
  const between = Array.from({ length: POINTS }, (_, i) => {
    const share = i / (POINTS - 1);
    return Math.round(log ? first * (last / first) ** share : first + (last - first) * share);
  });
  for (const value of between) if (all.size < POINTS) all.add(value);
  return [...all].sort((a, b) => a - b).map(String);
}

/** Where a value stands between a curve's first and last, 0 to 1. */
export function placeOf(values: readonly string[], value: string): number {
  const [first, last, at] = [Number(values[0]), Number(values.at(-1)), Number(value)];
  if (first === last) return 0;
  const share = isLogarithmic(first, last)
    ? Math.log(at / first) / Math.log(last / first)
    : (at - first) / (last - first);
  return Math.min(1, Math.max(0, share));
}

/** How a map is shaded between its smallest and largest figure. */
export interface Shades {
  logarithmic: boolean;
  /** Share of the deep colour, percent. */
  of: (value: number) => number;
}

/** The shades of a map of figures from `least` to `most`. */
export function shadesOf(least: number, most: number): Shades {
  const logarithmic = least > 0 && most / least > LOGARITHMIC_SHADES;
  const place = logarithmic ? Math.log : (value: number): number => value;
  const span = place(most) - place(least);
  return { logarithmic, of: (value) => (span === 0 ? 50 : 8 + (84 * (place(value) - place(least))) / span) };
}

/** The slider's values for a map: all, or so many, evenly taken, the first and the last among them. */
export function mapValues({ values }: RailKnob): string[] {
  if (values.length <= MAPPED) return [...values];
  return Array.from({ length: MAPPED }, (_, i) => values[Math.round((i * (values.length - 1)) / (MAPPED - 1))]!);
}
