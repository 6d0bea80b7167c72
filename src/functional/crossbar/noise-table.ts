// Tables of measured levels: level, mean, deviation, as CSV.

import { ConfigError } from '../../config/index.js';
import { decimalOf, readCsv } from '../../workload/csv.js';
import type { LevelStatistics } from './options.js';

/** Siemens of a unit in a header such as `mean_us`; undefined: shares of the range. */
const UNITS = new Map([
  ['', undefined],
  ['_s', 1],
  ['_ms', 1e-3],
  ['_us', 1e-6],
  ['_ns', 1e-9],
]);

/**
 * Reads a table with columns level, mean, deviation: in siemens where the header says so (`mean_us`), else in shares of
 * the range from the lowest to the highest level.
 * @param levels that a cell has @param off @param on S, ends of the range
 * @throws ConfigError with the line where the table is wrong, misses a level, has one twice or does not rise
 */
export function readNoiseTable(
  text: string,
  file: string,
  { levels, off, on }: { readonly levels: number; readonly off: number; readonly on: number },
): LevelStatistics[] {
  const [header, ...rows] = readCsv(text, file);
  const fail = (line: number, message: string): never => {
    throw new ConfigError({ file, line, column: 1 }, '', message);
  };
  if (header === undefined) return fail(1, 'found no header; expected level,mean,deviation');
  const names = header.cells.map((cell) => cell.toLowerCase());
  const column = (name: string): { at: number; unit: number | undefined } => {
    for (const [ending, unit] of UNITS) {
      const at = names.indexOf(`${name}${ending}`);
      if (at >= 0) return { at, unit };
    }
    return fail(header.line, `found the columns ${names.join(', ')}; expected level, mean and deviation`);
  };
  const [level, mean, deviation] = [column('level'), column('mean'), column('deviation')];
  if (mean.unit !== deviation.unit) fail(header.line, 'mean and deviation have different units');
  const found = new Map<number, LevelStatistics>();
  const lines = new Map<number, number>();
  for (const { line, cells } of rows) {
    const number = (at: number, name: string): number => {
      const value = decimalOf(cells[at] ?? '');
      return Number.isFinite(value) ? value : fail(line, `${name}: found "${cells[at] ?? ''}", expected a number`);
    };
    const d = number(level.at, 'level');
    if (!Number.isInteger(d) || d < 0 || d >= levels)
      fail(line, `level: found ${d}, expected a whole number from 0 to ${levels - 1} (crossbar.cellBits)`);
    if (found.has(d)) fail(line, `level ${d} stands twice`);
    const [m, s] = [number(mean.at, 'mean'), number(deviation.at, 'deviation')];
    if (s < 0) fail(line, `deviation: found ${s}, expected a number that is not negative`);
    const share = mean.unit === undefined ? 1 : mean.unit / (on - off);
    const from = mean.unit === undefined ? 0 : off / (on - off);
    lines.set(d, line);
    found.set(d, { mean: m * share - from, deviation: s * share });
  }
  const table = Array.from({ length: levels }, (_, d) => {
    const own = found.get(d);
    return own ?? fail(header.line, `level ${d} is missing; expected levels 0 to ${levels - 1} (crossbar.cellBits)`);
  });
  const falling = table.findIndex(({ mean: own }, d) => d > 0 && own <= table[d - 1]!.mean);
  if (falling > 0)
    fail(
      lines.get(falling)!,
      `level ${falling}: its mean is not above that of level ${falling - 1}; expected means that rise with the level`,
    );
  return table;
}
