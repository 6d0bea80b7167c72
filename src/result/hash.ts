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
  if (Array.isArray(value)) return `[${value.map(sortedJson).join()}]`;
  if (!isRecord(value)) return value === undefined ? 'null' : JSON.stringify(value);
  let text = '';
  for (const key of Object.keys(value).sort()) {
    const inner = value[key];
    if (inner !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${sortedJson(inner)}`;
  }
  return `{${text}}`;
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
