// CSV files of numbers: a sample a line, its label in one column.

import { csvRows, decimalOf, type CsvRow } from '../../workload/csv.js';
import { refuse } from '../../tensors/tensor.js';
import type { MemoryBudget } from '../../config/budget.js';
import type { RawDataset } from './dataset.js';

/** Labels are kept in 32 bits. */
const LARGEST_CLASS = 2 ** 31 - 1;

const isNumber = (cell: string): boolean => Number.isFinite(decimalOf(cell));

/** True for a line of names. A sample with a number that is none (NaN, Infinity, a missing or damaged one) is not. */
function isHeader(cells: readonly string[]): boolean {
  const isName = (cell: string): boolean => cell.trim() !== '' && !/^[+-]?(nan|inf(inity)?)$/i.test(cell.trim());
  const numbers = cells.flatMap((cell, i) => (isNumber(cell) ? [Number(cell) - i] : []));
  const places = numbers.every((distance) => distance === numbers[0]) && Math.abs(numbers[0] ?? 0) <= 1;
  return places && cells.some((cell) => !isNumber(cell) && isName(cell));
}

/**
 * Reads a table of numbers, row by row, within the budget. `labelColumn`: 'first', 'last', 'none', or the name of a
 * column of the header. A first line with names is a header; numbers among them may only be their own places, as tables
 * without names of their own count columns. @throws UserError naming the line
 */
export function readTable(text: string, file: string, labelColumn: string, budget: MemoryBudget): RawDataset {
  const rows = csvRows(text, file);
  const begun = rows.next();
  if (begun.done === true) return refuse(file, 'is empty');
  const first = begun.value;
  const header = isHeader(first.cells) ? first.cells.map((cell) => cell.trim()) : undefined;
  const width = first.cells.length;
  const at = columnOf(labelColumn, header, width, file);
  const features = at < 0 ? width : width - 1;
  if (features < 1) return refuse(file, `has ${width} columns: no values beside the label`);
  const most = linesOf(text);
  budget.take(most * (features * Float64Array.BYTES_PER_ELEMENT + Int32Array.BYTES_PER_ELEMENT), 'its numbers');
  const data = new Float64Array(most * features);
  const labels = at < 0 ? null : new Int32Array(most);
  let count = 0;
  const add = ({ line, cells }: CsvRow): void => {
    if (cells.length !== width) refuse(file, `line ${line}: ${cells.length} cells, expected ${width}`);
    let to = count * features;
    cells.forEach((cell, column) => {
      if (!isNumber(cell)) refuse(file, `line ${line}, column ${column + 1}: "${cell}" is no number`);
      const value = Number(cell);
      if (column !== at) data[to++] = value;
      else if (!Number.isInteger(value) || value < 0 || value > LARGEST_CLASS)
        refuse(file, `line ${line}: label "${cell}" is no class`);
      else labels![count] = value;
    });
    count++;
  };
  if (header === undefined) add(first);
  for (const row of rows) add(row);
  return {
    count,
    inputs: new Map([['', { shape: [features], data: data.subarray(0, count * features) }]]),
    labels: labels?.subarray(0, count) ?? null,
    labelsPerSample: 1,
  };
}

/** Lines of a text: no table has more rows. */
function linesOf(text: string): number {
  let lines = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

function columnOf(label: string, header: readonly string[] | undefined, width: number, file: string): number {
  if (label === 'none') return -1;
  const named = header?.indexOf(label) ?? -1;
  if (named >= 0 && named !== header?.lastIndexOf(label)) refuse(file, `has two columns "${label}"`);
  if (named >= 0) return named;
  if (label === 'first') return 0;
  return label === 'last' ? width - 1 : refuse(file, `has no column "${label}"`);
}
