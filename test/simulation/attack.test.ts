import { describe, expect, it } from 'vitest';
import { compareResults } from '../../src/experiment/index.js';
import { recordTimeline } from '../../src/simulation/index.js';
import { loaded, resultOf, simulated } from '../helpers.js';

const attack = (preset: string, network = 'lisa-cnn', more: string[] = []): ReturnType<typeof resultOf> =>
  resultOf(preset, [`network=${network}`, 'workload.mode=attack', ...more]);

describe('attacks (A3, IGSC 2019; design points as docs/model.md section 8 reads them)', () => {
  it.each(['pipelayer', 'a3-buffer', 'a3-single', 'a3', 'a3-shared'])(
    '%s writes no weight, computes no gradient, updates nothing',
    (preset) => {
      const { actions, stages, arrays, endurance } = attack(preset);
      expect(
        actions.filter(
          ({ component, action }) => (component === 'crossbar' && action === 'write') || component === 'gradientAdder',
        ),
      ).toEqual([]);
      expect(stages.filter(({ pass }) => pass === 'G' || pass === 'U')).toEqual([]);
      expect(arrays.groups.gradient).toBe(0);
      expect(endurance).toMatchObject({ weights: null, gradients: null });
      // The error reaches the input in every iteration.
      expect(stages.find(({ name }) => name === 'B1')!.starts).toBe(12_000);
      expect(stages.find(({ name }) => name === 'X')!.starts).toBe(300);
    },
  );

  it('"the duration of the neurons of any layer is only 1" when they are not kept', () => {
    for (const network of ['lisa-cnn', 'vgg-a']) {
      const { buffers } = attack('a3-buffer', network, ['workload.iterations=2']);
      expect(
        new Set(buffers.filter(({ kind }) => kind === 'neurons').map(({ lifetimeCycles }) => lifetimeCycles)),
      ).toEqual(new Set([1]));
      const masks = buffers.filter(({ kind }) => kind === 'masks').map(({ lifetimeCycles }) => lifetimeCycles);
      const L = masks.length + 1;
      expect(masks).toEqual(masks.map((_, i) => 2 * (L - (i + 1)) + 1));
    }
  });

  it.each([
    ['alexnet', 92.17],
    ['vgg-a', 94.49],
    ['vgg-d', 96.1],
    ['lisa-cnn', 84.55],
  ] as const)("%s: neuron storage falls by %f %% (a consequence of the model, not A3's figure)", (network, percent) => {
    const sets = ['workload.iterations=1'];
    const kept = attack('pipelayer', network, sets).storage.neuronCycles!;
    const masks = attack('a3-buffer', network, sets).storage.neuronCycles!;
    expect(100 * (1 - masks / kept)).toBeCloseTo(percent, 2);
  });

  it('array groups are 2GL with dedicated copies and GL with one shared copy', () => {
    const dedicated = attack('a3').arrays.groups;
    const shared = attack('a3-shared').arrays.groups;
    expect(dedicated.backward).toBe(dedicated.forward);
    expect(dedicated.total).toBe(2 * dedicated.forward);
    expect(shared).toEqual({ forward: dedicated.forward, backward: 0, gradient: 0, total: dedicated.forward });
  });

  it('F and B never overlap on a shared array; the waiting is stalls.unit, the number of cycles stays', () => {
    const { result, machine } = simulated('a3-shared', ['workload.iterations=1', 'simulation.timeline.cycles=60']);
    expect(result.stalls.unit).toBeGreaterThan(0);
    expect(attack('a3').stalls.unit).toBe(0);
    expect(result.time.logicalCycles).toBe(attack('a3', 'lisa-cnn', ['workload.iterations=1']).time.logicalCycles);
    const { slices } = recordTimeline(machine);
    const arrays = machine.flow.servers.findIndex(({ name }) => name === 'arrays:conv2');
    const own = slices.filter(({ server }) => server === arrays).sort((a, b) => a.start - b.start);
    expect(new Set(own.map(({ stage }) => machine.stages[stage]!.pass))).toEqual(new Set(['F', 'B']));
    own.slice(1).forEach((slice, i) => {
      expect(slice.start).toBeGreaterThanOrEqual(own[i]!.end);
    });
  });

  it(
    'one crossbar nearly doubles the informative utilization: 128/129 or 127/128 of 2, by the place of the ' +
      'reference column',
    () => {
      const base = attack('pipelayer');
      const ratio = (more: string[]): number =>
        attack('a3', 'lisa-cnn', more).utilization.informative / base.utilization.informative;
      expect(ratio([])).toBeCloseTo((2 * 128) / 129, 12);
      // A layer of 127 columns on 128 x 128 arrays fills them with the reference inside.
      const net = 'name: full\ninput: { features: 128 }\nlayers:\n  - { name: fc1, type: dense, features: 127 }\n';
      const run = (preset: string, more: string[]): number =>
        resultOf(
          preset,
          ['network=full.yaml', 'workload.mode=attack', 'workload.iterations=1', 'weights.copies=shared', ...more],
          { 'full.yaml': net },
        ).utilization.informative;
      expect(run('a3', ['weights.referenceColumn=inside'])).toBeCloseTo(127 / 128, 12);
    },
  );

  it('a3 takes fewer arrays, less area and less buffer than pipelayer, and every ratio says what causes it', () => {
    const { rows } = compareResults([attack('pipelayer'), attack('a3')]);
    const ratioOf = (metric: string): number =>
      rows.find((row) => row.architecture === 'a3' && row.metric === metric)!.ratio!;
    expect(ratioOf('arrays.physical')).toBe(0.5);
    expect(ratioOf('area.totalMm2')).toBeLessThan(1);
    expect(ratioOf('storage.bits')).toBeLessThan(1);
    const changed = rows.filter((row) => row.architecture === 'a3' && row.ratio !== null && row.ratio !== 1);
    expect(changed.length).toBeGreaterThan(5);
    for (const row of changed) expect(row.cause, row.metric).not.toBe('');
  });

  it('training with masks, images in an attack and rows in an attack are refused with their key', () => {
    expect(() => loaded('a3', ['workload.mode=training'])).toThrow(/neurons/);
    expect(() => loaded('a3', ['workload.images=5'])).toThrow(/workload\.images/);
    expect(() => loaded('isaac', ['workload.mode=attack'])).toThrow(/pipeline\.granularity/);
  });
});
