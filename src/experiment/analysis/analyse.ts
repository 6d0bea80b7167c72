// What a sweep shows: which points are on the front, where its knee is, how much each knob matters.

import { hypervolume, kneeOf, nonDominated, nonDominatedOf, scaledBy, type Costs } from './pareto.js';
import {
  areTogether,
  isGrid,
  oneAtATime,
  sobolFirstOrder,
  type FirstOrder,
  type Knob,
  type Level,
  type SingleEffect,
} from './sensitivity.js';

/** A point that was simulated. */
export interface AnalysedPoint {
  index: number;
  values: Readonly<Record<string, unknown>>;
  figures: Readonly<Record<string, number | null>>;
  /** Whether it fulfils every constraint. */
  feasible: boolean;
}

/** A figure and which way it is better. */
export interface Goal {
  key: string;
  goal: 'minimize' | 'maximize';
}

/** What a sweep shows, as analysis.json has it. */
export interface Analysis {
  schema: 'xbarflow/analysis@1';
  objectives: readonly Goal[];
  points: number;
  feasible: number;
  /** Indices of the feasible points that no feasible point dominates. */
  front: number[];
  /** Index of the front's knee; null without a front of several points. */
  knee: number | null;
  /**
   * Share of the box that the front dominates: objectives scaled to 0 (best of the front) .. 1 (worst of the front),
   * reference 1.1; null beyond four objectives, or a front of four with over 1000 points.
   */
  hypervolume: number | null;
  /** Hypervolume of the first points, for points that were drawn or searched; their order says nothing otherwise. */
  growth: { points: number; hypervolume: number }[];
  sensitivity: { objective: string; firstOrder: FirstOrder[]; oneAtATime: SingleEffect[] }[];
}

/** Where the hypervolume's box ends, in units of the front's spread. */
const REFERENCE = 1.1;
const MOST_DIMENSIONS = 4;

/** Steps of `growth`. */
const GROWTH_STEPS = 40;

/** Points of a front of four objectives beyond which its volume takes too long. */
const MOST_FRONT = 1000;

/**
 * Analyses points for their objectives; `columns` are the knobs, `searched` tells that the points come in the order of
 * draws. Points without a figure for an objective do not count.
 */
export function analyse(
  all: readonly AnalysedPoint[],
  columns: readonly string[],
  objectives: readonly Goal[],
  searched = false,
): Analysis {
  /** Of each objective its figure at every point. */
  let figures = objectives.map(() => new Float64Array(all.length));
  const points = all.filter((point, i) => {
    const of = point.figures;
    objectives.forEach(({ key }, k) => {
      figures[k]![i] = of[key] ?? NaN;
    });
    return figures.every((figure) => !Number.isNaN(figure[i]));
  });
  if (points.length < all.length) {
    const whole = Array.from(all.keys()).filter((i) => figures.every((figure) => !Number.isNaN(figure[i])));
    figures = figures.map((figure) => Float64Array.from(whole, (i) => figure[i]!));
  }
  const front = frontOf(points, figures, objectives, searched);
  const base = front.at[front.knee ?? 0];
  const knobs = movingKnobs(points, columns, searched);
  const source = isGrid(knobs, points.length) ? 'grid' : searched ? 'drawn' : 'listed';
  return {
    schema: 'xbarflow/analysis@1',
    objectives,
    points: points.length,
    feasible: front.feasible,
    front: front.at.map((i) => points[i]!.index),
    knee: front.knee === undefined ? null : points[front.at[front.knee]!]!.index,
    hypervolume: front.hypervolume,
    growth: front.growth,
    sensitivity: objectives.map(({ key }, k) => ({
      objective: key,
      firstOrder: sobolFirstOrder(knobs, figures[k]!, source),
      oneAtATime: base === undefined ? [] : oneAtATime(knobs, figures[k]!, base),
    })),
  };
}

/** A front of points, and its measures as `Analysis` has them. */
interface Front {
  feasible: number;
  /** Places of the front's points among all. */
  at: number[];
  /** Place of the knee on the front. */
  knee: number | undefined;
  hypervolume: number | null;
  growth: Analysis['growth'];
}

