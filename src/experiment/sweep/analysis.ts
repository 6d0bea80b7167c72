// The analysis of a sweep's folder: its points with their figures, written beside the results.

import { analyse, type AnalysedPoint, type Analysis } from '../analysis/index.js';
import { toCsv } from '../../report/index.js';
import { holds, parseComparison } from './comparison.js';
import type { MetricRow } from './metrics.js';
import type { Point } from './plan.js';
import type { Outcome, SweepStore } from './store.js';
import type { Sweep } from './sweep.js';

/** Constraints that figures do not fulfil. */
export function violations(figures: MetricRow, constraints: readonly string[]): number {
  return constraints.filter((text) => !holds(parseComparison(text), (key) => figures[key])).length;
}

/** Points that were simulated, with their figures. */
export function analysedPoints({ constraints }: Sweep, points: readonly Point[], outcomes: ReadonlyMap<string, Outcome>): AnalysedPoint[] {
  return points.flatMap(({ index, key, values }) => {
    const figures = outcomes.get(key)?.figures ?? null;
    return figures === null ? [] : [{ index, values, figures, feasible: violations(figures, constraints) === 0 }];
  });
}

/** Analyses a sweep with objectives; writes `analysis.json`, `front.csv` and figures. Undefined where there is nothing to analyse. */
export async function writeAnalysis(store: SweepStore, sweep: Sweep, points: readonly Point[]): Promise<Analysis | undefined> {
  if (sweep.objectives.length === 0) return undefined;
  const analysed = analysedPoints(sweep, points, store.outcomes());
  if (analysed.length === 0) return undefined;
  const analysis = analyse(analysed, sweep.columns, sweep.objectives);
  const front = new Set(analysis.front);
  store.write('analysis.json', `${JSON.stringify(analysis, null, 2)}\n`);
  store.write('front.csv', toCsv(analysed.filter(({ index }) => front.has(index)).map(({ index, values, figures }) => ({ index, ...values, ...figures }))));
  const { analysisFigures } = await import('../analysis/figures.js');
  for (const [name, svg] of Object.entries(await analysisFigures(analysis, analysed))) store.write(name, svg);
  return analysis;
}
