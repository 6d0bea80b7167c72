import { describe, expect, it } from 'vitest';
import { parseDocument } from '../../src/config/index.js';
import { simulate } from '../../src/simulation/index.js';
import { parseTrace } from '../../src/workload/index.js';
import { loaded, resultOf, simulated, withoutSimulator } from '../helpers.js';

const cases: [string, string[]][] = [
  ['pipelayer', ['workload.images=128']],
  ['pipelayer', ['network=resnet-18', 'workload.images=70', 'workload.batch=32']],
  ['pipelayer', ['network=gtsrb-cnn', 'workload.mode=attack', 'workload.iterations=2']],
  ['pipelayer', ['network=lstm-small', 'workload.images=64']],
  ['pipelayer', ['network=alexnet-grouped', 'workload.images=64', 'gradient.mapping=plain']],
  ['a3', ['network=gtsrb-cnn', 'workload.iterations=2']],
  ['a3-shared', ['workload.iterations=2', 'weights.slices=columns']],
  ['isaac', ['network=resnet-18', 'workload.images=8']],
  ['isaac', ['network=gtsrb-cnn', 'workload.images=8']],
  ['isaac', ['network=lstm-small', 'workload.images=8']],
  ['pipelayer', ['network=mnist-0', 'workload.mode=inference', 'pipeline.advance=elastic']],
];

