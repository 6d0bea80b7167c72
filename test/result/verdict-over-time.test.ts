// Energy that follows time rests on the constants behind the time, too.

import { describe, expect, it } from 'vitest';
import { resultOf } from '../helpers.js';

const ONE_IMAGE = ['network=matrix-128', 'workload.mode=inference', 'workload.images=1'];

describe('what energy over time rests on', () => {
  const leaky = (latency: string): ReturnType<typeof resultOf> =>
    resultOf('pipelayer', [
      ...ONE_IMAGE,
      ...['crossbar.device=stt-neurosim', 'crossbar.cellBits=1', 'chip.idle=gated'],
      'components.activation.leakage={ value: 10 W, source: "a test" }',
      `device.read.latency={ value: ${latency}, placeholder: true }`,
    ]);

  it('leakage: a published power over an assumed time is what leakage gains where that time doubles', () => {
    const { verdict, energy } = leaky('10 ns');
    const { key, keyShare } = verdict.assumed.energy;
    expect(key).toBe('device.read.latency');
    // To four digits: leakage of other units is assumed itself.
    expect(keyShare).toBeCloseTo((leaky('20 ns').energy.leakageJ - energy.leakageJ) / energy.totalJ, 4);
  });

  it('power of what never rests: a published power follows the time, the work of every slot does not', () => {
    const read = 'device.read.latency={ value: 200 ns, placeholder: true }';
    const { verdict, actions, energy, poweredOn } = resultOf('isaac', [...ONE_IMAGE, read]);
    const published = new Set(poweredOn.flatMap(({ component, work }) => (work === null ? [component] : [])));
    const idleJ = actions
      .filter(({ component, action }) => action === 'idle' && published.has(component))
      .reduce((sum, { energyJ }) => sum + energyJ, 0);
    const { share, key } = verdict.assumed.time;
    expect(key).toBe('device.read.latency');
    expect(idleJ).toBeGreaterThan(0.1 * energy.totalJ);
    expect(verdict.assumed.energy.key).toBe(key);
    expect(verdict.assumed.energy.keyShare).toBeCloseTo((idleJ * share) / energy.totalJ, 9);
  });
});
