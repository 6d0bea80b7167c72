// Circuit laws against published or separately computed values.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  flashOf,
  isaacAdcScale,
  requiredResolution,
  saberiFigures,
  sarArea,
  sarEnergy,
  surveyArea,
  surveyEnergy,
} from '../../src/estimators/adc.js';
import {
  arrayAreaPerBit,
  arrayWriteEnergy,
  cellArea,
  cellReadEnergy,
  driftFactor,
  withinColumnLimit,
  worstColumnCurrent,
} from '../../src/estimators/cells.js';
import { digitalBlock, scaleEnergy, supplyVoltage } from '../../src/estimators/digital.js';
import { levelSpread, misreadShare } from '../../src/estimators/levels.js';
import { LAWS, evaluateLaw } from '../../src/estimators/laws.js';
import { memoryFigures } from '../../src/estimators/memory.js';

const KIB = 8 * 1024;

/** `count` resistances whose conductances are equally spaced from the lowest resistance to the highest, ohm. */
const equallySpacedLevels = (on: number, off: number, count: number): number[] =>
  Array.from({ length: count }, (_, k) => 1 / (1 / on + ((1 / off - 1 / on) * k) / (count - 1)));

describe('converters', () => {
  it('ISAAC Sec. V: 128 rows, 1-bit DAC, 2-bit cells need 9 bits, 8 with flipped columns', () => {
    expect(requiredResolution(128, 1, 2)).toBe(9);
    expect(requiredResolution(128, 1, 2, 'flipped')).toBe(8);
    expect(requiredResolution(128, 2, 2)).toBe(11);
    expect(requiredResolution(256, 3, 4)).toBe(15);
  });

  it("survey regression at 32 nm (values computed from the Accelergy plug-in's coefficients)", () => {
    const rows: [number, number, number][] = [
      [6, 1e8, 1.06],
      [8, 1e8, 1.71],
      [8, 1.28e9, 1.93],
      [9, 5e8, 2.97],
      [9, 1.28e9, 5.52],
      [10, 1.28e9, 16.4],
      [12, 1e8, 29],
    ];
    for (const [bits, rate, picojoules] of rows)
      expect(Math.abs(surveyEnergy(bits, rate, 32e-9) * 1e12 - picojoules) / picojoules).toBeLessThan(0.01);
    expect(surveyArea(8, 1.28e9, 32e-9) * 1e6).toBeCloseTo(6467, -1);
    expect(surveyArea(5, 1.28e9, 32e-9)).toBeGreaterThan(surveyArea(4, 1.28e9, 32e-9));
    // The plug-in itself gives 0.92 pJ at 4 bits and 44 pJ at 1 bit: its regression turns at 4.4 bits.
    expect(surveyEnergy(4, 1e7, 32e-9) * 1e12).toBeCloseTo(0.909, 2);
    expect(surveyEnergy(1, 1e7, 32e-9)).toBe(surveyEnergy(4, 1e7, 32e-9));
    expect(surveyEnergy(8, 1e8, 22e-9) * 1e12).toBeCloseTo(0.846, 2);
    expect(surveyEnergy(8, 1e8, 65e-9) * 1e12).toBeCloseTo(6.49, 1);
    expect(() => surveyEnergy(8, 2e10, 32e-9)).toThrow(/up to 10 GS\/s, found 20 GS\/s/);
  });

  it('converters: monotone in bits, rate and node, continuous between the nodes of a table', () => {
    const node = fc.double({ min: 7e-9, max: 130e-9, noNaN: true });
    const rate = fc.double({ min: 1e6, max: 9e9, noNaN: true });
    const bits = fc.double({ min: 1, max: 12, noNaN: true });
    const rises = (low: number, high: number): void => {
      expect(high).toBeGreaterThanOrEqual(low * (1 - 1e-12));
    };
    fc.assert(
      fc.property(bits, rate, node, fc.double({ min: 1, max: 1.05, noNaN: true }), (b, r, n, step) => {
        rises(surveyEnergy(b, r, n), surveyEnergy(b * step, r, n));
        rises(surveyEnergy(b, r, n), surveyEnergy(b, r * step, n));
        rises(surveyEnergy(b, r, n), surveyEnergy(b, r, n * step));
        rises(surveyArea(b, r, n), surveyArea(b * step, r, n));
        const next = Math.min(130e-9, n * step);
        rises(sarEnergy(b, n, 1e5, 0.5), sarEnergy(b, next, 1e5, 0.5));
        rises(sarEnergy(b, n, 1e5, 0.5), sarEnergy(b * step, n, 1e5, 0.5));
        const near = sarEnergy(b, Math.min(130e-9, n * (1 + 1e-9)), 1e5, 0.5);
        expect(Math.abs(near - sarEnergy(b, n, 1e5, 0.5))).toBeLessThan(1e-7 * near);
        if (b * step <= 12) rises(sarArea(b, n), sarArea(b * step, n));
      }),
    );
    for (let b = 1; b < 16; b++) {
      rises(isaacAdcScale(b).energy, isaacAdcScale(b + 1).energy);
      rises(isaacAdcScale(b).area, isaacAdcScale(b + 1).area);
    }
    expect(isaacAdcScale(8)).toEqual({ energy: 1, area: 1, beyond: false });
    expect(isaacAdcScale(3).beyond && isaacAdcScale(11).beyond).toBe(true);
  });

  it('NeuroSim V1.4 VGG-8, 22 nm: a SAR ADC of 5 bits takes 124.2 um2, one of 8 bits 180.9 um2', () => {
    expect(sarArea(5, 22e-9) * 1e6).toBeCloseTo(124.2, 1);
    expect(sarArea(8, 22e-9) * 1e6).toBeCloseTo(180.9, 1);
    expect(() => sarArea(13, 22e-9)).toThrow(RangeError);
  });

  it('NeuroSim SAR at 22 nm: 0.476 and 0.728 pJ at 1 kohm, 4.38 and 6.58 pJ at 100 ohm', () => {
    const picojoules = (bits: number, ohms: number): number => sarEnergy(bits, 22e-9, ohms, 0.5) * 1e12;
    expect(picojoules(5, 1000)).toBeCloseTo(0.476, 2);
    expect(picojoules(8, 1000)).toBeCloseTo(0.728, 2);
    expect(picojoules(5, 100)).toBeCloseTo(4.38, 1);
    expect(picojoules(8, 100)).toBeCloseTo(6.58, 1);
    expect(() => sarEnergy(8, 5e-9, 1000, 0.5)).toThrow(/7 to 130 nm, found 5 nm/);
  });

  it(
    "Accelergy library: ISAAC's ADC at 8 bits has Table I's 1200 um2 and 1.67 pJ (2 mW at 1.2 GS/s), at 4 bits " +
      '361 um2 and 0.79 pJ',
    () => {
      expect(saberiFigures(8)).toEqual({
        energy: expect.closeTo(2e-3 / 1.2e9, 14) as number,
        area: expect.closeTo(1200e-6, 9) as number,
      });
      expect(saberiFigures(4)).toEqual({
        energy: expect.closeTo(0.79e-12, 16) as number,
        area: expect.closeTo(361e-6, 9) as number,
      });
      expect(() => saberiFigures(12)).toThrow(/4 to 10 bits/);
    },
  );

  it('MNSIM 2.0 DACs: 3.9 uW and 0.166 um2 at 1 bit, 31 uW at 4, 125 uW at 6, 0.4992 mW and 21.2 um2 at 8', () => {
    const watts = (bits: number): number => evaluateLaw(LAWS['dac-energy']!, { bits, time: 1e-9 }).value / 1e-9;
    expect([1, 4, 6, 8].map((bits) => watts(bits) * 1e6)).toEqual(
      [3.9, 31.2, 124.8, 499.2].map((uw) => expect.closeTo(uw, 6) as number),
    );
    expect(evaluateLaw(LAWS['dac-area']!, { bits: 1 }).value * 1e6).toBeCloseTo(0.166, 9);
    expect(evaluateLaw(LAWS['dac-area']!, { bits: 8 }).value * 1e6).toBeCloseTo(21.2, 1);
  });

  it('MNSIM 2.0 DACs beyond 8 bits are followed, with a word', () => {
    for (const law of ['dac-energy', 'dac-area'] as const) {
      const at = (bits: number): ReturnType<typeof evaluateLaw> => evaluateLaw(LAWS[law]!, { bits, time: 1e-9 });
      expect(at(8).beyond).toBeUndefined();
      expect(at(9)).toEqual({
        value: 2 * at(8).value,
        beyond: "MNSIM's DAC is known from 1 to 8 bits; followed beyond",
      });
    }
  });

  it('a flash converter of 3 bits is 7 comparators', () => {
    expect(flashOf(3, 2)).toBe(14);
  });
});

