// Axes in engineering notation: one unit for the whole axis, named in its title.

import { isShare } from '../../words.js';
import { typeset } from '../table-cells.js';

const PREFIXES: [number, string][] = [
  [1e15, 'P'],
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
  [1, ''],
  [1e-3, 'm'],
  [1e-6, 'µ'],
  [1e-9, 'n'],
  [1e-12, 'p'],
  [1e-15, 'f'],
];

/** The unit of an axis. */
export interface AxisUnit {
  /** What the unit is in SI. */
  factor: number;
  /** `mJ`, `µs`. */
  unit: string;
}

/** The engineering unit in which the largest value reads between 1 and 1000. */
export function axisUnit(values: Iterable<number>, si: string): AxisUnit {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  const [factor, prefix] =
    largest === 0 ? ([1, ''] as const) : (PREFIXES.find(([f]) => largest >= f) ?? PREFIXES[PREFIXES.length - 1]!);
  return { factor, unit: `${prefix}${si}` };
}

/** The unit in which values read well: with a prefix where one can stand before it, else the unit itself. */
export const readingUnit = (values: Iterable<number>, unit: string): AxisUnit =>
  ['s', 'J', 'W'].includes(unit) ? axisUnit(values, unit) : { factor: 1, unit: typeset(unit) };

/** The same for a figure of a sweep: utilizations read in percent, as in words. */
export const figureUnit = (values: Iterable<number>, { key, unit }: { key: string; unit: string }): AxisUnit =>
  isShare(key) ? { factor: 0.01, unit: '%' } : readingUnit(values, unit);

/** An axis' or legend's numbers in a unit, as an expression of Vega; very large ones with a prefix. */
export const numberLabel = ({ factor }: AxisUnit): string =>
  `format(datum.value / ${factor}, abs(datum.value) < ${1e6 * factor} ? ',.4~r' : '~s')`;

/** An axis over values in SI units. */
export const engineeringAxis = (title: string, { factor, unit }: AxisUnit) => ({
  title: `${title} (${unit})`,
  labelExpr: `format(datum.value / ${factor}, '~r')`,
  tickCount: 5,
  labelFlush: false,
});

/** Letters of a name on an axis; of a longer one its ends are shown, where names of one kind differ. */
const MOST_LETTERS = 27;
const HEAD = 12;
const TAIL = MOST_LETTERS - HEAD - 1;

/** A name that is short enough for an axis. */
export const shortName = (name: string): string =>
  name.length > MOST_LETTERS ? `${name.slice(0, HEAD)}…${name.slice(-TAIL)}` : name;

/** The same as an expression of Vega over an expression that gives the name. */
export const shortLabel = (name: string): string =>
  `length(${name}) > ${MOST_LETTERS} ? slice(${name}, 0, ${HEAD}) + '…' + slice(${name}, -${TAIL}) : ${name}`;

/** An axis of names of designs, layers or stages. */
export const NAME_AXIS = { labelExpr: shortLabel('datum.label'), labelLimit: 280 };
