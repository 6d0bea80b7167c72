// Both ends of a result's energy: by activity, and if everything built never rests.

import { describe, expect, it } from 'vitest';
import { abovePeak } from '../../src/experiment/validate/published.js';
import { notesOf } from '../../src/result/notes.js';
import { simulate } from '../../src/simulation/index.js';
import { denseChain, loaded, resultOf } from '../helpers.js';

const FILES = { 'net.yaml': denseChain(2) };
const SMALL = ['network=net.yaml', 'workload.images=3'];

describe('energy if everything built never rests', () => {
  it.each(['isaac', 'puma'])("%s: the roll-up's power of its chips, over the run", (preset) => {
    const { energy, rollUp, chips, time } = resultOf(preset, SMALL, FILES);
    // The roll-up leaves out what belongs to copies of layers.
    const rolled = chips.chips * rollUp!.chip.powerW * time.totalS;
    expect(energy.poweredOnJ / rolled).toBeGreaterThanOrEqual(1 - 1e-9);
    expect(energy.poweredOnJ / rolled).toBeLessThan(1.001);
  });

  it('chip.idle says which end is the total; nothing else changes', () => {
    const [on, gated] = ['on', 'gated'].map((idle) => resultOf('isaac', [...SMALL, `chip.idle=${idle}`], FILES));
    expect(on!.energy.totalJ / on!.energy.poweredOnJ).toBeCloseTo(1, 12);
    expect(gated!.energy.totalJ / gated!.energy.activityJ).toBeCloseTo(1, 12);
    expect(gated!.energy.poweredOnJ).toBeGreaterThan(2 * gated!.energy.activityJ);
    for (const key of ['activityJ', 'poweredOnJ', 'leakageJ'] as const)
      expect(on!.energy[key]).toBe(gated!.energy[key]);
    expect(on!.time).toEqual(gated!.time);
  });

  it('an ADC of ISAAC that is on takes 2 mW all the time (Table I), whatever it converts', () => {
    const { poweredOn, time, chips } = resultOf('isaac', SMALL, FILES);
    const adc = poweredOn.find(({ component }) => component === 'adc')!;
    expect(adc.instances).toBe(16128 * chips.chips);
    expect(adc.energyJ).toBeCloseTo(0.002 * 16128 * chips.chips * time.totalS, 9);
  });

  it('is never below what was done, and units of a digital design work in every interval', () => {
    for (const preset of ['pipelayer', 'prime', 'digital-int8']) {
      const { energy, poweredOn } = resultOf(preset, SMALL, FILES);
      expect(energy.poweredOnJ).toBeGreaterThanOrEqual(energy.activityJ);
      for (const one of poweredOn) expect(one.energyJ).toBeGreaterThanOrEqual(one.activityJ);
    }
    const { poweredOn } = resultOf('digital-int8', SMALL, FILES);
    // Johnson 2018: 283.0 uW a unit at 500 MHz; 16,384 of them.
    expect(poweredOn.find(({ component }) => component === 'mac')!.powerW).toBeCloseTo(283e-6 * 16384, 6);
  });

  it('a run above the peak of its roll-up is told, and fails validate', () => {
    const run = loaded('isaac', SMALL, FILES);
    const { result } = simulate(run);
    expect(result.notes.map(({ code }) => code)).not.toContain('above-peak');
    expect(abovePeak('run', result)).toEqual([]);
    const lower = { ...result.rollUp!, gopsPerW: result.efficiency.gopsPerW / 2, gatedGopsPerW: 1e-3 };
    const wrong = { ...result, rollUp: lower };
    const notes = notesOf(wrong, run);
    expect(notes[0]?.code).toBe('above-peak');
    expect(abovePeak('run', { ...wrong, notes })).toMatchObject([{ verdict: 'wrong', difference: 1 }]);
  });
});
