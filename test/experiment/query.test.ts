// `query`: SQL reads the sweep's own table and nothing else, and takes no more memory than it may.

import { appendFileSync, mkdirSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../src/config/index.js';
import { collect, query } from '../../src/experiment/sweep/database.js';
import { SweepStore } from '../../src/experiment/sweep/index.js';
import { folderWith } from './command.js';

const folder = folderWith({ 'secret.csv': 'a,b\n1,2\n' });
const at = (name: string): string => join(folder, name);
const store = new SweepStore(at('sweep'));
const home = process.cwd();

beforeAll(() => {
  store.create();
  store.describe(
    {
      schema: 'xbarflow/sweep@1',
      name: 's',
      model: '1',
      base: { file: '/s.yaml', config: 'isaac', set: {}, sets: [] },
      columns: ['crossbar.rows'],
      objectives: [],
      constraints: [],
    },
    [0, 1].map((index) => ({ index, key: `k${index}`, values: { 'crossbar.rows': 64 << index } })),
  );
  mkdirSync(at('work'));
  process.chdir(at('work'));
});
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

const messageOf = async (sql: string, maxMemory?: number): Promise<string> => {
  try {
    await query(store, sql, { maxMemory });
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as Error).message;
  }
  return 'accepted';
};

describe('a query', () => {
  it.each(['', ' ;; ', '/* nothing */'])('of no statement (%j) says so', async (sql) => {
    expect(await messageOf(sql)).toBe(
      'query: the SQL holds no statement, expected e.g. "select * from results limit 5"',
    );
  });

  const secret = at('secret.csv');
  it.each([
    `select * from read_csv('${secret}')`,
    `select * from '${secret}'`,
    `select * from read_text('${secret}')`,
    `select * from read_blob('${secret}')`,
    `select * from sniff_csv('${secret}')`,
    `select * from glob('${folder}/*')`,
    `select 1; select * from read_text('${secret}')`,
    `select * from query('select * from read_text(''${secret}'')')`,
    "copy results to 'x.csv'",
    "copy (select 1) to 'x.parquet'",
    `copy results from '${secret}'`,
    "attach 'x.db'",
    `attach '${at('sweep/sweep.duckdb')}'`,
    "export database 'x'",
    `import database '${folder}'`,
    'install httpfs',
    'load httpfs',
    'set enable_external_access = true',
    'reset enable_external_access',
    'set lock_configuration = false',
    "set temp_directory = '.'",
    "set home_directory = '/'",
    "select * from 'https://127.0.0.1/x.csv'",
  ])('%s: refused, and nothing is written', async (sql) => {
    expect(await messageOf(sql)).toMatch(/^query: /);
    expect(readdirSync('.')).toEqual([]);
    expect(readdirSync(store.folder).sort()).toEqual(['parts', 'points.jsonl', 'sweep.json']);
  });

  it.each([
    ['rows', 'select * from range(10000)'],
    ['letters', "select repeat('x', 100000)"],
    ['lists', 'select list(range) from range(10000)'],
    ['letters in structures', "select {'a': [repeat('x', 100000)]}"],
  ])('of too many %s is refused by the budget', async (_, sql) => {
    expect(await messageOf(sql, 2 ** 16)).toBe(
      'query: its rows: would take more than 64 KiB of memory; --max-memory SIZE lets it',
    );
    expect(await messageOf(sql, 10 ** 7)).toBe('accepted');
  });

  it('writes into its own copy of the table alone', async () => {
    await query(store, 'delete from results');
    const rows = await query(store, 'select key, "crossbar.rows" as n, 1::hugeint << 60 as wide from results');
    expect(rows).toEqual([
      { key: 'k0', n: 64, wide: '1152921504606846976' },
      { key: 'k1', n: 128, wide: '1152921504606846976' },
    ]);
  });
});

describe('a query of very many points', () => {
  it('reads the database that was collected, unless something was written after it', async () => {
    const many = new SweepStore(at('many'));
    many.create();
    many.describe(store.info()!, store.points());
    const points = many.path('points.jsonl');
    writeFileSync(points, readFileSync(points, 'utf8').replace('{', `{${' '.repeat(2 ** 24)}`));
    await collect(many, many.points());
    const rows = 'select count(*) as n from results';
    // A point that the database does not know.
    appendFileSync(points, `{"index":2,"key":"k2","values":{"crossbar.rows":256}}\n`);
    expect(await query(many, rows)).toEqual([{ n: 3 }]);
    utimesSync(points, 1, 1);
    expect(await query(many, rows)).toEqual([{ n: 2 }]);
    many.writePart('late', []);
    expect(await query(many, rows)).toEqual([{ n: 3 }]);
    expect(readdirSync('.')).toEqual([]);
  });
});
