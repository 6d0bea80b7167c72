import { describe, expect, it } from 'vitest';
import { loadRun } from '../../src/run-config/index.js';
import type { TreeValue } from '../../src/config/index.js';
import { PointResolver, keyOf } from '../../src/experiment/sweep/resolver.js';
import { simulate } from '../../src/simulation/index.js';
import { presetsWith, withoutSimulator } from '../helpers.js';

const presets = presetsWith({
  '/sweep.yaml': '',
  '/law.yaml':
    'extends: isaac\nnetwork: lenet-5\ncomponents: { adc: { energy: { convert: { law: adc-survey-energy } } } }\n',
});
const resolver = (config: string, sets: string[] = []): PointResolver =>
  new PointResolver(presets, { file: '/sweep.yaml', config, set: {}, sets });
const assigned = (values: Record<string, TreeValue>) => Object.entries(values).map(([key, value]) => ({ key, value }));
const asSets = (values: Record<string, TreeValue>): string[] =>
  Object.entries(values).map(([key, value]) => `${key}=${JSON.stringify(value)}`);

describe('points', () => {
  const cases: [string, Record<string, TreeValue>][] = [
    ['pipelayer', { network: 'lenet-5', 'crossbar.rows': 64, 'workload.images': 64 }],
    ['isaac', { network: 'lenet-5', 'sensing.bits': 6, 'components.adc.area': '0.002 mm2' }],
    ['a3-shared', { 'workload.iterations': 2, 'device.read.energy': '2 pJ' }],
    [
      'pipelayer',
      {
        network: 'lenet-5',
        'crossbar.device': 'reram-isaac',
        'crossbar.cellBits': 2,
        'mapping.replication': { scheme: 'given', byLayer: { 'conv*': 4 } },
      },
    ],
  ];
  it.each(cases)(
    'of %s, checked in parts, are the runs that the config file with the same values gives',
    (config, values) => {
      const points = resolver(config);
      // The second time, all parts are at hand.
      const { network } = points.resolve(assigned(values)).run;
      const { run, key } = points.resolve(assigned(values));
      expect(run.network).toBe(network);
      const whole = loadRun(presets, config, asSets(values));
      expect(run.config).toEqual(whole.config);
      expect(Object.keys(run.config.components)).toEqual(Object.keys(whole.config.components));
      expect(key).toBe(keyOf(whole, undefined));
      const [mine, theirs] = [run, whole].map((one) => ({
        ...withoutSimulator(simulate(one).result),
        label: '',
        constants: [],
        places: null,
        // Its commands say how the run was named.
        verdict: null,
      }));
      expect(mine).toEqual(theirs);
    },
  );

  it("an axis that a law refers to changes the law's constant", () => {
    const points = resolver('/law.yaml');
    const energies = [4, 8].map(
      (bits) => points.resolve(assigned({ 'sensing.bits': bits })).run.config.components.adc?.energy?.convert?.value,
    );
    expect(energies[0]).toBeLessThan(energies[1]!);
    expect(points.resolve(assigned({ 'sensing.bits': 4 })).run.config).toEqual(
      loadRun(presets, '/law.yaml', ['sensing.bits=4']).config,
    );
  });

  it.each<Record<string, TreeValue>>([{}, { 'crossbar.device': 'reram-isaac' }])(
    'that a machine cannot be built for are refused at the line of the base config (%o)',
    (device) => {
      const { run } = resolver('isaac').resolve(
        assigned({ network: 'vgg-a', 'crossbar.rows': 64, 'crossbar.cellBits': 1, ...device }),
      );
      expect(() => simulate(run)).toThrow(/isaac\.yaml:34:\d+: mapping\.replication\.arrays: /);
    },
  );

  it('have the same key where only the way of simulating differs, another where a constant does', () => {
    const points = resolver('a3');
    const key = (values: Record<string, TreeValue>): string => points.resolve(assigned(values)).key;
    expect(key({ 'simulation.exact': true })).toBe(key({}));
    expect(key({ 'device.read.energy': '2 pJ' })).not.toBe(key({}));
    expect(key({ 'components.adc.leakage': '1 W' })).not.toBe(key({}));
  });
});
