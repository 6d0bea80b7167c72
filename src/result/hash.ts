// A short, stable name for a config: equal configs have equal hashes on every machine.

import { isRecord } from '../config/typed.js';

/** 106 bits as hex of the value's JSON with sorted keys (two runs of the public-domain cyrb53 mix). */
export function hashOf(value: unknown): string {
  const text = sortedJson(value);
  return cyrb53(text, 1) + cyrb53(text, 2);
}

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

/** 53 bits in 14 hex digits. */
function cyrb53(text: string, seed: number): string {
  let high = 0xdeadbeef ^ seed;
  let low = 0x41c6ce57 ^ seed;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (4294967296 * (2097151 & low) + (high >>> 0)).toString(16).padStart(14, '0');
}
