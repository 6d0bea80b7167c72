// Every number of a result with its key: dots between words, list entries by their name.

import type { Result } from '../result-types.js';
import { isRecord } from '../../config/typed.js';

/** A number of a result: its key, where it stands in the JSON (`layers[0].macs`), its value. */
export interface Leaf {
  key: string;
  path: string;
  value: number;
}

/** Every number of the result in its order. Counts beyond 2^53, which stand as digits, are rounded. */
export function leavesOf(result: Result): Leaf[] {
  const leaves: Leaf[] = [];
  const walk = (value: unknown, words: readonly string[], path: string): void => {
    if (typeof value === 'number') leaves.push({ key: words.join('.'), path, value });
    else if (typeof value === 'string' && /^\d{16,}$/.test(value))
      leaves.push({ key: words.join('.'), path, value: Number(value) });
    else if (Array.isArray(value)) {
      const names = namesOf(words, value, result);
      value.forEach((item: unknown, i) => {
        const inner = onlyNumber(item);
        walk(
          inner === null ? item : inner[1],
          [...words, names[i]!],
          `${path}[${i}]${inner === null ? '' : `.${inner[0]}`}`,
        );
      });
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        if (isFactors(words, key)) continue;
        walk(inner, isWrapper(words, key) ? words : [...words, key], path === '' ? key : `${path}.${key}`);
      }
    }
  };
  walk(result, [], '');
  return leaves;
}

/** What a number is made of is no number of its own. */
const isFactors = (words: readonly string[], key: string): boolean =>
  key === 'factors' ||
  (words[0] === 'actions' && key === 'one') ||
  (words[0] === 'poweredOn' && key === 'work') ||
  (words[0] === 'stages' && ['latency', 'interval', 'wavesOf'].includes(key)) ||
  (words[0] === 'rollUp' && ['slot', 'slots', 'inSlot'].includes(key));

/** A constant's `value`, and the `seconds` or `cycles` of a duration, are the constant. */
const isWrapper = ([first]: readonly string[], key: string): boolean =>
  first === 'constants' && ['value', 'seconds', 'cycles'].includes(key);

/** `{ name, x }` is x. */
function onlyNumber(item: unknown): [string, unknown] | null {
  if (typeof item !== 'object' || item === null || !('name' in item)) return null;
  const others = Object.entries(item).filter(([key]) => key !== 'name');
  return others.length === 1 ? others[0]! : null;
}

/** What the entries of a list are called; equal names are numbered. */
function namesOf(path: readonly string[], items: readonly unknown[], result: Result): string[] {
  const seen = new Map<string, number>();
  return items.map((item, i) => {
    const name = nameOf(path, item, i, result);
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name}#${times}`;
  });
}

function nameOf(path: readonly string[], item: unknown, i: number, result: Result): string {
  if (!isRecord(item)) return String(i);
  const word = (key: string, otherwise: string): string => {
    const found = item[key];
    return typeof found === 'string' ? found : otherwise;
  };
  const words = (...keys: string[]): string => keys.map((key) => word(key, 'all')).join('.');
  switch (path.at(-1)) {
    // Leakage is accounted instance by instance.
    case 'actions':
      return item.action === 'leakage'
        ? `${words('component', 'action')}.${instanceName(result, i)}`
        : words('component', 'action', 'pass', 'layer');
    case 'instances':
      return words('component', 'pass', 'layer');
    case 'placements':
      return words('layer', 'use');
    case 'units':
      return unitName(word('component', ''), word('role', ''));
    case 'components':
    case 'poweredOn':
      return words('component');
    case 'constants':
      return words('key');
    default:
      return word('name', String(i));
  }
}

function instanceName({ actions, instances }: Result, action: number): string {
  const { pass, layer } = instances[action - (actions.length - instances.length)]!;
  return `${pass ?? 'all'}.${layer}`;
}

const unitName = (component: string, role: string): string =>
  component === 'buffer' || component === 'bus' ? `${component}.${role}` : component;