describe('cells', () => {
  it('128 rows x 0.1 V at 3.5 kohm are 3.7 mA in a summed column (worst case), and the limit says what fits', () => {
    const point = { voltage: 0.1, on: 3500, off: 8050 };
    expect(worstColumnCurrent(point, 128, 'current') * 1e3).toBeCloseTo(3.66, 2);
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 1e-2, noNaN: true }),
        fc.integer({ min: 1, max: 1024 }),
        (limit, rows) => {
          const fits = withinColumnLimit(point, rows, limit);
          if (fits.rows > 0)
            expect(worstColumnCurrent(point, fits.rows, 'current')).toBeLessThanOrEqual(limit * (1 + 1e-9));
          expect(worstColumnCurrent(point, fits.rows + 1, 'current')).toBeGreaterThan(limit * (1 - 1e-9));
          expect(worstColumnCurrent({ ...point, voltage: fits.voltage }, rows, 'current')).toBeCloseTo(limit, 9);
        },
      ),
    );
  });

  it("reading: V^2 G t; a series column of n equal cells takes 1/n of one cell's energy in all", () => {
    const point = { voltage: 0.2, on: 1000, off: 1000 };
    expect(cellReadEnergy(point, 1e-9, 'current', 64)).toBeCloseTo(0.04 * 1e-3 * 1e-9, 20);
    expect(64 * cellReadEnergy(point, 1e-9, 'resistance', 64)).toBeCloseTo(
      cellReadEnergy(point, 1e-9, 'current', 64) / 64,
      22,
    );
  });

  it('PCM drift as computed from the analog hardware kit: nu 0.049 keeps 0.961 after 25 s, 0.775 after an hour', () => {
    expect(driftFactor(25, 0.049, 20)).toBeCloseTo(0.961, 2);
    expect(driftFactor(3600, 0.049, 20)).toBeCloseTo(0.775, 2);
    expect(driftFactor(0, 0.1, 20)).toBe(1);
  });

  it('NVMExplorer 2 MB arrays: 64 x 0.6 pJ and 64 x 4.5 pJ, one periphery of 7.3 pJ: 45.64 and 295.3 pJ', () => {
    expect(arrayWriteEnergy(64, 0.6, 7.3)).toBeCloseTo(45.64, 0);
    expect(arrayWriteEnergy(64, 4.5, 7.3)).toBeCloseTo(295.3, 1);
  });

  it('NVMExplorer 2 MB arrays at 22 nm: 14 F2 and 75 F2 cells with one periphery give 0.2888 and 0.7894 mm2', () => {
    const mm2 = (features: number): number => 2 ** 24 * arrayAreaPerBit(cellArea(features, 22e-9), 22e-9);
    expect(Math.abs(mm2(14) / 0.2888 - 1)).toBeLessThan(0.02);
    expect(Math.abs(mm2(75) / 0.7894 - 1)).toBeLessThan(0.02);
  });

  it('nvmFI of NVMExplorer: MLC RRAM is misread with 7.9e-9 in 2 bits, 3.8e-3 in 3 bits, and never in one', () => {
    const levels = (rows: [number, number][]): { mean: number; sigma: number }[] =>
      rows.map(([mean, sigma]) => ({ mean, sigma }));
    expect(
      misreadShare(
        levels([
          [0, 0.0086],
          [1, 0.0034],
        ]),
      ),
    ).toBeLessThan(1e-30);
    expect(
      Math.abs(
        misreadShare(
          levels([
            [0, 0.0086],
            [0.3846, 0.0335],
            [0.7217, 0.0274],
            [1, 0.0034],
          ]),
        ) /
          7.9e-9 -
          1,
      ),
    ).toBeLessThan(0.03);
    expect(
      misreadShare(
        levels([
          [0, 0.0086],
          [0.0783, 0.0135],
          [0.2038, 0.0304],
          [0.3846, 0.0335],
          [0.5421, 0.0248],
          [0.7217, 0.0274],
          [0.8861, 0.0372],
          [1, 0.0034],
        ]),
      ),
    ).toBeCloseTo(3.8e-3, 4);
  });

  it(
    'levels of equal spread s at distance d are misread as the Gaussian tail beyond d / 2s says: 4.55 % and ' +
      '0.27 % of two-sided 2 and 3 sigma',
    () => {
      const level = (mean: number, sigma: number): { mean: number; sigma: number } => ({ mean, sigma });
      expect(misreadShare([level(0, 1), level(4, 1)])).toBeCloseTo(0.0455 / 2, 4);
      expect(misreadShare([level(0, 1), level(6, 1), level(12, 1)])).toBeCloseTo((0.0027 * 4) / 2 / 3, 5);
      expect(levelSpread([level(1000, 0), level(2000, 0)], 1)).toEqual({ levels: 2, closestSigmas: null, misread: 0 });
    },
  );

  it('16 levels of 3.5 to 8.05 kohm stay 3 sigma apart only below 0.63 % of the largest conductance', () => {
    const onSigma = (share: number): number =>
      levelSpread(
        equallySpacedLevels(3500, 8050, 16).map((mean) => ({ mean, sigma: (share / 3500) * mean })),
        4,
      ).closestSigmas!;
    expect(onSigma(0.0063)).toBeCloseTo(3, 1);
    expect(
      levelSpread(
        equallySpacedLevels(3500, 8050, 16).map((mean) => ({ mean, sigma: 0.02 })),
        1,
      ),
    ).toMatchObject({ levels: 2 });
  });

  it('a level without spread beside one with it is never misread, and takes only the tail of the other', () => {
    // 2.275 % of a Gaussian lie beyond two deviations on one side; the level itself is half of the cells.
    const sharp = { mean: 0, sigma: 0 };
    expect(misreadShare([sharp, { mean: 2, sigma: 1 }])).toBeCloseTo(0.02275 / 2, 5);
    expect(misreadShare([{ mean: -2, sigma: 1 }, sharp])).toBeCloseTo(0.02275 / 2, 5);
    expect(misreadShare([{ mean: -2, sigma: 1 }, sharp, { mean: 2, sigma: 1 }])).toBeCloseTo((2 * 0.02275) / 3, 5);
    expect(
      levelSpread(
        [
          { mean: 1000, sigma: 0 },
          { mean: 3000, sigma: 0.1 },
        ],
        1,
      ).misread,
    ).toBeCloseTo(0, 10);
  });
});

