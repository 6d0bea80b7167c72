// Sums of the energy account of neighbours of a sweep: what they share is worked out once, and gives what each gives
// alone.

import { expect, it } from 'vitest';
import { KnownRuns, simulate, simulateHeadlines } from '../../src/simulation/index.js';
import { denseChain, loaded } from '../helpers.js';

const FILES = { 'net.yaml': denseChain(2) };

/** Neighbours, one after the other: inputs, constants and images change, and change back. */
const STEPS: readonly (readonly string[])[] = [
  [],
  ['inputs.density=0.2'],
  ['inputs.density=0.9'],
  ['inputs.density=0.9', 'workload.images=5'],
  ['inputs.density=0.9', 'components.buffer.energy.read=3 pJ'],
  ['inputs.density=0.9', 'components.controller.leakage=5 mW'],
  ['inputs.density=0.9', 'device.read.energy=7 pJ'],
  ['inputs.density=0.2', 'crossbar.rows=64'],
  ['inputs.density=0.2'],
];

it.each([
  ['pipelayer', []],
  ['pipelayer', ['workload.mode=training', 'workload.batch=3']],
  ['isaac', []],
  ['isaac', ['chip.idle=gated']],
  ['puma', []],
  ['digital-int8', []],
] as const)('%s %j', (preset, sets) => {
  const known = new KnownRuns();
  for (const step of STEPS) {
    const run = loaded(preset, ['network=net.yaml', 'workload.images=3', ...sets, ...step], FILES);
    const { result } = simulate(run);
    const { energy, power, area, endurance } = simulateHeadlines(run, { known });
    const { totalJ, perImageJ, leakageJ, byComponentJ } = result.energy;
    expect(energy).toEqual({ totalJ, perImageJ, leakageJ, byComponentJ });
    expect(power.averageW).toBe(result.power.averageW);
    expect(area.byComponentMm2).toEqual(result.area.byComponentMm2);
    expect(endurance).toEqual(result.endurance);
  }
});
