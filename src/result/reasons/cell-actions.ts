// Reads and writes of the cells: slots, pulses, write-verify.

import { knownComponent } from '../../components/index.js';
import type { Result } from '../result-types.js';
import { number, product, sum, type Derivation } from './derivation.js';
import { configured } from './given.js';
import type { Sources } from './sources.js';

type Action = Result['actions'][number];

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
export function actionEnergy(sources: Sources, component: Action['component'], action: Action['action']): Derivation {
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
  row: 'row of arrays that is driven with a one, in a slot',
  cell: 'cell on a line that is driven with a one, in a slot',
};

/** What one action of a component is counted by. */
export function countedBy(sources: Sources, component: Action['component'], action: Action['action']): string {
  const declaration = knownComponent(component);
  const per =
    component === 'crossbar' && action === 'read'
      ? READS[String(sources.setting('device.read.per'))]
      : declaration?.actions[action]?.per;
  return `one per ${per ?? action}`;
}
