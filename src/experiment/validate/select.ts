// Numbers of a result by path: `rollUp.core.powerW`, `layers[conv*].steps`, `energy.byComponentJ[adc|dac]`.

import { fitsPattern } from '../../config/index.js';
import { isRecord } from '../../config/typed.js';

/**
 * The numbers that a path leads to. In brackets stands which entries of a list (by name) or mapping (by key) are meant:
 * `*` any letters, `|` or.
 */
export function selectNumbers(root: unknown, path: string): number[] {
  const steps = path.match(/\[[^\]]*\]|[^.[\]]+/g) ?? [];
  const nodes = steps.reduce<unknown[]>(
    (found, step) =>
      found.flatMap((node) => (step.startsWith('[') ? entriesOf(node, step.slice(1, -1)) : childOf(node, step))),
    [root],
  );
  return nodes
    .filter((node) => typeof node === 'number' || (typeof node === 'string' && /^\d+$/.test(node)))
    .map(Number);
}

function childOf(node: unknown, key: string): unknown[] {
  return isRecord(node) && Object.hasOwn(node, key) ? [node[key]] : [];
}

function entriesOf(node: unknown, pattern: string): unknown[] {
  const wanted = pattern.split('|');
  const fits = (name: string): boolean => wanted.some((one) => fitsPattern(one, name));
  if (Array.isArray(node)) return node.filter((entry: unknown, i) => fits(nameOf(entry, i)));
  return isRecord(node)
    ? Object.entries(node)
        .filter(([key]) => fits(key))
        .map(([, value]) => value)
    : [];
}

/** What a list's entry is called: its name, key, component (and action), or place. */
function nameOf(entry: unknown, place: number): string {
  if (!isRecord(entry)) return String(place);
  const { name, key, component, action } = entry;
  if (typeof name === 'string') return name;
  if (typeof key === 'string') return key;
  if (typeof component !== 'string') return String(place);
  return typeof action === 'string' ? `${component}.${action}` : component;
}
