// What one action costs in a layer of its own: laws that ask for driven lines and their density are worked out for the
// layer's.

import type { ActionName, ComponentName } from '../components/index.js';
import { LAWS, evaluateLaw, type Law, type LawValues } from '../estimators/index.js';
import type { Machine } from '../machine/machine-types.js';
import type { LawUse } from '../run-config/index.js';

/** Lines that a slot drives in an array of a layer, mean over its arrays, and the share of ones on them. */
export interface LayerDrive {
  readonly rows: number;
  readonly density: number;
}

/** Joules of one action of a layer, by a law of the constant `key`. */
export interface LayerEnergy extends LayerDrive {
  readonly key: string;
  readonly energyJ: number;
}

/** Key of the constant that an action's energy is. */
const keyOf = (component: ComponentName, action: ActionName): string =>
  component === 'crossbar' && action === 'read' ? 'device.read.energy' : `components.${component}.energy.${action}`;

/**
 * Values of a law with a layer's own in the place of the knobs that it asks for.
 * @param uses arguments as the config's law has them; what its user gave stays
 */
export function valuesOfLayer(
  name: string,
  uses: readonly { name: string; value: number | string; from: string | null }[],
  drive: LayerDrive,
): LawValues {
  const values: LawValues = {};
  for (const { name: argument, value, from } of uses) {
    const own = LAWS[name]?.arguments[argument]?.ofLayer;
    values[argument] = own === undefined || from === null ? value : drive[own];
  }
  return values;
}

/** What a law gave for lines and their density: layers and points of a sweep are often alike. */
const DRIVEN = new WeakMap<LawUse, Map<string, number>>();

/** A constant's law that asks for what a layer drives, with what it gave so far. */
interface DrivenLaw {
  readonly key: string;
  readonly use: LawUse;
  readonly law: Law;
  readonly known: Map<string, number>;
}

/** Works out energies of a run's layers; null where the constant is no law, or no law of what a layer drives. */
export class LayerEnergies {
  readonly machine: Machine;
  /** By component and action, so that lines without such a law, which are most, make no text. */
  readonly #laws = new Map<ComponentName, Map<ActionName, DrivenLaw | null>>();

  constructor(machine: Machine) {
    this.machine = machine;
  }

  of(component: ComponentName, action: ActionName, drive: LayerDrive | null): LayerEnergy | null {
    if (drive === null) return null;
    let actions = this.#laws.get(component);
    if (actions === undefined) this.#laws.set(component, (actions = new Map<ActionName, DrivenLaw | null>()));
    let driven = actions.get(action);
    if (driven === undefined) actions.set(action, (driven = this.#lawOf(keyOf(component, action))));
    if (driven === null) return null;
    const { key, use, law, known } = driven;
    const name = `${drive.rows} ${drive.density}`;
    let energyJ = known.get(name);
    if (energyJ === undefined) {
      energyJ = evaluateLaw(law, valuesOfLayer(use.name, use.arguments, drive)).value;
      known.set(name, energyJ);
    }
    return { key, rows: drive.rows, density: drive.density, energyJ };
  }

  #lawOf(key: string): DrivenLaw | null {
    const use = this.machine.run.laws.get(key);
    const law = use === undefined ? undefined : LAWS[use.name];
    if (use === undefined || law === undefined) return null;
    if (!use.arguments.some(({ name, from }) => from !== null && law.arguments[name]?.ofLayer !== undefined))
      return null;
    let known = DRIVEN.get(use);
    if (known === undefined) DRIVEN.set(use, (known = new Map<string, number>()));
    return { key, use, law, known };
  }
}