describe('memories and digital blocks', () => {
  it('CACTI 7 table: points are met, and between them every figure lies between', () => {
    expect(memoryFigures('sram', 64 * KIB, 256)).toMatchObject({
      readEnergy: expect.closeTo(27.8e-12, 15) as number,
      area: expect.closeTo(0.114, 9) as number,
    });
    expect(memoryFigures('edram', 64 * KIB, 256).readEnergy).toBeCloseTo(34.9e-12, 15);
    fc.assert(
      fc.property(
        fc.constantFrom('sram', 'sram-lstp', 'edram' as const),
        fc.integer({ min: 64, max: 127 }),
        (kind, kib) => {
          const [low, here, high] = [64, kib, 128].map((size) => memoryFigures(kind as 'sram', size * KIB, 256));
          for (const key of ['accessTime', 'readEnergy', 'writeEnergy', 'leakage', 'area'] as const) {
            expect(here![key]).toBeGreaterThanOrEqual(low![key] * (1 - 1e-12));
            expect(here![key]).toBeLessThanOrEqual(high![key] * (1 + 1e-12));
          }
        },
      ),
    );
    expect(() => memoryFigures('edram', 2 * KIB, 256)).toThrow(/32 KiB to 1024 KiB/);
    expect(() => memoryFigures('sram', 64 * KIB, 100)).toThrow(
      /a memory of kind sram, 100 bits wide, is in the table from 2 KiB to 32 KiB, found 64 KiB/,
    );
    expect(() => memoryFigures('sram', 8 * KIB, 32)).toThrow(/64 to 256 bits/);
    expect(() => memoryFigures('sram', 8 * KIB, 64, 5e-9)).toThrow(/7 to 130 nm/);
  });

  it('CACTI 7: a port of 128 bits lies half way (on both logarithmic axes) between 64 and 256', () => {
    for (const [kind, kib, low, high] of [
      ['sram', 8, 3.33, 5.88],
      ['sram-lstp', 32, 9.49, 18],
      ['edram', 32, 10.5, 22.2],
    ] as const) {
      expect(memoryFigures(kind, kib * KIB, 128).readEnergy * 1e12).toBeCloseTo(Math.sqrt(low * high), 9);
    }
  });

  it(
    'CACTI 7 at another node: 22 nm takes (22/32) (0.85/0.9)^2 of the energy, (22/32)^2 of the area, (22/32) ' +
      '(0.85/0.9) of the leakage, and the same time',
    () => {
      const [here, there] = [undefined, 22e-9].map((node) => memoryFigures('sram', 64 * KIB, 256, node));
      const ratio = (key: 'accessTime' | 'readEnergy' | 'writeEnergy' | 'leakage' | 'area'): number =>
        there![key] / here![key];
      expect(ratio('readEnergy')).toBeCloseTo((22 / 32) * (0.85 / 0.9) ** 2, 12);
      expect(ratio('writeEnergy')).toBeCloseTo((22 / 32) * (0.85 / 0.9) ** 2, 12);
      expect(ratio('area')).toBeCloseTo((22 / 32) ** 2, 12);
      expect(ratio('leakage')).toBeCloseTo((22 / 32) * (0.85 / 0.9), 12);
      expect(ratio('accessTime')).toBe(1);
    },
  );

  it(
    "CACTI 7: 2 KB and 8 KB of 64 bits read with 1.42 and 3.33 pJ; a 64 KB eDRAM takes about twice ISAAC's 17 " +
      'to 21 pJ',
    () => {
      expect(memoryFigures('sram', 2 * KIB, 64).readEnergy * 1e12).toBeCloseTo(1.42, 9);
      expect(memoryFigures('sram', 8 * KIB, 64).readEnergy * 1e12).toBeCloseTo(3.33, 9);
      expect(memoryFigures('edram', 64 * KIB, 256).readEnergy / 20.45e-12).toBeGreaterThan(1.5);
    },
  );

  it(
    'Aladdin at 40 nm: comparator 0.0295 pJ and 71 um2, counter 0.25 pJ and 496 um2, register 0.009 pJ and 5.98 ' +
      'um2 a bit',
    () => {
      for (const [block, bits, picojoules, um2] of [
        ['comparator', 32, 0.0295, 71],
        ['counter', 32, 0.25, 496],
        ['register', 1, 0.009, 5.98],
        ['accumulator', 32, 0.21 + 64 * 0.009, 278 + 32 * 5.98],
      ] as const) {
        expect(digitalBlock(block, bits, 40e-9).energy * 1e12).toBeCloseTo(picojoules, 12);
        expect(digitalBlock(block, bits, 40e-9).area * 1e6).toBeCloseTo(um2, 9);
      }
    },
  );

  it(
    'DNN+NeuroSim V1.3 supplies (PTM): 1.1 V at 65 nm, 0.9 V at 32 nm, 0.7 V at 7 nm; 32 to 22 nm takes C V^2 ' +
      'to 0.613',
    () => {
      expect([65, 32, 7].map((nm) => supplyVoltage(nm * 1e-9))).toEqual([1.1, 0.9, 0.7]);
      expect(scaleEnergy(1, 32e-9, 22e-9)).toBeCloseTo((22 / 32) * (0.85 / 0.9) ** 2, 12);
      expect(() => supplyVoltage(5e-9)).toThrow(/7 to 130 nm/);
    },
  );

  it(
    'Aladdin at 40 nm: a 32-bit adder is 0.21 pJ and 278 um2, half of it at 16 bits; scaling there and back is ' +
      'the identity',
    () => {
      expect(digitalBlock('adder', 32, 40e-9)).toMatchObject({
        energy: expect.closeTo(0.21e-12, 18) as number,
        area: expect.closeTo(278e-6, 9) as number,
      });
      expect(digitalBlock('adder', 16, 40e-9).energy).toBeCloseTo(0.105e-12, 18);
      expect(digitalBlock('multiplier', 16, 40e-9).energy).toBeCloseTo(12.68e-12 / 4, 16);
      fc.assert(
        fc.property(
          fc.double({ min: 8, max: 130, noNaN: true }),
          fc.double({ min: 8, max: 130, noNaN: true }),
          (a, b) => {
            expect(scaleEnergy(scaleEnergy(1, a * 1e-9, b * 1e-9), b * 1e-9, a * 1e-9)).toBeCloseTo(1, 9);
          },
        ),
      );
    },
  );
});
