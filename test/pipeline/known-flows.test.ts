// Every key of a config, changed: figures with machines and flows of runs before are those of a run of its own.

import { expect, it } from 'vitest';
import { UserError } from '../../src/config/index.js';
import { KnownRuns, simulateFigures, simulateHeadlines } from '../../src/simulation/index.js';
import { loaded } from '../helpers.js';

it.each([
  ['pipelayer', 'training'],
  ['isaac', 'inference'],
])('%s %s: every key of the config, changed, gives the figures of a simulation of its own', (preset, mode) => {
  const base = ['network=lenet-5', `workload.mode=${mode}`, 'workload.images=130'];
  const known = new KnownRuns();
  const unchanged = loaded(preset, base);
  const { config } = unchanged;
  simulateFigures(unchanged, { known });
  let tried = 0;
  let same = 0;
  const asBuilt: string[] = [];
  for (const { key, value } of leavesOf(config, '')) {
    try {
      const run = loaded(preset, [...base, `${key}=${changed(value)}`]);
      const before = known.flows.runs;
      const built = known.built;
      const own = simulateFigures(run);
      expect(simulateFigures(run, { known }), key).toEqual(own);
      expect(own, key).toMatchObject(simulateHeadlines(run, { known }));
      tried++;
      if (known.flows.runs === before) same++;
      if (known.built === built) asBuilt.push(key);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
    }
  }
  expect(tried).toBeGreaterThan(20);
  // Energies and areas move no wave.
  expect(same).toBeGreaterThan(tried / 3);
  // What a machine is not built from, and nothing else.
  expect(asBuilt.filter((key) => !BESIDE.test(key))).toEqual([]);
  expect(asBuilt.length).toBeGreaterThan(5);
  expect(asBuilt).toContain('workload.images');
});

const BESIDE = new RegExp(
  [
    /^simulation\./,
    /^(inputs\.density|workload\.images)$/,
    /\.(energy\.[^.]+|energy|area|cellArea|leakage|power)\.(value|placeholder|[^.]+)$/,
  ]
    .map(({ source }) => source)
    .join('|'),
);

/** Knobs that are numbers or true and false, by their paths. */
function leavesOf(tree: object, path: string): { key: string; value: number | boolean }[] {
  return Object.entries(tree).flatMap(([name, value]: [string, unknown]) => {
    const key = path === '' ? name : `${path}.${name}`;
    if (typeof value === 'number' || typeof value === 'boolean') return [{ key, value }];
    return typeof value === 'object' && value !== null ? leavesOf(value, key) : [];
  });
}

const changed = (value: number | boolean): number | boolean =>
  typeof value === 'boolean' ? !value : value === 0 ? 1 : 2 * value;
