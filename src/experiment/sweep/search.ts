// `--optimize`: NSGA-II over the axes of a sweep. Every generation is a small sweep in the same store, so a search that
// was killed replays what it has.

import seedrandom from 'seedrandom';
import { UserError, type Presets } from '../../config/index.js';
import { costsOf, nsga2, type Judgement } from '../analysis/index.js';
import { judged, violations } from './analysis.js';
import { parseComparison } from './comparison.js';
import { Planner, checkCount } from './plan.js';
import { PointList, type Values } from './point-list.js';
import type { Executor, SweepSession } from './run.js';
import type { Sweep } from './sweep.js';

/** Searches for the front of a sweep's objectives. @returns all points that were tried, in the order of the search. */
export async function search(
  presets: Presets,
  sweep: Sweep,
  session: SweepSession,
  executor: Executor,
): Promise<PointList> {
  const { axes, objectives, optimize } = sweep;
  const constraints = sweep.constraints.map(parseComparison);
  const planner = new Planner(presets, sweep);
  const points = new PointList(axes, 'share');
  /** Places of points in the list, by key. */
  const indices = new Map<string, number>();
  const planned = (genes: readonly number[]): number | null => {
    const values = points.valuesAt(genes);
    const key = planner.keeps(values) ? tried(planner, values) : null;
    if (key === null) {
      session.report.refused++;
      return null;
    }
    let index = indices.get(key);
    if (index === undefined) {
      index = points.length;
      indices.set(key, index);
      points.add(genes);
      points.keys.push(key);
    }
    return index;
  };
  await nsga2({
    population: optimize.population,
    generations: optimize.generations,
    seed: optimize.seed,
    ordered: axes.map(({ ordered }) => ordered),
    evaluate: async (genes) => {
      const generation = genes.map(planned);
      const outcomes = await session.evaluate(points, executor);
      return generation.map((index): Judgement => {
        const figures = index === null ? null : outcomes.figures(points.keys[index]!);
        if (index === null || figures === null) return { costs: null, violation: 0 };
        const costs = costsOf(judged(sweep, points.point(index), figures), objectives);
        return { costs: costs.some(Number.isNaN) ? null : costs, violation: violations(figures, constraints) };
      });
    },
  });
  return points;
}

/** Draws of a search's axes, of which one must be a point. */
const MOST_DRAWS = 500;

/**
 * Finds what is wrong with a search before it starts. @throws UserError without objectives, or the fault of the first
 * draw where no draw is a point.
 */
export function checkSearch(presets: Presets, sweep: Sweep, maxMemory?: number): void {
  const { axes, base, objectives, optimize } = sweep;
  checkCount(sweep, optimize.population * optimize.generations, maxMemory);
  if (objectives.length === 0)
    throw new UserError(
      `${base.file}: objectives: this key is missing, expected what --optimize is to search for, e.g. ` +
        'energy.totalJ: minimize',
    );
  const planner = new Planner(presets, sweep);
  planner.checkConditions();
  const random = seedrandom.alea(`search-check:${optimize.seed}`);
  let fault: unknown = new UserError(`${base.file}: conditions: no point fulfils them (in ${MOST_DRAWS} draws)`);
  let faults = 0;
  for (let i = 0; i < MOST_DRAWS; i++) {
    const values = axes.flatMap((axis) => axis.at(random()));
    if (!planner.keeps(values)) continue;
    try {
      planner.keyOf(values);
      return;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      if (faults++ === 0) fault = error;
    }
  }
  throw fault;
}

/** The key of a point of the search; null where its knobs do not go together. */
function tried(planner: Planner, values: Values): string | null {
  try {
    return planner.keyOf(values);
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}
