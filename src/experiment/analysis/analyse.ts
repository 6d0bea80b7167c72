// What a sweep shows: which points are on the front, where its knee is, how much each knob matters.

import { hypervolume, kneeOf, nonDominated, scaledBy, type Costs } from './pareto.js';
import {
  oneAtATime,
  partitionOf,
  sobolFirstOrder,
  type FirstOrder,
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
  const points = all.filter(({ figures }) => objectives.every(({ key }) => typeof figures[key] === 'number'));
  const feasible = points.filter((point) => point.feasible);
  const costs = feasible.map((point) => costsOf(point.figures, objectives));
  const at = objectives.length === 0 ? [] : nonDominated(costs);
  const scaled = scaledBy(
    at.map((i) => costs[i]!),
    costs,
  );
  const knee = at.length < 3 || objectives.length < 2 ? undefined : kneeOf(at.map((i) => costs[i]!));
  const measured =
    at.length > 0 &&
    objectives.length <= MOST_DIMENSIONS &&
    (objectives.length < MOST_DIMENSIONS || at.length <= MOST_FRONT);
  const share = (front: readonly Costs[]): number =>
    hypervolume(
      front,
      objectives.map(() => REFERENCE),
    ) /
    REFERENCE ** objectives.length;
  const base = points.findIndex(({ index }) => index === feasible[at[knee ?? 0] ?? -1]?.index);
  const knobs = knobsOf(points, columns, searched)
    .map(({ name, keys }) => ({
      name,
      levels: points.map(({ values }) =>
        keys.length === 1 ? levelOf(values[name]) : JSON.stringify(keys.map((key) => levelOf(values[key]))),
      ),
    }))
    .filter(({ levels }) => new Set(levels).size > 1);
  return {
    schema: 'xbarflow/analysis@1',
    objectives,
    points: points.length,
    feasible: feasible.length,
    front: at.map((i) => feasible[i]!.index),
    knee: knee === undefined ? null : feasible[at[knee]!]!.index,
    hypervolume: measured ? share(at.map((i) => scaled[i]!)) : null,
    growth: measured && searched && objectives.length > 1 ? growthOf(points, feasible, scaled, share) : [],
    sensitivity: objectives.map(({ key }) => {
      const figure = points.map(({ figures }) => figures[key] ?? 0);
      return {
        objective: key,
        firstOrder: sobolFirstOrder(knobs, figure),
        oneAtATime: base < 0 ? [] : oneAtATime(knobs, figure, base),
      };
    }),
  };
}

/**
 * Columns by knob: those that change together in every point (a zip) are one, named by all of them. Of points that were
 * drawn, columns whose values never come twice say nothing of each other.
 */
export function knobsOf(
  points: readonly Pick<AnalysedPoint, 'values'>[],
  columns: readonly string[],
  searched: boolean,
): { name: string; keys: string[] }[] {
  const groups = new Map<string, string[]>();
  for (const column of columns) {
    const partition = partitionOf(points.map(({ values }) => levelOf(values[column])));
    const levels = new Set(partition).size;
    const alone = levels < 2 || (searched && levels === points.length);
    const id = alone ? `alone ${column}` : partition.join();
    groups.set(id, [...(groups.get(id) ?? []), column]);
  }
  return [...groups.values()].map((keys) => ({ name: keys.join(' + '), keys }));
}

/** Hypervolume of the feasible points among the first 1, 2, ... of all. */
function growthOf(
  points: readonly AnalysedPoint[],
  feasible: readonly AnalysedPoint[],
  scaled: readonly Costs[],
  share: (front: readonly Costs[]) => number,
): Analysis['growth'] {
  const counts = [
    ...new Set(Array.from({ length: GROWTH_STEPS }, (_, i) => Math.ceil(((i + 1) * points.length) / GROWTH_STEPS))),
  ];
  let front: Costs[] = [];
  let taken = 0;
  return counts.map((count) => {
    const last = points[count - 1]!.index;
    const more: Costs[] = [];
    while (taken < feasible.length && feasible[taken]!.index <= last) more.push(scaled[taken++]!);
    const together = [...front, ...more];
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
