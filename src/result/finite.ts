// A result holds finite numbers: what would be none is refused by its name.

import { UserError } from '../config/index.js';

/** The first number of a value that is not finite, by its path; undefined where all are. */
export function notFinite(value: unknown): { path: string; value: number } | undefined {
  if (allFinite(value)) return undefined;
  const found = keysTo(value);
  return found === undefined ? undefined : { path: found.keys.reverse().join('.'), value: found.value };
}

/** Whether all numbers of a value are finite: results have millions, so nothing is made on the way. */
function allFinite(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(allFinite);
  // Cast: what is an object and no array has keys.
  const own = value as Readonly<Record<string, unknown>>;
  for (const key in own) {
    const inner = own[key];
    if (typeof inner !== 'string' && !allFinite(inner)) return false;
  }
  return true;
}

/** The keys that lead to such a number, the last first. */
function keysTo(value: unknown): { keys: string[]; value: number } | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : { keys: [], value };
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === 'string') continue;
    const found = keysTo(inner);
    if (found !== undefined) return { ...found, keys: [...found.keys, key] };
  }
  return undefined;
}

/**
 * @param why what may cause it
 * @throws UserError naming the run and the figure that is no finite number
 */
export function checkFinite<T>(
  figures: T,
  label: string,
  why = 'a constant or count of the config is too large, or 0 where it divides',
): T {
  const found = notFinite(figures);
  if (found === undefined) return figures;
  throw new UserError(`${label}: ${found.path} would be ${found.value}, which no result can hold; ${why}`);
}

/** A document's text. @throws UserError naming a figure that is no finite number, which JSON would write as null */
export const finiteJson = (document: object, label: string): string =>
  `${JSON.stringify(checkFinite(document, label, NUMBERS), null, 2)}\n`;

/** Why figures of data, weights or a search are none. */
export const NUMBERS = 'numbers of the data, the weights or the config are too large or too small';
