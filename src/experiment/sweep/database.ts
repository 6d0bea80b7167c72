// The results of a sweep as a DuckDB table, and its exports; made from points and parts, so it can be made again at any
// time.

import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api';
import { MemoryBudget } from '../../config/budget.js';
import { UserError } from '../../config/index.js';
import { comparisonSql, parseComparison } from './comparison.js';
import { METRIC_KEYS } from './metrics.js';
import { diskFault, syncFile } from '../../config/writing.node.js';
import type { SweepInfo, SweepStore } from './store.js';
import type { Point } from './point-list.js';
import { statOf } from '../../config/reading.node.js';
import { messageOf } from '../../config/typed.js';

/** Rows of a query, as JSON has them. */
export type Rows = Record<string, unknown>[];

/** Names of the exports beside the database. */
export const EXPORTS = { csv: 'results.csv', parquet: 'results.parquet' } as const;

/**
 * Collects the parts into `sweep.duckdb` and the exports; all appear whole.
 * @param begun called when the database works and leaves this thread to others
 */
export async function collect(
  store: SweepStore,
  points: Iterable<Point>,
  begun: () => void = () => undefined,
): Promise<void> {
  const beside = {
    database: `${store.database}.tmp`,
    csv: store.path(`${EXPORTS.csv}.tmp`),
    parquet: store.path(`${EXPORTS.parquet}.tmp`),
  };
  const remove = (): void => {
    for (const path of [...Object.values(beside), `${beside.database}.wal`]) rmSync(path, { force: true });
  };
  remove();
  try {
    const rows = await withDatabase(beside.database, {}, async (connection) => {
      // At once: the database goes through them without waiting for this thread, which makes the report meanwhile.
      const filled = fill(connection, { store, points }, (texts) => [
        // More threads hold as much more of the rows, and wait for each other to keep their order.
        'SET threads = 1',
        `COPY (${withoutFormulas(texts)}) TO ${quoted(beside.csv)} (FORMAT csv, HEADER)`,
        `COPY results TO ${quoted(beside.parquet)} (FORMAT parquet, COMPRESSION zstd)`,
        // Closing would do it, and say nothing where the disk is full.
        'CHECKPOINT',
      ]);
      begun();
      await filled;
      return countOf(connection, 'results');
    });
    await check(beside, rows);
    renameSync(beside.database, store.database);
    renameSync(beside.csv, store.path(EXPORTS.csv));
    renameSync(beside.parquet, store.path(EXPORTS.parquet));
  } catch (error) {
    remove();
    throw diskFault(error, store.folder);
  }
}

interface Beside {
  database: string;
  csv: string;
  parquet: string;
}

/** Reads again what was written, before it takes its name. @throws Error where rows are missing. */
async function check({ database, csv, parquet }: Beside, rows: number): Promise<void> {
  if (existsSync(`${database}.wal`)) throw new Error(`${database}: its log was not taken in, the disk may be full`);
  for (const path of [database, csv, parquet]) syncFile(path);
  const counts = await withDatabase(database, { access_mode: 'READ_ONLY' }, async (connection) => [
    await countOf(connection, 'results'),
    await countOf(connection, `read_csv(${quoted(csv)}, all_varchar = true, header = true)`),
    await countOf(connection, `read_parquet(${quoted(parquet)})`),
  ]);
  const short = counts.findIndex((count) => count !== rows);
  if (short >= 0)
    throw new Error(`${[database, csv, parquet][short]!}: has ${counts[short]!} of ${rows} rows, the disk may be full`);
}

async function countOf(connection: DuckDBConnection, table: string): Promise<number> {
  const reader = await connection.runAndReadAll(`SELECT count(*)::DOUBLE AS n FROM ${table}`);
  return Number(reader.getRowObjectsJson()[0]?.n);
}

