// Swapping the device of an array: counts stay, and read, write, energy, area and lifetime follow the device's own
// numbers.

import { describe, expect, it } from 'vitest';
import { diskPresets } from '../../src/config/files.node.js';
import { listPresets, loadConfig } from '../../src/config/index.js';
import type { Result } from '../../src/simulation/index.js';
import { loaded, resultOf } from '../helpers.js';

const DEVICES = ['reram-prime', 'stt-multilevel', 'pcm-aihwkit'];
/** Every preset of crossbars, on cells of at most 4 bits, which all three devices hold. */
const PRESETS = listPresets(diskPresets, 'architectures').filter(
  (name) => loadConfig(diskPresets, ['architectures', 'circuits'], name).tree.digital === undefined,
);
const MODES = {
  inference: ['workload.mode=inference', 'workload.images=4'],
  training: ['workload.mode=training', 'workload.batch=4', 'workload.images=12'],
  attack: ['workload.mode=attack', 'workload.iterations=2', 'workload.batch=4'],
};

const setsOf = (preset: string): string[] => {
  const { crossbar } = loaded(preset).config;
  const current = crossbar.columnCurrentLimit === undefined ? [] : ['crossbar.columnCurrentLimit=1000 A'];
  return ['network=mnist-0', 'workload.seed=1', ...(crossbar.cellBits > 4 ? ['crossbar.cellBits=4'] : []), ...current];
};

/** Crossbar actions, summed over layers, by pass. */
function crossbarActions({ actions }: Result, action: string): Record<string, { count: number; energyJ: number }> {
  const sums: Record<string, { count: number; energyJ: number }> = {};
  for (const { component, action: own, pass, count, energyJ } of actions) {
    if (component !== 'crossbar' || own !== action) continue;
    const sum = (sums[pass] ??= { count: 0, energyJ: 0 });
    sum.count += Number(count);
    sum.energyJ += energyJ;
  }
  return sums;
}

/** Counts of all that is not the crossbar's, by component, action and pass. */
function otherCounts({ actions }: Result): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { component, action, pass, count } of actions) {
    if (component === 'crossbar' || pass === 'leakage') continue;
    const key = `${component}.${action}.${pass}`;
    counts[key] = (counts[key] ?? 0) + Number(count);
  }
  return counts;
}

const near = (value: number, target: number): void => {
  expect(Math.abs(value - target)).toBeLessThanOrEqual(1e-12 * Math.abs(target));
};

const swapped = (preset: string, device: string, sets: string[]) => {
  const all = [...setsOf(preset), ...sets, `crossbar.device=${device}`];
  return { result: resultOf(preset, all), config: loaded(preset, all).config };
};

