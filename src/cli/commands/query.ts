// `xbarflow query SWEEP SQL`: SQL over the results of a sweep.

import { query as queryStore } from '../../experiment/sweep/database.js';
import { SweepStore } from '../../experiment/sweep/index.js';
import { toCsv } from '../../report/index.js';
import { table } from '../../report/terminal/index.js';
import type { CommonOptions } from '../flags.js';
import { print, terminalStyle } from '../output.js';

export interface QueryFlags extends CommonOptions {
  sweep: string;
  sql: string;
  unsafe: boolean;
}

export async function query({ sweep, sql, format, unsafe, maxMemory }: QueryFlags): Promise<void> {
  const rows = await queryStore(new SweepStore(sweep), sql, { unsafe, maxMemory });
  if (format === 'json') print(JSON.stringify(rows, null, 2));
  else if (format === 'csv') print(toCsv(rows));
  else if (rows.length === 0) print('no rows');
  else
    print(
      table(
        Object.keys(rows[0]!),
        rows.map((row) => Object.values(row).map(cell)),
        terminalStyle(),
        0,
      ),
    );
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(Number(value.toPrecision(6)));
  return typeof value === 'string' ? value : JSON.stringify(value);
}
