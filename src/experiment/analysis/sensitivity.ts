// How much a figure depends on each knob: one knob at a time from a base point, and shares of variance (Sobol) over
// sampled points.

/** A knob's value at a point: number, text or truth. */
export type Level = number | string | boolean | null;

/** A knob at all points. */
export interface Knob {
  name: string;
  /** Its values, in order of first sight. */
  levels: readonly Level[];
  /** For each point the number of its value. */
  at: Uint32Array;
}

/** A knob from its value at each point. */
export function knobOf(name: string, values: readonly Level[]): Knob {
  const numbers = new Map<Level, number>();
  const at = Uint32Array.from(values, (value) => {
    let number = numbers.get(value);
    if (number === undefined) numbers.set(value, (number = numbers.size));
    return number;
  });
  return { name, levels: [...numbers.keys()], at };
}

/** A number at each point. */
type Figure = Float64Array | readonly number[];

/** Effect of a knob alone, all others at the base point. */
export interface SingleEffect {
  knob: string;
  /** Points that differ from the base in this knob only. */
  points: number;
  base: number;
  least: number;
  most: number;
  /** (most - least) / |base|; null where the base is 0. */
  swing: number | null;
}

/** One knob at a time: the spread of the figure over the points that differ from point `base` in one knob only. */
export function oneAtATime(knobs: readonly Knob[], figure: Figure, base: number): SingleEffect[] {
  return knobs.map((knob) => {
    const others = knobs.filter((other) => other !== knob);
    let points = -1;
    let least = Infinity;
    let most = -Infinity;
    for (let i = 0; i < figure.length; i++) {
      if (!others.every(({ at }) => at[i] === at[base])) continue;
      points++;
      least = Math.min(least, figure[i]!);
      most = Math.max(most, figure[i]!);
    }
    const middle = figure[base]!;
    return {
      knob: knob.name,
      points,
      base: middle,
      least,
      most,
      swing: middle === 0 ? null : (most - least) / Math.abs(middle),
    };
  });
}

/** A knob's first-order Sobol index: the share of the figure's variance that the knob explains alone. */
export interface FirstOrder {
  knob: string;
  index: number;
  /** Groups of points with near values of the knob. */
  groups: number;
}

/** Points of a group at least, where a knob has too many values for a group of each. */
const GROUP_POINTS = 24;

/** Values of a knob that have a group each, also where that leaves fewer points to a group. */
const FEW_VALUES = 12;

/** Groups at most, where values are grouped. */
const MOST_GROUPS = 64;

/** Where points come from: all combinations of values, those of them that a sweep asks for, or draws. */
export type PointSource = 'grid' | 'listed' | 'drawn';

/**
 * First-order Sobol indices: variance of the means of groups of points with near values of the knob, over the variance
 * (the correlation ratio). Points of a grid or list are all there are: a value has a group, and nothing is left to
 * chance. Of draws what means of few points vary by chance is taken off, and numbers of many values (of lists, those
 * that hardly come twice) are grouped by size.
 * @param source where the points come from; draws where `isGrid` does not say otherwise
 */
export function sobolFirstOrder(
  knobs: readonly Knob[],
  figure: Figure,
  source: PointSource = isGrid(knobs, figure.length) ? 'grid' : 'drawn',
): FirstOrder[] {
  const { length } = figure;
  let sum = 0;
  for (let i = 0; i < length; i++) sum += figure[i]!;
  const mean = sum / length;
  let squares = 0;
  for (let i = 0; i < length; i++) squares += (figure[i]! - mean) ** 2;
  const variance = squares / length;
  return knobs.map((knob) => {
    const whole = source === 'grid' || (source === 'listed' && knob.levels.length * 2 <= length);
    const groups = groupsOf(knob, whole);
    const { count } = groups;
    if (variance === 0 || count < 2) return { knob: knob.name, index: 0, groups: count };
    const { sizes, means, spreads } = momentsOf(groups, figure);
    let between = 0;
    let chance = 0;
    for (let g = 0; g < count; g++) {
      const size = sizes[g]!;
      const share = size / length;
      between += share * (means[g]! - mean) ** 2;
      if (!whole && size > 1) chance += ((share * spreads[g]!) / (size - 1) / size) * (1 - share);
    }
    return { knob: knob.name, index: shareOf((between - chance) / variance), groups: count };
  });
}