describe.each(PRESETS)('%s with other cells', (preset) => {
  const ownMode = loaded(preset).config.workload.mode;
  const modes =
    loaded(preset).config.pipeline.granularity === 'row'
      ? ['inference' as const]
      : [ownMode, ...(ownMode === 'attack' || loaded(preset).config.neurons === 'masks' ? [] : ['training' as const])];

  it.each([...new Set(modes)])(
    '%s: the same counts, and energy, area, time and lifetime as the device says',
    (mode) => {
      const [base, ...others] = DEVICES.map((device) => swapped(preset, device, MODES[mode]));
      for (const { result, config } of [base!, ...others]) {
        const { device } = config;
        const reads = crossbarActions(result, 'read');
        const writes = crossbarActions(result, 'write');
        const baseReads = crossbarActions(base!.result, 'read');
        const baseWrites = crossbarActions(base!.result, 'write');
        expect(Object.keys(reads)).toContain('F');
        const pulses =
          device.write.pulses?.value ??
          (device.write.sweep === undefined
            ? 1
            : device.write.sweep.cycles.value * device.write.sweep.pulsesPerCycle.value);
        const verified = device.write.energy.value + (device.write.verifyReads?.value ?? 0) * device.read.energy.value;
        for (const [pass, { count, energyJ }] of Object.entries(reads)) {
          expect(count).toBe(baseReads[pass]!.count);
          near(energyJ / baseReads[pass]!.energyJ, device.read.energy.value / base!.config.device.read.energy.value);
        }
        for (const [pass, { count, energyJ }] of Object.entries(writes)) {
          expect(count).toBe(baseWrites[pass]!.count);
          near(energyJ, count * pulses * verified);
        }
        const { crossbar } = config;
        const arrays = result.instances
          .filter(({ component }) => component === 'crossbar')
          .reduce((sum, { count }) => sum + count, 0);
        expect(arrays).toBeGreaterThanOrEqual(result.arrays.physical);
        near(result.area.byComponentMm2.crossbar!, arrays * crossbar.rows * crossbar.columns * device.cellArea!.value);
        near(
          result.area.byComponentMm2.crossbar! / base!.result.area.byComponentMm2.crossbar!,
          device.cellArea!.value / base!.config.device.cellArea!.value,
        );
        expect(result.device!.pulsesPerWrite).toBe(pulses);
        if (mode === 'training') {
          const batches = Math.ceil(result.images / result.batch);
          const { weights, ratedUpdates } = result.endurance!;
          expect(weights!.writesPerCell).toBe(batches * pulses);
          near(ratedUpdates!, device.endurance!.value / pulses);
          near(weights!.lifetimeS!, (ratedUpdates! * result.time.totalS) / batches);
          const write = result.stages
            .find(({ pass }) => pass === 'U')!
            .units.find(({ component }) => component === 'crossbar')!;
          const seconds = (duration: { seconds: number } | { cycles: number }): number =>
            'seconds' in duration ? duration.seconds : NaN;
          const clock = config.chip.clock;
          const onEdge = (s: number): number => (clock === undefined ? s : Math.ceil(s * clock - 1e-9) / clock);
          near(
            write.latencyS,
            pulses *
              (onEdge(seconds(device.write.latency.value)) +
                (device.write.verifyReads?.value ?? 0) * onEdge(seconds(device.read.latency.value))),
          );
        } else expect(result.endurance!.weights).toBeNull();
      }
      for (const { result } of others) expect(otherCounts(result)).toEqual(otherCounts(base!.result));
    },
    30_000,
  );
});

describe('reads of other kinds', () => {
  it(
    'a read energy per wordline counts driven lines, one per cell counts the cells on them, one per array ' +
      'counts arrays',
    () => {
      const sets = [
        'network=mnist-a',
        'workload.mode=inference',
        'crossbar.cellBits=1',
        'weights.bits=1',
        'inputs.density=1',
      ];
      const reads = (per: string): number =>
        crossbarActions(resultOf('pipelayer', [...sets, `device.read.per=${per}`]), 'read').F!.count / 64;
      // mnist-a: 784-100-10 (PipeLayer Table 3); differential arrays of 128 x 128, 16 slots.
      expect(reads('wordline')).toBe(16 * 2 * (784 + 100));
      expect(reads('cell')).toBe(16 * 2 * (784 * 100 + 100 * 10));
      expect(reads('array')).toBe(16 * 2 * (7 + 1) * 1);
    },
  );

  it('a slot of several bits drives its line once where any is one: 1 - (1 - density)^bits of the slots', () => {
    const sets = [
      'network=mnist-a',
      'workload.mode=inference',
      'crossbar.cellBits=1',
      'weights.bits=1',
      'inputs.bits=8',
    ];
    const reads = (bitsPerSlot: number, density: number): number =>
      crossbarActions(
        resultOf('pipelayer', [...sets, `inputs.bitsPerSlot=${bitsPerSlot}`, `inputs.density=${density}`]),
        'read',
      ).F!.count / 64;
    const lines = 2 * (784 + 100);
    expect(reads(1, 1)).toBe(8 * lines);
    expect(reads(3, 1)).toBe(3 * lines);
    expect(reads(1, 0.25)).toBe(2 * lines);
    // Slots of 3, 3 and 2 bits; each layer's count is a whole number.
    expect(Math.abs(reads(3, 0.25) - (2 * (1 - 0.75 ** 3) + (1 - 0.75 ** 2)) * lines)).toBeLessThan(4);
    expect(reads(4, 0)).toBe(0);
  });

  it(
    'resistance summation: a column takes rows^2 less energy a cell, at the mean resistance (Jung et al., ' +
      'Nature 2022, idea)',
    () => {
      const energyOf = (summation: string): number =>
        loaded('isaac', ['crossbar.device=stt-neurosim', 'crossbar.cellBits=1', `crossbar.summation=${summation}`])
          .config.device.read.energy.value;
      const [on, off] = [3500, 8050];
      near(energyOf('current') / energyOf('resistance'), 128 ** 2 * ((1 / on + 1 / off) / 2) * ((on + off) / 2));
    },
  );

  it('resistance summation needs a read energy that follows from resistances', () => {
    expect(() => loaded('isaac', ['crossbar.summation=resistance'])).toThrow(
      /crossbar\.summation: found resistance, but the read energy of reram-isaac/,
    );
  });
});

