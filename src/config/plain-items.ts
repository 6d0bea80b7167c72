// Long lists of one-line mappings, as networks are written (`- { name: fc1, type: dense, features: 16 }`), read without
// the YAML parser, which takes ten times as long for them.

import { FORBIDDEN } from './forbidden.js';

/** A value of such a mapping. */
export type PlainValue = string | number | boolean | (string | number | boolean)[];

/** A mapping on a line of its own. Lines and columns count from 1. */
export interface PlainItem {
  line: number;
  column: number;
  pairs: { key: string; column: number; value: PlainValue }[];
}

/** A text whose runs of such lines are replaced by an empty item each; all else stands where it stood. */
export interface WithoutPlainItems {
  text: string;
  /** Runs by the offset of the item that stands for them. */
  runs: ReadonlyMap<number, readonly PlainItem[]>;
}

/** Fewer lines in a row are left to the parser. */
const LEAST = 16;
const STARTS = /( *)- \{ /y;
/** A word that YAML reads as itself, or an integer that it reads as that number. */
const WORD = '(?:[A-Za-z_][\\w./-]*|0|[1-9]\\d{0,14})';
const PAIR = new RegExp(`([A-Za-z_]\\w*): (?:(${WORD})|\\[(${WORD}(?:, ${WORD})*)\\])(, | \\})`, 'y');
/** Words that stand for something else, or do so in other versions of YAML. */
const RESERVED = /^(?:true|false|null|yes|no|on|off|y|n)$/i;

/**
 * The text without its long runs of such lines; null where it has none. A run ends where a line is written in another
 * way or is indented further: what is not certain to mean the same is left to the parser.
 */
export function withoutPlainItems(text: string): WithoutPlainItems | null {
  if (!text.includes('- { ')) return null;
  const runs = new Map<number, PlainItem[]>();
  const parts: string[] = [];
  let copied = 0;
  let run: PlainItem[] = [];
  let first = 0;
  let indent = -1;
  const close = (end: number): void => {
    if (run.length >= LEAST && !goesOn(text, end, indent)) {
      const at = first + indent + 2;
      runs.set(at, run);
      parts.push(text.slice(copied, at), '""', text.slice(at + 2, end).replace(/[^\n]/g, ' '));
      copied = end;
    }
    run = [];
  };
  let line = 1;
  for (let start = 0; start < text.length; line++) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    STARTS.lastIndex = start;
    const own = STARTS.exec(text)?.[1]?.length ?? -1;
    const item = own < 0 ? null : itemAt(text, start, { end, line, open: start + own + 2 });
    if (run.length > 0 && (item === null || own !== indent)) close(start);
    if (item !== null) {
      if (run.length === 0) [first, indent] = [start, own];
      run.push(item);
    }
    start = end + 1;
  }
  close(text.length);
  if (runs.size === 0) return null;
  parts.push(text.slice(copied));
  return { text: parts.join(''), runs };
}

/** Whether what comes next stands further in than the items of a run. */
function goesOn(text: string, from: number, indent: number): boolean {
  const next = /[^\n ]/g;
  next.lastIndex = from;
  const at = next.exec(text)?.index;
  return at !== undefined && at - (text.lastIndexOf('\n', at) + 1) > indent;
}

/** The mapping of a line that opens at `open`; null where it is none of these. */
function itemAt(
  text: string,
  start: number,
  { end, line, open }: { readonly end: number; readonly line: number; readonly open: number },
): PlainItem | null {
  const pairs: PlainItem['pairs'] = [];
  PAIR.lastIndex = open + 2;
  for (;;) {
    const at = PAIR.lastIndex;
    const found = PAIR.exec(text);
    if (found === null) return null;
    const [, key = '', word, list, then] = found;
    if (FORBIDDEN.has(key) || pairs.some((pair) => pair.key === key)) return null;
    const value = word === undefined ? listOf(list!) : valueOf(word);
    if (value === null) return null;
    pairs.push({ key, column: at - start + 1, value });
    if (then === ' }') return PAIR.lastIndex === end ? { line, column: open - start + 1, pairs } : null;
  }
}

function listOf(text: string): PlainValue | null {
  const values: (string | number | boolean)[] = [];
  for (const word of text.split(', ')) {
    const value = valueOf(word);
    if (value === null) return null;
    values.push(value);
  }
  return values;
}

function valueOf(word: string): string | number | boolean | null {
  const code = word.charCodeAt(0);
  if (code <= 0x39) return Number(word);
  if (word === 'true' || word === 'false') return word === 'true';
  return RESERVED.test(word) ? null : word;
}
