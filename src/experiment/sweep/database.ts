// The results of a sweep as a DuckDB table, and its exports; made from points and parts, so it can be made again at any
// time.

import { existsSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api';
import { MemoryBudget } from '../../config/budget.js';
import { UserError } from '../../config/index.js';
import { comparisonSql, parseComparison } from './comparison.js';
import { METRIC_KEYS } from './metrics.js';
import { diskFault, syncFile } from '../../config/writing.node.js';
import type { SweepInfo, SweepStore } from './store.js';
import type { Point } from './plan.js';
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
  points: readonly Point[],
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
    const rows = await withDatabase(beside.database, async (connection) => {
      // At once: the database goes through them without waiting for this thread, which makes the report meanwhile.
      const filled = fill(connection, { store, points }, (texts) => [
        `COPY (${withoutFormulas(texts)}) TO ${quoted(beside.csv)} (FORMAT csv, HEADER)`,
        `COPY (FROM results ORDER BY "index") TO ${quoted(beside.parquet)} (FORMAT parquet, COMPRESSION zstd)`,
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
  const counts = await withDatabase(
    database,
    async (connection) => [
      await countOf(connection, 'results'),
      await countOf(connection, `read_csv(${quoted(csv)}, all_varchar = true, header = true)`),
      await countOf(connection, `read_parquet(${quoted(parquet)})`),
    ],
    { access_mode: 'READ_ONLY' },
  );
  const short = counts.findIndex((count) => count !== rows);
  if (short >= 0)
    throw new Error(`${[database, csv, parquet][short]!}: has ${counts[short]!} of ${rows} rows, the disk may be full`);
}

async function countOf(connection: DuckDBConnection, table: string): Promise<number> {
  const reader = await connection.runAndReadAll(`SELECT count(*)::DOUBLE AS n FROM ${table}`);
  return Number(reader.getRowObjectsJson()[0]?.n);
}

/** The rows with a quote before words in these columns that a spreadsheet takes for formulas. */
function withoutFormulas(texts: readonly string[]): string {
  const quotedWords = texts.map((text) => {
    const column = named(text);
    const formula = `regexp_matches(${column}, '^\\s*[=+@-]') AND TRY_CAST(${column} AS DOUBLE) IS NULL`;
    return `CASE WHEN ${formula} THEN '''' || ${column} ELSE ${column} END AS ${column}`;
  });
  return `SELECT * REPLACE (${quotedWords.join(', ')}) FROM results ORDER BY "index"`;
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

/** Runs SQL over the results so far; the table is `results`. @throws UserError with what the database says of it. */
export async function query(store: SweepStore, sql: string, options: QueryOptions = {}): Promise<Rows> {
  const { unsafe = false, maxMemory = QUERY_BYTES } = options;
  return withDatabase(':memory:', async (connection) => {
    await fill(connection, { store });
    // What does not fit the memory is refused: a spill would write files into the present folder.
    await connection.run("SET temp_directory = ''");
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

const require = createRequire(import.meta.url);

/**
 * Loads DuckDB, which takes a while: a sweep does so while its points run. It is CommonJS, of which `import()` would
 * read all the text for names of exports first.
 */
// Cast: the package's own types.
export const loadDatabase = (): typeof import('@duckdb/node-api') =>
  require('@duckdb/node-api') as typeof import('@duckdb/node-api');

async function withDatabase<T>(
  path: string,
  use: (connection: DuckDBConnection) => Promise<T>,
  more: Record<string, string> = {},
): Promise<T> {
  const { DuckDBInstance } = loadDatabase();
  const instance = await DuckDBInstance.create(path, { memory_limit: '512MB', threads: '2', ...more });
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

/**
 * Makes the table `results`: a row for each point, in the order of the sweep.
 * @param then statements that follow at once, of the columns with words
 */
async function fill(
  connection: DuckDBConnection,
  { store, points: known }: { store: SweepStore; points?: readonly Point[] },
  then: (texts: readonly string[]) => readonly string[] = () => [],
): Promise<void> {
  const info = store.info();
  if (info === undefined) throw new UserError(`${store.folder} holds no sweep`);
  const points = known ?? store.points();
  const types = info.columns.map((column) => typeOf(points, column));
  const axes = info.columns.map(
    (column, i) => `TRY_CAST(p.values->>${quoted(pointer(column))} AS ${types[i]!}) AS ${named(column)}`,
  );
  const struct = METRIC_KEYS.map((key) => `${named(key)} DOUBLE`).join(', ');
  const figures = METRIC_KEYS.map((key) => `figures.${named(key)} AS ${named(key)}`);
  const outcomes =
    store.parts().length === 0
      ? '(SELECT NULL::VARCHAR AS key, NULL::VARCHAR AS status, NULL::VARCHAR AS reason, NULL::BIGINT AS ' +
        `attempts, NULL::VARCHAR AS hash, NULL::STRUCT(${struct}) AS figures WHERE false)`
      : `read_json(${quoted(store.path('parts', '*.jsonl'))}, format = 'newline_delimited', columns = ` +
        `{key: 'VARCHAR', status: 'VARCHAR', reason: 'VARCHAR', attempts: 'BIGINT', hash: 'VARCHAR', figures: ` +
        `${quoted(`STRUCT(${struct})`)}})`;
  const texts = ['reason', ...info.columns.filter((_, i) => types[i] === 'VARCHAR')];
  // Wide rows are sorted once, when their places are known: a million do not fit the memory beside a window or a join.
  const table = [
    'SET preserve_insertion_order = false',
    `CREATE TEMP TABLE outcomes AS SELECT key, status, reason, attempts, hash, ${figures.join(', ')} FROM ${outcomes}`,
    'CREATE TEMP TABLE best AS SELECT rowid AS outcome, key FROM outcomes ' +
      'QUALIFY row_number() OVER (PARTITION BY key ORDER BY status, reason) = 1',
    'CREATE TEMP TABLE places AS SELECT p."index", p.key, p.values, best.outcome FROM ' +
      `read_json(${quoted(store.path('points.jsonl'))}, format = 'newline_delimited', columns = ` +
      `{index: 'BIGINT', key: 'VARCHAR', values: 'JSON'}) p LEFT JOIN best USING (key)`,
    'SET preserve_insertion_order = true',
    `CREATE TABLE results AS SELECT p."index", p.key, coalesce(o.status, 'missing') AS status, o.reason, o.attempts, ` +
      `o.hash, ${[...axes, ...METRIC_KEYS.map((key) => `o.${named(key)}`)].join(', ')}${constraintColumns(info)} ` +
      'FROM places p LEFT JOIN outcomes o ON o.rowid = p.outcome ORDER BY p."index"',
    ...['outcomes', 'best', 'places'].map((name) => `DROP TABLE ${name}`),
  ];
  try {
    await connection.run([...table, ...then(texts)].join(';\n'));
  } catch (error) {
    // Whoever reads them line by line knows which is damaged.
    store.recordedKeys();
    throw error;
  }
}

/** `feasible`: whether a result fulfils every constraint. */
function constraintColumns({ constraints }: SweepInfo): string {
  if (constraints.length === 0) return '';
  const column = (key: string): string => `o.${named(key)}`;
  const all = constraints.map((text) => `coalesce(${comparisonSql(parseComparison(text), column)}, false)`);
  return `, o.status = 'done' AND ${all.join(' AND ')} AS feasible`;
}

/** The column type that fits all values of an axis. */
function typeOf(points: readonly Point[], column: string): string {
  const values = points.map(({ values: of }) => of[column]).filter((value) => value !== undefined && value !== null);
  if (values.every((value) => typeof value === 'number')) return values.every(Number.isInteger) ? 'BIGINT' : 'DOUBLE';
  return values.every((value) => typeof value === 'boolean') ? 'BOOLEAN' : 'VARCHAR';
}

/** A JSON pointer to a key, whatever letters it has. */
const pointer = (key: string): string => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const named = (text: string): string => `"${text.replaceAll('"', '""')}"`;
