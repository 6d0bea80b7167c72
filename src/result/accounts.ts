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

/** Bills a run of a machine: makespan, energies of actions and leakage, instances with mm2 and watts. */
export function accountsOf(machine: Machine, { flow, densities }: Measured): Accounts {
  const {
    run: { config },
    plans,
    constants,
  } = machine;
  const totalS = seconds(flow.makespan);
  const done = accountEnergy(machine, flow, densities);
  const leaked = accountLeakage(machine, totalS);
  const powered = poweredOn(machine, [...done, ...leaked], totalS);
  const entries = [...done, ...(config.chip.idle === 'on' ? idleEntries(powered) : []), ...leaked];
  const own = networkAccount(plans.map(({ layer }) => layer.name));
  const layerName = (layer: number): string => (layer === 0 ? own : plans[layer - 1]!.layer.name);
  const areas = new Map<ComponentName, number>();
  const areaOf = (component: ComponentName): number => {
    let area = areas.get(component);
    if (area === undefined)
      areas.set(component, (area = constants.area(component, config.crossbar.rows * config.crossbar.columns)));
    return area;
  };
  const built = mapped(machine.instances, ({ component, layer, pass, count }) => ({
    component,
    layer: layerName(layer),
    pass,
    count: count.value,
    areaMm2: count.value * areaOf(component),
    leakageW: count.value * constants.leakage(component),
  }));
  return { totalS, entries, powered, built, layerName };
}
