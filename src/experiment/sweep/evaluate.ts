// Runs points one after the other and records what became of them; what a worker of any executor does.

import { hashOf } from '../../result/hash.js';
import { FlowResults, simulateFigures } from '../../simulation/index.js';
import { metricRow } from './metrics.js';
import { valuesOf, type Point } from './plan.js';
import type { PointResolver } from './resolver.js';
import type { Outcome, SweepStore } from './store.js';

/** Runs of a point before it counts as failed. */
export const MOST_ATTEMPTS = 2;

/** A part is written when this much work is in it, so that a kill costs no more. */
const PART_MS = 250;

/** What a worker did and put on the disk. */
export interface Slice {
  /** Points from the start of its list. */
  points: number;
  failed: number;
  /** Seconds spent in simulations. */
  simulationS: number;
}

/** Simulates points. */
export class Evaluator {
  readonly #resolver: PointResolver;
  readonly #flows = new FlowResults();
  /** Seconds spent in simulations. */
  simulationS = 0;

  constructor(resolver: PointResolver) {
    this.#resolver = resolver;
  }

  /** One point; a fault is tried once more and then recorded with its reason. */
  evaluate(point: Point): Outcome {
    for (let attempts = 1; ; attempts++) {
      try {
        return { ...this.#simulate(point), attempts };
      } catch (error) {
        if (attempts < MOST_ATTEMPTS) continue;
        return failedOutcome(point.key, error, attempts);
      }
    }
  }

  #simulate(point: Point): Omit<Outcome, 'attempts'> {
    const { run, trace, key } = this.#resolver.resolve(valuesOf(point));
    if (key !== point.key)
      throw new Error(
        'its config is not what it was when the sweep was planned (a file has changed, or another version ' +
          'runs); start the sweep again',
      );
    const started = performance.now();
    const result = simulateFigures(run, { trace, flows: this.#flows });
    this.simulationS += (performance.now() - started) / 1000;
    const figures = metricRow(result);
    return { key, status: 'done', reason: null, hash: hashOf(Object.values(figures)), figures };
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

/** Evaluates points from the start of the list until it is time to write, and writes them as one part. */
export function evaluateSlice(store: SweepStore, evaluator: Evaluator, points: readonly Point[], part: string): Slice {
  const started = performance.now();
  const simulated = evaluator.simulationS;
  const outcomes: Outcome[] = [];
  for (const point of points) {
    outcomes.push(evaluator.evaluate(point));
    if (performance.now() - started >= PART_MS) break;
  }
  store.writePart(part, outcomes);
  return {
    points: outcomes.length,
    failed: outcomes.filter(({ status }) => status === 'failed').length,
    simulationS: evaluator.simulationS - simulated,
  };
}
