// A validation as tables for a terminal.

import { folded, type Style } from '../../explain/style.js';
import { figureCells, grouped, validationSummary, type ValidationRow } from '../validation.js';
import { table } from './table.js';

/** A table for each group, then the sum. */
export function validationTables(rows: readonly ValidationRow[], style: Style): string {
  const width = Math.max(30, style.width - 62);
  const cut = (text: string): string => (text.length <= width ? text : `${text.slice(0, width - 3)}...`);
  const tables = grouped(rows).map(
    ([group, own]) =>
      `${style.strong(group)}\n${table(
        ['figure', 'published', 'simulated', 'difference', 'verdict'],
        own.map((row) => [cut(row.name), ...figureCells(row)]),
        style,
      )}`,
  );
  return [
    ...tables,
    folded(`${validationSummary(rows)} Sources and notes: --format json, --out DIR, docs/validation.md`, style.width),
  ].join('\n\n');
}
