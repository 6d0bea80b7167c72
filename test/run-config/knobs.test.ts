import { describe, expect, it } from 'vitest';
import { UNUSED, configSchema, unusedKnobs } from '../../src/run-config/index.js';
import { UserError, toJsonSchema } from '../../src/config/index.js';
import { KnownRuns, simulate, simulateHeadlines } from '../../src/simulation/index.js';
import { LAWS } from '../../src/estimators/index.js';
import { loaded } from '../helpers.js';
import { transformer } from '../machine/networks.js';

const NETWORK = `name: small
input: { channels: 2, height: 8, width: 8 }
layers:
  - { name: conv1, type: conv2d, channels: 6, kernel: 3, padding: same }
  - { name: relu1, type: relu }
  - { name: pool1, type: maxpool, kernel: 2 }
  - { name: conv2, type: conv2d, channels: 6, kernel: 3, padding: same }
  - { name: relu2, type: relu }
  - { name: fc3, type: dense, features: 5 }
`;
const FILES = {
  'small.yaml': NETWORK,
  'block.yaml': transformer({ steps: 4, width: 8, heads: 2, inner: 8 }),
  'softmax.yaml': `${NETWORK}  - { name: softmax, type: softmax }\n`,
  'grouped.yaml': NETWORK.replace('name: conv2, type: conv2d,', 'name: conv2, type: conv2d, groups: 3,'),
  'adders.yaml': 'extends: [addernet, adder-gradients]\nnetwork: adder-layers.yaml\n',
  'adder-layers.yaml': `name: adders
input: { channels: 2, height: 8, width: 8 }
layers:
  - { name: a1, type: adder2d, channels: 6, kernel: 3 }
  - { name: a2, type: adder2d, channels: 4, kernel: 6 }
`,
  'other.yaml': NETWORK.replaceAll('channels: 6', 'channels: 7'),
};
const ADDERS = ['workload={ mode: training, images: 8, batch: 4 }', 'digital.units=16', 'memory.used=false'];
const SMALL = [
  'network=small.yaml',
  'workload.images=8',
  'workload.batch=4',
  'crossbar.rows=16',
  'crossbar.columns=16',
];

const outcomes = new Map<string, string>();

/** What a run says, or why it is refused; not its config, which of course differs, where a result repeats it too. */
function outcome(preset: string, sets: readonly string[]): string {
  const name = [preset, ...sets].join('\n');
  const said = outcomes.get(name) ?? outcomeOf(preset, sets);
  outcomes.set(name, said);
  return said;
}

function outcomeOf(preset: string, sets: readonly string[]): string {
  try {
    const { result } = simulate(loaded(preset, [...sets], FILES));
    return JSON.stringify({
      ...result,
      sensing: result.sensing && { ...result.sensing, bits: 0 },
      config: 0,
      configHash: 0,
      seed: 0,
      batch: 0,
      constants: 0,
      placeholders: 0,
      places: 0,
      simulator: 0,
      verdict: 0,
    });
  } catch (error) {
    if (error instanceof UserError) return error.message.replace(/^.*?: /, '');
    throw error;
  }
}

const INFERENCE = ['network=small.yaml', 'workload.mode=inference', 'workload.images=3'];
const ATTACK = ['network=small.yaml', 'workload.mode=attack', 'workload.batch=2', 'workload.iterations=2'];
const BLOCK = ['network=block.yaml', 'workload.mode=inference', 'workload.images=3'];
const ISAAC = ['network=small.yaml', 'workload.images=3'];
const DIGITAL = ['network=small.yaml', 'workload.images=3'];
const BALANCED = ['mapping.replication={ scheme: balanced }'];
const BUS = ['links.bus.used=true'];
const CHIPS = [
  'chip={ arraysPerTile: 4, tiles: 1 }',
  'components.chipLink={ energy: { transfer: 1 pJ }, area: 1 mm2, leakage: 1 W }',
];
const OUTSIDE =
  'components.outsideMemory={ energy: { read: 1 pJ, write: 1 pJ }, latency: 50 ns, area: 0 mm2, leakage: 0 W }';
