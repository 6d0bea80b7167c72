import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/config/index.js';
import { agrees, recompute, type Derivation } from '../../src/result/reasons/derivation.js';
import { below, bookOf, explain, explainChange, find, type Book } from '../../src/explain/index.js';
import { leavesOf } from '../../src/result/reasons/leaves.js';
import type { Result } from '../../src/simulation/index.js';
import { resultOf } from '../helpers.js';

const DIGITAL = `
extends: generic
name: digital
network: lisa-cnn
crossbar: { device: none }
digital: { format: int8, units: 512 }
weights: { bits: 8 }
inputs: { bits: 8 }
pipeline: { advance: elastic }
chip: { clock: 1 GHz, node: 32 nm }
components:
  mac:
    energy: { multiply-accumulate: { law: digital-energy, block: multiplier, bits: 8 } }
    latency: { value: 3 cycles, source: "test" }
    interval: { value: 1 cycle, source: "test" }
    area: { law: digital-area, block: multiplier, bits: 8 }
    leakage: { value: 1 uW, source: "test" }
  weightMemory:
    energy:
      read: { law: memory-read-energy, kind: sram, size: 64 KiB, width: 256 }
      write: { law: memory-write-energy, kind: sram, size: 64 KiB, width: 256 }
    area: { value: 1 um2, source: "test" }
    leakage: { value: 1 nW, source: "test" }
  buffer:
    energy: { read: { value: 1 pJ, source: "test" }, write: { value: 2 pJ, source: "test" } }
    latency: { value: 0.7 ns, source: "test" }
    writeLatency: { value: 1 cycle, source: "test" }
    area: { value: 1 um2, source: "test" }
    leakage: { value: 1 nW, source: "test" }
`;

const VERIFIED =
  'extends: pipelayer\ndevice: { write: { verifyReads: { value: 2, source: "test" }, pulses: { value: 3, ' +
  'source: "test" } } }\n';

const TURNS = ['workload.batch=4', 'mapping.overflow=reload', 'chip.tiles=12', 'pipeline.granularity=image'];
const cases: [string, string[]][] = [
  ['pipelayer', ['workload.images=128']],
  [
    'pipelayer',
    ['network=resnet-18', 'workload.images=70', 'workload.batch=32', 'gradient.mapping=plain', 'gradient.write=serial'],
  ],
  ['pipelayer', ['network=vgg-8', 'workload.images=64', 'pipeline.cycle=fixed']],
  ['pipelayer', ['network=lstm-small', 'workload.images=64']],
  ['pipelayer', ['network=mnist-a', 'workload.images=64', 'pipeline.enabled=false']],
  ['verified.yaml', ['network=vgg-8', 'workload.images=64', 'pipeline.advance=elastic']],
  ['a3', ['network=gtsrb-cnn', 'workload.iterations=2']],
  ['a3-shared', ['workload.iterations=3']],
  ['a3-shared', ['workload.iterations=3', 'pipeline.advance=elastic', 'weights.slices=columns']],
  ['pipelayer', ['network=mnist-a', 'workload.images=64', 'crossbar.device=stt-multilevel', 'crossbar.cellBits=1']],
  ['isaac', ['crossbar.device=pcm-aihwkit', 'network=vgg-8']],
  ['isaac', []],
  ['isaac', ['workload.images=12', 'links.chip.rate=25.6 GB/s', 'links.chip.shared=true']],
  ['isaac', ['network=resnet-18', 'workload.images=8']],
  ['isaac', ['network=vgg-8', 'workload.images=8', ...TURNS]],
  ['pipelayer', ['network=ds-cnn-kws', 'mapping.groups=packed', 'workload.batch=2', 'workload.images=4']],
  ['isaac', ['network=lstm-small', 'workload.images=8', 'weights.referenceColumn=inside']],
  ['digital.yaml', ['workload.images=8']],
  ['digital.yaml', ['workload.mode=training', 'workload.images=20', 'workload.batch=10']],
  ['digital.yaml', ['workload.mode=attack', 'workload.iterations=2']],
  ['prime', ['network=vgg-8', 'workload.images=8']],
  ['celia', ['network=vgg-8', 'workload.images=8']],
  ['icelia', ['network=vgg-8', 'workload.images=8']],
  ['spindle', ['network=vgg-8', 'workload.images=8']],
  ['digital-elma8', ['network=vgg-8', 'workload.images=8']],
  ['lognet', ['network=vgg-8', 'workload.images=8']],
];
const FILES = { 'digital.yaml': DIGITAL, 'verified.yaml': VERIFIED };

