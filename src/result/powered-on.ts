// Energy if everything built never rests: the upper end of a result's energy (docs/model.md, section 1).

import { times, type ActionName, type ComponentName, type Count } from '../components/index.js';
import type { Machine } from '../machine/machine-types.js';
import type { EnergyEntry } from './activity.js';
import { factorOf, factorsOf, type FactorScope } from './factors.js';
import type { PoweredOn } from './result-types.js';
import { workInSlot } from './slot-work.js';

/** What a component does once in every beat, all of its instances together. */
interface Beat {
  action: ActionName;
  times: Count;
  ticks: Count;
}

/** A component of which all that is built is on. */
export interface Powered extends Omit<PoweredOn, 'component' | 'work'> {
  component: ComponentName;
  beat: Beat | null;
}

/**
 * Power of everything built, as the roll-up counts a chip: the power of one where it is published, else its work in
 * every slot of the arrays (units of a digital design: in every interval) and leakage. What has neither counts with
 * its leakage, and never with less than it did.
 */
export function poweredOn(machine: Machine, entries: readonly EnergyEntry[], totalS: number): Powered[] {
  const { constants, instances, cells } = machine;
  const built = new Map<ComponentName, number>();
  for (const { component, count } of instances) built.set(component, (built.get(component) ?? 0) + count.value);
  const activity = new Map<ComponentName, number>();
  for (const { component, energyJ } of entries) activity.set(component, (activity.get(component) ?? 0) + energyJ);
  const inSlot = cells === null ? null : workInSlot(machine, [...built.keys()], cells.slots, cells.lines);
  const arrays = built.get('crossbar') ?? 0;
  const beatOf = (component: ComponentName, count: number): Beat | null => {
    const work = inSlot?.get(component);
    if (cells !== null && work !== undefined)
      return { action: work.action, times: times({ builtArrays: arrays, ofArray: work.count }), ticks: cells.slot };
    // Of the part that holds the weights: units beside arrays count with their leakage.
    const own = machine.parts[0]?.beat(component) ?? null;
    return own === null ? null : { ...own, times: times({ units: count }) };
  };
  return [...built].map(([component, count]) => {
    const activityJ = activity.get(component) ?? 0;
    const given = constants.power(component);
    const beat = given === undefined ? beatOf(component, count) : null;
    const powerW =
      given === undefined ? ofBeat(machine, component, beat) + restOf(machine, component, count) : given * count;
    return { component, instances: count, powerW, activityJ, energyJ: Math.max(powerW * totalS, activityJ), beat };
  });
}

const restOf = ({ constants }: Machine, component: ComponentName, count: number): number =>
  count * constants.leakage(component);

/** Seconds of a tick. */
const TICK = 1e-12;

const ofBeat = ({ constants }: Machine, component: ComponentName, beat: Beat | null): number =>
  beat === null ? 0 : (constants.energy(component, beat.action) * beat.times.value) / (beat.ticks.value * TICK);

/** What stays on beside what works, as lines of the account. */
export const idleEntries = (powered: readonly Powered[]): EnergyEntry[] =>
  powered
    .filter(({ energyJ, activityJ }) => energyJ > activityJ)
    .map(({ component, instances, energyJ, activityJ }) => ({
      component,
      action: 'idle',
      pass: 'idle',
      layer: 0,
      count: instances,
      energyJ: energyJ - activityJ,
      counted: null,
    }));

/** As a result lists it. */
export function poweredOnOf(machine: Machine, powered: readonly Powered[]): PoweredOn[] {
  const scope: FactorScope = { machine, layer: 0, use: 'forward', stage: null, buffer: null };
  return powered.map(({ component, instances, powerW, activityJ, energyJ, beat }) => ({
    component,
    instances,
    powerW,
    activityJ,
    energyJ,
    work:
      beat === null
        ? null
        : { action: beat.action, times: factorsOf(beat.times, scope), beat: factorOf('slot', beat.ticks, scope) },
  }));
}
