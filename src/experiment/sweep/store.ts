// The folder of a sweep: its description, its points, and the parts that workers write whole. DuckDB and exports are
// made from these.

import { existsSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../config/index.js';
import { diskFault, isRefusal, makeFolder, writeWhole } from '../../config/writing.node.js';
import type { MetricRow } from './metrics.js';
import type { Point } from './plan.js';
import type { SweepBase } from './resolver.js';
import type { Objective } from './sweep.js';

/** What stands in `sweep.json`. */
export interface SweepInfo {
  schema: 'xbarflow/sweep@1';
  name: string;
  /** Version of the model. */
  model: string;
  base: SweepBase;
  columns: readonly string[];
  objectives: readonly Objective[];
  constraints: readonly string[];
}

/** A line of a part: what became of a point. */
export interface Outcome {
  key: string;
  status: 'done' | 'failed';
  /** Why it failed; null where it did not. */
  reason: string | null;
  attempts: number;
  /** Hash of the figures: equal points have equal hashes on every machine. */
  hash: string | null;
  figures: MetricRow | null;
}

/** Temporary files older than this belong to nobody. */
const STALE_MS = 600_000;

/** Files of a sweep. Every file is written beside its place and renamed, so a reader never sees half of one. */
export class SweepStore {
  readonly folder: string;
  readonly #readParts = new Set<string>();
  readonly #outcomes = new Map<string, Outcome>();

  constructor(folder: string) {
    this.folder = folder;
  }

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  get database(): string {
    return this.path('sweep.duckdb');
  }

  /** Makes the folders. @throws UserError where they cannot be made. */
  create(): void {
    try {
      makeFolder(this.path('parts'));
    } catch (error) {
      throw new UserError(`--out ${this.folder}: cannot be made: ${(error as Error).message}`);
    }
    for (const file of readdirSync(this.path('parts'))) {
      const path = this.path('parts', file);
      if (
        file.endsWith('.tmp') &&
        Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) > STALE_MS
      )
        rmSync(path, { force: true });
    }
  }

  /** The description of the sweep in the folder; undefined where there is none. */
  info(): SweepInfo | undefined {
    const path = this.path('sweep.json');
    if (!existsSync(path)) return undefined;
    const info = JSON.parse(readFileSync(path, 'utf8')) as SweepInfo;
    if ((info.schema as string) !== 'xbarflow/sweep@1')
      throw new UserError(`${path}: found schema ${JSON.stringify(info.schema)}, expected "xbarflow/sweep@1"`);
    return info;
  }

  /** Writes the description and the points. */
  describe(info: SweepInfo, points: readonly Point[]): void {
    this.write('points.jsonl', lines(points));
    this.write('sweep.json', `${JSON.stringify(info, null, 2)}\n`);
  }

  points(): Point[] {
    return parsed(readFileSync(this.path('points.jsonl'), 'utf8'));
  }

  /** Writes a part whole; its name must be new. */
  writePart(name: string, outcomes: readonly Outcome[]): void {
    this.write(join('parts', `${name}.jsonl`), lines(outcomes));
  }

  /** Names of the parts. */
  parts(): string[] {
    return existsSync(this.path('parts'))
      ? readdirSync(this.path('parts'))
          .filter((file) => file.endsWith('.jsonl'))
          .sort()
      : [];
  }

  /**
   * What became of the points so far, by key; a success counts more than a failure. Parts never change: each is read
   * once.
   */
  outcomes(): ReadonlyMap<string, Outcome> {
    for (const part of this.parts()) {
      if (this.#readParts.has(part)) continue;
      for (const outcome of parsed<Outcome>(readFileSync(this.path('parts', part), 'utf8'))) {
        if (this.#outcomes.get(outcome.key)?.status !== 'done') this.#outcomes.set(outcome.key, outcome);
      }
      this.#readParts.add(part);
    }
    return this.#outcomes;
  }

  /** Keys in all parts, as often as they stand there. */
  recordedKeys(): string[] {
    return this.parts().flatMap((part) =>
      parsed<Outcome>(readFileSync(this.path('parts', part), 'utf8')).map(({ key }) => key),
    );
  }

  /** Writes a file beside its place and renames it. */
  write(name: string, content: string | Uint8Array): void {
    try {
      writeWhole(this.path(name), content);
    } catch (error) {
      throw isRefusal(error)
        ? new UserError(`${this.folder}: cannot be written: ${error.message}`)
        : diskFault(error, this.folder);
    }
  }
}

const lines = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

const parsed = <T>(text: string): T[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
