// The analysis of a sweep's folder: its points with their figures, written beside the results.

import { analyse, knobsOf, type AnalysedPoint, type Analysis } from '../analysis/index.js';
import type { SweepView } from '../../report/html/sweep-view.js';
import { toCsv } from '../../report/index.js';
import { MODEL_VERSION } from '../../simulation/index.js';
import { holds, parseComparison, type Comparison } from './comparison.js';
import { metricTitle, type MetricRow } from './metrics.js';
import type { Outcomes } from './outcomes.js';
import type { Point, PointList } from './point-list.js';
import type { SweepStore } from './store.js';
import type { Sweep } from './sweep.js';

/** Constraints that figures do not fulfil. */
export function violations(figures: MetricRow, constraints: readonly Comparison[]): number {
  let broken = 0;
  for (const constraint of constraints) if (!holds(constraint, (key) => figures[key])) broken++;
  return broken;
}

/** What the objectives judge: the figures of a point, and its own values where they are an objective. */
export function judged(
  { objectives }: Pick<Sweep, 'objectives'>,
  point: Pick<Point, 'values'>,
  figures: MetricRow,
): MetricRow {
  if (objectives.every(({ key }) => Object.hasOwn(figures, key))) return figures;
  const { values } = point;
  const knobs = objectives.flatMap(({ key }) =>
    Object.hasOwn(figures, key) ? [] : [[key, numberOf(values[key])] as const],
  );
  return { ...figures, ...Object.fromEntries(knobs) };
}

const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** A point that was simulated; its values and figures are looked up when they are asked for. */
class SimulatedPoint implements AnalysedPoint {
  readonly index: number;
  readonly feasible: boolean;
  readonly #of: Simulated;

  constructor(of: Simulated, index: number, feasible: boolean) {
    this.#of = of;
    this.index = index;
    this.feasible = feasible;
  }

  get values(): Point['values'] {
    return this.#of.points.record(this.index);
  }

  get figures(): MetricRow {
    const { sweep, points, outcomes } = this.#of;
    return judged(sweep, this, outcomes.figures(points.keys[this.index]!) ?? {});
  }
}

interface Simulated {
  sweep: Pick<Sweep, 'objectives'>;
  points: PointList;
  outcomes: Outcomes;
}

/** Points that were simulated, with the figures that the sweep judges. */
function simulatedPoints(sweep: Sweep, points: PointList, outcomes: Outcomes): AnalysedPoint[] {
  const constraints = sweep.constraints.map(parseComparison);
  const of = { sweep, points, outcomes };
  const simulated: AnalysedPoint[] = [];
  points.keys.forEach((key, index) => {
    if (outcomes.status(key) !== 'done') return;
    const feasible = constraints.length === 0 || violations(outcomes.figures(key) ?? {}, constraints) === 0;
    simulated.push(new SimulatedPoint(of, index, feasible));
  });
  return simulated;
}

/** A sweep with its analysis. */
export interface AnalysedSweep {
  analysis: Analysis;
  view: SweepView;
}

/**
 * Analyses a sweep with objectives; writes `analysis.json` and `front.csv`. Undefined where there is nothing to
 * analyse. `searched`: the points come from `--optimize`.
 */
export function analyseSweep(
  store: SweepStore,
  sweep: Sweep,
  points: PointList,
  searched: boolean,
): AnalysedSweep | undefined {
  if (sweep.objectives.length === 0) return undefined;
  const outcomes = store.outcomes();
  const analysed = simulatedPoints(sweep, points, outcomes);
  if (analysed.length === 0) return undefined;
  const analysis = analyse(analysed, sweep.columns, sweep.objectives, searched || sweep.sample !== undefined);
  store.write('analysis.json', `${JSON.stringify(analysis, null, 2)}\n`);
  const front = analysis.front.map((index) => points.point(index));
  const figures = store.figuresOf(new Set(front.map(({ key }) => key)));
  store.write(
    'front.csv',
    toCsv(
      front.map((point) => ({
        index: point.index,
        ...point.values,
        ...judged(sweep, point, figures.get(point.key) ?? {}),
      })),
    ),
  );
  const { name, base, columns, constraints } = sweep;
  const objectives = analysis.objectives.map((objective) => ({ ...objective, ...metricTitle(objective.key) }));
  return {
    analysis,
    view: {
      ...analysis,
      name,
      config: base.config,
      model: MODEL_VERSION,
      columns,
      knobs: knobsOf(analysed, columns, searched || sweep.sample !== undefined),
      constraints,
      objectives,
      points: analysed,
      failures: failuresOf(points, outcomes),
    },
  };
}

function failuresOf({ keys }: PointList, outcomes: Outcomes): SweepView['failures'] {
  const counts = new Map<string, number>();
  for (const key of keys) {
    const reason = outcomes.reason(key);
    if (reason !== null) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].map(([reason, count]) => ({ reason, points: count }));
}