describe('accounts', () => {
  it.each(cases)(
    '%s %s: energy by component, layer and pass each sum to the total; counts are whole',
    (preset, sets) => {
      const { energy, actions } = resultOf(preset, sets);
      const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0);
      for (const part of [
        Object.values(energy.byComponentJ),
        Object.values(energy.byPassJ),
        energy.byLayerJ.map(({ energyJ }) => energyJ),
      ]) {
        expect(Math.abs(sum(part) - energy.totalJ)).toBeLessThanOrEqual(1e-12 * energy.totalJ);
      }
      expect(energy.totalJ).toBeGreaterThan(0);
      for (const { pass, count } of actions) if (pass !== 'leakage') expect(Number.isInteger(Number(count))).toBe(true);
    },
  );

  it.each(cases)(
    '%s %s: busy, waits and rest of each stage make the run, and so do the logical cycles that stages set',
    (preset, sets) => {
      const { time, stages } = resultOf(preset, sets);
      const near = (value: number, target: number): void => {
        expect(Math.abs(value - target)).toBeLessThanOrEqual(1e-12 * target);
      };
      for (const { busyS, stallsS, restS } of stages) {
        expect(restS).toBeGreaterThanOrEqual(0);
        near(busyS + stallsS.input + stallsS.output + stallsS.lockstep + stallsS.batch + restS, time.totalS);
      }
      const sum = (key: 'setsCycles' | 'setsS'): number =>
        stages.reduce((total, stage) => total + (stage[key] ?? 0), 0);
      expect(sum('setsCycles')).toBe(time.logicalCycles ?? 0);
      near(sum('setsS'), time.logicalCycles === null ? 0 : time.totalS);
    },
  );

  it.each(cases)('%s %s: event by event, with the invariants watched, gives the same result', (preset, sets) => {
    const fewer = sets
      .map((set) => set.replace(/images=\d+/, 'images=12').replace('iterations=2', 'iterations=1'))
      .concat(sets.some((set) => set.includes('batch')) ? [] : ['workload.batch=5']);
    // The config says whether the run was exact, and so does its hash not.
    const facts = (more: string[]): unknown => ({
      ...withoutSimulator(resultOf(preset, [...fewer, ...more])),
      config: null,
    });
    expect(facts(['simulation.check=true'])).toEqual(facts([]));
  });

  it('the same config and seed give the same bytes', () => {
    const bytes = (): string => JSON.stringify(withoutSimulator(resultOf('a3', ['workload.iterations=3'])));
    expect(bytes()).toBe(bytes());
  });

  it('doubling every latency doubles the time', () => {
    const run = loaded('pipelayer', ['network=vgg-8', 'workload.images=130']);
    const doubled = structuredClone(run.config);
    const twice = (tree: unknown): void => {
      if (typeof tree !== 'object' || tree === null) return;
      for (const [key, value] of Object.entries(tree)) {
        const parent = tree as Record<string, unknown>;
        if (key === 'seconds' && typeof value === 'number') parent[key] = 2 * value;
        else twice(value);
      }
    };
    twice(doubled);
    const time = (config: typeof run.config): number => simulate({ ...run, config }).result.time.totalS;
    expect(time(doubled)).toBeCloseTo(2 * time(run.config), 15);
  });

  it.each(['vgg-8', 'lisa-cnn', 'resnet-18', 'gtsrb-cnn'])('elastic is never slower than lockstep (%s)', (network) => {
    const time = (preset: string, mode: string, advance: string): number =>
      resultOf(preset, [
        `network=${network}`,
        `workload.mode=${mode}`,
        'workload.batch=20',
        ...(mode === 'attack' ? ['workload.iterations=2'] : ['workload.images=50']),
        `pipeline.advance=${advance}`,
      ]).time.totalS;
    for (const [preset, mode] of [
      ['pipelayer', 'training'],
      ['pipelayer', 'inference'],
      ['a3', 'attack'],
      ['a3-shared', 'attack'],
    ] as const) {
      expect(time(preset, mode, 'elastic')).toBeLessThanOrEqual(time(preset, mode, 'lockstep'));
    }
  });

  it('PipeLayer inference energy is what its spikes say (reading: one driven wordline, one written cell)', () => {
    const { energy, actions } = resultOf('pipelayer', [
      'workload.mode=inference',
      'workload.images=1',
      'inputs.density=1',
    ]);
    const count = (component: string, action: string): number =>
      actions
        .filter((a) => a.component === component && a.action === action)
        .reduce((sum, a) => sum + Number(a.count), 0);
    // 7,436,... outputs of 16 bits in 4-bit cells, 3.91 nJ each; 8.3 mJ of read spikes (table in pipelayer-a3-isaac.md
    // 2.11, VGG-A).
    expect(count('buffer', 'write') * 3.91e-9 * 1e3).toBeCloseTo(116.3, 1);
    expect(count('crossbar', 'read') * 1.08e-12 * 1e3).toBeCloseTo(8.3, 1);
    expect(energy.byComponentJ.crossbar).toBeCloseTo(count('crossbar', 'read') * 1.08e-12, 12);
  });

  it('energy follows a trace: twice the ones, twice the read energy; image by image they add up', () => {
    const run = loaded('pipelayer', ['network=mnist-a', 'workload.mode=inference', 'workload.images=4']);
    const lines = (image: string, density: number): string =>
      `F,fc1,${image},1,784,100,${density}\nF,fc2,${image},1,100,10,${density}\n`;
    const trace = (body: string): ReturnType<typeof parseTrace> =>
      parseTrace(`pass,layer,image,vectors,rows,columns,density\n${body}`, 't.csv');
    const read = (body: string): number => simulate(run, { trace: trace(body) }).result.energy.byComponentJ.crossbar!;
    expect(read(lines('', 0.5))).toBeCloseTo(2 * read(lines('', 0.25)), 15);
    expect(read(lines('0', 0.25) + lines('1', 0.75))).toBeCloseTo(read(lines('', 0.5)), 15);
    expect(() => read('F,fc1,,1,784,100,0.5\nF,fc2,,1,100,11,0.5\n')).toThrow(/t\.csv:3.*columns is 11.*has 10/);
    expect(() => read('F,fc1,,1,784,100,0.5\nF,conv,,1,100,10,0.5\n')).toThrow(/t\.csv:3/);
  });

  it.each([
    ['add', 256, 1],
    ['concat', 512, 0],
  ] as const)(
    'a network that ends in %s: the error is taken of its output, and goes to who made it',
    (type, outputs, sums) => {
      const network = `name: ends
input: { channels: 3, height: 8, width: 8 }
layers:
  - { name: a, type: conv2d, channels: 4, kernel: 3, padding: same }
  - { name: b, type: conv2d, channels: 4, kernel: 3, padding: same, from: a }
  - { name: c, type: conv2d, channels: 4, kernel: 1, from: a }
  - { name: out, type: ${type}, from: [b, c] }
`;
      const { actions, buffers } = resultOf(
        'pipelayer',
        ['network=ends.yaml', 'workload.images=1', 'workload.batch=1'],
        { 'ends.yaml': network },
      );
      const count = (pass: string, component: string, action: string): number =>
        actions
          .filter((a) => a.pass === pass && a.component === component && a.action === action)
          .reduce((sum, a) => sum + Number(a.count), 0);
      // Values of 16 bits in words of a 4-bit cell; b and c have 256 each. The sum is made and stored once, in the
      // stage of c (both ways are as long; the later one), whose backward stage hands the error on to b.
      expect([
        count('E', 'activation', 'subtract'),
        count('E', 'buffer', 'read'),
        count('E', 'buffer', 'write'),
        count('F', 'add', 'add'),
      ]).toEqual([outputs, outputs * 4, outputs * 4, sums * 256]);
      const readers = type === 'add' ? ['c'] : ['b', 'c'];
      expect(buffers.filter(({ writer }) => writer === 'E').map(({ layer }) => layer)).toEqual(readers);
    },
  );

  it('an architecture that recombines knobs needs no TypeScript', () => {
    const yaml =
      'extends: isaac\nname: mine\npipeline: { granularity: image, advance: lockstep }\nworkload: { mode: ' +
      'training }\nweights: { sign: differential, slices: arrays }\n';
    expect(parseDocument(yaml, 'mine.yaml').tree.name).toBe('mine');
    const { result } = simulated('mine.yaml', ['network=vgg-8', 'workload.images=64'], { 'mine.yaml': yaml });
    expect(result.time.logicalCycles).toBe(2 * 8 + 64 + 1);
    expect(result.energy.byComponentJ.adc).toBeGreaterThan(0);
  });
});