/** Points, their mean and the sum of their squared distances from it, group by group. */
function momentsOf({ of, count, order }: Groups, figure: Figure) {
  const sizes = new Float64Array(count);
  const means = new Float64Array(count);
  const spreads = new Float64Array(count);
  const each = (visit: (group: number, value: number) => void): void => {
    for (let p = 0; p < of.length; p++) {
      const i = order === undefined ? p : order[p]!;
      visit(of[i]!, figure[i]!);
    }
  };
  each((group, value) => {
    sizes[group]!++;
    means[group]! += value;
  });
  for (let g = 0; g < count; g++) means[g]! /= sizes[g]!;
  each((group, value) => {
    spreads[group]! += (value - means[group]!) ** 2;
  });
  return { sizes, means, spreads };
}

/** A share without what only rounding made. */
const shareOf = (value: number): number => (value < 1e-12 ? 0 : Math.min(1, value));

/**
 * True where the points are all combinations of the knobs' values, each as often as the others; knobs that go together
 * (a zip) count as one.
 */
export function isGrid(knobs: readonly Knob[], points: number): boolean {
  const apart: Knob[] = [];
  for (const knob of knobs) if (!apart.some((other) => areTogether(other, knob))) apart.push(knob);
  const combinations = apart.reduce((product, { levels }) => product * levels.length, 1);
  // Where no value comes twice, knobs were drawn: that they go together then says nothing.
  if (points % combinations !== 0 || (knobs.length > 1 && apart.some(({ levels }) => levels.length === points)))
    return false;
  const times = new Uint32Array(combinations);
  for (let i = 0; i < points; i++) {
    let combination = 0;
    for (const { at, levels } of apart) combination = combination * levels.length + at[i]!;
    times[combination]!++;
  }
  return times.every((count) => count === points / combinations);
}

/** True where two knobs change together in every point. */
export const areTogether = (a: Pick<Knob, 'at'>, b: Pick<Knob, 'at'>): boolean =>
  a.at.every((number, i) => number === b.at[i]);

/** Points in groups. */
interface Groups {
  /** The group of each point. */
  of: Uint32Array;
  count: number;
  /** Points in the order in which groups take them; undefined: as they come. */
  order: Uint32Array | undefined;
}

/** Points by value; of draws, many numbers are sorted and cut into groups of about equal size, equal ones together. */
function groupsOf({ levels, at }: Knob, whole: boolean): Groups {
  const { length } = at;
  const most = Math.max(2, Math.min(MOST_GROUPS, Math.floor(length / GROUP_POINTS)));
  const few = levels.length <= most || (levels.length <= FEW_VALUES && levels.length * 2 <= length);
  if (whole || few || !levels.every((level) => typeof level === 'number'))
    return { of: at, count: levels.length, order: undefined };
  const value = (i: number): number => Number(levels[at[i]!]);
  const order = Uint32Array.from({ length }, (_, i) => i).sort((a, b) => value(a) - value(b) || a - b);
  const of = new Uint32Array(length);
  let count = 0;
  let last = -1;
  for (let start = 0, end = 0; start < length; start = end) {
    while (end < length && at[order[end]!] === at[order[start]!]) end++;
    const part = Math.floor(((Math.floor((start + end - 1) / 2) + 1) * most - 1) / length);
    if (part !== last) count++;
    last = part;
    for (let p = start; p < end; p++) of[order[p]!] = count - 1;
  }
  return { of, count, order };
}
