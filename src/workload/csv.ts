// Rows of a CSV file (RFC 4180) with the lines on which they start; blank lines and lines that start with # are passed
// over.

import { ConfigError } from '../config/index.js';

/** A row and the line, counted from 1, on which it starts. */
export interface CsvRow {
  line: number;
  cells: string[];
}

/** A cell's decimal number, NaN for what is none: JavaScript's 0x1f, 0b1 and 0o7 are no numbers of a table. */
export const decimalOf = (cell: string): number =>
  /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(cell.trim()) ? Number(cell) : NaN;

/** A cell, quoted or plain, and what ends it. */
const CELL = /(?:"([^"]*(?:""[^"]*)*)"[ \t\r]*|([^",\n]*))(,|\n|$)/y;

/** Most cells of a row. */
const MOST_CELLS = 2 ** 20;

/** All rows of a CSV text. @throws ConfigError as `csvRows`. */
export const readCsv = (text: string, file: string): CsvRow[] => [...csvRows(text, file)];

/**
 * The rows of a CSV text, one after the other. Cells may be quoted, with "" for a quote; blanks around plain cells do
 * not count.
 * @throws ConfigError where a quote stands inside a plain cell or is not closed, or a row has more than 2^20 cells.
 */
export function* csvRows(text: string, file: string): Generator<CsvRow, void> {
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const next = text.indexOf('\n', at);
    const end = next < 0 ? text.length : next + 1;
    const first = text.slice(at, end);
    if (first.startsWith('#') || first.trim() === '') {
      at = end;
      line++;
      continue;
    }
    const row: CsvRow = { line, cells: [] };
    for (;;) {
      CELL.lastIndex = at;
      const match = CELL.exec(text);
      if (match === null)
        throw new ConfigError(
          { file, line, column: 1 },
          '',
          'found a quote inside a cell, or one that nothing closes; expected "..." around the whole cell',
        );
      const [whole, quoted, plain, ending] = match;
      row.cells.push(quoted === undefined ? plain!.trim() : quoted.replaceAll('""', '"'));
      at = CELL.lastIndex;
      line += whole.split('\n').length - 1;
      if (ending !== ',') break;
      if (row.cells.length >= MOST_CELLS)
        throw new ConfigError({ file, line, column: 1 }, '', `a row of more than ${MOST_CELLS} cells`);
    }
    yield row;
  }
}
