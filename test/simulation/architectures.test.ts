// The field's architectures as presets: each runs, and what its paper says of sizes holds.

import { describe, expect, it } from 'vitest';
import { listPresets } from '../../src/config/index.js';
import { diskPresets } from '../../src/config/files.node.js';
import { resultOf } from '../helpers.js';

const presets = listPresets(diskPresets, 'architectures');

describe('architecture presets', () => {
  it('are all there', () => {
    expect(presets).toEqual(
      expect.arrayContaining([
        'isaac',
        'prime',
        'celia',
        'icelia',
        'spindle',
        'puma',
        'digital-int8',
        'digital-fp16',
        'digital-elma8',
        'digital-elma16',
        'digital-posit8',
        'lognet',
        'addernet',
      ]),
    );
  });

  it.each(presets)('%s runs inference of LISA-CNN; its energy and area add up', (preset) => {
    const { energy, area, power } = resultOf(preset, [
      'network=lisa-cnn',
      'workload={ mode: inference, images: 8 }',
      'neurons=kept',
    ]);
    const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
    for (const parts of [
      Object.values(energy.byComponentJ),
      Object.values(energy.byPassJ),
      energy.byLayerJ.map(({ energyJ }) => energyJ),
    ])
      expect(Math.abs(sum(parts) / energy.totalJ - 1)).toBeLessThan(1e-12);
    for (const parts of [Object.values(area.byComponentMm2), Object.values(area.byLayerMm2)])
      expect(Math.abs(sum(parts) / area.totalMm2 - 1)).toBeLessThan(1e-12);
    expect(Math.abs(sum(Object.values(power.byComponentW)) / power.averageW - 1)).toBeLessThan(1e-12);
    for (const parts of [power.leakageByComponentW, power.leakageByLayerW])
      expect(Math.abs(sum(Object.values(parts)) - power.leakageW)).toBeLessThan(
        1e-12 * Math.max(power.leakageW, 1e-30),
      );
  });

  it("a3-att: what its units take a cycle of 50.88 ns is what ATT's Table I gives them (ICCD 2020)", () => {
    const result = resultOf('a3-att', ['workload.iterations=2']);
    const constant = (key: string): number => {
      const found = result.constants.find((one) => one.key === key)?.value;
      return typeof found === 'number' ? found : NaN;
    };
    expect(constant('device.read.energy') / 50.88e-9).toBeCloseTo(0.3e-3, 12);
    expect((128 * constant('components.dac.energy.convert')) / 50.88e-9).toBeCloseTo(0.5e-3, 12);
    expect(constant('components.adc.energy.convert') * 1.2e9).toBeCloseTo(2e-3, 12);
    expect(constant('device.cellArea') * 128 * 128).toBeCloseTo(2.5e-5, 12);
    expect(result.sensing).toMatchObject({ bits: 8, requiredBits: 11 });
    expect(result.notes.map(({ code }) => code)).toContain('converter-bits');
    // Three converters of 1.2 GS/s sense 129 columns within a cycle: 16 of them are a wave.
    const crossbar = result.stages[0]!.units.find(({ component }) => component === 'crossbar')!;
    expect(crossbar.intervalS / (16 * 50.88e-9)).toBeCloseTo(1, 9);
  });

  const image = [
    'prime',
    'celia',
    'spindle',
    'digital-int8',
    'digital-fp16',
    'digital-elma8',
    'digital-elma16',
    'digital-posit8',
    'lognet',
  ];
  it.each(image)('%s trains and attacks', (preset) => {
    const training = resultOf(preset, ['network=lisa-cnn', 'workload={ mode: training, images: 8, batch: 4 }']);
    expect(
      training.actions.some(({ pass, action, count }) => pass === 'U' && action === 'write' && Number(count) > 0),
    ).toBe(true);
    const attack = resultOf(preset, [
      'network=lisa-cnn',
      'workload={ mode: attack, iterations: 2, batch: 4 }',
      'neurons=masks',
    ]);
    expect(attack.stages.some(({ pass }) => pass === 'G' || pass === 'U')).toBe(false);
    expect(
      attack.actions.filter(
        ({ component, action }) => (component === 'crossbar' || component === 'weightMemory') && action === 'write',
      ),
    ).toEqual([]);
  });
});

