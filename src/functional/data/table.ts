// CSV files of numbers: a sample a line, its label in one column.

import { readCsv } from '../../workload/csv.js';
import { refuse } from '../../tensors/tensor.js';
import type { RawDataset } from './dataset.js';

/**
 * Reads a table of numbers. `labelColumn`: 'first', 'last', 'none', or the name of a column of the header. A first line
 * that is no numbers is a header. @throws UserError naming the line
 */
export function readTable(text: string, file: string, labelColumn: string): RawDataset {
  const lines = [...readCsv(text, file)];
  const first = lines[0];
  if (first === undefined) return refuse(file, 'is empty');
  const isNumber = (cell: string): boolean => cell.trim() !== '' && Number.isFinite(Number(cell));
  const header = first.cells.every(isNumber) ? undefined : first.cells.map((cell) => cell.trim());
  const rows = header === undefined ? lines : lines.slice(1);
  const width = first.cells.length;
  const at = columnOf(labelColumn, header, width, file);
  const features = at < 0 ? width : width - 1;
  if (features < 1) return refuse(file, `has ${width} columns: no values beside the label`);
  const data = new Float64Array(rows.length * features);
  const labels = at < 0 ? null : new Int32Array(rows.length);
  rows.forEach(({ line, cells }, n) => {
    if (cells.length !== width) refuse(file, `line ${line}: ${cells.length} cells, expected ${width}`);
    let to = n * features;
    cells.forEach((cell, column) => {
      if (!isNumber(cell)) refuse(file, `line ${line}, column ${column + 1}: "${cell}" is no number`);
      const value = Number(cell);
      if (column !== at) data[to++] = value;
      else if (!Number.isInteger(value) || value < 0) refuse(file, `line ${line}: label "${cell}" is no class`);
      else labels![n] = value;
    });
  });
  return { count: rows.length, inputs: new Map([['', { shape: [features], data }]]), labels, labelsPerSample: 1 };
}

function columnOf(label: string, header: readonly string[] | undefined, width: number, file: string): number {
  if (label === 'none') return -1;
  const named = header?.indexOf(label) ?? -1;
  if (named >= 0) return named;
  if (label === 'first') return 0;
  return label === 'last' ? width - 1 : refuse(file, `has no column "${label}"`);
}