/** All leaves of a derivation, the figures that it refers to among them. */
const leaves = (derivation: Derivation): Derivation[] =>
  derivation.parts.length === 0 ? [derivation] : derivation.parts.flatMap(leaves);

/** The most steps from a figure to what rests on no other. */
function depths(book: Book): Map<string, number> {
  const known = new Map<string, number>();
  const open = new Set<string>();
  const depth = (key: string): number => {
    const before = known.get(key);
    if (before !== undefined) return before;
    expect(open.has(key), `${key} rests on itself`).toBe(false);
    open.add(key);
    const below = leaves(book.get(key)!.derive())
      .filter(({ op }) => op === 'figure')
      .map(({ name }) => depth(name));
    open.delete(key);
    known.set(key, 1 + Math.max(0, ...below));
    return known.get(key)!;
  };
  for (const key of book.keys()) depth(key);
  return known;
}

describe('explain', () => {
  it.each(cases)(
    '%s %s: every number has a derivation that gives it to 1e-12, from counts, constants with a place, knobs ' +
      'and the network',
    (label, sets) => {
      const result = resultOf(label, sets, FILES);
      const book = bookOf(JSON.parse(JSON.stringify(result)) as Result);
      const faults: string[] = [];
      const builtAs: string[] = [];
      for (const { key, value } of leavesOf(result)) {
        const figure = book.get(key);
        if (figure === undefined) {
          faults.push(`${key}: no derivation`);
          continue;
        }
        const derivation = figure.derive();
        if (!agrees(derivation.value, value)) faults.push(`${key}: ${derivation.value}, printed ${value}`);
        if (
          !agrees(
            recompute(derivation, (name) => book.get(name)!.value),
            value,
          )
        )
          faults.push(`${key}: recomputed otherwise`);
        for (const { op, name, value: part, origin, says } of leaves(derivation)) {
          if (op === 'figure' && !agrees(book.get(name)!.value, part)) faults.push(`${key}: ${name} is another`);
          if (op === 'constant' && (origin?.at ?? '') === '') faults.push(`${key}: ${name} has no place`);
          if ((op === 'network' || op === 'mapping') && origin?.at === undefined && !/digital design/.test(says))
            builtAs.push(`${key}: ${name} ${says}`);
          if ((op === 'counted' || op === 'timed' || op === 'mapping') && says === '')
            faults.push(`${key}: ${name} says nothing`);
          if (['sum', 'product'].includes(op) && part !== 0 && part !== 1) faults.push(`${key}: ${name} has no parts`);
        }
      }
      expect(faults.slice(0, 20)).toEqual([]);
      expect(builtAs.slice(0, 20)).toEqual([]);
      depths(book);
    },
  );

  it('a result whose number or constant was changed no longer adds up', () => {
    const changed = (change: (result: Result) => void): number => {
      const sets = ['network=vgg-8', 'chip.idle=gated', 'components.adc.energy.convert=1.5625 pJ'];
      const result = JSON.parse(JSON.stringify(resultOf('isaac', sets))) as Result;
      change(result);
      const { recomputed, value } = explain(bookOf(result), 'energy.byComponentJ.adc');
      return recomputed / value;
    };
    expect(changed(() => undefined)).toBeCloseTo(1, 12);
    expect(
      changed((result) => {
        result.constants.find(({ key }) => key === 'components.adc.energy.convert')!.value = 2e-12;
      }),
    ).toBeCloseTo(2e-12 / 1.5625e-12, 9);
    expect(
      changed(({ actions }) => {
        const action = actions.find(({ component }) => component === 'adc')!;
        action.count = Number(action.count) * 2;
      }),
    ).toBeGreaterThan(1.001);
  });

  it('goes down to counts, the energy of one with its source and place, and says which assumptions it rests on', () => {
    const book = bookOf(resultOf('isaac', ['network=vgg-8']));
    const { derivation, figures } = explain(book, 'energy.byComponentJ.adc');
    const [convert] = derivation.parts;
    expect(convert).toMatchObject({ name: 'adc.convert', op: 'product' });
    expect(convert!.parts[1]).toMatchObject({
      name: 'components.adc.energy.convert',
      value: 1.5625e-12,
      unit: 'J',
      origin: {
        placeholder: false,
        at: expect.stringMatching(/circuits\/.*\.yaml:\d+:\d+$/) as string,
        source: expect.stringContaining('Table I') as string,
      },
    });
    expect(figures['actions.adc.convert.F.conv1.count']!.parts[0]).toMatchObject({
      name: 'stages.F1.starts',
      value: 64,
    });
    expect(explain(book, 'layers.conv1.energy').placeholders).toContain('components.shiftAdd.energy.subtract-offset');
  });

  it(
    "actions of a service in terms of the mapping: ISAAC's conversions are vectors x row tiles x (16-bit " +
      'weights in 8 columns, and the unit column of each tile) x 16 slots',
    () => {
      const book = bookOf(resultOf('isaac', ['network=vgg-8']));
      const { value, parts } = book.get('actions.adc.convert.F.conv2.count')!.derive();
      // conv2: 1152 x 128 at 32 x 32 positions on 128 x 128 arrays: 9 x 8 tiles.
      expect(value).toBe(64 * 1024 * 9 * (128 * 8 + 8) * 16);
      expect(parts.map(({ name, value: factor }) => [name, factor])).toEqual([
        ['stages.F2.starts', 64],
        ['placements.conv2.forward.vectors', 1024],
        ['columns that are sensed, reference columns included', 1032],
        ['placements.conv2.forward.groups', 1],
        ['placements.conv2.forward.arraysPerLogical', 1],
        ['placements.conv2.forward.rowTiles', 9],
        ['slots of an input', 16],
      ]);
    },
  );

  it.each([
    ['pipelayer', 'training'],
    ['a3', 'attack'],
    ['a3-shared', 'attack'],
    ['prime', 'training'],
    ['spindle', 'inference'],
    ['isaac', 'inference'],
    ['digital-int8', 'training'],
  ])('%s, %s: no count of a chain ends as counted', (preset, mode) => {
    const batches = mode === 'attack' ? 'workload.iterations=2' : 'workload.images=4';
    const book = bookOf(
      resultOf(preset, [
        'network=lisa-cnn',
        `workload.mode=${mode}`,
        `workload.batch=${mode === 'inference' ? 1 : 2}`,
        batches,
        ...(mode === 'attack' ? [] : ['neurons=kept']),
      ]),
    );
    const ends = [...book.keys()]
      .filter((key) => key.startsWith('actions.') && key.endsWith('.count'))
      .filter((key) => leaves(book.get(key)!.derive()).some(({ op }) => op === 'counted'));
    expect(ends).toEqual([]);
  });

  it('the backward pass has waves of its own, and factors of 1 are kept: PipeLayer on VGG-A', () => {
    const book = bookOf(resultOf('pipelayer', ['network=vgg-a', 'workload.images=128']));
    const story = (key: string): [string, number][] =>
      book
        .get(`actions.controller.issue.${key}.count`)!
        .derive()
        .parts.map(({ name, value }) => [name, value]);
    expect(story('B.conv4_2')).toEqual([
      ['stages.B6.starts', 128],
      ['stages.B6.waves', 49],
    ]);
    // Input positions of the padded error, 28 x 28 before the pool, over copies: not the steps of the forward pass.
    expect(
      book
        .get('stages.B6.waves')!
        .derive()
        .parts[0]!.parts.map(({ name }) => name),
    ).toEqual(['placements.conv4_2.backward.vectors', 'placements.conv4_2.backward.copies']);
    expect(story('B.fc10')).toEqual([
      ['stages.B10.starts', 128],
      ['stages.B10.waves', 1],
    ]);
  });

  it(
    'time: logical cycles by the stage that each waited for; a service by waves, slots and the read of a slot ' +
      '(PipeLayer Sec. 6.2)',
    () => {
      const { derivation, figures } = explain(
        bookOf(resultOf('pipelayer', ['network=vgg-8', 'workload.images=128'])),
        'time.totalS',
      );
      const longest = derivation.parts
        .reduce((most, part) => (part.value > most.value ? part : most))
        .name.split('.')[1]!;
      expect(figures[`stages.${longest}.serviceS`]!.parts.map(({ name }) => name)).toEqual([
        'latency of the chain',
        'waves behind the first',
      ]);
      expect(
        figures[`stages.${longest}.units.crossbar.latencyS`]!.parts.map(({ value, name }) => [name, value]),
      ).toEqual([
        ['slots of an input', 16],
        ['device.read.latency', 2.931e-8],
      ]);
    },
  );

  it("a constant of a law: its value from its arguments, with the law's source and the places of what it reads", () => {
    const yaml =
      'extends: isaac\nnetwork: mnist-0\ncomponents: { adc: { energy: { convert: { law: adc-survey-energy, ' +
      'bits: 6 } } } }\n';
    const book = bookOf(resultOf('law.yaml', [], { 'law.yaml': yaml }));
    const { derivation, value, recomputed } = explain(book, 'constants.components.adc.energy.convert');
    expect(derivation).toMatchObject({
      op: 'law',
      says: expect.stringContaining('adc-survey-energy') as string,
      origin: { source: expect.stringContaining('Murmann') as string },
    });
    expect(
      derivation.parts.map(({ name, value: argument, origin }) => [
        name,
        argument,
        origin!.at!.split('/').at(-1)!.split(':')[0],
      ]),
    ).toEqual([
      ['bits', 6, 'law.yaml'],
      ['sensing.rate', 1.28e9, 'isaac.yaml'],
      ['chip.node', 3.2e-8, 'isaac.yaml'],
    ]);
    expect(recomputed).toBe(value);
  });

  it('knobs and constants have the units that the schema declares, times those that they were written in', () => {
    const unitsOf = (config: string, keys: string[], ...sets: string[]): string[] => {
      const book = bookOf(resultOf(config, ['network=mnist-0', ...sets]));
      return keys.map((key) => find(book, key).unit);
    };
    expect(
      unitsOf('isaac', [
        'config.chip.clock',
        'config.chip.node',
        'config.sensing.rate',
        'config.crossbar.rows',
        'constants.components.adc.energy.convert',
        'constants.components.adc.area',
        'constants.components.adc.leakage',
      ]),
    ).toEqual(['Hz', 'm', 'S/s', '', 'J', 'mm2', 'W']);
    const device = ['resistance.on', 'readVoltage', 'retention', 'drift.reference', 'drift.exponent'];
    const keys = [...device.map((key) => `config.device.${key}.value`), 'config.device.read.latency.value.seconds'];
    expect(unitsOf('isaac', keys, 'crossbar.device=pcm-aihwkit')).toEqual(['ohm', 'V', 's', 's', '', 's']);
    expect(unitsOf('isaac', ['constants.components.adc.latency'])).toEqual(['cycles']);
  });

  it('keys may leave out units; a misspelt one is refused with the nearest', () => {
    const book = bookOf(resultOf('isaac', ['network=vgg-8']));
    const keyOf = (wanted: string): string => find(book, wanted).key;
    expect(
      [
        'energy.total',
        'energy.byComponent.adc',
        'time.seconds',
        'area.total',
        'layers.conv1.energy',
        'crossbar.rows',
        'components.adc.area',
        'efficiency.gopsPerW',
        'layers[1].macs',
        'energy.byLayerJ[0].energyJ',
      ].map(keyOf),
    ).toEqual([
      'energy.totalJ',
      'energy.byComponentJ.adc',
      'time.totalS',
      'area.totalMm2',
      'energy.byLayerJ.conv1',
      'config.crossbar.rows',
      'constants.components.adc.area',
      'efficiency.gopsPerW',
      'layers.conv2.macs',
      'energy.byLayerJ.conv1',
    ]);
    expect(() => find(book, 'enrgy.total')).toThrow(/did you mean "energy.totalJ"/);
    expect(() => find(book, 'layers.conv1.enrgy')).toThrow(/did you mean "layers.conv1.energy"/);
    expect(() => find(book, 'layers.qqqqqqqqqqqqqqqq.energy')).toThrow(/below layers there is conv1, conv2/);
    expect(() => find(book, 'nothing-like-it')).toThrow(UserError);
    expect(below(book, 'rollUp.chip').map(({ key }) => key)).toEqual(['rollUp.chip.powerW', 'rollUp.chip.areaMm2']);
  });

  it('a ratio: contributions add up to the change, and go down to what differs', () => {
    const attack = ['network=lisa-cnn', 'workload.mode=attack', 'workload.iterations=2'];
    const [baseline, design] = ['pipelayer', 'a3'].map((preset) => bookOf(resultOf(preset, attack)));
    const { change } = explainChange(design!, baseline!, 'energy.total');
    expect(change.ratio).toBeCloseTo(design!.get('energy.totalJ')!.value / baseline!.get('energy.totalJ')!.value, 12);
    expect(change.parts.reduce((sum, { share }) => sum + share!, 0)).toBeCloseTo(1, 9);
    // Single-crossbar storage halves the driven lines and leaves the energy of a read as it is.
    const reads = change.parts
      .find(({ name }) => name === 'energy.byComponentJ.crossbar')!
      .parts.find(({ name }) => name === 'crossbar.read')!;
    expect(reads.parts.map(({ name, ratio }) => [name, ratio])).toEqual([['count', 0.5]]);
    expect(explainChange(baseline!, baseline!, 'time.total').change).toMatchObject({ ratio: 1, parts: [] });
  });
});
