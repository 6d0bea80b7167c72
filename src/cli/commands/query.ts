// `xbarflow query SWEEP SQL`: SQL over the results of a sweep.

import { query as queryStore } from '../../experiment/sweep/database.js';
import { SweepStore } from '../../experiment/sweep/index.js';
import { toCsv } from '../../report/index.js';
import { fits, records, table } from '../../report/terminal/index.js';
import { command } from '../command.js';
import { print, say, terminalStyle } from '../output.js';

/** A query that takes longer says so. */
const QUICK_MS = 5000;

/** `xbarflow query`. */
export const queryCommand = command({
  usage: 'query <sweep> <sql>',
  describe: 'SQL over the results of a sweep (table: results)',
  order: 40,

  arguments: {
    sweep: { type: 'string', demandOption: true, describe: 'Folder of a sweep' },
    sql: { type: 'string', demandOption: true, describe: 'e.g. "select * from results limit 5"' },
  },
  flags: {
    unsafe: {
      type: 'boolean',
      default: false,
      describe: 'SQL may read and write files and load extensions; without it the table results alone',
    },
  },
  run: async (flags) => {
    const { sweep, sql, format, unsafe, maxMemory } = flags;
    const slow = setTimeout(() => {
      say(flags, 'the query takes a while; Ctrl-C ends it');
    }, QUICK_MS);
    const rows = await queryStore(new SweepStore(sweep), sql, { unsafe, maxMemory }).finally(() => {
      clearTimeout(slow);
    });
    if (format === 'json') print(JSON.stringify(rows, null, 2));
    else if (format === 'csv') print(toCsv(rows));
    else if (rows.length === 0) print('no rows');
    else {
      const head = Object.keys(rows[0]!);
      const cells = rows.map((row) => Object.values(row).map(cell));
      const style = terminalStyle();
      print(fits(head, cells, style) ? table(head, cells, style, 0) : records(head, cells, style));
    }
  },
});

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(Number(value.toPrecision(6)));
  return typeof value === 'string' ? value : JSON.stringify(value);
}