describe('ISAAC (ISCA 2016)', () => {
  const result = resultOf('isaac');

  it('Table I, row by row: power and area of the components of an IMA, a tile, and the chip', () => {
    const { components } = result.rollUp!;
    const tiles = 168;
    const rows: [string, number, number, number][] = [
      ['adc', 12, 16e-3, 0.0096],
      ['dac', 12, 4e-3, 0.00017],
      ['sampleHold', 12, 10e-6, 0.00004],
      ['crossbar', 12, 2.4e-3, 0.0002],
      ['shiftAdd', 12, 0.2e-3, 0.00024],
      ['register', 12, 1.24e-3 + 0.23e-3, 0.0021 + 0.00077],
      ['buffer', 1, 20.7e-3, 0.083],
      ['bus', 1, 7e-3, 0.09],
      ['router', 1 / 4, 42e-3, 0.151],
      ['activation', 1, 0.52e-3, 0.0006],
      ['verticalAdder', 1, 0.05e-3, 0.00006],
      ['pooling', 1, 0.4e-3, 0.00024],
      ['tileRegister', 1, 1.68e-3, 0.0032],
      ['chipLink', 1 / tiles, 10.4, 22.88],
      ['controller', 1, 0, 0],
    ];
    expect(components.map(({ component }) => component).sort()).toEqual(rows.map(([component]) => component).sort());
    for (const [name, ofTile, watts, mm2] of rows) {
      const { powerW, areaMm2 } = components.find(({ component }) => component === name)!;
      expect([name, powerW / tiles / ofTile, areaMm2 / tiles / ofTile]).toEqual([
        name,
        expect.closeTo(watts, 9),
        expect.closeTo(mm2, 9),
      ]);
    }
  });

  it(
    "Table I: the energies of actions, at one slot of 100 ns, are the powers of the table (the DAC's comes from " +
      'another source, 7 % above)',
    () => {
      const { constants } = result;
      const watts = (key: string, inSlot: number): number =>
        (Number(constants.find((constant) => constant.key === key)!.value) * inSlot) / 100e-9;
      expect(watts('components.adc.energy.convert', 128)).toBeCloseTo(2e-3, 12);
      expect(watts('device.read.energy', 8)).toBeCloseTo(2.4e-3, 12);
      expect(watts('components.sampleHold.energy.hold', 8 * 128)).toBeCloseTo(10e-6, 14);
      expect(watts('components.shiftAdd.energy.shift-add', 8 * 128)).toBeCloseTo(0.2e-3, 12);
      expect(watts('components.register.energy.access', (8 * 128) / 16)).toBeCloseTo(1.24e-3, 12);
      expect(watts('components.dac.energy.convert', 8 * 128) / 4e-3).toBeCloseTo(1.067, 2);
      // Table I has 20.7 mW for the eDRAM; 20.45 pJ for 256 bits is one access a nanosecond.
      expect(
        Number(constants.find(({ key }) => key === 'components.buffer.energy.read')!.value) / 1e-9 / 20.7e-3,
      ).toBeCloseTo(0.988, 2);
    },
  );

  /** Values that wait before each layer but the first, in its order. */
  const waiting = (network: string): number[] =>
    resultOf('isaac', [`network=${network}`, 'workload.images=2'])
      .buffers.slice(0, -1)
      .map(({ capacityEntries, entryBits }) => (capacityEntries * entryBits) / 16);

  it.each(['a', 'b', 'c', 'd', 'e'])(
    'Sec. IV: before every layer of VGG-%s wait ((Nx (Ky - 1)) + Kx) Nif values',
    (variant) => {
      const convs: Record<string, number[]> = {
        a: [1, 1, 2, 2, 2],
        b: [2, 2, 2, 2, 2],
        c: [2, 2, 3, 3, 3],
        d: [2, 2, 3, 3, 3],
        e: [2, 2, 4, 4, 4],
      };
      const channels = [64, 128, 256, 512, 512];
      const expected = convs[variant]!.flatMap((count, block) =>
        Array.from({ length: count }, (_, i) => {
          // The third convolution of VGG-C's last blocks is 1 x 1.
          const k = variant === 'c' && i === 2 ? 1 : 3;
          return (
            (224 / 2 ** block) * (k - 1) * channels[i === 0 ? block - 1 : block]! +
            k * channels[i === 0 ? block - 1 : block]!
          );
        }),
      ).slice(1);
      expect(waiting(`vgg-${variant}`)).toEqual([...expected, 7 * 7 * 512, 4096, 4096]);
    },
  );

  it('Sec. IV: the same with strides and pools that overlap (AlexNet: 11 x 11 by 4, 3 x 3 pools by 2)', () => {
    expect(waiting('alexnet')).toEqual([
      (27 * 4 + 5) * 96,
      (13 * 2 + 3) * 256,
      (13 * 2 + 3) * 384,
      (13 * 2 + 3) * 384,
      6 * 6 * 256,
      4096,
      4096,
    ]);
  });

  it.each(['vgg-a', 'alexnet', 'resnet-18', 'gtsrb-cnn'])(
    '%s: no buffer ever holds more than the limit at which its producer is held up, and that is at least the window',
    (network) => {
      for (const { capacityEntries, limitEntries, peakEntries } of resultOf('isaac', [
        `network=${network}`,
        'workload.images=6',
      ]).buffers) {
        expect(peakEntries).toBeLessThanOrEqual(limitEntries);
        expect(limitEntries).toBeGreaterThanOrEqual(capacityEntries);
      }
    },
  );

  it(
    'HyperTransport with its rate (4 x 6.4 GB/s): a wave of a layer on another chip waits for its share of the ' +
      'bits; energy stays',
    () => {
      const sets = ['workload.images=12', 'chip.idle=gated'];
      const free = resultOf('isaac', [...sets, 'links.chip.rate=1000000 GB/s']);
      const timed = resultOf('isaac', [...sets, 'links.chip.rate=25.6 GB/s']);
      expect(timed.energy.byComponentJ.chipLink).toBe(free.energy.byComponentJ.chipLink);
      expect(timed.time.totalS).toBeGreaterThan(free.time.totalS);
      const { units } = timed.stages.find(({ name }) => name === 'F4')!;
      // conv3_2 reads 56 x 56 x 256 values of 16 bits in 32 waves; cycles of 100 ns.
      expect(units[0]).toMatchObject({
        component: 'chipLink',
        latencyS: expect.closeTo(Math.ceil((56 * 56 * 256 * 16) / 32 / 204.8e9 / 100e-9) * 100e-9, 12) as number,
      });
      const one = resultOf('isaac', [...sets, 'links.chip.rate=25.6 GB/s', 'links.chip.shared=true']);
      expect(one.time.totalS).toBeGreaterThan(timed.time.totalS);
      expect(one.stalls.unit).toBeGreaterThan(0);
      const exact = resultOf('isaac', [
        ...sets,
        'links.chip.rate=25.6 GB/s',
        'links.chip.shared=true',
        'simulation.exact=true',
      ]);
      expect([exact.time, exact.stages, exact.actions]).toEqual([one.time, one.stages, one.actions]);
    },
  );

  it('Sec. IV: copies follow the strides from the last layer back, all but the last halved until they fit', () => {
    const copies = result.layers.map(({ replication }) => replication);
    const share = 50_176 / copies[0]!;
    expect(Math.log2(share) % 1).toBe(0);
    expect(copies).toEqual(result.layers.map(({ positions }) => Math.ceil(positions / share)));
    expect(copies.at(-1)).toBe(1);
    expect(result.arrays.logical).toBeLessThanOrEqual(258_048);
    // One halving less would not fit.
    const doubled = result.layers.reduce(
      (sum, { positions, arrays, replication }) => sum + (arrays / replication) * Math.ceil(positions / (share / 2)),
      0,
    );
    expect(doubled).toBeGreaterThan(258_048);
  });

  it('Sec. IV: a network that no halving fits is refused with the arrays that it takes', () => {
    expect(() => resultOf('isaac', ['mapping.replication.arrays=1000'])).toThrow(
      /one copy of each layer takes 6\d{4} logical arrays, the budget is 1000/,
    );
  });

  it(
    'columns that share a converter set how many an array has; the unit column has none of its own (Table I: 8 ' +
      'ADCs for 8 arrays)',
    () => {
      const converters = (sets: string[]): number => {
        const { instances, chips } = resultOf('isaac', ['network=vgg-8', ...sets]);
        return (
          instances.filter(({ component }) => component === 'adc').reduce((sum, { count }) => sum + count, 0) /
          (96 * chips.tiles)
        );
      };
      expect([converters([]), converters(['sensing.columnsPerConverter=32'])]).toEqual([1, 4]);
    },
  );

  it('whole chips are built and layers on other chips cost link bits', () => {
    expect(result.chips).toMatchObject({ chips: 12, tiles: 12 * 168, cores: 12 * 168 * 12 });
    expect(Math.abs(result.area.totalMm2 / (12 * result.rollUp!.chip.areaMm2) - 1)).toBeLessThan(1e-12);
    expect(result.energy.byComponentJ.chipLink).toBeGreaterThan(0);
    const small = resultOf('isaac', ['network=lenet-5']);
    expect(small.chips.chips).toBe(1);
    expect(small.actions.filter(({ component, action }) => component === 'chipLink' && action === 'transfer')).toEqual(
      [],
    );
  });
});

