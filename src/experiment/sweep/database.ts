// The results of a sweep as a DuckDB table, and its exports; made from points and parts, so it can be made again at any
// time.

import { renameSync, rmSync } from 'node:fs';
import type { DuckDBConnection } from '@duckdb/node-api';
import { UserError } from '../../config/index.js';
import { METRIC_KEYS } from './metrics.js';
import { diskFault } from '../../config/writing.node.js';
import type { SweepInfo, SweepStore } from './store.js';
import type { Point } from './plan.js';

/** Rows of a query, as JSON has them. */
export type Rows = Record<string, unknown>[];

/** Names of the exports beside the database. */
export const EXPORTS = { csv: 'results.csv', parquet: 'results.parquet' } as const;

/** Collects the parts into `sweep.duckdb` and the exports; all appear whole. */
export async function collect(store: SweepStore): Promise<void> {
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
    await withDatabase(beside.database, async (connection) => {
      await fill(connection, store);
      await connection.run(`COPY (FROM results ORDER BY "index") TO ${quoted(beside.csv)} (FORMAT csv, HEADER)`);
      await connection.run(
        `COPY (FROM results ORDER BY "index") TO ${quoted(beside.parquet)} (FORMAT parquet, COMPRESSION zstd)`,
      );
    });
    renameSync(beside.database, store.database);
    renameSync(beside.csv, store.path(EXPORTS.csv));
    renameSync(beside.parquet, store.path(EXPORTS.parquet));
  } catch (error) {
    remove();
    throw diskFault(error, store.folder);
  }
}

/** Runs SQL over the results so far; the table is `results`. @throws UserError with what the database says of it. */
export async function query(store: SweepStore, sql: string): Promise<Rows> {
  return withDatabase(':memory:', async (connection) => {
    await fill(connection, store);
    try {
      const reader = await connection.runAndReadAll(sql);
      return reader.getRowObjectsJson();
    } catch (error) {
      throw new UserError(
        `query: ${(error as Error).message
          .split('\n')
          .filter((line) => line.trim() !== '')
          .join(' ')}`,
      );
    }
  });
}

/** Loads DuckDB, which takes a while: a sweep does so while its points run. */
export const loadDatabase = async (): Promise<typeof import('@duckdb/node-api')> => import('@duckdb/node-api');

async function withDatabase<T>(path: string, use: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const { DuckDBInstance } = await loadDatabase();
  const instance = await DuckDBInstance.create(path, { memory_limit: '512MB', threads: '2' });
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

/** Makes the table `results`: a row for each point, in the order of the sweep. */
async function fill(connection: DuckDBConnection, store: SweepStore): Promise<void> {
  const info = store.info();
  if (info === undefined) throw new UserError(`${store.folder} holds no sweep`);
  const points = store.points();
  const types = info.columns.map((column) => typeOf(points, column));
  const axes = info.columns.map(
    (column, i) => `TRY_CAST(p.values->>${quoted(`$."${column}"`)} AS ${types[i]!}) AS ${named(column)}`,
  );
  const figures = METRIC_KEYS.map((key) => `o.figures.${named(key)} AS ${named(key)}`);
  const struct = METRIC_KEYS.map((key) => `${named(key)} DOUBLE`).join(', ');
  const outcomes =
    store.parts().length === 0
      ? 'SELECT NULL::VARCHAR AS key, NULL::VARCHAR AS status, NULL::VARCHAR AS reason, NULL::BIGINT AS ' +
        `attempts, NULL::VARCHAR AS hash, NULL::STRUCT(${struct}) AS figures WHERE false`
      : `FROM read_json(${quoted(store.path('parts', '*.jsonl'))}, format = 'newline_delimited', columns = ` +
        `{key: 'VARCHAR', status: 'VARCHAR', reason: 'VARCHAR', attempts: 'BIGINT', hash: 'VARCHAR', figures: ` +
        `${quoted(`STRUCT(${struct})`)}})`;
  await connection.run(`
    CREATE TABLE results AS
    WITH outcomes AS (${outcomes}),
    o AS (FROM outcomes QUALIFY row_number() OVER (PARTITION BY key ORDER BY status, reason) = 1),
    p AS (FROM read_json(${quoted(store.path('points.jsonl'))}, format = 'newline_delimited',
      columns = {index: 'BIGINT', key: 'VARCHAR', values: 'JSON'}))
    SELECT p."index", p.key, coalesce(o.status, 'missing') AS status, o.reason, o.attempts, o.hash,
      ${[...axes, ...figures].join(', ')}${constraintColumns(info)}
    FROM p LEFT JOIN o USING (key) ORDER BY p."index"`);
}

/** `feasible`: whether a result fulfils every constraint. */
function constraintColumns({ constraints }: SweepInfo): string {
  if (constraints.length === 0) return '';
  return `, o.status = 'done' AND ${constraints
    .map(
      (text) =>
        `coalesce(${text
          .split(/\s+or\s+/)
          .map(asSql)
          .join(' OR ')}, false)`,
    )
    .join(' AND ')} AS feasible`;
}

/** A comparison with its keys as columns. */
const asSql = (text: string): string =>
  text.replace('==', '=').replace(/[A-Za-z][\w-]*(\.[\w-]+)+/g, (key) => `o.figures.${named(key)}`);

/** The column type that fits all values of an axis. */
function typeOf(points: readonly Point[], column: string): string {
  const values = points.map(({ values: of }) => of[column]).filter((value) => value !== undefined && value !== null);
  if (values.every((value) => typeof value === 'number')) return values.every(Number.isInteger) ? 'BIGINT' : 'DOUBLE';
  return values.every((value) => typeof value === 'boolean') ? 'BOOLEAN' : 'VARCHAR';
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const named = (text: string): string => `"${text.replaceAll('"', '""')}"`;
