// Runs points one after the other and records what became of them; what a worker of any executor does.

import type { Presets } from '../../config/index.js';
import { hashOfPlain } from '../../result/hash.js';
import type { LoadedRun } from '../../run-config/index.js';
import { KnownRuns, simulateHeadlines } from '../../simulation/index.js';
import { MOST_ATTEMPTS } from '../worker-death.js';
import { measuresOf, metricRow, metricsOf, type Measures } from './metrics.js';
import { judgedOf, type Judged } from './outcomes.js';
import type { Values } from './point-list.js';
import type { PointResolver, ResolvedPoint, SweepBase } from './resolver.js';
import type { Outcome, SweepStore } from './store.js';

/** A point to run. */
export interface PlannedPoint {
  key: string;
  values: Values;
}

/** Checked points that an evaluator keeps until they run: some 20 MB. */
export const MOST_KEPT = 10_000;

/** A part is written when this much work is in it, so that a kill costs no more. */
const PART_MS = 500;

/** What a worker did and put on the disk. */
export interface Slice {
  /** Points from the start of its list. */
  points: number;
  failed: number;
  /** Seconds spent in simulations. */
  simulationS: number;
  /** What the sweep judges of the points. */
  judged: Judged;
}

/** Evaluates a point's network on its data. */
type MeasureOf = (run: LoadedRun) => Promise<Measures>;

/** What evaluates points on their data, where a sweep asks for it; loaded only then. */
export async function measureOf(presets: Presets, { evaluate }: SweepBase): Promise<MeasureOf | undefined> {
  if (evaluate === undefined) return undefined;
  const { evaluate: run } = await import('../evaluate/evaluate.js');
  const flags = { images: evaluate.images, keepsLogits: false, keepsActivity: false };
  return async (point) => measuresOf((await run(point, presets, flags)).evaluation);
}

/** Simulates points. */
export class Evaluator {
  readonly #resolver: PointResolver;
  readonly #known = new KnownRuns();
  readonly #measure: MeasureOf | undefined;
  /** Points that were checked and did not run yet, by key. */
  readonly #checked = new Map<string, ResolvedPoint>();
  /** Seconds spent in simulations. */
  simulationS = 0;

  /** @param measure what evaluates a point on its data, where the sweep asks for it */
  constructor(resolver: PointResolver, measure?: MeasureOf) {
    this.#resolver = resolver;
    this.#measure = measure;
  }

  /** The key of a point. @throws ConfigError where it is wrong */
  check(values: Values): string {
    const resolved = this.#resolver.resolve(values);
    if (this.#checked.size < MOST_KEPT) this.#checked.set(resolved.key, resolved);
    return resolved.key;
  }

  /** One point; a fault is tried once more and then recorded with its reason. */
  async evaluate(point: PlannedPoint): Promise<Outcome> {
    for (let attempts = 1; ; attempts++) {
      try {
        return { ...(await this.#simulate(point)), attempts };
      } catch (error) {
        if (attempts < MOST_ATTEMPTS) continue;
        return failedOutcome(point.key, error, attempts);
      }
    }
  }

  async #simulate(point: PlannedPoint): Promise<Omit<Outcome, 'attempts'>> {
    const { run, trace, key } = this.#checked.get(point.key) ?? this.#resolver.resolve(point.values);
    this.#checked.delete(point.key);
    if (key !== point.key)
      throw new Error(
        'its config is not what it was when the sweep was planned (a file has changed, or another version ' +
          'runs); start the sweep again',
      );
    const started = performance.now();
    const result = simulateHeadlines(run, { trace, known: this.#known });
    const measures = await this.#measure?.(run);
    this.simulationS += (performance.now() - started) / 1000;
    const metrics = metricsOf(result, measures);
    return { key, status: 'done', reason: null, hash: hashOfPlain(metrics), figures: metricRow(metrics) };
  }
}

/** The record of a point that failed. */
export function failedOutcome(key: string, error: unknown, attempts: number): Outcome {
  return {
    key,
    status: 'failed',
    reason: error instanceof Error ? error.message : String(error),
    attempts,
    hash: null,
    figures: null,
  };
}

/** Points to run, and the part that they go to. */
export interface Work {
  part: string;
  points: readonly PlannedPoint[];
  /** Keys of the figures that the sweep judges. */
  judges: readonly string[];
}

/** Evaluates points from the start of the list until it is time to write, and writes them as one part. */
export async function evaluateSlice(
  store: SweepStore,
  evaluator: Evaluator,
  { part, points, judges }: Work,
): Promise<Slice> {
  const started = performance.now();
  const simulated = evaluator.simulationS;
  const outcomes: Outcome[] = [];
  for (const point of points) {
    outcomes.push(await evaluator.evaluate(point));
    if (performance.now() - started >= PART_MS) break;
  }
  store.writePart(part, outcomes);
  return {
    points: outcomes.length,
    failed: outcomes.filter(({ status }) => status === 'failed').length,
    simulationS: evaluator.simulationS - simulated,
    judged: judgedOf(outcomes, judges),
  };
}