/** The rows in their order, with a quote before words in these columns that a spreadsheet takes for formulas. */
function withoutFormulas(texts: readonly string[]): string {
  const quotedWords = texts.map((text) => {
    const column = named(text);
    const formula = `regexp_matches(${column}, '^\\s*[=+@-]') AND TRY_CAST(${column} AS DOUBLE) IS NULL`;
    return `CASE WHEN ${formula} THEN '''' || ${column} ELSE ${column} END AS ${column}`;
  });
  return `SELECT * REPLACE (${quotedWords.join(', ')}) FROM results`;
}

/** What a query may do. */
export interface QueryOptions {
  /** Files and settings of the database, as SQL has them; otherwise a query reads the table and nothing else. */
  unsafe?: boolean;
  /** Bytes that the rows may take. */
  maxMemory?: number | undefined;
}

/** Rows of a query may take so much memory. */
const QUERY_BYTES = 256 * 2 ** 20;
/** What a value takes as an object's, and a letter of it, bytes. */
const [VALUE_BYTES, LETTER_BYTES] = [32, 2];
/** DuckDB's ids of BIGINT, UBIGINT, HUGEINT, UHUGEINT (the package with their names is loaded late). */
const WIDE_INTEGERS: ReadonlySet<number> = new Set([5, 9, 16, 32]);

/** Bytes of points whose rows do not fit the memory of a table made for a query. */
const MANY = 2 ** 24;

/** True where points are many and the sweep's database holds all that its folder has: nothing was written after it. */
function isCollected(store: SweepStore): boolean {
  if (statOf(store.folder)?.isDirectory() !== true) return false;
  const stateOf = (path: string) => statSync(path, { bigint: true, throwIfNoEntry: false });
  const points = stateOf(store.path('points.jsonl'));
  const at = stateOf(store.database)?.mtimeNs;
  if (at === undefined || points === undefined || points.size < MANY || points.mtimeNs >= at) return false;
  return store.parts().every((part) => (stateOf(store.path('parts', part))?.mtimeNs ?? at) < at);
}

/** Runs SQL over the results so far; the table is `results`. @throws UserError with what the database says of it. */
export async function query(store: SweepStore, sql: string, options: QueryOptions = {}): Promise<Rows> {
  const { unsafe = false, maxMemory = QUERY_BYTES } = options;
  const collected = isCollected(store);
  const from = collected ? store.database : ':memory:';
  // What does not fit the memory is refused: a spill would write files into the present folder.
  const settings = { temp_directory: '', ...(collected ? { access_mode: 'READ_ONLY' } : {}) };
  return withDatabase(from, settings, async (connection) => {
    if (!collected) await fill(connection, { store });
    if (!unsafe) {
      await connection.run('SET enable_external_access = false');
      await connection.run('SET lock_configuration = true');
    }
    try {
      const budget = new MemoryBudget('query', maxMemory);
      const result = await connection.stream(sql);
      const rows: Rows = [];
      for await (const some of result.yieldRowObjectJson()) {
        for (const row of some) {
          budget.take(bytesOf(row), 'its rows');
          rows.push(row);
        }
      }
      return withNumbers(rows, result);
    } catch (error) {
      if (error instanceof UserError) throw error;
      const message = messageOf(error).replace(/\s+/g, ' ');
      throw new UserError(`query: ${plainly(message)}`);
    }
  });
}

/** What the database and the reader of its values say, in words that help. */
function plainly(message: string): string {
  // What the package says of no statement at all.
  if (message === 'Error in native callback')
    return 'the SQL holds no statement, expected e.g. "select * from results limit 5"';
  if (message.startsWith('Cannot create a string longer')) return 'a value has more letters than a string may have';
  // Its guesses are tables of its own.
  const unknown = /^.*Table with name .* does not exist!/.exec(message)?.[0];
  return unknown === undefined
    ? message.replace('Failed to extract statements: ', '')
    : `${unknown} The sweep's rows are in: results`;
}

