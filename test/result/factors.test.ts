import { describe, expect, it } from 'vitest';
import { diskPresets } from '../../src/config/files.node.js';
import { UserError, listPresets } from '../../src/config/index.js';
import { FACTORS } from '../../src/components/index.js';
import type { Factor, Result } from '../../src/simulation/index.js';
import { resultOf } from '../helpers.js';

/** A factor's value from its printed parts, whatever the code that made it says. */
function recomputed({ value, op, parts = [] }: Factor): number {
  const [first = 0, ...others] = parts.map(recomputed);
  switch (op) {
    case 'product':
      return others.reduce((product, part) => product * part, first);
    case 'sum':
      return others.reduce((sum, part) => sum + part, first);
    case 'difference':
      return others.reduce((rest, part) => rest - part, first);
    case 'quotient':
      return first / others[0]!;
    case 'ceiling':
      return Math.ceil(first);
    case 'rounded':
      return Math.round(first);
    case 'maximum':
      return Math.max(first, ...others);
    case 'minimum':
      return Math.min(first, ...others);
    case 'levels':
      return Math.ceil(Math.log2(first));
    default:
      return value;
  }
}

const product = (factors: readonly Factor[]): number =>
  factors.reduce((result, factor) => result * recomputed(factor), 1);

/** The value at a key of the result (`placements.conv1.forward.rows`, `stages.F1.starts`); names may hold dots. */
function figure(result: Result, key: string): unknown {
  const below = (tree: unknown, path: string): unknown =>
    path.split('.').reduce<unknown>((at, word) => (at as Record<string, unknown> | undefined)?.[word], tree);
  const lists: [string, { name: string }[]][] = [
    ['stages.', result.stages],
    ['layers.', result.layers],
    ['buffers.', result.buffers],
    ['arrays.byLayer.', result.arrays.byLayer],
    ['placements.', result.placements.map((place) => ({ ...place, name: `${place.layer}.${place.use}` }))],
  ];
  for (const [start, list] of lists) {
    if (!key.startsWith(start)) continue;
    const rest = key.slice(start.length);
    const entry = list.find(({ name }) => rest.startsWith(`${name}.`));
    return entry && below(entry, rest.slice(entry.name.length + 1));
  }
  if (!key.startsWith('constants.')) return below(result, key);
  const found = result.constants.find((constant) => `constants.${constant.key}` === key)?.value;
  return typeof found === 'object' ? Object.values(found)[0] : found;
}

/** All that is wrong with a factor and its parts: a reference that is another number, a word that is not declared. */
function faults(result: Result, factor: Factor, where: string): string[] {
  const { name, value, from, op, parts = [] } = factor;
  const own: string[] = [];
  if (from !== undefined) {
    const found = figure(result, from);
    if (op === 'ticks' ? found === undefined : found !== value)
      own.push(`${where} ${name}: ${from} is ${String(found)}`);
  }
  if (parts.length === 0 && op !== undefined && op !== 'ticks') own.push(`${where} ${name}: ${op} of nothing`);
  if (op !== undefined && recomputed(factor) !== value)
    own.push(`${where} ${name}: ${recomputed(factor)}, not ${value}`);
  const isLayer = result.layers.some((layer) => layer.name === name);
  if (!isLayer && !Object.hasOwn(FACTORS, name) && !/^use\d+$/.test(name)) own.push(`${where} ${name}: not declared`);
  return [...own, ...parts.flatMap((part) => faults(result, part, where))];
}

function check(result: Result): string[] {
  const wrong: string[] = [];
  for (const { component, action, pass, layer, count, factors } of result.actions) {
    const where = `${component}.${action}.${pass}.${layer}`;
    if (factors === null) {
      if (action !== 'leakage' && action !== 'idle') wrong.push(`${where}: no factors`);
      continue;
    }
    const value = product(factors);
    const exact = typeof count === 'number' ? value === count : Math.abs(value / Number(count) - 1) < 1e-12;
    if (!exact) wrong.push(`${where}: ${value}, counted ${count}`);
    wrong.push(...factors.flatMap((factor) => faults(result, factor, where)));
  }
  for (const { component, layer, pass, count, factors } of result.instances) {
    const where = `instances ${component} ${layer} ${pass}`;
    if (product(factors) !== count) wrong.push(`${where}: ${product(factors)}, built ${count}`);
    wrong.push(...factors.flatMap((factor) => faults(result, factor, where)));
  }
  for (const { name, units } of result.stages) {
    for (const { component, latency, interval, latencyS, intervalS } of units) {
      const where = `stage ${name} ${component}`;
      if (recomputed(latency) * 1e-12 !== latencyS) wrong.push(`${where}: latency ${recomputed(latency)}`);
      if (recomputed(interval ?? latency) * 1e-12 !== intervalS) wrong.push(`${where}: interval`);
      wrong.push(...[latency, ...(interval === null ? [] : [interval])].flatMap((of) => faults(result, of, where)));
    }
  }
  return wrong;
}

