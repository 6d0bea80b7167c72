// Weights written through devices: what they hold, what a pulse moves, what is counted.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeviceWriter, type DeviceWriterOptions } from '../../../src/functional/training/device-writer.js';

const DEVICE = { min: 1e-7, max: 5e-6, pulses: 64, potentiation: 0, depression: 0, cycleToCycle: 0, deviceToDevice: 0 };
const OPTIONS: DeviceWriterOptions = {
  device: DEVICE,
  scheme: 'single',
  rounding: 'nearest',
  hidden: false,
  verify: 0,
  endurance: Infinity,
  headroom: 1,
  seed: 1,
  onDevices: () => true,
};
const values = (...weights: number[]) => ({ shape: [weights.length], data: Float64Array.from(weights) });

describe('weights on devices', () => {
  it('starting weights stand as they are; a change is given in whole pulses, the nearest', () => {
    for (const scheme of ['single', 'pair'] as const) {
      const writer = new DeviceWriter({ ...OPTIONS, scheme });
      const w = values(1, -1, 0.25, 0);
      writer.prepare('w', w);
      [1, -1, 0.25, 0].forEach((weight, i) => {
        expect(w.data[i]).toBeCloseTo(weight, 12);
      });
      const step = scheme === 'single' ? 2 / 64 : 1 / 64;
      writer.write('w', w, Float64Array.of(-2.4 * step, 3.6 * step, 0.4 * step, 0));
      [1 - 2 * step, -1 + 4 * step, 0.25, 0].forEach((weight, i) => {
        expect(w.data[i]).toBeCloseTo(weight, 12);
      });
      expect(writer.statistics().pulses).toBeGreaterThanOrEqual(6);
    }
  });

  it('hidden weights give a pulse once changes have added up to a step; without them small changes are lost', () => {
    for (const hidden of [true, false]) {
      const writer = new DeviceWriter({ ...OPTIONS, hidden });
      const w = values(0.5, -1);
      writer.prepare('w', w);
      for (let i = 0; i < 10; i++) writer.write('w', w, Float64Array.of(0.01, 0));
      expect(w.data[0]! - 0.5).toBeCloseTo(hidden ? 0.09375 : 0, 12);
    }
  });

  it('stochastic rounding is right on average', () => {
    const writer = new DeviceWriter({ ...OPTIONS, rounding: 'stochastic' });
    const w = values(1, ...new Array<number>(20_000).fill(0));
    writer.prepare('w', w);
    writer.write('w', w, new Float64Array(20_001).fill(0.3 * (2 / 64)));
    const mean = w.data.subarray(1).reduce((sum, x) => sum + x, 0) / 20_000;
    expect(Math.abs(mean / (0.3 * (2 / 64)) - 1)).toBeLessThan(0.03);
  });

  it('verifying brings a nonlinear device to within half a step; without it the change is what the curve gives', () => {
    const device = { ...DEVICE, potentiation: 4, depression: -4 };
    const moved = (verify: number): number => {
      const writer = new DeviceWriter({ ...OPTIONS, device, verify });
      const w = values(1, -0.8);
      writer.prepare('w', w);
      writer.write('w', w, Float64Array.of(0, 0.25));
      return w.data[1]! + 0.8;
    };
    expect(Math.abs(moved(20) - 0.25)).toBeLessThanOrEqual(1 / 64);
    expect(Math.abs(moved(0) - 0.25)).toBeGreaterThan(2 / 64);
  });

  it('property: weights stay within their range, a state that is taken up goes on to the same weights', () => {
    const changes = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom('single' as const, 'pair' as const), changes, changes, (scheme, first, second) => {
        const options = { ...OPTIONS, scheme, device: { ...DEVICE, potentiation: 2, cycleToCycle: 0.02 } };
        const run = (writer: DeviceWriter, w: ReturnType<typeof values>, change: number[]): void => {
          writer.write('w', w, Float64Array.from(change));
          for (const x of w.data) expect(Math.abs(x)).toBeLessThanOrEqual(1 + 1e-9);
        };
        const [whole, other] = [new DeviceWriter(options), new DeviceWriter(options)];
        const [a, b] = [values(1, 0.3, -0.2, 0), values(1, 0.3, -0.2, 0)];
        whole.prepare('w', a);
        other.prepare('w', b);
        run(whole, a, first);
        other.restore(whole.state());
        run(whole, a, second);
        run(other, b, second);
        expect(b.data).toEqual(a.data);
      }),
      { numRuns: 50 },
    );
  });

  it('arrays that are not on devices take their change as it is', () => {
    const writer = new DeviceWriter({ ...OPTIONS, onDevices: (key) => key !== 'bias' });
    const bias = values(0.1);
    writer.prepare('bias', bias);
    writer.write('bias', bias, Float64Array.of(0.001));
    expect(bias.data[0]).toBe(0.101);
    expect(writer.statistics().devices).toBe(0);
  });
});
