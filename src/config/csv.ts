// Writes CSV (RFC 4180, lines end with \n).

import { csvFormatRows } from 'd3-dsv';
import { csvText } from './escape.js';

/** What a cell says: nothing for null, lists and mappings as JSON. */
function cell(value: unknown, written: (text: string) => string): string {
  switch (typeof value) {
    case 'string':
      return written(value);
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value);
    default:
      return value === null || value === undefined ? '' : JSON.stringify(value);
  }
}

/**
 * Rows as CSV with a header line; booleans as words, nothing for null, no formulas.
 * @param columns keys in their order, by default those of the first row; without rows or columns there is no text.
 * @param written how a cell's text is written: on one line and never a formula, where nothing else is said.
 */
export function toCsv(
  rows: readonly object[],
  columns: readonly string[] = Object.keys(rows[0] ?? {}),
  written = csvText,
): string {
  if (columns.length === 0) return '';
  const lines = rows.map((row) => {
    const values = new Map<string, unknown>(Object.entries(row));
    return columns.map((column) => cell(values.get(column), written));
  });
  return `${csvFormatRows([[...columns], ...lines])}\n`;
}
