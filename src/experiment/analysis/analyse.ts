// What a sweep shows: which points are on the front, where its knee is, how much each knob matters.

import { hypervolume, kneeOf, nonDominated, normalized, type Costs } from './pareto.js';
import { oneAtATime, sobolFirstOrder, type FirstOrder, type Level, type SingleEffect } from './sensitivity.js';

/** A point that was simulated. */
export interface AnalysedPoint {
  index: number;
  values: Readonly<Record<string, unknown>>;
  figures: Readonly<Record<string, number | null>>;
  /** Whether it fulfils every constraint. */
  feasible: boolean;
}

export interface Goal {
  key: string;
  goal: 'minimize' | 'maximize';
}

export interface Analysis {
  schema: 'xbarflow/analysis@1';
  objectives: readonly Goal[];
  points: number;
  feasible: number;
  /** Indices of the feasible points that no feasible point dominates. */
  front: number[];
  /** Index of the front's knee; null without a front of several points. */
  knee: number | null;
  /** Share of the box that the front dominates: objectives scaled to 0 (best feasible) .. 1 (worst feasible), reference 1.1; null beyond four objectives. */
  hypervolume: number | null;
  sensitivity: { objective: string; firstOrder: FirstOrder[]; oneAtATime: SingleEffect[] }[];
}

/** Where the hypervolume's box ends, in units of the feasible points' spread. */
const REFERENCE = 1.1;
const MOST_DIMENSIONS = 4;

/** Analyses points for their objectives; `columns` are the knobs. Points without a figure for an objective do not count. */
export function analyse(all: readonly AnalysedPoint[], columns: readonly string[], objectives: readonly Goal[]): Analysis {
  const points = all.filter(({ figures }) => objectives.every(({ key }) => typeof figures[key] === 'number'));
  const feasible = points.filter((point) => point.feasible);
  const costs = feasible.map((point) => costsOf(point.figures, objectives));
  const at = objectives.length === 0 ? [] : nonDominated(costs);
  const scaled = normalized(costs);
  const knee = at.length < 3 || objectives.length < 2 ? undefined : kneeOf(at.map((i) => costs[i]!));
  const base = points.findIndex(({ index }) => index === feasible[at[knee ?? 0] ?? -1]?.index);
  const knobs = columns.map((name) => ({ name, levels: points.map(({ values }) => levelOf(values[name])) })).filter(({ levels }) => new Set(levels).size > 1);
  return {
    schema: 'xbarflow/analysis@1',
    objectives,
    points: points.length,
    feasible: feasible.length,
    front: at.map((i) => feasible[i]!.index),
    knee: knee === undefined ? null : feasible[at[knee]!]!.index,
    hypervolume: at.length === 0 || objectives.length > MOST_DIMENSIONS ? null : hypervolume(at.map((i) => scaled[i]!), objectives.map(() => REFERENCE)) / REFERENCE ** objectives.length,
    sensitivity: objectives.map(({ key }) => {
      const figure = points.map(({ figures }) => figures[key] ?? 0);
      return { objective: key, firstOrder: sobolFirstOrder(knobs, figure), oneAtATime: base < 0 ? [] : oneAtATime(knobs, figure, base) };
    }),
  };
}

/** Objectives as costs: what is to grow is negated. */
export const costsOf = (figures: Readonly<Record<string, number | null>>, objectives: readonly Goal[]): Costs => objectives.map(({ key, goal }) => (goal === 'minimize' ? 1 : -1) * (figures[key] ?? NaN));

function levelOf(value: unknown): Level {
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean' ? value : value === undefined || value === null ? null : JSON.stringify(value);
}
