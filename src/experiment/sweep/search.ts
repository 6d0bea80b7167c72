// `--optimize`: NSGA-II over the axes of a sweep. Every generation is a small sweep in the same store, so a search that
// was killed replays what it has.

import seedrandom from 'seedrandom';
import { UserError, type Presets } from '../../config/index.js';
import { costsOf, nsga2, type Judgement } from '../analysis/index.js';
import { judged, violations } from './analysis.js';
import { Planner, checkCount, type Point } from './plan.js';
import type { Values } from './points.js';
import type { Executor, SweepSession } from './run.js';
import type { Sweep } from './sweep.js';

/** Searches for the front of a sweep's objectives. @returns all points that were tried, in the order of the search. */
export async function search(
  presets: Presets,
  sweep: Sweep,
  session: SweepSession,
  executor: Executor,
): Promise<Point[]> {
  const { axes, objectives, constraints, optimize } = sweep;
  const planner = new Planner(presets, sweep);
  const points: Point[] = [];
  const keys = new Set<string>();
  const planned = (genes: readonly number[]): Point | null => {
    const values = axes.flatMap((axis, a) => axis.at(genes[a]!));
    const point = planner.keeps(values) ? tried(planner, values, points.length) : null;
    if (point === null) session.report.refused++;
    if (point !== null && !keys.has(point.key)) {
      keys.add(point.key);
      points.push(point);
    }
    return point;
  };
  await nsga2({
    population: optimize.population,
    generations: optimize.generations,
    seed: optimize.seed,
    ordered: axes.map(({ ordered }) => ordered),
    evaluate: async (genes) => {
      const generation = genes.map(planned);
      const outcomes = await session.evaluate(points, executor);
      return generation.map((point): Judgement => {
        const figures = point === null ? null : (outcomes.get(point.key)?.figures ?? null);
        if (point === null || figures === null) return { costs: null, violation: 0 };
        const costs = costsOf(judged(sweep, point, figures), objectives);
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
      planner.point(values, 0);
      return;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      if (faults++ === 0) fault = error;
    }
  }
  throw fault;
}

/** A point of the search; null where its knobs do not go together. */
function tried(planner: Planner, values: Values, index: number): Point | null {
  try {
    return planner.point(values, index);
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}
