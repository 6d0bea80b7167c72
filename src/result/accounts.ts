// What a run is billed: its time, the energy of every action, the instances that were built.

import type { ComponentName } from '../components/index.js';
import { mapped } from '../kernel/index.js';
import { accountEnergy, accountLeakage, type Densities, type EnergyEntry } from './activity.js';
import type { FlowResult } from '../pipeline/index.js';
import type { Machine } from '../machine/machine-types.js';
import { idleEntries, poweredOn, type Powered } from './powered-on.js';
import type { Result } from './result-types.js';

/** Seconds of a tick. */
export const TICK = 1e-12;

/** Seconds of ticks. */
export const seconds = (ticks: bigint): number => Number(ticks) * TICK;

/** Name of what belongs to no layer (or operator): `(network)`, in more brackets where one of them is called so. */
export function networkAccount(names: readonly string[]): string {
  const taken = new Set(names);
  let own = '(network)';
  while (taken.has(own)) own = `(${own})`;
  return own;
}

/** What a run of a machine measured. */
export interface Measured {
  flow: FlowResult;
  densities: Densities;
}

/** What a run is billed for. */
export interface Accounts {
  totalS: number;
  /** Actions, then what idles (`chip.idle: on`), then leakage. */
  entries: readonly EnergyEntry[];
  powered: readonly Powered[];
  built: Omit<Result['instances'][number], 'factors'>[];
  /** Name of a weight layer; 0 is what belongs to none. */
  layerName: (layer: number) => string;
}

/** Energies of a run: lines of the account, and what is always on where that was needed for them. */
export interface Bill {
  totalS: number;
  entries: readonly EnergyEntry[];
  powered: readonly Powered[] | null;
}

/** Energies of actions, of what idles and of leakage over the makespan. */
export function billOf(machine: Machine, measured: Measured): Bill {
  const totalS = seconds(measured.flow.makespan);
  const done = accountEnergy(machine, measured);
  const leaked = accountLeakage(machine, totalS);
  if (machine.run.config.chip.idle !== 'on') return { totalS, entries: [...done, ...leaked], powered: null };
  const powered = poweredOn(machine, [...done, ...leaked], totalS);
  return { totalS, entries: [...done, ...idleEntries(powered), ...leaked], powered };
}

/** mm2 of one instance of each component that a machine has. */
export function areasOf({ constants, instances, run: { config } }: Machine): ReadonlyMap<ComponentName, number> {
  const areas = new Map<ComponentName, number>();
  for (const { component } of instances)
    if (!areas.has(component))
      areas.set(component, constants.area(component, config.crossbar.rows * config.crossbar.columns));
  return areas;
}

/** Bills a run of a machine: makespan, energies of actions and leakage, instances with mm2 and watts. */
export function accountsOf(machine: Machine, measured: Measured): Accounts {
  const { plans, constants } = machine;
  const { totalS, entries, powered } = billOf(machine, measured);
  const own = networkAccount(plans.map(({ layer }) => layer.name));
  const layerName = (layer: number): string => (layer === 0 ? own : plans[layer - 1]!.layer.name);
  const areas = areasOf(machine);
  const built = mapped(machine.instances, ({ component, layer, pass, count }) => ({
    component,
    layer: layerName(layer),
    pass,
    count: count.value,
    areaMm2: count.value * areas.get(component)!,
    leakageW: count.value * constants.leakage(component),
  }));
  return { totalS, entries, powered: powered ?? poweredOn(machine, entries, totalS), built, layerName };
}
