// Errors that a user can mend: one line that names the place, the key, what was found and what was expected.

import { messageLine } from './escape.js';

/** An error that the user can mend: one line, exit status 2. */
export class UserError extends Error {
  override name = 'UserError';

  constructor(message: string) {
    super(messageLine(message));
  }
}

/** Where a key or value was written; lines and columns count from 1. Overrides from the command line have line 0. */
export interface Origin {
  file: string;
  line: number;
  column: number;
}

/** What else a user wrote that an error comes with: it could be changed as well. */
export interface Cause {
  key: string;
  /** As an override gives it; null where a file says it. */
  value: string | null;
  /** As it was written: `--set key=value`, or the key with its place. */
  written: string;
}

/** An override `key=value` as a cause. */
export function causeOfSet(set: string): Cause {
  const at = set.indexOf('=');
  return { key: set.slice(0, at), value: set.slice(at + 1), written: `--set ${set}` };
}

/** A wrong config: `file:line:column: key: message`. */
export class ConfigError extends UserError {
  override name = 'ConfigError';
  readonly origin: Origin;
  readonly key: string;
  /** The message without place, key and causes. */
  readonly detail: string;
  readonly causes: readonly Cause[];
  /** Further faults of the same document, in its order. */
  others: readonly ConfigError[] = [];

  constructor(origin: Origin, key: string, detail: string, causes: readonly Cause[] = []) {
    const with_ = causes.length === 0 ? '' : `; it comes with ${causes.map(({ written }) => written).join(' and ')}`;
    super([place(origin), ...(key === '' ? [] : [key]), `${detail}${with_}`].join(': '));
    this.origin = origin;
    this.key = key;
    this.detail = detail;
    this.causes = causes;
  }
}

/** `file:line:column`, or just the file where lines do not count. */
export const place = ({ file, line, column }: Origin): string => (line > 0 ? `${file}:${line}:${column}` : file);

/** Longer words are no misspelt names. */
const LONGEST_WORD = 100;
/** Candidates that are looked at; a message must not take longer than what it is about. */
const MOST_CANDIDATES = 5000;
/** Letters from which a word counts as the start of another. */
const SHORTEST_START = 3;

/**
 * The candidate that is nearest to a misspelt word, if any is near (Damerau-Levenshtein distance of a third of its
 * length), else the only
 * one that starts with it.
 */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > LONGEST_WORD) return undefined;
  let best: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  const longer: string[] = [];
  let left = MOST_CANDIDATES;
  for (const candidate of candidates) {
    if (--left < 0) break;
    const starts = word.length >= SHORTEST_START && candidate.toLowerCase().startsWith(word.toLowerCase());
    if (starts) longer.push(candidate);
    // No distance is smaller than the difference of the lengths.
    if (Math.abs(candidate.length - word.length) >= least) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best ?? (longer.length === 1 ? longer[0] : undefined);
}

/** `; did you mean "x"?` or nothing. */
export function suggestion(word: string, candidates: Iterable<string>): string {
  const near = closest(word, candidates);
  return near === undefined ? '' : `; did you mean "${near}"?`;
}

function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    const above = rows[i - 1]!;
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, rows[i - 2]![j - 2]! + 1);
      row.push(least);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