const SWEEP = [...SMALL, 'crossbar.device=stt-multilevel', 'crossbar.cellBits=1'];
const COLUMN = [
  ...SMALL,
  'crossbar.columnCurrentLimit=20 mA',
  'device.readVoltage=1 V',
  'device.resistance={ on: 1 kohm }',
];
const DRIFT = [...SMALL, 'device.drift={ exponent: 0.05, reference: 1 s }'];
const LEVELS = '[{ mean: 1 kohm, sigma: 0.1 }, { mean: 2 kohm, sigma: 0.1 }]';

/**
 * Every knob with another value, and the run in which it counts (without one: PipeLayer training the small network).
 */
const FLIPS: Record<string, [value: string, sets?: readonly string[], preset?: string]> = {
  network: ['other.yaml'],
  'workload.mode': ['inference'],
  'workload.images': ['9'],
  'workload.batch': ['2'],
  'workload.iterations': ['3', ATTACK],
  'crossbar.rows': ['32'],
  'crossbar.columns': ['8'],
  'crossbar.device': ['reram-nvsim'],
  'crossbar.cellBits': ['2'],
  'crossbar.summation': [
    'current',
    [
      ...COLUMN,
      'crossbar.columnCurrentLimit=15 mA',
      'crossbar.summation=resistance',
      'device.resistance.off=10 kohm',
      'device.read.energy={ law: cell-read-energy }',
    ],
  ],
  'crossbar.columnCurrentLimit': ['1 uA', COLUMN],
  'crossbar.writeRows': ['2'],
  'device.maxBits': ['2'],
  'device.read.latency': ['20 ns'],
  'device.read.energy': ['2 pJ'],
  'device.read.per': ['cell'],
  'device.write.latency': ['60 ns'],
  'device.write.energy': ['4 nJ'],
  'device.write.pulses': ['2'],
  'device.write.verifyReads': ['1'],
  'device.write.sweep.cycles': ['3', SWEEP],
  'device.write.sweep.pulsesPerCycle': ['3', SWEEP],
  'device.cellArea': ['1 um2'],
  'device.levels': [LEVELS],
  'device.drift.exponent': ['0.1', DRIFT],
  'device.drift.reference': ['2 s', DRIFT],
  'device.resistance.on': ['10 ohm', COLUMN],
  'device.readVoltage': ['100 V', COLUMN],
  'device.endurance': ['1e9'],
  'device.retention': ['1 h'],
  'digital.operation': ['shift-add', DIGITAL, 'digital-int8'],
  'digital.errorCycles': ['2', ADDERS, 'adders.yaml'],
  'digital.units': ['64', DIGITAL, 'digital-int8'],
  'digital.weightWordBits': ['8', DIGITAL, 'digital-int8'],
  'weights.bits': ['8'],
  'weights.sign': ['offset'],
  'weights.referenceColumn': ['inside', ATTACK, 'a3'],
  'weights.offsetSteps': ['3', ATTACK, 'a3'],
  'weights.slices': ['columns'],
  'weights.sliceReads': ['serial'],
  'weights.copies': ['shared'],
  'weights.codebook': ['log'],
  'weights.codeWordBits': ['8', [...SMALL, 'weights={ codebook: log, bits: 4 }']],
  'inputs.bits': ['8'],
  'inputs.bitsPerSlot': ['2'],
  'inputs.density': ['0.25'],
  'driver.kind': ['dac'],
  'mapping.biasRow': ['true'],
  'mapping.padded': ['dropped', INFERENCE],
  'mapping.groups': ['packed', [...SMALL, 'network=grouped.yaml', 'crossbar.rows=40']],
  'mapping.overflow': [
    'reload',
    ['network=small.yaml', 'workload.mode=inference', ...SMALL.slice(1), 'chip.arraysPerTile=8', 'chip.tiles=8'],
  ],
  'chip.arrays': ['100000'],
  'mapping.adderLevels': ['5'],
  'mapping.replication.scheme': ['balanced', [...SMALL, 'mapping.replication.byLayer={ conv1: 3 }']],
  'mapping.replication.byLayer': ['{ conv2: 3 }'],
  'mapping.replication.otherwise': [
    'one',
    [
      ...SMALL,
      'mapping.replication.byLayer={ "zzz": 1, "conv1_*": 1, "conv2_*": 1, "conv3_*": 1, "conv4_*": 1, "conv5_*": 1 }',
    ],
  ],
  'mapping.replication.steps': ['7', [...SMALL, ...BALANCED]],
  'mapping.replication.arrays': ['60', [...SMALL, 'mapping.replication={ scheme: budget, arrays: 40 }']],
  'gradient.mapping': ['plain'],
  'gradient.copies': ['2'],
  'gradient.steps': ['2'],
  'gradient.write': ['serial'],
  neurons: ['masks', ATTACK],
  'sensing.kind': ['adc'],
  'sensing.bits': ['5', ISAAC, 'isaac'],
  'sensing.columnsPerConverter': ['64', [...ISAAC, 'sensing.rate=0.1 GSps'], 'isaac'],
  'sensing.rate': ['0.1 GSps', ISAAC, 'isaac'],
  'sensing.encoding': ['plain', ISAAC, 'isaac'],
  'pooling.kind': ['buffered'],
  'pipeline.enabled': ['false'],
  'pipeline.granularity': ['image', ISAAC, 'isaac'],
  'pipeline.advance': ['elastic'],
  'pipeline.write': ['serial'],
  'pipeline.cycle': ['fixed'],
  'buffers.wordBits': ['8'],
  'buffers.portBits': ['16'],
  'buffers.entries': ['1'],
  'buffers.pooling': ['after'],
  'chip.clock': ['100 MHz'],
  'chip.idle': ['on'],
  'chip.arraysPerCore': ['4', ISAAC, 'isaac'],
  'chip.arraysPerTile': ['2', [...SMALL, ...CHIPS]],
  'chip.tiles': ['3', [...SMALL, ...CHIPS]],
  'vector.lanes': ['1', BLOCK],
  'vector.shared': ['true', BLOCK],
  'vector.outputSoftmax': ['host', ['network=softmax.yaml', 'workload.images=3']],
  'dynamic.on': ['crossbar', BLOCK],
  'dynamic.units': ['1', BLOCK],
  'links.bus.used': ['true'],
  'links.bus.shared': ['true', [...SMALL, ...BUS]],
  'links.bus.bits': ['8', [...SMALL, ...BUS]],
  'links.chip.used': ['true', [...SMALL, ...CHIPS]],
  'links.chip.rate': ['1 Mb/s', [...SMALL, ...CHIPS, 'links.chip.used=true']],
  'links.chip.shared': ['true', [...SMALL, ...CHIPS, 'links.chip.used=true', 'links.chip.rate=1 Mb/s']],
  'links.router.used': ['true'],
  'links.router.flitBits': ['8', [...SMALL, 'links.router.used=true']],
  'memory.used': ['true', [...SMALL, OUTSIDE]],
  'memory.rate': ['1 Mb/s', [...SMALL, OUTSIDE, 'memory.used=true']],
  'memory.gradients': ['outside', [...SMALL, OUTSIDE, 'memory.used=true']],
};

