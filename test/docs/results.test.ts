import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { resultOf } from '../helpers.js';

const page = readFileSync(new URL('../../docs/results.md', import.meta.url), 'utf8');

/** `a.{b,c[]}` as its keys. */
function expanded(key: string): string[] {
  const [, before, choices, after] = /^(.*?)\{([^}]*)\}(.*)$/.exec(key) ?? [];
  if (choices === undefined) return [key];
  return choices.split(',').flatMap((choice) => expanded(`${before!}${choice}${after!}`));
}

/** Keys of the page: what stands in the first column of its tables. */
const documented = new Set(
  [...page.matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/`([^`]*)`/g)].flatMap(([, key]) => expanded(key!)),
  ),
);

/** Keys of a value: objects are gone through unless a row documents them whole or with any names. */
function keysOf(value: unknown, path: string, found: Set<string>): void {
  if (value === null || value === undefined) return;
  if (documented.has(`${path}.*`)) found.add(`${path}.*`);
  else if (Array.isArray(value)) for (const item of value) keysOf(item, `${path}[]`, found);
  else if (typeof value !== 'object' || documented.has(path)) {
    const deeper = typeof value === 'object' && [...documented].some((key) => key.startsWith(`${path}.`));
    if (!deeper) found.add(path);
    else for (const [key, inner] of Object.entries(value)) keysOf(inner, `${path}.${key}`, found);
  } else for (const [key, inner] of Object.entries(value)) keysOf(inner, path === '' ? key : `${path}.${key}`, found);
}

describe('docs/results.md', () => {
  const found = new Set<string>();
  for (const result of [
    resultOf('pipelayer', ['network=lenet-5', 'workload.images=64']),
    resultOf('isaac', ['network=lenet-5']),
    resultOf('digital-int8', ['network=lenet-5']),
    resultOf('spindle', ['network=lenet-5', 'workload.mode=inference']),
  ])
    keysOf(result, '', found);

  it('has every key of results', () => {
    expect([...found].filter((key) => !documented.has(key))).toEqual([]);
  });

  it('has no key that results do not have', () => {
    // Null in all of these runs.
    const device = ['device.levels', 'device.drift', 'device.refresh'];
    const absent = new Set([...device, 'sensing.thresholds', 'endurance.operands']);
    const missing = [...documented].filter((key) => !found.has(key));
    expect(missing.filter((key) => ![...absent].some((none) => key.startsWith(none)))).toEqual([]);
  });
});