describe('what cells keep', () => {
  it(
    'drift: after a day and a year as aihwkit computes it at the largest conductance (0.664, 0.497); 5 % are ' +
      'lost in 37 s',
    () => {
      const { device } = resultOf('isaac', ['network=mnist-a', 'crossbar.device=pcm-aihwkit']);
      expect(device!.drift!.keptAfterDay).toBeCloseTo(0.664, 2);
      expect(device!.drift!.keptAfterYear).toBeCloseTo(0.497, 2);
      expect(((device!.drift!.lost5PercentS + 20) / 20) ** -0.049).toBeCloseTo(0.95, 12);
      expect(resultOf('isaac', ['network=mnist-a']).device!.drift).toBeNull();
    },
  );

  it('refresh: all weight cells once a retention; none where updates come more often', () => {
    const sets = ['network=mnist-a', 'crossbar.device=stt-nvsim', 'crossbar.cellBits=1', 'device.retention=10 s'];
    const { device, placements } = resultOf('pipelayer', [...sets, 'workload.mode=inference']);
    const cells = placements.reduce((sum, { weightCells, copies }) => sum + weightCells * copies, 0);
    expect(device!.refresh!.cells).toBe(cells);
    near(device!.refresh!.averageW, (cells * 1e-12) / 10);
    expect(resultOf('pipelayer', sets).device!.refresh).toBeNull();
  });

  it(
    'a ReRAM buffer cell is written once for each image that passes its entry; the first cells to wear out set ' +
      'the time',
    () => {
      const { buffers, endurance, images, time } = resultOf('pipelayer', [
        'network=mnist-a',
        'workload.images=128',
        'device.endurance=1000',
      ]);
      const fewest = Math.min(...buffers.map(({ capacityEntries }) => capacityEntries));
      expect(endurance!.buffers!.writesPerCell).toBe(images / fewest);
      near(endurance!.buffers!.lifetimeS!, (1000 / endurance!.buffers!.writesPerCell) * time.totalS);
      expect(endurance!.firstWornS).toBe(endurance!.buffers!.lifetimeS);
      expect(resultOf('isaac', ['network=mnist-a']).endurance).toMatchObject({
        weights: null,
        gradients: null,
        buffers: null,
        firstWornS: null,
        scenarios: [],
      });
    },
  );

  it('an assumed rating has scenarios: the ends of its range and what lies between them', () => {
    const lives = (sets: string[]) =>
      resultOf('pipelayer', ['network=mnist-a', 'workload.images=128', ...sets]).endurance!;
    // PipeLayer's cells: 10^6 assumed, at most 10^12 (PRIME Sec. II-A); midway 10^9.
    const { scenarios, firstWornS } = lives([]);
    expect(scenarios.map(({ ratedWrites }) => Math.round(Math.log10(ratedWrites)))).toEqual([6, 9, 12]);
    for (const one of scenarios) near(one.firstWornS / firstWornS!, one.ratedWrites / 1e6);
    expect(lives(['device.endurance={ value: 1e8, range: [1e6, 1e12], placeholder: true }']).scenarios).toMatchObject([
      { ratedWrites: 1e6 },
      { ratedWrites: 1e8 },
      { ratedWrites: 1e12 },
    ]);
    expect(lives(['device.endurance=1000']).scenarios).toEqual([]);
  });
});

