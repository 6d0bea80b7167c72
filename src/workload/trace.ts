// Traces of activity: a CSV with a row for each pass and layer (optionally each image) that says how dense the ones
// are.

import { toCsv } from '../config/csv.js';
import { csvText, nameOfCsv, visible } from '../config/escape.js';
import { ConfigError } from '../config/index.js';
import { decimalOf, readCsv } from './csv.js';

/**
 * What the drivers of a pass see: `vectors` inputs of `rows` values against `columns`; the share of ones among their
 * bits.
 */
export interface TraceRow {
  pass: string;
  layer: string;
  /** Image (0-based), or null when the row stands for all of them. */
  image: number | null;
  vectors: number;
  rows: number;
  columns: number;
  density: number;
}

/** A trace with the lines of its rows. */
export interface Trace {
  file: string;
  rows: (TraceRow & { line: number })[];
}

const COLUMNS = ['pass', 'layer', 'image', 'vectors', 'rows', 'columns', 'density'] as const;

/** Writes a trace; `notes` become comment lines at its head. */
export function writeTrace(rows: readonly TraceRow[], notes: readonly string[]): string {
  const body = toCsv(rows, COLUMNS, csvText);
  return [...notes.map((note) => `# ${visible(note)}\n`), body].join('');
}

/** Reads a trace. @throws ConfigError naming file, line and column. */
export function parseTrace(text: string, file: string): Trace {
  const rows: Trace['rows'] = [];
  const header: string[] = [];
  for (const { line, cells } of readCsv(text, file)) {
    if (header.length === 0) {
      const twice = COLUMNS.find((column) => cells.indexOf(column) !== cells.lastIndexOf(column));
      if (twice !== undefined) throw new ConfigError({ file, line, column: 1 }, twice, 'this column is there twice');
      const missing = COLUMNS.find((column) => !cells.includes(column));
      if (missing !== undefined)
        throw new ConfigError({ file, line, column: 1 }, missing, `no such column, expected ${COLUMNS.join(',')}`);
      header.push(...cells);
      continue;
    }
    if (cells.length !== header.length)
      throw new ConfigError({ file, line, column: 1 }, '', `found ${cells.length} cells, expected ${header.length}`);
    const cell = (column: string): string => cells[header.indexOf(column)]!;
    const number = (column: string, accept: (value: number) => boolean, expected: string): number => {
      const value = decimalOf(cell(column));
      if (!accept(value))
        throw new ConfigError({ file, line, column: 1 }, column, `found "${cell(column)}", expected ${expected}`);
      return value;
    };
    const whole = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
    rows.push({
      line,
      pass: cell('pass'),
      layer: nameOfCsv(cell('layer')),
      image: cell('image') === '' ? null : number('image', whole, 'a whole number or nothing'),
      vectors: number('vectors', whole, 'a whole number'),
      rows: number('rows', whole, 'a whole number'),
      columns: number('columns', whole, 'a whole number'),
      density: number('density', (value) => value >= 0 && value <= 1, 'a number from 0 to 1'),
    });
  }
  if (header.length === 0)
    throw new ConfigError({ file, line: 1, column: 1 }, '', `the trace is empty, expected a line ${COLUMNS.join(',')}`);
  return { file, rows };
}

/** A row's pass and layer, by which it is found. */
const nameOf = ({ pass, layer }: TraceRow): string => `${pass} ${layer}`;

/**
 * Fits a trace to a workload: for each pass and layer the densities of its images in order (one for all where the trace
 * has one).
 * @throws ConfigError at the first row that the workload does not have, or has with other sizes.
 */
export function fitTrace({ file, rows }: Trace, expected: readonly TraceRow[]): Map<string, number[]> {
  // A file has names with what cannot be seen by its code.
  const known = new Map(expected.map((row) => [visible(nameOf(row)), row]));
  const densities = new Map<string, number[]>();
  for (const row of rows) {
    const key = nameOf(row);
    const fail = (message: string): never => {
      throw new ConfigError({ file, line: row.line, column: 1 }, key, message);
    };
    const own =
      known.get(visible(key)) ??
      fail('this workload has no such pass and layer: the trace is of another network or mode');
    for (const column of ['vectors', 'rows', 'columns'] as const) {
      if (row[column] !== own[column])
        fail(
          `${column} is ${row[column]}, but this workload has ${own[column]}: the trace is of another network ` +
            'or mapping',
        );
    }
    const list = densities.get(nameOf(own)) ?? [];
    if (row.image !== null && row.image !== list.length)
      fail(`image ${row.image} is out of order, expected ${list.length}`);
    if (row.image === null && list.length > 0) fail('a second row for all images');
    list.push(row.density);
    densities.set(nameOf(own), list);
  }
  const missing = expected.find((row) => !densities.has(nameOf(row)));
  if (missing !== undefined)
    throw new ConfigError(
      { file, line: rows.at(-1)?.line ?? 1, column: 1 },
      nameOf(missing),
      'the trace ends without this row',
    );
  return densities;
}
