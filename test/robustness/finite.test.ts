// A result holds finite numbers, or a named reason stands in its place.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/config/index.js';
import { quantizeModel } from '../../src/experiment/quantize.js';
import { METHODS } from '../../src/numerics/quantizers/index.js';
import { notFinite } from '../../src/result/finite.js';
import { resultOf } from '../helpers.js';

const OPTIONS = {
  bits: 4,
  per: 'tensor' as const,
  biases: false,
  zero: false,
  rounding: 'nearest-even' as const,
  only: [],
  start: 'best' as const,
  stepsPerOctave: 1 as const,
  seed: 1,
  exponents: { range: 0, density: 1 / 3 },
};
const small = ['network=matrix-128', 'workload.mode=inference', 'workload.images=4'];

describe('no Infinity, no NaN', () => {
  it.each([
    'device.read.energy=1e300 J',
    'device.read.energy=1e308 J',
    'device.cellArea=1e306 mm2',
    'components.adc.area=1.7e308 mm2',
    'components.adc.leakage=1e308 W',
    'components.shiftAdd.energy.shift-add=1e305 J',
    'device.drift={ exponent: 0, reference: 1 s }',
    'device.drift.exponent=0',
    'device.endurance=1e308',
    'chip.clock=1e300 Hz',
    'chip.clock=1e-300 Hz',
  ])('%s', (set) => {
    for (const preset of ['isaac', 'pipelayer']) {
      let outcome: unknown;
      try {
        outcome = notFinite(resultOf(preset, [...small, set]));
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
        outcome = undefined;
      }
      expect(outcome).toBeUndefined();
    }
  });

  it('whatever constants and numbers of images come together; images are exact', () => {
    const quantity = (unit: string) =>
      fc
        .tuple(fc.integer({ min: -320, max: 308 }), fc.constantFrom(0, 1, 1.7, 9.99))
        .map(([exponent, digits]) => `${digits}e${exponent} ${unit}`.trim());
    const whole = fc.oneof(
      fc.integer({ min: 0, max: 53 }).map((bits) => String(2 ** bits)),
      fc.constantFrom('9007199254740991', '94906265', '94906267', '3', '6700417'),
    );
    const setting = fc.oneof(
      ...[
        ['device.read.energy', 'J'],
        ['device.read.latency', 's'],
        ['device.write.energy', 'J'],
        ['device.cellArea', 'mm2'],
        ['components.adc.area', 'mm2'],
        ['components.adc.leakage', 'W'],
        ['chip.clock', 'Hz'],
        ['device.endurance', ''],
        ['inputs.density', ''],
      ].map(([key, unit]) => quantity(unit!).map((value) => `${key}=${value}`)),
    );
    fc.assert(
      fc.property(whole, whole, fc.array(setting, { maxLength: 2 }), (batch, iterations, sets) => {
        const attack = ['network=matrix-128', 'workload.mode=attack', `workload.batch=${batch}`];
        try {
          const result = resultOf('a3', [...attack, `workload.iterations=${iterations}`, ...sets]);
          expect(notFinite(result)).toBeUndefined();
          expect(BigInt(result.images)).toBe(BigInt(batch) * BigInt(iterations));
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
      { seed: 308, numRuns: 120 },
    );
  });

  it('names the first figure', () => {
    expect(() => resultOf('isaac', [...small, 'components.adc.area=1.7e308 mm2'])).toThrow(
      /^isaac: area\.\S+ would be Infinity, which no result can hold/,
    );
    expect(notFinite({ a: [1, { b: NaN }] })).toEqual({ path: 'a.1.b', value: NaN });
  });
});

describe('quantized values near the largest', () => {
  it.each(['fixed', 'dfp', 'k-means', 'clipped', 'uniform', 'log', 'posit', 'log-tapered', 'importance'])(
    '%s',
    (method) => {
      const data = Float32Array.of(3.4e38, -3.4e38, 1e38, 1);
      const tensor = { name: 'w', dtype: 'f32' as const, shape: [2, 2], data };
      const known = METHODS.find((one) => one === method);
      if (known === undefined) return;
      try {
        const { layers, tensors } = quantizeModel([tensor], { ...OPTIONS, method: known });
        expect(notFinite(layers)).toBeUndefined();
        expect([...(tensors[0]!.data as Float32Array)].every(Number.isFinite)).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
      }
    },
  );
});
