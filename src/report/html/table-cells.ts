// Cells of report tables: exact value, how it reads, and its path in the JSON file.

import { formatEngineering } from '../../config/index.js';
import { plainNumber } from '../../config/numbers.js';
import { count } from '../../config/numbers.js';
import { componentWords } from '../../result/component-words.js';
import { area, energy, lifespan, percent, time } from '../words.js';
import type { Cell, Column } from './sections.js';

type Path = string | undefined;

/** Units as they are printed: µ and squares. */
export const typeset = (text: string): string =>
  text
    .replace(/(\d )u(?=[A-Za-z])/g, '$1µ')
    .replace(/\b([mnu]?)m2\b/g, (_, prefix: string) => `${prefix === 'u' ? 'µ' : prefix}m²`)
    .replaceAll('->', '→');

const cell = (value: number | null, write: (value: number) => string, path: Path): Cell => ({
  text: value === null ? '-' : typeset(write(value)),
  value,
  ...(path === undefined ? {} : { path }),
});

/** A cell of text. */
export const textCell = (text: string): Cell => ({ text, value: text });
/** A component in words, with its name in configs behind them. */
export const componentCell = (name: string): Cell => {
  const words = componentWords(name);
  return { text: words, value: name, ...(words === name ? {} : { note: name }) };
};
/** A cell of a whole number; a dash for null. */
export const countCell = (value: number | null, path?: string): Cell => cell(value, count, path);
/** A cell of a time in seconds; a dash for null. */
export const timeCell = (value: number | null, path?: string): Cell => cell(value, time, path);
/** A cell of a lifetime in seconds, shown in years and the like; a dash for null. */
export const lifespanCell = (value: number | null, path?: string): Cell => cell(value, lifespan, path);
/** A cell of an energy in joules. */
export const energyCell = (value: number, path?: string): Cell => cell(value, energy, path);
/** A cell of an area in mm2. */
export const areaCell = (value: number, path?: string): Cell => cell(value, area, path);
/** A cell of a share of one, shown in percent; a dash for null. */
export const shareCell = (value: number | null, path?: string): Cell => cell(value, percent, path);
/** A number a second and the like, without a prefix before a word. */
export const plainCell = (value: number | null, unit: string, path?: string): Cell =>
  cell(value, (v) => `${plainNumber(v)} ${unit}`.trim(), path);
/** A cell of a number of this unit, with a prefix; a dash for null. */
export const unitCell = (value: number | null, unit: string, path?: string): Cell =>
  cell(value, (v) => formatEngineering(v, unit), path);

/** Giga-operations a second, also by watt or mm2. */
export const gopsCell = (value: number, by: '' | '/W' | '/mm2', path?: string): Cell =>
  cell(value, (v) => formatEngineering(v * 1e9, `OPS${by}`), path);

/** A count that may be too large for a number: then its decimal digits. */
export function exactCountCell(value: number | string, path: string): Cell {
  return { text: typeof value === 'number' ? count(value) : value.replace(/\B(?=(\d{3})+$)/g, ','), value, path };
}

/** A column of text. */
export const textColumn = (key: string, title: string): Column => ({ key, title, numeric: false });
/** A column of numbers. */
export const numberColumn = (key: string, title: string): Column => ({ key, title, numeric: true });
