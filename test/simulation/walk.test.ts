// Nothing is ignored in silence: every constant that a result lists moves a figure, every knob that constants depend on
// moves the energy or is told of.

import { describe, expect, it } from 'vitest';
import { diskPresets } from '../../src/config/files.node.js';
import { listPresets } from '../../src/config/index.js';
import { simulate, type Result } from '../../src/simulation/index.js';
import { denseChain, loaded, resultOf } from '../helpers.js';

const FILES = { 'net.yaml': denseChain(2) };
const SMALL = ['network=net.yaml', 'workload.images=4', 'workload.batch=2'];

/** The figures of a result. */
const figures = (result: Result): string =>
  JSON.stringify({
    ...result,
    config: 0,
    configHash: 0,
    constants: 0,
    placeholders: 0,
    places: 0,
    simulator: 0,
    verdict: 0,
    notes: 0,
  });

/** The constant at a key of a config, for a test that changes it. */
function constantAt(config: unknown, key: string): { value: unknown } | null {
  let node = config;
  for (const word of key.split('.')) {
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, word)) return null;
    node = Object.getOwnPropertyDescriptor(node, word)?.value;
  }
  return typeof node === 'object' && node !== null && 'value' in node ? node : null;
}

/** Four times as much, or something where there was nothing. */
function moved(value: unknown): unknown {
  if (typeof value === 'number') return value === 0 ? 1 : 4 * value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([unit, n]) => [unit, n === 0 ? 1e-6 : 4 * Number(n)]));
}

describe('every constant that a result lists moves a figure of it', () => {
  it.each([
    ['isaac', 'inference'],
    ['pipelayer', 'training'],
    ['digital-int8', 'inference'],
  ])('%s, %s', (preset, mode) => {
    const run = loaded(preset, [...SMALL, `workload.mode=${mode}`], FILES);
    const { result } = simulate(run);
    const before = figures(result);
    const idle = result.constants.flatMap(({ key }) => {
      const config = structuredClone(run.config);
      const constant = constantAt(config, key);
      if (constant === null) return [`${key} is not in the config`];
      constant.value = moved(constant.value);
      return figures(simulate({ ...run, config }).result) === before ? [key] : [];
    });
    expect(idle).toEqual([]);
  });
});

describe('knobs that constants depend on', () => {
  const energy = ({ energy: { activityJ, poweredOnJ }, time }: Result): string =>
    [activityJ, poweredOnJ, time.totalS].join();
  const crossbars = listPresets(diskPresets, 'architectures').filter(
    (preset) => !/^(digital|lognet|addernet)/.test(preset),
  );
  it.each(crossbars)('%s: bits, rows, node and density move its energy, or a note tells of it', (preset) => {
    const inference = [...SMALL.slice(0, 2), 'workload.mode=inference'];
    const before = resultOf(preset, inference, FILES);
    expect(before.notes.filter(({ code }) => code === 'off-point')).toEqual([]);
    const node = resultNode(before) * 1e9;
    const moves = [
      `crossbar.rows=${2 * rowsOf(before)}`,
      'inputs.density=0.25',
      `chip.node=${node === 45 ? 32 : 45} nm`,
      ...(before.sensing?.bits === null ? [] : [`sensing.bits=${(before.sensing?.bits ?? 8) - 1}`]),
    ];
    for (const move of moves) {
      const after = resultOf(preset, [...inference, move], FILES);
      const told = JSON.stringify(after.notes) !== JSON.stringify(before.notes);
      expect([preset, move, energy(after) !== energy(before) || told || areaOf(after) !== areaOf(before)]).toEqual([
        preset,
        move,
        true,
      ]);
    }
  });

  const areaOf = ({ area }: Result): number => area.totalMm2;
  const rowsOf = (result: Result): number => result.config.crossbar.rows;
  const resultNode = (result: Result): number => Number(result.config.chip.node);
});

describe('constants at their design point', () => {
  it.each([
    [
      'isaac',
      { 'components.adc.energy.convert': 1.5625e-12, 'components.adc.power': 2e-3, 'device.read.energy': 30e-12 },
    ],
    ['puma', { 'components.adc.energy.convert': 2e-12, 'components.adc.power': 2e-3, 'device.read.energy': 38.4e-12 }],
  ])('%s has what it publishes (Table I of ISAAC, Table 3 of PUMA)', (preset, published) => {
    const { constants } = resultOf(preset, SMALL, FILES);
    for (const [key, value] of Object.entries(published))
      expect(Number(constants.find((one) => one.key === key)?.value) / value).toBeCloseTo(1, 12);
  });

  it('a read of an array follows its cells, the share that is driven, and the time of a slot', () => {
    const read = (...sets: string[]): number => {
      const { constants } = resultOf('isaac', [...SMALL, ...sets], FILES);
      return Number(constants.find(({ key }) => key === 'device.read.energy')?.value) / 30e-12;
    };
    expect(read('crossbar.rows=256')).toBeCloseTo(2, 12);
    expect(read('crossbar.columns=64', 'sensing.columnsPerConverter=64')).toBeCloseTo(0.5, 12);
    expect(read('inputs.density=0.125')).toBeCloseTo(0.25, 12);
    expect(read('device.read.latency=50 ns')).toBeCloseTo(0.5, 12);
  });
});

describe('times and resistances that cannot be', () => {
  const message = (preset: string, ...sets: string[]): string => {
    try {
      resultOf(preset, [...SMALL, ...sets], FILES);
      return '';
    } catch (error) {
      return error instanceof Error ? error.message : '';
    }
  };
  it('a time that no chain reads is refused by its name', () => {
    for (const [key, preset] of [
      ['components.integrateFire.interval', 'pipelayer'],
      ['components.shiftAdd.interval', 'isaac'],
      ['components.verticalAdder.interval', 'isaac'],
      ['components.adc.interval', 'isaac'],
      ['components.router.latency', 'isaac'],
      ['components.crossbar.latency', 'isaac'],
    ] as const)
      expect(message(preset, `${key}=1 ns`)).toMatch(new RegExp(`${key.replaceAll('.', '\\.')}: no run reads it`));
  });

  it('resistances that are equal, swapped or 0 are refused where they stand', () => {
    expect(message('prime', 'device.resistance.off=1 kohm')).toMatch(
      /device\.resistance\.off: found 1 kohm, which is not/,
    );
    expect(message('prime', 'device.resistance.on=50 kohm')).toMatch(/device\.resistance\.off: found 20 kohm/);
    expect(message('prime', 'device.resistance.on=0')).toMatch(
      /^--set device\.resistance\.on=0: device\.resistance\.on:/,
    );
    expect(message('prime', 'device.resistance.on=0 ohm')).toMatch(/device\.resistance\.on: .*above 0/);
  });
});
