// What became of points, by key, as columns: objects of a million outcomes would take gigabytes.

import { METRIC_KEYS, type MetricRow } from './metrics.js';
import type { Outcome } from './stored.js';

/** What a worker says of the points that it put into a part, in their order. */
export interface Judged {
  /** Figures that are kept of each point, one after the other; NaN for none. */
  figures: Float64Array;
  /** Reasons of the points that failed, by their place. */
  failures: readonly (readonly [number, string | null])[];
}

/** Some of the figures of outcomes, as `Outcomes` takes them. @param kept keys of the figures */
export function judgedOf(outcomes: readonly Outcome[], kept: readonly string[]): Judged {
  const figures = new Float64Array(outcomes.length * kept.length);
  outcomes.forEach((outcome, i) => {
    kept.forEach((key, k) => {
      figures[i * kept.length + k] = numberOf(outcome.figures?.[key]);
    });
  });
  return {
    figures,
    failures: outcomes.flatMap(({ status, reason }, i) => (status === 'failed' ? [[i, reason] as const] : [])),
  };
}

/** A figure as JSON has it: no infinity, no zero below zero; NaN for none. */
const numberOf = (figure: number | null | undefined): number =>
  typeof figure === 'number' && Number.isFinite(figure) ? figure + 0 : NaN;

/** Outcomes of points by key, with some of their figures. */
export class Outcomes {
  /** Keys of the figures that are kept. */
  readonly kept: readonly string[];
  readonly #rows = new Map<string, number>();
  /** Reasons of failures, by row. */
  readonly #failed = new Map<number, string | null>();
  /** The kept figures, row by row; NaN for none. */
  readonly #figures: number[] = [];
  /** Parts that outcomes stand in, and of each row which of them. */
  readonly #parts: string[] = [];
  readonly #partAt: number[] = [];

  /** @param kept keys of figures to keep; those of no figure are passed over */
  constructor(kept: readonly string[]) {
    this.kept = [...new Set(kept)].filter((key) => METRIC_KEYS.includes(key));
  }

  /** Takes what became of points, and the part where it stands; a success counts more than a failure. */
  take(keys: readonly string[], { figures, failures }: Judged, part = ''): void {
    const width = this.kept.length;
    const place = this.#parts.push(part) - 1;
    const failed = new Map(failures);
    keys.forEach((key, i) => {
      const row = this.#rows.get(key) ?? this.#rows.size;
      if (row < this.#rows.size && !this.#failed.has(row)) return;
      this.#rows.set(key, row);
      this.#partAt[row] = place;
      const reason = failed.get(i);
      if (reason === undefined) this.#failed.delete(row);
      else this.#failed.set(row, reason);
      for (let k = 0; k < width; k++) this.#figures[row * width + k] = figures[i * width + k]!;
    });
  }

  /** How a point ended; undefined where nothing is recorded. */
  status(key: string): Outcome['status'] | undefined {
    const row = this.#rows.get(key);
    return row === undefined ? undefined : this.#failed.has(row) ? 'failed' : 'done';
  }

  /** The part that an outcome stands in; undefined where nothing is recorded. */
  part(key: string): string | undefined {
    const row = this.#rows.get(key);
    return row === undefined ? undefined : this.#parts[this.#partAt[row]!];
  }

  /** Why a point failed; null where it did not, or nobody knows. */
  reason(key: string): string | null {
    return this.#failed.get(this.#rows.get(key) ?? -1) ?? null;
  }

  /** The kept figures of a point that is done; null of others. */
  figures(key: string): MetricRow | null {
    const row = this.#rows.get(key);
    if (row === undefined || this.#failed.has(row)) return null;
    const figures: MetricRow = {};
    for (let k = 0; k < this.kept.length; k++) {
      const figure = this.#figures[row * this.kept.length + k]!;
      figures[this.kept[k]!] = Number.isNaN(figure) ? null : figure;
    }
    return figures;
  }
}
