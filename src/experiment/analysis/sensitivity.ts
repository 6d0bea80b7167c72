// How much a figure depends on each knob: one knob at a time from a base point, and shares of variance (Sobol) over
// sampled points.

/** A knob's value at a point: number, text or truth. */
export type Level = number | string | boolean | null;

/** A knob at all points, with the figure at the same points. */
export interface Knob {
  name: string;
  levels: readonly Level[];
}

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
export function oneAtATime(knobs: readonly Knob[], figure: readonly number[], base: number): SingleEffect[] {
  return knobs.map((knob) => {
    const others = knobs.filter((other) => other !== knob);
    const line = figure.flatMap((value, i) =>
      others.every(({ levels }) => levels[i] === levels[base]) ? [value] : [],
    );
    const least = line.reduce((a, b) => Math.min(a, b), Infinity);
    const most = line.reduce((a, b) => Math.max(a, b), -Infinity);
    const middle = figure[base]!;
    return {
      knob: knob.name,
      points: line.length - 1,
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

/**
 * First-order Sobol indices from any sampled points: variance of the group means over the variance (the correlation
 * ratio),
 * less what means of few sampled points vary by chance (on a full grid nothing is left to chance: every group holds all
 * the other knobs' values).
 * A knob with few values has a group for each, others have groups of equal size.
 */
export function sobolFirstOrder(knobs: readonly Knob[], figure: readonly number[]): FirstOrder[] {
  const mean = meanOf(figure);
  const variance = meanOf(figure.map((value) => (value - mean) ** 2));
  const grid = isGrid(knobs, figure.length);
  return knobs.map(({ name, levels }) => {
    const groups = groupsOf(levels, grid);
    if (variance === 0 || groups.length < 2) return { knob: name, index: 0, groups: groups.length };
    let between = 0;
    let chance = 0;
    for (const group of groups) {
      const middle = meanOf(group.map((i) => figure[i]!));
      const share = group.length / figure.length;
      between += share * (middle - mean) ** 2;
      if (!grid && group.length > 1)
        chance +=
          ((share * group.reduce((sum, i) => sum + (figure[i]! - middle) ** 2, 0)) /
            (group.length - 1) /
            group.length) *
          (1 - share);
    }
    return { knob: name, index: shareOf((between - chance) / variance), groups: groups.length };
  });
}

/** A share without what only rounding made. */
const shareOf = (value: number): number => (value < 1e-12 ? 0 : Math.min(1, value));

/**
 * True where the points are all combinations of the knobs' values, each as often as the others; knobs that go together
 * (a zip) count as one.
 */
function isGrid(knobs: readonly Knob[], points: number): boolean {
  const partitions = [...new Set(knobs.map(({ levels }) => partitionOf(levels).join()))].map((ids) => ids.split(','));
  const combinations = partitions.reduce((product, ids) => product * new Set(ids).size, 1);
  // Where no value comes twice, knobs were drawn: that they go together then says nothing.
  if (points % combinations !== 0 || (knobs.length > 1 && partitions.some((ids) => new Set(ids).size === points)))
    return false;
  const times = new Map<string, number>();
  for (let i = 0; i < points; i++) {
    const combination = partitions.map((ids) => ids[i]).join();
    times.set(combination, (times.get(combination) ?? 0) + 1);
  }
  return times.size === combinations && [...times.values()].every((count) => count === points / combinations);
}

/** For each point the number of its value, in order of first sight. */
export function partitionOf(levels: readonly Level[]): number[] {
  const numbers = new Map<Level, number>();
  return levels.map((level) => {
    if (!numbers.has(level)) numbers.set(level, numbers.size);
    return numbers.get(level)!;
  });
}

/** Points by value; off a grid, many numbers are sorted and cut into groups of equal size. */
function groupsOf(levels: readonly Level[], grid: boolean): number[][] {
  const byLevel = new Map<Level, number[]>();
  levels.forEach((level, i) => {
    const group = byLevel.get(level);
    if (group === undefined) byLevel.set(level, [i]);
    else group.push(i);
  });
  const most = Math.max(2, Math.min(64, Math.floor(levels.length / GROUP_POINTS)));
  if (grid || byLevel.size <= most || !levels.every((level) => typeof level === 'number')) return [...byLevel.values()];
  const order = levels.map((_, i) => i).sort((a, b) => Number(levels[a]) - Number(levels[b]));
  return Array.from({ length: most }, (_, g) =>
    order.slice(Math.floor((g * order.length) / most), Math.floor(((g + 1) * order.length) / most)),
  );
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
