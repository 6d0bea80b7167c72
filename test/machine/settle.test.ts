// Chains in whole ticks: clocks whose cycles are fractions of a tick, on every design that has a clock.

import { expect, it } from 'vitest';
import { listPresets } from '../../src/config/index.js';
import { diskPresets } from '../../src/config/files.node.js';
import { buildMachine } from '../../src/machine/machine.js';
import { loaded } from '../helpers.js';

const CLOCKED = listPresets(diskPresets, 'architectures').filter(
  (name) => loaded(name).config.chip.clock !== undefined,
);
const CLOCKS = Array.from({ length: 16 }, (_, i) => 190 + 20 * i);

it.each(CLOCKED)('%s: no unit takes longer from one wave to the next than for a wave, whatever the clock', (name) => {
  for (const clock of CLOCKS) {
    const sets = ['network=vgg-a', 'workload.mode=inference', `chip.clock=${clock} MHz`];
    const { flow } = buildMachine(loaded(name, sets));
    const longer = flow.stages.filter(({ units }) => units.some(({ latency, interval }) => interval > latency));
    expect([clock, longer.map((stage) => stage.name)]).toEqual([clock, []]);
  }
});