/** Memory of a value, bytes. */
function bytesOf(value: unknown): number {
  if (typeof value === 'string') return VALUE_BYTES + LETTER_BYTES * value.length;
  if (typeof value !== 'object' || value === null) return VALUE_BYTES;
  return Object.values(value).reduce((sum: number, inner) => sum + bytesOf(inner), VALUE_BYTES);
}

/**
 * Rows whose integers are numbers: the database gives those of 64 bits and more as text. Beyond 2^53 they stay text, so
 * that no digit is lost.
 */
function withNumbers(rows: Rows, result: DuckDBResult): Rows {
  const names = result.deduplicatedColumnNames();
  const wide = new Set(names.filter((_, i) => WIDE_INTEGERS.has(result.columnTypeId(i))));
  for (const row of rows)
    for (const name of wide) {
      const number = typeof row[name] === 'string' ? Number(row[name]) : NaN;
      if (Number.isSafeInteger(number)) row[name] = number;
    }
  return rows;
}

/** Loads DuckDB, which takes a while: a sweep does so while its points run. */
export const loadDatabase = (): Promise<typeof import('@duckdb/node-api')> => import('@duckdb/node-api');

async function withDatabase<T>(
  path: string,
  options: Record<string, string>,
  use: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const { DuckDBInstance } = await loadDatabase();
  const instance = await DuckDBInstance.create(path, { memory_limit: '320MB', threads: '2', ...options });
  try {
    const connection = await instance.connect();
    try {
      return await use(connection);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

/** Rows that are put in order at once: as many as the database and Parquet hold together. */
const ROWS_AT_ONCE = 122_880;

/**
 * Makes the table `results`: a row for each point, in the order of the sweep.
 * @param then statements that follow at once, of the columns with words
 */
async function fill(
  connection: DuckDBConnection,
  { store, points = store.points() }: { store: SweepStore; points?: Iterable<Point> },
  then: (texts: readonly string[]) => readonly string[] = () => [],
): Promise<void> {
  const info = store.info();
  if (info === undefined) throw new UserError(`${store.folder} holds no sweep`);
  const { types, count } = columnsOf(points, info.columns);
  const values = info.columns.map(
    (column, i) => `TRY_CAST(values->>${quoted(pointer(column))} AS ${types[i]!}) AS ${named(column)}`,
  );
  const texts = ['reason', ...info.columns.filter((_, i) => types[i] === 'VARCHAR')];
  const parts = store.parts().map((part) => quoted(store.path('parts', part)));
  const table = [
    `CREATE TEMP TABLE points AS SELECT "index", key, ${values.join(', ')} FROM ` +
      `read_json(${quoted(store.path('points.jsonl'))}, format = 'newline_delimited', columns = ` +
      `{index: 'BIGINT', key: 'VARCHAR', values: 'JSON'})`,
    ...(count <= ROWS_AT_ONCE || parts.length === 0
      ? [`CREATE TABLE results AS ${rowsOf(info, parts.length === 0 ? undefined : `[${parts.join(', ')}]`)}`]
      : byRanges(info, parts, Math.ceil(count / ROWS_AT_ONCE))),
    'DROP TABLE points',
  ];
  try {
    await connection.run([...table, ...then(texts)].join(';\n'));
  } catch (error) {
    // Whoever reads them line by line knows which is damaged.
    Array.from(store.recorded(), () => null);
    throw error;
  }
}

/**
 * Statements that make `results` range by range of the points, each from the parts that have outcomes of it: a million
 * rows to be put in order do not fit the memory.
 */
function byRanges(info: SweepInfo, parts: readonly string[], ranges: number): string[] {
  const range = `p."index" // ${ROWS_AT_ONCE}`;
  const keys =
    `read_json([${parts.join(', ')}], format = 'newline_delimited', filename = true, ` + `columns = {key: 'VARCHAR'})`;
  return [
    `CREATE TEMP TABLE parts AS SELECT DISTINCT ${range} AS range, o.filename FROM ${keys} o JOIN points p USING (key)`,
    ...Array.from({ length: ranges }, (_, r) => [
      // One part at least, since there must be some; keys of other ranges are passed over.
      `SET VARIABLE parts = list_append((SELECT coalesce(list(filename), []) FROM parts WHERE range = ${r} AND ` +
        `filename <> ${parts[0]!}), ${parts[0]!})`,
      `${r === 0 ? 'CREATE TABLE results AS' : 'INSERT INTO results'} ` +
        rowsOf(info, `getvariable('parts')`, `WHERE ${range} = ${r}`),
    ]).flat(),
    'DROP TABLE parts',
  ];
}

/**
 * Rows of points with the best outcome of each, in order.
 * @param parts a list of files, as SQL has it; undefined where there is none
 */
function rowsOf(info: SweepInfo, parts: string | undefined, where = ''): string {
  const struct = METRIC_KEYS.map((key) => `${named(key)} DOUBLE`).join(', ');
  const outcomes =
    parts === undefined
      ? '(SELECT NULL::VARCHAR AS key, NULL::VARCHAR AS status, NULL::VARCHAR AS reason, NULL::BIGINT AS ' +
        `attempts, NULL::VARCHAR AS hash, NULL::STRUCT(${struct}) AS figures WHERE false)`
      : `read_json(${parts}, format = 'newline_delimited', columns = {key: 'VARCHAR', status: 'VARCHAR', reason: ` +
        `'VARCHAR', attempts: 'BIGINT', hash: 'VARCHAR', figures: ${quoted(`STRUCT(${struct})`)}})`;
  const figures = METRIC_KEYS.map((key) => `figures.${named(key)} AS ${named(key)}`);
  const best =
    `SELECT key, status, reason, attempts, hash, ${figures.join(', ')} FROM ${outcomes} ` +
    'QUALIFY row_number() OVER (PARTITION BY key ORDER BY status, reason) = 1';
  const axes = info.columns.map((column) => `p.${named(column)}`);
  const metrics = METRIC_KEYS.map((key) => `o.${named(key)}`);
  return (
    `SELECT p."index", p.key, coalesce(o.status, 'missing') AS status, o.reason, o.attempts, o.hash, ` +
    `${[...axes, ...metrics].join(', ')}${constraintColumns(info)} ` +
    `FROM points p LEFT JOIN (${best}) o USING (key) ${where} ORDER BY p."index"`
  );
}

/** `feasible`: whether a result fulfils every constraint. */
function constraintColumns({ constraints }: SweepInfo): string {
  if (constraints.length === 0) return '';
  const column = (key: string): string => `o.${named(key)}`;
  const all = constraints.map((text) => `coalesce(${comparisonSql(parseComparison(text), column)}, false)`);
  return `, o.status = 'done' AND ${all.join(' AND ')} AS feasible`;
}

/** How many points there are, and the column type of each axis, which fits all its values. */
function columnsOf(points: Iterable<Point>, columns: readonly string[]): { types: string[]; count: number } {
  const fits = columns.map(() => ({ whole: true, number: true, truth: true }));
  let count = 0;
  for (const { values } of points) {
    count++;
    for (let c = 0; c < columns.length; c++) {
      const value = values[columns[c]!];
      if (value === undefined || value === null) continue;
      const fit = fits[c]!;
      fit.whole &&= Number.isInteger(value);
      fit.number &&= typeof value === 'number';
      fit.truth &&= typeof value === 'boolean';
    }
  }
  const types = fits.map(({ whole, number, truth }) =>
    whole ? 'BIGINT' : number ? 'DOUBLE' : truth ? 'BOOLEAN' : 'VARCHAR',
  );
  return { types, count };
}

/** A JSON pointer to a key, whatever letters it has. */
const pointer = (key: string): string => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const named = (text: string): string => `"${text.replaceAll('"', '""')}"`;
