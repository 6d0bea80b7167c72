// Quantities in words: how terminal and pages write times, energies, areas, shares, metrics.

import { formatEngineering, formatQuantity } from '../config/index.js';
import { count, plainNumber } from '../config/numbers.js';

/** A time of `seconds` in engineering notation. */
export const time = (seconds: number): string => formatQuantity(seconds, 'time');
/** An energy of `joules` in engineering notation. */
export const energy = (joules: number): string => formatQuantity(joules, 'energy');
/** An area of `mm2`, plainly from 1000 mm2 on. */
export const area = (mm2: number): string => (mm2 >= 1000 ? `${plainNumber(mm2)} mm2` : formatQuantity(mm2, 'area'));
/** A share in percent, four significant digits; what is next to nothing is said to be. */
export const percent = (share: number): string =>
  share > 0 && share < 1e-5 ? '< 0.001 %' : `${Number((100 * share).toPrecision(4))} %`;

/** True of a metric that is a share of one. */
export const isShare = (metric: string): boolean => metric.startsWith('utilization.');

/** A metric of a comparison: counts exact, shares in percent, else in engineering notation. */
export function metricText(metric: string, value: number, unit: string): string {
  if (isShare(metric)) return percent(value);
  if (unit === 'GOPS') return formatEngineering(value * 1e9, 'OPS');
  if (unit === '' || unit.includes(' '))
    return `${Number.isInteger(value) ? count(value) : plainNumber(value)} ${unit}`.trim();
  return unit.includes('/') || unit === 'mm2' ? `${plainNumber(value)} ${unit}` : formatEngineering(value, unit);
}

/** A long time in the unit that people count it in. */
export function lifespan(seconds: number): string {
  const units: [string, number][] = [
    ['years', 31_557_600],
    ['days', 86_400],
    ['h', 3600],
    ['min', 60],
  ];
  const [unit, length] = units.find(([, s]) => seconds >= 2 * s) ?? ['', 1];
  return unit === '' ? time(seconds) : `${count(Number((seconds / length).toPrecision(4)))} ${unit}`;
}
