// What TypeScript cannot tell of a list, a record or a caught error by itself, checked or stated once.

/** What a caught value says. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The code of a system's error (`ENOENT`), '' of any other. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** The keys of a record that is written out in the code, so that it has no others than its type says. */
export const keysOf = <T extends object>(record: T): (keyof T & string)[] =>
  // Cast: the record is written out in the code, it has the keys of its type.
  Object.keys(record) as (keyof T & string)[];

/** A record with a value for each of the keys. */
export const recordOf = <K extends string, V>(keys: readonly K[], value: (key: K, index: number) => V): Record<K, V> =>
  // Cast: every key has its value.
  Object.fromEntries(keys.map((key, i) => [key, value(key, i)])) as Record<K, V>;

/** The keys of a record and what stands there, for records that are made key by key and so have no others. */
export const pairsOf = <K extends string, V>(record: Partial<Record<K, V>>): [K, V][] =>
  // Cast: every key was set by its type, and none to undefined.
  Object.entries(record) as [K, V][];

/** Whether a word is one of a list's. */
export const isOneOf = <T extends string>(words: readonly T[], word: string): word is T =>
  words.some((one) => one === word);

/** Whether something is a record, its values unknown: a mapping of JSON, say. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A word in small letters. */
export const lower = <T extends string>(word: T): Lowercase<T> =>
  // Cast: what the type says, TypeScript's own declaration does not.
  word.toLowerCase() as Lowercase<T>;

/** What a function makes of the first and of the second of a pair. */
export const both = <T, U>([a, b]: readonly [T, T], made: (item: T, place: 0 | 1) => U): [U, U] => [
  made(a, 0),
  made(b, 1),
];

/** Tuples of 1 to 8 items, by their length. */
interface Tuples<T> {
  1: readonly [T];
  2: readonly [T, T];
  3: readonly [T, T, T];
  4: readonly [T, T, T, T];
  5: readonly [T, T, T, T, T];
  6: readonly [T, T, T, T, T, T];
  7: readonly [T, T, T, T, T, T, T];
  8: readonly [T, T, T, T, T, T, T, T];
}

const startsWith = <T, N extends keyof Tuples<T>>(
  items: readonly T[],
  count: N,
): items is readonly T[] & Tuples<T>[N] => items.length >= count;

/** The first `count` items of a list that has as many, to be taken apart. @throws RangeError where it is shorter */
export function leading<T, N extends keyof Tuples<T>>(count: N, items: readonly T[]): Tuples<T>[N] {
  if (!startsWith(items, count)) throw new RangeError(`a list of ${items.length} items, expected ${count} or more`);
  return items;
}
