// A short, stable name for a config: equal configs have equal hashes on every machine.

import { isRecord } from '../config/typed.js';

/** 106 bits as hex of the value's JSON with sorted keys (two runs of the public-domain cyrb53 mix). */
export function hashOf(value: unknown): string {
  return hashOfText(sortedJson(value));
}

/** The same of a list of texts, numbers and nothing. */
export const hashOfPlain = (values: readonly (string | number | boolean | null | undefined)[]): string =>
  hashOfText(JSON.stringify(values));

const digests = new WeakMap<object, string>();

/** Hash of an object that never changes; worked out once an object. */
export function digestOf(part: object): string {
  let digest = digests.get(part);
  if (digest === undefined) {
    digest = hashOf(part);
    digests.set(part, digest);
  }
  return digest;
}

const digestsByParts = new WeakMap<object, string>();

/** As `digestOf` of an object whose parts never change either, and are shared with others like it. */
export function digestByParts(whole: Readonly<Record<string, object | undefined>>): string {
  let digest = digestsByParts.get(whole);
  if (digest === undefined) {
    digest = hashOfPlain(
      Object.entries(whole).flatMap(([name, part]) => (part === undefined ? [] : [name, digestOf(part)])),
    );
    digestsByParts.set(whole, digest);
  }
  return digest;
}

/** JSON with the keys of every mapping in order; keys without a value are left out. */
function sortedJson(value: unknown): string {
  const text: string[] = [];
  writeSorted(value, text, new Map<number, Layout[]>());
  return text.join('');
}

/** Keys of a mapping as it has them, and in order, each with its text. */
interface Layout {
  keys: readonly string[];
  sorted: readonly string[];
  texts: readonly string[];
}

/** Layouts that are kept of each number of keys. */
const MOST_LAYOUTS = 16;

/** The layout of a mapping: those of a graph are alike, and most of the time would go into sorting their keys. */
function layoutOf(keys: readonly string[], known: Map<number, Layout[]>): Layout {
  const { length } = keys;
  let alike = known.get(length);
  if (alike === undefined) known.set(length, (alike = []));
  for (const layout of alike) {
    let i = 0;
    while (i < length && layout.keys[i] === keys[i]) i++;
    if (i === length) return layout;
  }
  const sorted = [...keys].sort();
  const layout = { keys, sorted, texts: sorted.map((key) => `${JSON.stringify(key)}:`) };
  if (alike.length < MOST_LAYOUTS) alike.push(layout);
  return layout;
}

/** Writes the parts of the text: a long network has a hundred thousand. */
function writeSorted(value: unknown, text: string[], known: Map<number, Layout[]>): void {
  if (typeof value === 'string') text.push(JSON.stringify(value));
  else if (Array.isArray(value)) {
    text.push('[');
    for (let i = 0; i < value.length; i++) {
      if (i > 0) text.push(',');
      writeSorted(value[i], text, known);
    }
    text.push(']');
  } else if (isRecord(value)) {
    const { sorted, texts } = layoutOf(Object.keys(value), known);
    let open = '{';
    for (let k = 0; k < sorted.length; k++) {
      const inner = value[sorted[k]!];
      if (inner === undefined) continue;
      text.push(open, texts[k]!);
      writeSorted(inner, text, known);
      open = ',';
    }
    text.push(open === '{' ? '{}' : '}');
  } else text.push(value === undefined ? 'null' : JSON.stringify(value));
}

/** Two mixes of 53 bits, each in 14 hex digits, in one pass. */
function hashOfText(text: string): string {
  let high1 = 0xdeadbeef ^ 1;
  let low1 = 0x41c6ce57 ^ 1;
  let high2 = 0xdeadbeef ^ 2;
  let low2 = 0x41c6ce57 ^ 2;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    high1 = Math.imul(high1 ^ code, 2654435761);
    low1 = Math.imul(low1 ^ code, 1597334677);
    high2 = Math.imul(high2 ^ code, 2654435761);
    low2 = Math.imul(low2 ^ code, 1597334677);
  }
  return hexOf(high1, low1) + hexOf(high2, low2);
}

/** The hex digits of each byte. */
const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** 21 bits of the low half and the high half, in 14 hex digits. */
function hexOf(first: number, second: number): string {
  const high = Math.imul(first ^ (first >>> 16), 2246822507) ^ Math.imul(second ^ (second >>> 13), 3266489909);
  const low = Math.imul(second ^ (second >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (
    BYTES[(low >>> 16) & 31]! +
    BYTES[(low >>> 8) & 255]! +
    BYTES[low & 255]! +
    BYTES[high >>> 24]! +
    BYTES[(high >>> 16) & 255]! +
    BYTES[(high >>> 8) & 255]! +
    BYTES[high & 255]!
  );
}
