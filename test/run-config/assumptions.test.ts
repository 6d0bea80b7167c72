// Every assumption says how far it may be off, and its range holds what it assumes.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { diskPresets } from '../../src/config/files.node.js';
import { listPresets } from '../../src/config/index.js';
import { denseChain, loaded, resultOf } from '../helpers.js';

type Node = Record<string, unknown>;
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Constants below a node that are marked as placeholders, by their keys. */
function placeholders(node: unknown, path: string): [key: string, constant: Node][] {
  if (!isNode(node)) return [];
  if (node.placeholder === true) return [[path, node]];
  return Object.entries(node).flatMap(([key, inner]) => placeholders(inner, path === '' ? key : `${path}.${key}`));
}

const files = readdirSync('configs', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));

describe('every placeholder has a range and says why', () => {
  it.each(files)('%s', (file) => {
    const bare = placeholders(parse(readFileSync(join('configs', file), 'utf8')), '').flatMap(([key, constant]) => {
      if (Array.isArray(constant.value)) return []; // levels one by one: not drawn, and told of as fixed
      const ranged = constant.range !== undefined || constant.spread !== undefined;
      const said = constant.source !== undefined || constant.note !== undefined;
      return ranged && said ? [] : [key];
    });
    expect(bare).toEqual([]);
  });
});

describe('and keeps it through what lays itself on it', () => {
  const FILES = { 'net.yaml': denseChain(2) };
  it.each(listPresets(diskPresets, 'architectures'))('%s', (preset) => {
    const { config, laws } = loaded(preset, ['network=net.yaml'], FILES);
    const all = placeholders({ device: config.device, components: config.components }, '');
    expect(all.length).toBeGreaterThan(0);
    const marked = new Set(all.map(([key]) => key));
    // What a law makes of a placeholder moves with it.
    const follows = (key: string): boolean =>
      laws.get(key)?.arguments.some(({ from }) => from !== null && marked.has(from)) === true;
    expect(
      all.flatMap(([key, { value, range, spread }]) =>
        Array.isArray(value) || range !== undefined || spread !== undefined || follows(key) ? [] : [key],
      ),
    ).toEqual([]);
  });
});

describe('PipeLayer stands on ten assumptions at most', () => {
  it.each(['vgg-d', 'lenet-5', 'resnet-18', 'mnist-a'])('%s, training and inference', (network) => {
    for (const mode of ['training', 'inference']) {
      const sets = [`network=${network}`, `workload.mode=${mode}`, 'workload.images=64'];
      const { placeholders: marked, constants } = resultOf('pipelayer', sets);
      expect(constants.length).toBeGreaterThan(40);
      expect(marked.length).toBeGreaterThan(0);
      expect(marked.length).toBeLessThanOrEqual(10);
    }
  });
});