describe('currents of summed lines', () => {
  const stt = ['crossbar.device=stt-neurosim', 'crossbar.cellBits=1'];
  const fails = (preset: string, sets: string[]): string => {
    try {
      loaded(preset, sets);
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };

  it('128 rows x 0.1 V at 3.5 kohm are 3.657 mA: above 1 mA the message says what fits, and it does', () => {
    const message = fails('isaac', [...stt, 'crossbar.columnCurrentLimit=1 mA']);
    expect(message).toContain(
      'crossbar.columnCurrentLimit: found 1 mA, but a line of 128 cells of stt-neurosim at 100 mV and 3.5 ' +
        'kohm may carry 3.657 mA; expected at most 35 rows, a read voltage of at most 27.34 mV, or ' +
        'crossbar.summation: resistance',
    );
    for (const fits of ['crossbar.rows=35', 'device.readVoltage=27.34 mV', 'crossbar.summation=resistance'])
      expect(fails('isaac', [...stt, 'crossbar.columnCurrentLimit=1 mA', fits])).toBe('');
    for (const tooMuch of ['crossbar.rows=36', 'device.readVoltage=27.35 mV'])
      expect(fails('isaac', [...stt, 'crossbar.columnCurrentLimit=1 mA', tooMuch])).not.toBe('');
  });

  it('transposed reads sum the columns of a row as well', () => {
    const sets = [...stt, 'crossbar.columnCurrentLimit=4 mA', 'crossbar.columns=256'];
    expect(fails('a3', sets)).toBe('');
    const message = fails('a3-shared', sets);
    expect(message).toContain(
      'a line of 256 cells of stt-neurosim at 100 mV and 3.5 kohm may carry 7.314 mA; expected at most 140 ' +
        "rows and columns (transposed reads sum a row's columns), a read voltage of at most 54.68 mV",
    );
    expect(message).not.toContain('summation');
    for (const fits of [['crossbar.columns=140'], ['device.readVoltage=54.68 mV']])
      expect(fails('a3-shared', [...sets, ...fits])).toBe('');
    for (const tooMuch of [['crossbar.columns=141'], ['crossbar.columns=128', 'crossbar.rows=141']])
      expect(fails('a3-shared', [...sets, ...tooMuch])).not.toBe('');
    expect(fails('a3-shared', [...stt, 'crossbar.summation=resistance'])).toContain(
      'cells in series are read along their column only',
    );
  });

  it.each([
    ['stt-nvsim', '250 mV', 1e-3],
    ['reram-prime', '200 mV', 2.5e-3],
    ['pcm-nvsim', '40 mV', 1e-4],
    ['reram-isaac', '300 mV', 1.5e-3],
    ['spin', '0.25 V', 4.2e-4],
    ['stt-multilevel', '70 mV', 7e-4],
    ['reram-puma', '1 V', 1e-4],
  ])(
    '%s at %s: the rows, voltage and series that the message names fit, and one row more does not',
    (device, voltage, limit) => {
      const base = [
        `crossbar.device=${device}`,
        'crossbar.cellBits=1',
        `device.readVoltage=${voltage}`,
        `crossbar.columnCurrentLimit=${limit} A`,
      ];
      const [, rows, volts] = /at most (\d+) rows, a read voltage of at most ([^,]+),/.exec(fails('prime', base))!;
      expect(fails('prime', [...base, `crossbar.rows=${rows}`])).toBe('');
      expect(fails('prime', [...base, `crossbar.rows=${Number(rows) + 1}`])).not.toBe('');
      expect(fails('prime', [...base, `device.readVoltage=${volts}`])).toBe('');
    },
  );

  it('the result names the largest current of a line', () => {
    near(resultOf('isaac', ['network=mnist-a', ...stt]).sensing!.lineCurrentA!, (128 * 0.1) / 3500);
  });
});