/** Knobs that name or watch a run and change no figure of it; `extends` is read before the check. */
const WORDS = [
  'extends',
  'name',
  'description',
  'source',
  'device.name',
  'device.kind',
  'device.description',
  'device.source',
  'digital.format',
  'digital.accumulatorBits',
  'buffers.kind',
  'simulation.exact',
  'simulation.check',
  'simulation.timeline.from',
  'simulation.timeline.cycles',
];
/** Knobs of traces, which the command line reads (test/cli). */
const TRACES = ['workload.trace', 'workload.seed'];
/** Knobs that laws take where a constant is given as one (test/technology/laws.test.ts). */
const OF_LAWS = Object.values(LAWS).flatMap((law) => Object.values(law.arguments).flatMap(({ from }) => from ?? []));

interface SchemaNode {
  properties?: Record<string, SchemaNode>;
}
const leaves = (node: SchemaNode, path: string[] = []): string[] =>
  node.properties === undefined
    ? [path.join('.')]
    : Object.entries(node.properties).flatMap(([key, inner]) =>
        path.length === 0 && key === 'components' ? [] : leaves(inner, [...path, key]),
      );

describe('every knob has an effect', () => {
  it.each(Object.entries(FLIPS))('%s', (knob, [value, sets = SMALL, preset = 'pipelayer']) => {
    const before = outcome(preset, sets);
    expect(before).toMatch(/^\{/);
    const flipped = outcome(preset, [...sets, `${knob}=${value}`]);
    expect(flipped).not.toBe(before);
    if (!flipped.startsWith('{')) return; // refused
    // And a sweep that keeps machines, flows and laws of the point before gives what a process of its own gives.
    const known = new KnownRuns();
    const run = loaded(preset, [...sets, `${knob}=${value}`], FILES);
    simulateHeadlines(loaded(preset, [...sets], FILES), { known });
    expect(simulateHeadlines(run, { known })).toEqual(simulateHeadlines(run));
  });

  it('none is forgotten', () => {
    const known = new Set([...Object.keys(FLIPS), ...WORDS, ...TRACES, ...OF_LAWS]);
    const knobs = leaves(toJsonSchema(configSchema, 'config', { layered: true }));
    // What functional simulation reads is tried in test/functional and test/experiment.
    const FUNCTIONAL = ['functional.', 'training.', 'attack.', 'data.', 'test.', 'model.', 'device.update.'];
    expect(knobs.filter((knob) => !known.has(knob) && !FUNCTIONAL.some((tree) => knob.startsWith(tree)))).toEqual([]);
  });
});

const TRAIN_DIGITAL = [...SMALL, 'workload.mode=training'];

/** Knobs with another value in runs that do not read them. */
const NO_EFFECT: readonly [knob: string, value: string, sets: readonly string[], preset?: string][] = [
  ['workload.batch', '2', ISAAC, 'isaac'],
  ['workload.batch', '2', INFERENCE],
  ['functional.trials', '3', INFERENCE],
  ['training.epochs', '3', SMALL],
  ['attack.epsilon', '0.1', ATTACK],
  ['digital.errorCycles', '2', TRAIN_DIGITAL, 'digital-int8'],
  ['crossbar.rows', '64', TRAIN_DIGITAL, 'digital-int8'],
  ['crossbar.writeRows', '3', TRAIN_DIGITAL, 'digital-int8'],
  ['driver.kind', 'spike', TRAIN_DIGITAL, 'digital-int8'],
  ['sensing.kind', 'integrate-fire', TRAIN_DIGITAL, 'digital-int8'],
  ['sensing.columnsPerConverter', '8', TRAIN_DIGITAL, 'digital-int8'],
  ['sensing.bits', '5', TRAIN_DIGITAL, 'digital-int8'],
  ['sensing.bits', '5', SMALL],
  ['gradient.mapping', 'plain', TRAIN_DIGITAL, 'digital-int8'],
  ['gradient.copies', '3', TRAIN_DIGITAL, 'digital-int8'],
  ['mapping.replication.scheme', 'given', TRAIN_DIGITAL, 'digital-int8'],
  ['mapping.adderLevels', '5', TRAIN_DIGITAL, 'digital-int8'],
  ['mapping.padded', 'dropped', ['network=small.yaml', 'workload.mode=inference', 'workload.images=3'], 'digital-int8'],
  ['mapping.padded', 'dropped', BLOCK],
  ['mapping.groups', 'packed', TRAIN_DIGITAL, 'digital-int8'],
  ['mapping.groups', 'packed', SMALL],
  ['mapping.overflow', 'reload', TRAIN_DIGITAL, 'digital-int8'],
  ['chip.arrays', '1000', TRAIN_DIGITAL, 'digital-int8'],
  ['weights.sign', 'offset', TRAIN_DIGITAL, 'digital-int8'],
  ['weights.slices', 'columns', TRAIN_DIGITAL, 'digital-int8'],
  ['weights.referenceColumn', 'inside', TRAIN_DIGITAL, 'digital-int8'],
  ['weights.offsetSteps', '3', TRAIN_DIGITAL, 'digital-int8'],
  ['weights.sliceReads', 'serial', TRAIN_DIGITAL, 'digital-int8'],
  ['pipeline.write', 'serial', TRAIN_DIGITAL, 'digital-int8'],
  ['inputs.bitsPerSlot', '2', TRAIN_DIGITAL, 'digital-int8'],
  ['weights.referenceColumn', 'inside', SMALL],
  ['weights.offsetSteps', '3', SMALL],
  ['weights.copies', 'shared', INFERENCE],
  ['mapping.replication.byLayer.conv1', '2', [...SMALL, ...BALANCED, 'mapping.replication.scheme=balanced']],
  ['mapping.replication.byLayer.none', '2', SMALL],
  ['mapping.replication.otherwise', 'one', [...SMALL, 'mapping.replication.scheme=balanced']],
  ['mapping.replication.arrays', '60', SMALL],
  ['mapping.replication.arrays', '60', [...SMALL, 'mapping.replication.scheme=balanced']],
  ['mapping.replication.steps', '7', [...SMALL, 'mapping.replication.scheme=budget', 'mapping.replication.arrays=60']],
  ['mapping.replication.steps', '7', [...SMALL, 'mapping.replication.otherwise=one']],
  ['gradient.mapping', 'plain', ATTACK],
  ['gradient.steps', '2', [...SMALL, 'gradient.copies=2']],
  ['gradient.copies.none', '2', SMALL],
  ['gradient.write', 'serial', INFERENCE],
  ['neurons', 'masks', INFERENCE],
  ['pipeline.cycle', 'fixed', [...SMALL, 'pipeline.advance=elastic']],
  ['vector.lanes', '2', SMALL],
  ['vector.outputSoftmax', 'host', BLOCK],
  ['dynamic.on', 'crossbar', SMALL],
  ['dynamic.units', '2', BLOCK, 'digital-int8'],
  ['dynamic.units', '2', [...BLOCK, 'dynamic.on=crossbar']],
  ['links.bus.shared', 'true', SMALL],
  ['links.bus.bits', '8', SMALL],
  ['links.router.flitBits', '8', SMALL],
  ['memory.rate', '1 Mb/s', SMALL],
  ['memory.gradients', 'outside', SMALL],
  ['memory.gradients', 'outside', [...INFERENCE, OUTSIDE, 'memory.used=true']],
];

describe('a knob that a run does not read is named, and really has no effect', () => {
  it.each(NO_EFFECT)('%s=%s (%#)', (knob, value, sets, preset = 'pipelayer') => {
    const flipped = [...sets, `${knob}=${value}`];
    expect(
      unusedKnobs(loaded(preset, flipped, FILES), (file) => file === `--set ${knob}=${value}`).map(({ key }) => key),
    ).toEqual([knob]);
    if (knob === 'gradient.copies.none') return; // takes the place of `balanced`
    expect(outcome(preset, flipped)).toBe(outcome(preset, sets));
  });

  it('none is named that has an effect', () => {
    for (const [knob, [value, sets = SMALL, preset = 'pipelayer']] of Object.entries(FLIPS)) {
      const flipped = [...sets, `${knob}=${value}`];
      if (!outcome(preset, flipped).startsWith('{')) continue; // refused
      expect([knob, unusedKnobs(loaded(preset, flipped, FILES), (file) => file === `--set ${knob}=${value}`)]).toEqual([
        knob,
        [],
      ]);
    }
  });

  it('one that a law asks for is read, whatever else stands in its place', () => {
    const keys = (preset: string, sets: string[]): string[] =>
      unusedKnobs(loaded(preset, sets), (file) => file.startsWith('--set')).map(({ key }) => key);
    const replayed = ['workload.trace=synthetic-vgg-8-neurosim', 'network=vgg-8', 'inputs.density=0.2'];
    expect(keys('vgg-8-neurosim', ['inputs.density=0.2'])).toEqual([]);
    expect(keys('prime', replayed)).toEqual(['inputs.density']);
  });

  it('every rule is tried; inputs.density under a trace is (test/cli)', () => {
    expect(
      UNUSED.map(([key]) => key).filter(
        (key) => key !== 'inputs.density' && !NO_EFFECT.some(([knob]) => knob === key || knob.startsWith(`${key}.`)),
      ),
    ).toEqual([]);
  });
});
