// Reads and writes of the cells: slots, pulses, write-verify.

import { COMPONENTS, type ComponentDeclaration } from '../components/index.js';
import { agrees, law, maximum, number, product, quotient, sum, type Derivation } from './derivation.js';
import { configured } from './given.js';
import type { Sources } from './sources.js';

/** Pulses of a cell write: given, or sweeps x pulses of a sweep. */
export function pulses(sources: Sources): Derivation {
  const given = (word: string): Derivation | null => {
    const value = sources.setting(`device.write.${word}.value`);
    return typeof value === 'number' ? configured(sources, `config.device.write.${word}.value`, value) : null;
  };
  const sweep = given('sweep.cycles');
  if (sweep !== null) return product('pulses of a write', '', [sweep, given('sweep.pulsesPerCycle')!]);
  return given('pulses') ?? number(1, 'a pulse a write (device.write.pulses is not set)');
}

/** A pulse with its verifying reads. */
function verified(sources: Sources, pulse: Derivation, read: () => Derivation): Derivation {
  if (!sources.hasConstant('device.write.verifyReads')) return pulse;
  return sum('a pulse with its verifying reads', pulse.unit, [
    pulse,
    product('verifying reads', pulse.unit, [sources.constant('device.write.verifyReads'), read()]),
  ]);
}

/** Joules of one action of a component. */
export function actionEnergy(sources: Sources, component: string, action: string): Derivation {
  if (component === 'crossbar' && action === 'read') return sources.constant('device.read.energy');
  if (component === 'crossbar' && action === 'write') {
    const pulse = verified(sources, sources.constant('device.write.energy'), () =>
      sources.constant('device.read.energy'),
    );
    return product('energy of a write', 'J', [pulse, pulses(sources)]);
  }
  return sources.constant(`components.${component}.energy.${action}`);
}

const READS: Record<string, string> = {
  array: 'array and slot',
  wordline: 'line that is driven with a one, in a slot',
  cell: 'cell on a line that is driven with a one, in a slot',
};

/** What one action of a component is counted by. */
export function countedBy(sources: Sources, component: string, action: string): string {
  const declaration = (COMPONENTS as Record<string, ComponentDeclaration | undefined>)[component];
  const per =
    component === 'crossbar' && action === 'read'
      ? READS[String(sources.setting('device.read.per'))]
      : declaration?.actions[action]?.per;
  return `one per ${per ?? action}`;
}

/**
 * Where the share of ones comes from that decides how often an action happens; empty for actions that happen for zeros
 * as well.
 */
export function onesFrom(sources: Sources, component: string, action: string): string {
  const driven =
    component === 'spikeDriver' ||
    (component === 'crossbar' && action === 'read' && sources.setting('device.read.per') !== 'array');
  if (!driven) return '';
  const trace = sources.setting('workload.trace');
  return typeof trace === 'string'
    ? `; shares of ones from the trace ${trace}`
    : `; the share of ones is inputs.density, ${String(sources.setting('inputs.density'))}`;
}

/**
 * Slots of an input in which its line carries a one: its bits that are one, or slots of several bits of which at least
 * one is.
 */
export function slotsWithOne(sources: Sources): Derivation[] {
  const [bits, each, density] = [
    sources.knob('inputs.bits'),
    sources.knob('inputs.bitsPerSlot'),
    sources.knob('inputs.density'),
  ];
  if (each.value === 1) return [bits, density];
  const atLeastOne = (count: number): number => 1 - (1 - density.value) ** count;
  const slots = Math.floor(bits.value / each.value) * atLeastOne(each.value) + atLeastOne(bits.value % each.value);
  return [
    law('slots of an input that carry a one', '', slots, 'for each slot 1 - (1 - share of ones) ^ bits of the slot', [
      bits,
      each,
      density,
    ]),
  ];
}

/** Time between slots: the slower of a read and the conversions of one converter (docs/model.md section 5). */
export function slot(sources: Sources): Derivation {
  const read = sources.duration('device.read.latency');
  if (typeof sources.setting('sensing.rate') !== 'number') return read;
  const exact = quotient(
    'conversions of one converter',
    's',
    sources.knob('sensing.columnsPerConverter'),
    sources.knob('sensing.rate', 'S/s'),
  );
  const clocked = typeof sources.setting('chip.clock') === 'number';
  const cycle = clocked ? Math.round(sources.cycle().value / 1e-12) : 1;
  const whole = Math.ceil(Math.round(exact.value / 1e-12) / cycle) * cycle * 1e-12;
  const conversion = agrees(whole, exact.value)
    ? exact
    : law(
        'conversions of one converter',
        's',
        whole,
        clocked ? 'up to the next edge of the clock' : 'in whole picoseconds',
        [exact],
      );
  return maximum('slot', 's', [read, conversion], 'a read or the conversions, whichever is slower');
}

/** Time to write a row: pulses, each with its verifying reads. */
export const writeTime = (sources: Sources): Derivation =>
  product('write of a row', 's', [
    verified(sources, sources.duration('device.write.latency'), () => sources.duration('device.read.latency')),
    pulses(sources),
  ]);
