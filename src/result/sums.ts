// Sums of the lines of an account by what they have in common.

import { recordOf } from '../config/typed.js';
import type { EnergyEntry } from './activity.js';

/** The sum of numbers, in their order. */
export const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** The energy of a line. */
export const joules = ({ energyJ }: Pick<EnergyEntry, 'energyJ'>): number => energyJ;

/** Sums by a key, keys in order of first sight. */
export function sums<T, K extends string>(
  items: readonly T[],
  key: (item: T) => K,
  value: (item: T) => number,
): Map<K, number> {
  const groups = new Map<K, number>();
  for (const item of items) groups.set(key(item), (groups.get(key(item)) ?? 0) + value(item));
  return groups;
}

/** The same as a record. */
export const totals = <T, K extends string>(
  items: readonly T[],
  key: (item: T) => K,
  value: (item: T) => number,
): Record<K, number> => {
  const own = sums(items, key, value);
  return recordOf([...own.keys()], (name) => own.get(name) ?? 0);
};