const TURNS = ['workload.batch=4', 'mapping.overflow=reload', 'chip.tiles=12', 'pipeline.granularity=image'];
const REFUSED =
  /training needs the neurons|expected layers of adder2d alone|row runs inference only|a product cannot compute it/;

describe('every count, every number of instances and every time of a unit is what its printed factors give', () => {
  it.each(listPresets(diskPresets, 'architectures'))('%s, every network that it runs, in every mode', (preset) => {
    let ran = 0;
    for (const network of ['alexnet-grouped', 'lstm-small']) {
      for (const mode of ['inference', 'training', 'attack']) {
        const size =
          mode === 'attack' ? ['workload.batch=2', 'workload.iterations=2'] : ['workload.images=5', 'workload.batch=2'];
        try {
          const result = resultOf(preset, [`network=${network}`, `workload.mode=${mode}`, ...size]);
          expect(check(JSON.parse(JSON.stringify(result)) as Result).slice(0, 10)).toEqual([]);
          ran++;
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          expect(error.message).toMatch(REFUSED);
        }
      }
    }
    expect(ran).toBeGreaterThanOrEqual(2);
  });

  it.each([
    ['pipelayer', ['network=resnet-18', 'gradient.mapping=plain', 'gradient.write=serial', 'workload.images=64']],
    ['pipelayer', ['network=mnist-a', 'workload.images=64', 'crossbar.device=stt-multilevel', 'crossbar.cellBits=1']],
    ['a3-shared', ['workload.iterations=3', 'pipeline.advance=elastic', 'weights.slices=columns']],
    ['a3', ['network=gtsrb-cnn', 'workload.mode=attack', 'workload.iterations=2', 'inputs.bitsPerSlot=3']],
    ['isaac', ['network=resnet-18', 'workload.images=8']],
    ['isaac', ['network=vgg-8', 'workload.images=8', ...TURNS]],
    ['pipelayer', ['network=ds-cnn-kws', 'mapping.groups=packed', 'workload.batch=2', 'workload.images=4']],
    ['a3-shared', ['network=resnet-18', 'workload.iterations=1', 'workload.batch=2']],
    ['digital-int8', ['network=resnet-18', 'workload.mode=training', 'workload.images=4', 'workload.batch=2']],
    ['isaac', ['workload.images=12', 'links.chip.rate=25.6 GB/s', 'links.chip.shared=true']],
    ['isaac', ['network=vgg-8', 'links.bus.used=true', 'links.bus.bits=64', 'buffers.portBits=128']],
    ['isaac', ['network=lstm-small', 'weights.referenceColumn=inside', 'mapping.adderLevels=2']],
  ])('%s %s', (preset, sets) => {
    expect(check(resultOf(preset, sets)).slice(0, 10)).toEqual([]);
  });
});

describe('the story of a count', () => {
  const factorsOf = (
    result: Result,
    {
      component,
      action,
      pass,
      layer,
    }: { readonly component: string; readonly action: string; readonly pass: string; readonly layer: string },
  ): Factor[] =>
    result.actions.find(
      (of) => of.component === component && of.action === action && of.pass === pass && of.layer === layer,
    )!.factors!;

  it("waves of PipeLayer's backward pass are its own: B of conv4_2, 49, and B of fc10, a factor of 1", () => {
    const result = resultOf('pipelayer', ['network=vgg-a', 'workload.images=128']);
    expect(factorsOf(result, { component: 'controller', action: 'issue', pass: 'B', layer: 'conv4_2' })).toEqual([
      { name: 'services', value: 128, from: 'stages.B6.starts' },
      { name: 'waves', value: 49, from: 'stages.B6.waves' },
    ]);
    const last = result.layers.at(-1)!.name;
    expect(
      factorsOf(result, { component: 'controller', action: 'issue', pass: 'B', layer: last }).map(({ value }) => value),
    ).toEqual([128, 1]);
  });

  it("ISAAC's conversions: vectors x columns of 8 cells and the unit column x row tiles x 16 slots", () => {
    const factors = factorsOf(resultOf('isaac', ['network=vgg-8']), {
      component: 'adc',
      action: 'convert',
      pass: 'F',
      layer: 'conv2',
    });
    // conv2: 1152 x 128 at 32 x 32 positions on 128 x 128 arrays: 9 x 8 tiles.
    expect(factors.map(({ name, value }) => [name, value])).toEqual([
      ['services', 64],
      ['vectors', 1024],
      ['sensedColumns', 128 * 8 + 8],
      ['groups', 1],
      ['arraysPerLogical', 1],
      ['rowTiles', 9],
      ['slots', 16],
    ]);
  });

  it('ends in vectors, tiles, lines, slots and words for words of errors that transposed reads scatter', () => {
    const result = resultOf('a3-shared', ['network=lisa-cnn', 'workload.mode=attack', 'workload.iterations=2']);
    const [, ...service] = factorsOf(result, { component: 'buffer', action: 'write', pass: 'B', layer: 'conv2' });
    expect(service.map(({ name }) => name)).toEqual(['inPositions', 'timeSteps', 'words']);
  });
});
