// What a run did: counts of every action by component, layer and pass, and the energy that follows.

import type { Config } from '../run-config/index.js';
import type { ComponentName } from '../components/index.js';
import type { FlowResult } from '../pipeline/index.js';
import { InvariantError, mapped } from '../kernel/index.js';
import type { Machine, MachineStage, Pass } from '../machine/machine-types.js';

/** Energy at rest is a pass of its own. */
export type EnergyPass = Pass | 'leakage';

/** One line of the energy account. */
export interface EnergyEntry {
  component: ComponentName;
  action: string;
  pass: EnergyPass;
  /** 0: the network as a whole. */
  layer: number;
  /** Actions; for leakage the instances. */
  count: bigint | number;
  energyJ: number;
}

/** Density of ones that the drivers of a pass see, image by image; `period` images repeat. */
export type Densities = (pass: Pass, layer: number) => readonly number[];

/**
 * Slots of an input in which its line carries a one: each bit where a slot applies one bit, else slots of which at
 * least one bit is one (bits independent).
 * @param density share of ones among the bits.
 */
export function slotsWithOne({ bits, bitsPerSlot }: Config['inputs'], density: number): number {
  if (bitsPerSlot === 1) return bits * density;
  const atLeastOne = (count: number): number => 1 - (1 - density) ** count;
  return Math.floor(bits / bitsPerSlot) * atLeastOne(bitsPerSlot) + atLeastOne(bits % bitsPerSlot);
}

/** Lines that carry a one, slot by slot, among all that the drivers of one service apply. */
function onesOf(stage: MachineStage, inputs: Config['inputs'], density: number): number {
  const { driven } = stage.chain;
  return driven === null ? 0 : Math.round(driven.vectors * driven.rows * slotsWithOne(inputs, density));
}

/** Counts and energies of every action of a run, from the waves that the simulation served. */
export function accountEnergy(machine: Machine, flow: FlowResult, densities: Densities): EnergyEntry[] {
  const { constants } = machine;
  const { inputs } = machine.run.config;
  const entries = new Map<string, EnergyEntry>();
  machine.stages.forEach((stage, s) => {
    const { services } = flow.stages[s]!;
    const ones = sumOverImages(
      densities(stage.pass, stage.layer).map((density) => onesOf(stage, inputs, density)),
      services,
    );
    stage.chain.units.forEach((unit, u) => {
      const waves = flow.unitWaves[s]![u]!;
      if (waves !== services * BigInt(stage.chain.waves))
        throw new InvariantError(
          `tokens conserved: ${stage.name} sent ${waves} waves in ${services} services of ${stage.chain.waves}`,
        );
      for (const { component, action, times, driven } of unit.actions) {
        const key = `${component}.${action}.${stage.pass}.${stage.layer}`;
        const entry = entries.get(key) ?? {
          component,
          action,
          pass: stage.pass,
          layer: stage.layer,
          count: 0n,
          energyJ: 0,
        };
        entry.count = BigInt(entry.count) + BigInt(times) * (driven ? ones : services);
        entries.set(key, entry);
      }
    });
  });
  for (const entry of entries.values())
    entry.energyJ = Number(entry.count) * constants.energy(entry.component, entry.action);
  return [...entries.values()];
}

/** Sum over `services` images of values that repeat with their number. */
function sumOverImages(values: readonly number[], services: bigint): bigint {
  const period = BigInt(values.length);
  const whole = values.reduce((sum, value) => sum + BigInt(value), 0n) * (services / period);
  return values.slice(0, Number(services % period)).reduce((sum, value) => sum + BigInt(value), whole);
}

/** Leakage of every instance over the makespan. */
export function accountLeakage(machine: Machine, seconds: number): EnergyEntry[] {
  return mapped(machine.instances, ({ component, layer, count }) => ({
    component,
    action: 'leakage',
    pass: 'leakage',
    layer,
    count,
    energyJ: machine.constants.leakage(component) * count * seconds,
  }));
}
