// The folder of a sweep: its description, its points, and the parts that workers write whole. DuckDB and exports are
// made from these.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../config/index.js';
import { removeRemains } from '../../config/lock.node.js';
import { parseJson, readJson, readLines } from '../../config/reading.node.js';
import { checkFolder } from '../../config/work-folder.node.js';
import { diskFault, isRefusal, makeFolder, writeWhole, type Content } from '../../config/writing.node.js';
import { checkedInfo, checkedOutcome, checkedPoint, outcomeLine, type Outcome, type SweepInfo } from './stored.js';
import type { MetricRow } from './metrics.js';
import { Outcomes, judgedOf, type Judged } from './outcomes.js';
import type { Point } from './point-list.js';
import { messageOf } from '../../config/typed.js';

export type { Outcome, SweepInfo } from './stored.js';

/** Files of a sweep. Every file is written beside its place and renamed, so a reader never sees half of one. */
export class SweepStore {
  readonly folder: string;
  readonly #readParts = new Set<string>();
  readonly #outcomes: Outcomes;

  /** @param kept keys of the figures that outcomes keep; all of a million points would take gigabytes */
  constructor(folder: string, kept: readonly string[] = []) {
    this.folder = folder;
    this.#outcomes = new Outcomes(kept);
  }

  /** Keys of the figures that outcomes keep. */
  get judges(): readonly string[] {
    return this.#outcomes.kept;
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
  describe(info: SweepInfo, points: Iterable<Point>): void {
    this.write('points.jsonl', lines(points));
    this.write('sweep.json', `${JSON.stringify(info, null, 2)}\n`);
  }

  /** The points, read as they are asked for. @throws UserError at a line that is none */
  *points(): Generator<Point> {
    for (const { value, where } of rowsOf(this.path('points.jsonl'))) yield checkedPoint(value, where);
  }

  /** Writes a part whole; its name must be new. */
  writePart(name: string, outcomes: readonly Outcome[]): void {
    this.write(join('parts', fileOf(name)), lines(outcomes, outcomeLine));
  }

  /** Names of the parts' files. */
  parts(): string[] {
    return existsSync(this.path('parts'))
      ? readdirSync(this.path('parts'))
          .filter((file) => file.endsWith('.jsonl'))
          .sort()
      : [];
  }

  /** Takes what a worker of this process put into a part, which then need not be read. */
  take(part: string, keys: readonly string[], judged: Judged): void {
    this.#outcomes.take(keys, judged, fileOf(part));
    this.#readParts.add(fileOf(part));
  }

  /** What became of the points so far. Parts never change: each is read once. */
  outcomes(): Outcomes {
    for (const part of this.parts()) {
      if (this.#readParts.has(part)) continue;
      const outcomes = [...this.#outcomesOf(part)];
      this.#outcomes.take(
        outcomes.map(({ key }) => key),
        judgedOf(outcomes, this.#outcomes.kept),
        part,
      );
      this.#readParts.add(part);
    }
    return this.#outcomes;
  }

  /** All figures of points that are done, by their keys. */
  figuresOf(keys: ReadonlySet<string>): ReadonlyMap<string, MetricRow> {
    const wanted = (beginning: string): boolean => keys.has(KEY.exec(beginning)?.[1] ?? '');
    const found = new Map<string, MetricRow>();
    const outcomes = this.outcomes();
    const parts = new Set([...keys].flatMap((key) => outcomes.part(key) ?? []));
    for (const part of parts)
      for (const { key, figures } of this.#outcomesOf(part, wanted)) if (figures !== null) found.set(key, figures);
    return found;
  }

  /** All that parts hold, as often as it stands there. @throws UserError at a line that is no outcome */
  *recorded(): Generator<Outcome> {
    for (const part of this.parts()) yield* this.#outcomesOf(part);
  }

  *#outcomesOf(part: string, wanted?: (beginning: string) => boolean): Generator<Outcome> {
    for (const { value, where } of rowsOf(this.path('parts', part), wanted)) yield checkedOutcome(value, where);
  }

  /** Writes a file beside its place and renames it. @throws UserError where the disk refuses it */
  write(name: string, content: Content): void {
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

const fileOf = (part: string): string => `${part}.jsonl`;

/** Lines that are put together before they are written. */
const LINES_AT_ONCE = 1000;

/** Lines, some at once. */
function* lines<T>(rows: Iterable<T>, lineOf: (row: T) => string = JSON.stringify): Generator<string> {
  let some: string[] = [];
  for (const row of rows) {
    some.push(`${lineOf(row)}\n`);
    if (some.length < LINES_AT_ONCE) continue;
    yield some.join('');
    some = [];
  }
  yield some.join('');
}

/**
 * The values of a file of JSON lines, each with the place where it stands. @throws UserError at a line that is none.
 */
function* rowsOf(path: string, wanted?: (beginning: string) => boolean): Generator<{ value: unknown; where: string }> {
  let number = 0;
  for (const line of readLines(path, wanted)) {
    number++;
    if (line === '') continue;
    const where = `${path}:${number}`;
    yield { value: parseJson(line, where), where };
  }
}
