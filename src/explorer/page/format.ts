// Figures in words on the page.

import { formatEngineering, formatQuantity as plainQuantity } from '../../config/units.js';
import { count, plainNumber } from '../../config/numbers.js';
import { typeset } from '../../report/html/table-cells.js';

/** A number and what is held to it: a unit, or percent. */
const UNIT = /(\d) (?=(?:%|[fpnµmkMGTP]?(?:s|J|W|Hz|bit|B|m²|OPS))(?![A-Za-z]))/g;

/** A text of the library as it is printed: µ, squares and arrows, numbers held to their units. */
export const printed = (text: string): string => typeset(text).replace(UNIT, '$1\u00A0');

/** A quantity with its unit. */
export const formatQuantity = (...quantity: Parameters<typeof plainQuantity>): string =>
  printed(plainQuantity(...quantity));

/** The headlines of the strip: their key in a result, title, and words. */
export const HEADLINES = [
  { id: 'time', key: 'time.totalS', title: 'Time', words: (value: number) => formatQuantity(value, 'time') },
  { id: 'energy', key: 'energy.totalJ', title: 'Energy', words: (value: number) => formatQuantity(value, 'energy') },
  { id: 'area', key: 'area.totalMm2', title: 'Area', words: (value: number) => formatQuantity(value, 'area') },
  {
    id: 'utilization',
    key: 'utilization.effective',
    title: 'Utilization',
    words: (value: number) => shareText(value),
  },
] as const;

/** A share in percent. */
export const shareText = (share: number): string => printed(`${Number((100 * share).toPrecision(3))} %`);

/** How many times as much: `1.9x`, `0.52x`. */
export const ratioText = (ratio: number): string => `${plainNumber(Number(ratio.toPrecision(3)))}×`;

/** Bits as reports have them: `262 kbit`. */
export const bitsText = (bits: number): string => printed(formatEngineering(Number(bits.toPrecision(3)), 'bit'));

/** A value with the unit that the book of a result gives. */
export function valueText(value: number, unit: string): string {
  if (unit === 's') return formatQuantity(value, 'time');
  if (unit === 'J') return formatQuantity(value, 'energy');
  if (unit === 'W') return formatQuantity(value, 'power');
  if (unit === 'mm2') return formatQuantity(value, 'area');
  if (unit === 'bit') return bitsText(value);
  return printed(`${count(value)} ${unit}`.trim());
}

export { count };

/** Red, green and blue of `#rrggbb`, 0 to 255. */
export function numbersOf(color: string): [red: number, green: number, blue: number] {
  const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
  return [r ?? 0, g ?? 0, b ?? 0];
}
