// The analysis of a sweep's folder: its points with their figures, written beside the results.

import { analyse, knobsOf, type AnalysedPoint, type Analysis } from '../analysis/index.js';
import type { SweepView } from '../../report/html/sweep-view.js';
import { toCsv } from '../../report/index.js';
import { MODEL_VERSION } from '../../simulation/index.js';
import { holds, parseComparison } from './comparison.js';
import { metricTitle, type MetricRow } from './metrics.js';
import type { Point } from './plan.js';
import type { Outcome, SweepStore } from './store.js';
import type { Sweep } from './sweep.js';

/** Constraints that figures do not fulfil. */
export function violations(figures: MetricRow, constraints: readonly string[]): number {
  return constraints.filter((text) => !holds(parseComparison(text), (key) => figures[key])).length;
}

/** What the objectives judge: the figures of a point, and its own values where they are an objective. */
export function judged({ objectives }: Pick<Sweep, 'objectives'>, { values }: Point, figures: MetricRow): MetricRow {
  const knobs = objectives.flatMap(({ key }) =>
    Object.hasOwn(figures, key) ? [] : [[key, numberOf(values[key])] as const],
  );
  return knobs.length === 0 ? figures : { ...figures, ...Object.fromEntries(knobs) };
}

const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** Points that were simulated, with their figures. */
export function analysedPoints(
  { constraints, objectives }: Sweep,
  points: readonly Point[],
  outcomes: ReadonlyMap<string, Outcome>,
): AnalysedPoint[] {
  return points.flatMap((point) => {
    const { index, key, values } = point;
    const figures = outcomes.get(key)?.figures ?? null;
    return figures === null
      ? []
      : [
          {
            index,
            values,
            figures: judged({ objectives }, point, figures),
            feasible: violations(figures, constraints) === 0,
          },
        ];
  });
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
  points: readonly Point[],
  searched: boolean,
): AnalysedSweep | undefined {
  if (sweep.objectives.length === 0) return undefined;
  const outcomes = store.outcomes();
  const analysed = analysedPoints(sweep, points, outcomes);
  if (analysed.length === 0) return undefined;
  const analysis = analyse(analysed, sweep.columns, sweep.objectives, searched || sweep.sample !== undefined);
  const front = new Set(analysis.front);
  store.write('analysis.json', `${JSON.stringify(analysis, null, 2)}\n`);
  const atFront = points.filter(({ index }) => front.has(index));
  const figures = store.figuresOf(new Set(atFront.map(({ key }) => key)));
  store.write(
    'front.csv',
    toCsv(
      atFront.map((point) => ({
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

function failuresOf(points: readonly Point[], outcomes: ReadonlyMap<string, Outcome>): SweepView['failures'] {
  const counts = new Map<string, number>();
  for (const { key } of points) {
    const reason = outcomes.get(key)?.reason ?? null;
    if (reason !== null) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].map(([reason, count]) => ({ reason, points: count }));
}