describe('digital designs', () => {
  it('the same operations for every format: energy of the units follows the energy of one', () => {
    const int8 = resultOf('digital-int8');
    const elma8 = resultOf('digital-elma8');
    const operations = ({ actions }: typeof int8): number =>
      actions
        .filter(({ component, action }) => component === 'mac' && action !== 'leakage')
        .reduce((sum, { count }) => sum + Number(count), 0);
    expect(operations(int8)).toBe(operations(elma8));
    expect(operations(int8)).toBe(int8.layers.reduce((sum, { macs }) => sum + macs, 0) * int8.images);
    expect(Math.abs(int8.energy.byComponentJ.mac! / (operations(int8) * (283e-6 / 500e6)) - 1)).toBeLessThan(1e-12);
    expect(int8.time.totalS).toBe(elma8.time.totalS);
  });

  it('LogNet shifts and AdderNet takes differences; neither multiplies', () => {
    const actions = (preset: string): string[] => [
      ...new Set(
        resultOf(preset)
          .actions.filter(({ component, action }) => component === 'mac' && action !== 'leakage')
          .map(({ action }) => action),
      ),
    ];
    expect(actions('lognet')).toEqual(['shift-add']);
    expect(actions('addernet')).toEqual(['l1']);
  });
});

describe('codebooks on crossbars', () => {
  it('one cell holds a 4-bit weight of a codebook; fixed-point words of 8 bits take two', () => {
    const cells = (sets: string[]): number => resultOf('celia', ['network=lenet-5', ...sets]).arrays.physical;
    const oneCell = cells(['mapping.replication={ scheme: balanced, steps: 1000 }']);
    const words = cells(['mapping.replication={ scheme: balanced, steps: 1000 }', 'weights.codeWordBits=8']);
    expect(words).toBeGreaterThan(oneCell);
    expect(() => cells(['crossbar.cellBits=2'])).toThrow(/stands in one cell: expected 4, or weights.codeWordBits/);
  });
});
