// The folder of a sweep: its description, its points, and the parts that workers write whole. DuckDB and exports are
// made from these.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../config/index.js';
import { removeRemains } from '../../config/lock.node.js';
import { parseJson, readJson, readText } from '../../config/reading.node.js';
import { checkFolder } from '../../config/work-folder.node.js';
import { diskFault, isRefusal, makeFolder, writeWhole } from '../../config/writing.node.js';
import { checkedInfo, checkedOutcome, checkedPoint, type Outcome, type SweepInfo } from './stored.js';
import { METRIC_KEYS, type MetricRow } from './metrics.js';
import type { Point } from './plan.js';
import { messageOf } from '../../config/typed.js';

export type { Outcome, SweepInfo } from './stored.js';

/** Files of a sweep. Every file is written beside its place and renamed, so a reader never sees half of one. */
export class SweepStore {
  readonly folder: string;
  readonly #readParts = new Set<string>();
  readonly #outcomes = new Map<string, Outcome>();
  /** Figures that outcomes keep; undefined: all. */
  #kept: readonly string[] | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  get database(): string {
    return this.path('sweep.duckdb');
  }

  /** Makes the folders. @throws UserError where they cannot be made, or are links, which may lead out. */
  create(): void {
    checkFolder(this.folder, ['parts', 'slurm']);
    try {
      makeFolder(this.path('parts'));
    } catch (error) {
      throw new UserError(`--out ${this.folder}: cannot be made: ${messageOf(error)}`);
    }
    removeRemains(this.path('parts'));
  }

  /** The description of the sweep in the folder; undefined where there is none. */
  info(): SweepInfo | undefined {
    const path = this.path('sweep.json');
    if (!existsSync(path)) return undefined;
    return checkedInfo(readJson(path), path);
  }

  /** Writes the description and the points. */
  describe(info: SweepInfo, points: readonly Point[]): void {
    this.write('points.jsonl', lines(points));
    this.write('sweep.json', `${JSON.stringify(info, null, 2)}\n`);
  }

  points(): Point[] {
    const path = this.path('points.jsonl');
    return rowsOf(readText(path), path).map((row) => checkedPoint(row.value, row.where));
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
      for (const outcome of this.#outcomesOf(part)) {
        if (this.#outcomes.get(outcome.key)?.status !== 'done') this.#outcomes.set(outcome.key, this.#part(outcome));
      }
      this.#readParts.add(part);
    }
    return this.#outcomes;
  }

  /** Has outcomes that are read from here on keep these figures alone: all of a million points take gigabytes. */
  keepFigures(keys: readonly string[]): void {
    this.#kept = [...new Set(keys)].filter((key) => METRIC_KEYS.includes(key));
  }

  /** All figures of points that are done, by their keys; read again where outcomes keep a few. */
  figuresOf(keys: ReadonlySet<string>): ReadonlyMap<string, MetricRow> {
    const found = new Map<string, MetricRow>();
    const take = ({ key, figures }: Outcome): void => {
      if (figures !== null && keys.has(key)) found.set(key, figures);
    };
    if (this.#kept === undefined) this.outcomes().forEach(take);
    else for (const part of this.parts()) this.#outcomesOf(part, keys).forEach(take);
    return found;
  }

  #part(outcome: Outcome): Outcome {
    const { figures } = outcome;
    if (this.#kept === undefined || figures === null) return outcome;
    return { ...outcome, figures: Object.fromEntries(this.#kept.map((key) => [key, figures[key] ?? null])) };
  }

  /** Keys in all parts, as often as they stand there. */
  recordedKeys(): string[] {
    return this.parts().flatMap((part) => this.#outcomesOf(part).map(({ key }) => key));
  }

  #outcomesOf(part: string, keys?: ReadonlySet<string>): Outcome[] {
    const path = this.path('parts', part);
    const wanted = (line: string): boolean => keys?.has(KEY.exec(line)?.[1] ?? '') ?? true;
    return rowsOf(readText(path), path, wanted).map(({ value, where }) => checkedOutcome(value, where));
  }

  /** Writes a file beside its place and renames it. @throws UserError where the disk refuses it */
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

/** How the line of an outcome begins. */
const KEY = /^\{"key":"([0-9a-f]+)"/;

const lines = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/**
 * The values of a file of JSON lines, each with the place where it stands. @throws UserError at a line that is none.
 */
const rowsOf = (
  text: string,
  path: string,
  wanted: (line: string) => boolean = () => true,
): { value: unknown; where: string }[] =>
  text.split('\n').flatMap((line, i) => {
    if (line === '' || !wanted(line)) return [];
    const where = `${path}:${i + 1}`;
    return [{ value: parseJson(line, where), where }];
  });