/** @param figures of each objective its figure at every point */
function frontOf(
  points: readonly AnalysedPoint[],
  figures: readonly Float64Array[],
  objectives: readonly Goal[],
  searched: boolean,
): Front {
  const feasible: number[] = [];
  points.forEach((point, i) => {
    if (point.feasible) feasible.push(i);
  });
  const costs = objectives.map(({ goal }, k) => {
    const sign = goal === 'minimize' ? 1 : -1;
    return Float64Array.from(feasible, (i) => sign * figures[k]![i]!);
  });
  const costsAt = (i: number): Costs => costs.map((of) => of[i]!);
  const at = objectives.length === 0 ? [] : nonDominatedOf(costs, feasible.length);
  const front = at.map(costsAt);
  const measured =
    at.length > 0 &&
    objectives.length <= MOST_DIMENSIONS &&
    (objectives.length < MOST_DIMENSIONS || at.length <= MOST_FRONT);
  const share = (scaled: readonly Costs[]): number =>
    hypervolume(
      scaled,
      objectives.map(() => REFERENCE),
    ) /
    REFERENCE ** objectives.length;
  return {
    feasible: feasible.length,
    at: at.map((i) => feasible[i]!),
    knee: at.length < 3 || objectives.length < 2 ? undefined : kneeOf(front),
    hypervolume: measured ? share(scaledBy(front, front)) : null,
    growth:
      measured && searched && objectives.length > 1
        ? growthOf(points.length, feasible, (some) => scaledBy(front, some.map(costsAt)), share)
        : [],
  };
}

/**
 * Columns by knob: those that change together in every point (a zip) are one, named by all of them. Of points that were
 * drawn, columns whose values never come twice say nothing of each other.
 */
export const knobsOf = (
  points: readonly Pick<AnalysedPoint, 'values'>[],
  columns: readonly string[],
  searched: boolean,
): { name: string; keys: string[] }[] =>
  groupsOf(columnsOf(points, columns), points.length, searched).map((group) => ({
    name: nameOf(group),
    keys: group.map(({ name }) => name),
  }));

/** Each swept key as a knob of its own. */
function columnsOf(points: readonly Pick<AnalysedPoint, 'values'>[], keys: readonly string[]): Knob[] {
  const columns = keys.map((name) => ({
    name,
    known: new Map<Level, number>(),
    at: new Uint32Array(points.length),
  }));
  points.forEach(({ values }, i) => {
    for (const { name, known, at } of columns) {
      const level = levelOf(values[name]);
      let number = known.get(level);
      if (number === undefined) known.set(level, (number = known.size));
      at[i] = number;
    }
  });
  return columns.map(({ name, known, at }) => ({ name, levels: [...known.keys()], at }));
}

/** Columns that go together. */
function groupsOf(columns: readonly Knob[], points: number, searched: boolean): [Knob, ...Knob[]][] {
  const groups: [Knob, ...Knob[]][] = [];
  const isAlone = ({ levels }: Knob): boolean => levels.length < 2 || (searched && levels.length === points);
  for (const column of columns) {
    const together = groups.find(([first]) => !isAlone(first) && areTogether(first, column));
    if (together === undefined || isAlone(column)) groups.push([column]);
    else together.push(column);
  }
  return groups;
}

/** Knobs of several values. */
function movingKnobs(points: readonly AnalysedPoint[], keys: readonly string[], searched: boolean): Knob[] {
  return groupsOf(columnsOf(points, keys), points.length, searched).flatMap((group): Knob[] => {
    const [{ at, levels: own }] = group;
    if (own.length < 2) return [];
    // Those that go together have as many values, in the same order of first sight.
    const levels =
      group.length === 1 ? own : own.map((_, number) => JSON.stringify(group.map((column) => column.levels[number])));
    return [{ name: nameOf(group), levels, at }];
  });
}

const nameOf = (group: readonly Knob[]): string => group.map(({ name }) => name).join(' + ');

/**
 * Hypervolume of the feasible points among the first 1, 2, ... of all.
 * @param feasible places of the feasible points
 * @param scaled costs of some of the feasible points, by their numbers, in units of the front
 */
function growthOf(
  points: number,
  feasible: readonly number[],
  scaled: (some: readonly number[]) => Costs[],
  share: (front: readonly Costs[]) => number,
): Analysis['growth'] {
  const counts = [
    ...new Set(Array.from({ length: GROWTH_STEPS }, (_, i) => Math.ceil(((i + 1) * points) / GROWTH_STEPS))),
  ];
  let front: Costs[] = [];
  let taken = 0;
  return counts.map((count) => {
    const more: number[] = [];
    while (taken < feasible.length && feasible[taken]! < count) more.push(taken++);
    const together = [...front, ...scaled(more)];
    front = nonDominated(together).map((i) => together[i]!);
    return { points: count, hypervolume: share(front) };
  });
}

/** Objectives as costs: what is to grow is negated. */
export const costsOf = (figures: Readonly<Record<string, number | null>>, objectives: readonly Goal[]): Costs =>
  objectives.map(({ key, goal }) => (goal === 'minimize' ? 1 : -1) * (figures[key] ?? NaN));

function levelOf(value: unknown): Level {
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean'
    ? value
    : value === undefined || value === null
      ? null
      : JSON.stringify(value);
}
