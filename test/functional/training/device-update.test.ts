// Update curves of devices against NeuroSim's formula and table.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sharedUrl } from '../../shared.js';
import { normalOf, streamOf } from '../../../src/functional/streams.js';
import { PulsedArray, UpdateCurve, normalisedA } from '../../../src/functional/training/device-update.js';

const rowsOf = (name: string): string[][] =>
  readFileSync(sharedUrl(`golden/device-update/${name}`), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));

const DEVICE = {
  min: 0,
  max: 1,
  pulses: 64,
  potentiation: 2.4,
  depression: -4.88,
  cycleToCycle: 0,
  deviceToDevice: 0,
};
const none = (): number => 0;

describe('curves', () => {
  it('MLP+NeuroSim V3.0: labels 0.01 and 1 have normalised A 126.27 and 1.2517; a label is 0.099 of distance', () => {
    expect(normalisedA(0.01)).toBeCloseTo(126.269, 1);
    expect(normalisedA(1)).toBeCloseTo(1.2517, 3);
    expect(normalisedA(-1)).toBe(-normalisedA(1));
    expect(normalisedA(0)).toBe(Infinity);
    expect(() => normalisedA(9.1)).toThrow(RangeError);
  });

  it('the whole table to a unit of its last digit', () => {
    const rows = rowsOf('normalised-a.csv');
    expect(rows).toHaveLength(900);
    for (const [label, a] of rows) {
      const rounding = Number(a) > 1 ? 5e-4 * Number(a) : 1e-4;
      expect(Math.abs(normalisedA(Number(label)) - Number(a))).toBeLessThan(rounding);
    }
  });

  it('potentiation and depression of NeuroSim to 1e-12', () => {
    for (const [, min, max, most, , a, , , p, conductance] of rowsOf('formula.csv')) {
      const curve = new UpdateCurve(Number(min), Number(max), Number(most), Number(a));
      expect(Math.abs(curve.at(Number(p)) - Number(conductance))).toBeLessThan(1e-12 * Number(max));
      expect(curve.pulsesAt(Number(conductance))).toBeCloseTo(Number(p), 8);
    }
  });

  it('a straight line moves a step a pulse, and pulses up and down cancel', () => {
    const array = new PulsedArray({ ...DEVICE, potentiation: 0, depression: 0 }, 1, Infinity, none);
    array.pulse(0, 16, none);
    expect(array.conductances[0]).toBeCloseTo(0.25, 12);
    array.pulse(0, -16, none);
    expect(array.conductances[0]).toBeCloseTo(0, 12);
    expect(array.writes[0]).toBe(32);
  });

  it('Ag:a-Si: early pulses up move most, depression falls fast from the top', () => {
    const array = new PulsedArray(DEVICE, 1, Infinity, none);
    array.pulse(0, 32, none);
    expect(array.conductances[0]).toBeGreaterThan(0.5);
    array.conductances[0] = 1;
    array.pulse(0, -32, none);
    expect(array.conductances[0]).toBeLessThan(0.5);
  });

  it('a device that has had its pulses moves no more', () => {
    const array = new PulsedArray(DEVICE, 1, 10, none);
    expect(array.pulse(0, 8, none)).toBe(8);
    expect(array.pulse(0, 8, none)).toBe(2);
    const last = array.conductances[0];
    expect(array.pulse(0, -5, none)).toBe(0);
    expect(array.conductances[0]).toBe(last);
  });

  it('cycle-to-cycle variation of n pulses has sqrt(n) of the deviation of one', () => {
    const normal = normalOf(streamOf(1, 'test'));
    const device = { ...DEVICE, potentiation: 0, depression: 0, cycleToCycle: 0.01 };
    const array = new PulsedArray(device, 20_000, Infinity, none);
    for (let i = 0; i < 20_000; i++) array.pulse(i, 16, normal);
    const mean = array.conductances.reduce((sum, g) => sum + g, 0) / 20_000;
    const deviation = Math.sqrt(array.conductances.reduce((sum, g) => sum + (g - mean) ** 2, 0) / 20_000);
    expect(mean).toBeCloseTo(0.25, 2);
    expect(Math.abs(deviation / 0.04 - 1)).toBeLessThan(0.02);
  });
});
