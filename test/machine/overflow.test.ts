// Layers that take turns on the arrays of a chip: small cases worked out by hand, exact runs beside fast ones, VGG-D.

import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config/index.js';
import { denseChain, resultOf, simulated, withoutSimulator } from '../helpers.js';

// Three layers of 16 x 16, 4 slices x 2 signs: 8 arrays each.
const FILES = { 'chain.yaml': denseChain(3) };
const CHAIN = [
  ...['network=chain.yaml', 'workload.mode=inference', 'mapping.overflow=reload'],
  ...['mapping.replication={ scheme: balanced }', 'crossbar.rows=16', 'crossbar.columns=16'],
];
type Run = ReturnType<typeof resultOf>;
const run = (sets: string[]): Run => resultOf('pipelayer', [...CHAIN, ...sets], FILES);
const count = ({ actions }: Run, component: string, action: string): number =>
  actions.reduce((sum, of) => sum + (of.component === component && of.action === action ? Number(of.count) : 0), 0);

const TURNS = ['chip.arrays=8', 'workload.images=6', 'workload.batch=2', 'pipeline.advance=elastic'];

it('training and attack, which take more arrays, are refused by name', () => {
  for (const [mode, more] of [
    ['training', ['workload.images=4']],
    ['attack', ['workload.iterations=1']],
  ] as const) {
    const sets = [...CHAIN, 'chip.arrays=8', `workload.mode=${mode}`, 'workload.batch=2', ...more];
    const refused = (): unknown => resultOf('pipelayer', sets, FILES);
    expect(refused).toThrow(ConfigError);
    expect(refused).toThrow(`mapping.overflow: found reload, which runs inference only, but ${mode} takes more arrays`);
  }
});

describe('one layer of three at a time, 6 images in batches of 2, elastic', () => {
  const result = run(TURNS);

  it('each batch writes 16 rows of each layer, then sends its images through it', () => {
    const write = 16 * 50.88e-9;
    const services = result.stages.filter(({ pass }) => pass === 'F').map(({ serviceS }) => serviceS);
    const batch = services.reduce((sum, service) => sum + write + 2 * service, 0);
    expect(result.time.totalS).toBeCloseTo(3 * batch, 15);
    for (const { pass, starts } of result.stages) expect([pass, starts]).toEqual([pass, pass === 'W' ? 3 : 6]);
  });

  it('writes cost energy and wear, and nothing is written before the run', () => {
    expect(count(result, 'crossbar', 'write')).toBe(3 * 3 * 16 * 16 * 8);
    expect(result.energy.byPassJ.W).toBeGreaterThan(0);
    expect(result.device!.programming).toEqual({ cells: 0, timeS: 0, energyJ: 0 });
    expect(result.endurance!.weights).toMatchObject({ writesPerCell: 3 * 3 });
    expect(result.instances.find(({ component }) => component === 'crossbar')).toMatchObject({ count: 8 });
  });

  it('what the layers compute is what they compute with arrays of their own', () => {
    const own = run(['workload.images=6', 'pipeline.advance=elastic', 'mapping.overflow=refuse']);
    for (const { component, action, count: n } of own.actions.filter(({ action: of }) => of !== 'leakage'))
      if (component !== 'controller')
        expect([component, action, count(result, component, action) >= Number(n)]).toEqual([component, action, true]);
    for (const [component, action] of [
      ['spikeDriver', 'spike'],
      ['integrateFire', 'integrate'],
      ['activation', 'lookup'],
      ['buffer', 'read'],
    ] as const)
      expect([action, count(result, component, action)]).toEqual([action, count(own, component, action)]);
  });

  it('outputs of a turn wait for the next: a batch of them', () => {
    expect(result.buffers.find(({ name }) => name === 'd1')).toMatchObject({ peakEntries: 2 });
  });
});

it('lockstep: a cycle of writes before the cycles of each turn', () => {
  const result = run([...TURNS, 'pipeline.advance=lockstep']);
  expect(result.time.logicalCycles).toBe(3 * 3 * (1 + 2));
});

describe('exact runs say the same', () => {
  it.each([
    ['elastic', 'chip.arrays=8', 9],
    ['elastic', 'chip.arrays=16', 7],
    ['lockstep', 'chip.arrays=8', 10],
    ['lockstep', 'chip.arrays=17', 64],
  ])('%s, %s, %i images', (advance, arrays, images) => {
    const sets = [arrays, `workload.images=${images}`, 'workload.batch=3', `pipeline.advance=${advance}`];
    const exact = run([...sets, 'simulation.exact=true']);
    const fast = run(sets);
    expect({ ...withoutSimulator(fast), config: 0, configHash: 0 }).toEqual({
      ...withoutSimulator(exact),
      config: 0,
      configHash: 0,
    });
  });
});

describe('a layer that does not fit alone is cut by columns', () => {
  // Two tiles of columns a layer; the chip holds one.
  const wide = ['crossbar.columns=8', 'chip.arrays=8', 'workload.images=2', 'workload.batch=2'];
  const { result, machine } = simulated('pipelayer', [...CHAIN, ...wide, 'pipeline.advance=elastic'], FILES);

  it('its parts compute half of the outputs each; the last reads them back and does what joined the product', () => {
    expect(machine.plans.map(({ layer }) => layer.name)).toEqual(['fc1/1', 'fc1', 'fc2/1', 'fc2', 'fc3/1', 'fc3']);
    expect(result.layers.map(({ columns }) => columns)).toEqual([8, 8, 8, 8, 8, 8]);
    expect(result.networkTotals.macs).toBe(3 * 256);
    expect(count(result, 'integrateFire', 'integrate')).toBe(
      count(run(['crossbar.columns=8', 'workload.images=2', 'mapping.overflow=refuse']), 'integrateFire', 'integrate'),
    );
    expect(count(result, 'activation', 'lookup')).toBe(2 * 3 * 16);
  });
});

describe('what cannot be', () => {
  it.each([
    [['chip.arrays=20', 'mapping.overflow=refuse'], /chip\.arrays.*found 20, but the mapping takes 24 physical arrays/],
    [['chip.arrays=8', 'chip.tiles=2', 'chip.arraysPerTile=4'], /chip\.arrays.*expected one of the two/],
    [['chip.arrays=7'], /mapping\.overflow.*the chip does not hold layer "fc1", not even a column of its tiles/],
    [[], /mapping\.overflow.*nothing says how many arrays there are; expected chip\.arrays/],
    [['chip.arrays=8', 'workload.mode=training'], /mapping\.overflow.*runs inference only/],
    [['chip.arrays=8', 'pipeline.enabled=false'], /pipeline\.enabled.*expected true/],
    [['chip.arrays=8', 'workload.batch=4', 'buffers.entries=3'], /buffers\.entries.*keep a batch of 4/],
  ])('%s', (sets, message) => {
    expect(() => run([...sets])).toThrow(message);
  });

  it('a chip that holds all with fewer copies has fewer, and no turns', () => {
    const sets = ['mapping.replication={ scheme: given, byLayer: { fc1: 2 } }', 'network=conv.yaml', 'chip.arrays=20'];
    const conv = FILES['chain.yaml']
      .replace('features: 16', 'channels: 1, height: 4, width: 4')
      .split('\n')
      .slice(0, 3);
    conv.push('  - { name: fc1, type: conv2d, channels: 4, kernel: 2 }', '');
    const result = resultOf('pipelayer', [...CHAIN, ...sets, 'chip.arrays=8'], { 'conv.yaml': conv.join('\n') });
    expect(result.layers[0]).toMatchObject({ replication: 1 });
    expect(result.stages.map(({ name }) => name)).toEqual(['F1']);
    expect(result.device!.programming.cells).toBeGreaterThan(0);
  });

  it('a chip that holds all changes nothing', () => {
    const [roomy, plain] = [run(['chip.arrays=24']), run(['mapping.overflow=refuse'])];
    expect(roomy.time).toEqual(plain.time);
    expect(roomy.actions).toEqual(plain.actions);
  });
});

it('VGG-D runs inference on one ISAAC chip of 16 tiles', () => {
  const sets = ['network=vgg-d', 'workload.mode=inference', 'workload.images=32', 'workload.batch=16'];
  const result = resultOf('isaac', [...sets, 'mapping.overflow=reload', 'chip.tiles=16', 'pipeline.granularity=image']);
  expect(result.chips).toMatchObject({ chips: 1, tiles: 16 });
  expect(result.networkTotals.macs).toBe(resultOf('isaac', sets).networkTotals.macs);
  expect(result.layers.length).toBeGreaterThan(16);
  // Every weight is written once a batch: 8 cells, in every copy.
  const cells = result.placements.reduce((sum, { weightCells, copies }) => sum + weightCells * copies, 0);
  expect(count(result, 'crossbar', 'write')).toBe(2 * cells);
});

it('parts of a cut layer have the bias row that its folded batch norm makes: 128 rows, 300 of 600 columns each', () => {
  const files = {
    'norm.yaml':
      'name: norm\ninput: { channels: 127, height: 4, width: 4 }\nlayers:\n' +
      '  - { name: c1, type: conv2d, channels: 600, kernel: 1, bias: false }\n  - { name: n1, type: batchnorm }\n' +
      '  - { name: p, type: maxpool, kernel: 4 }\n  - { name: d, type: dense, features: 4 }\n',
  };
  const { placements, actions } = resultOf(
    'isaac',
    [
      ...['network=norm.yaml', 'workload={ images: 2, batch: 2 }', 'pipeline.granularity=image'],
      ...['mapping={ biasRow: true, overflow: reload, replication: { scheme: given } }'],
      'chip={ tiles: 22, arraysPerTile: 1, arraysPerCore: 1 }',
    ],
    files,
  );
  const parts = placements.filter(({ layer }) => layer.startsWith('c1'));
  expect(parts.map(({ layer, rows, columns }) => [layer, rows, columns])).toEqual([
    ['c1/1', 128, 300],
    ['c1', 128, 300],
  ]);
  const written = actions.filter(
    ({ component, action, layer }) => component === 'crossbar' && action === 'write' && layer.startsWith('c1'),
  );
  // 8 slices of 2 bits, one batch.
  expect(written.map(({ count: n }) => Number(n))).toEqual([128 * 300 * 8, 128 * 300 * 8]);
});
