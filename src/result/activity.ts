// What a run did: counts of every action by component, layer and pass, and the energy that follows.

import type { Config } from '../run-config/index.js';
import { Count, roundedTimes, times, type ActionName, type ComponentName } from '../components/index.js';
import type { ActionUse, Driven } from '../machine/chain.js';
import type { FlowResult } from '../pipeline/index.js';
import { InvariantError, mapped } from '../kernel/index.js';
import type { Machine, MachineStage, Pass } from '../machine/machine-types.js';
import { LayerEnergies, type LayerDrive, type LayerEnergy } from './layer-energy.js';

/** Energy at rest, and of what stays on without working, are passes of their own. */
export type EnergyPass = Pass | 'idle' | 'leakage';

/** A figure of each component that has one. */
export type ByComponent = Partial<Record<ComponentName, number>>;

/** A figure of each pass that has one. */
export type ByPass = Partial<Record<EnergyPass, number>>;

/** What the lines of the energy account have in common. */
interface Entry {
  component: ComponentName;
  pass: EnergyPass;
  /** 0: the network as a whole. */
  layer: number;
  /** Actions; for leakage and idle the instances. */
  count: bigint | number;
  energyJ: number;
}

/** The line of an action that services perform, with what it is counted from. */
type CountedEntry = Entry & { action: ActionName; counted: Counted };

/** One line of the energy account; leakage and idle are counted from nothing. */
export type EnergyEntry = CountedEntry | (Entry & { action: 'leakage' | 'idle'; counted: null });

/** The services that perform an action, and how often each use of it happens in one. */
export interface Counted {
  stage: MachineStage;
  uses: readonly ActionUse[];
  /** Lines that carry a one, over all services. */
  ones: Ones;
  /** What one costs here, where a law follows the layer; null where the run's constant holds. */
  one: LayerEnergy | null;
}

/** Ones among the bits that the drivers of a stage apply. */
interface Ones {
  total: bigint;
  /** Those of a service, where all are alike and the config's density says how many. */
  ofService: Count | null;
}

/** The waves that a run served, and the bits on them. */
interface Waves {
  flow: FlowResult;
  densities: Densities;
}

/** Density of ones that the drivers of a pass see, image by image; `period` images repeat. */
export type Densities = (pass: Pass, layer: number) => readonly number[];

/**
 * Slots of an input in which its line carries a one: each bit where a slot applies one bit, else slots of which at
 * least one bit is one (bits independent).
 * @param density share of ones among the bits.
 */
export function slotsWithOne(
  { bits, bitsPerSlot }: Pick<Config['inputs'], 'bits' | 'bitsPerSlot'>,
  density: number,
): number {
  if (bitsPerSlot === 1) return bits * density;
  const atLeastOne = (count: number): number => 1 - (1 - density) ** count;
  return Math.floor(bits / bitsPerSlot) * atLeastOne(bitsPerSlot) + atLeastOne(bits % bitsPerSlot);
}

/** Slots with a one among those of an input. */
export function slotsOfOnes({ bits: inputBits, bitsPerSlot }: Config['inputs'], density: number): Count {
  if (bitsPerSlot === 1) return times({ inputBits, density });
  const slots = slotsWithOne({ bits: inputBits, bitsPerSlot }, density);
  return new Count(slots, 'law', { inputBits, bitsPerSlot, density });
}

/** What drivers were last asked for: many points of a sweep have the same inputs one after the other. */
const LAST_ONES = new WeakMap<Driven, { inputs: Config['inputs']; density: number; ones: Count }>();

/** Lines that carry a one, slot by slot, among all that the drivers of one service apply. */
function onesOf(driven: Driven, inputs: Config['inputs'], density: number): Count {
  const last = LAST_ONES.get(driven);
  if (last?.inputs === inputs && last.density === density) return last.ones;
  const { vectors, lines } = driven;
  const ones = roundedTimes({ vectors, drivenLines: lines, slotsWithOne: slotsOfOnes(inputs, density) });
  LAST_ONES.set(driven, { inputs, density, ones });
  return ones;
}

const NO_ONES: Ones = { total: 0n, ofService: null };

function onesOfStage(
  { pass, layer, chain: { driven } }: MachineStage,
  inputs: Config['inputs'],
  densities: Densities,
  services: bigint,
): Ones {
  if (driven === null) return NO_ONES;
  const counts = densities(pass, layer).map((density) => onesOf(driven, inputs, density));
  const total = sumOverImages(
    counts.map(({ value }) => value),
    services,
  );
  const alike = counts.length === 1 && densities(pass, layer)[0] === inputs.density;
  return { total, ofService: alike ? counts[0]! : null };
}

/** An action of a stage for a layer, with what a service does of it. */
export interface Line {
  component: ComponentName;
  action: ActionName;
  layer: number;
  uses: ActionUse[];
  /** Times a service, and times each one that the drivers apply. */
  plain: bigint | number;
  driven: bigint | number;
}

/** Lines of stages that never change: points of a sweep share machines. */
const LINES = new WeakMap<MachineStage, Line[]>();

/** What a service of a stage does, by action and layer. */
export function linesOf(stage: MachineStage): readonly Line[] {
  const known = LINES.get(stage);
  if (known !== undefined) return known;
  const lines: Line[] = [];
  const own = new Map<number, Line[]>();
  for (const unit of stage.chain.units)
    for (const use of unit.actions) {
      const { component, action } = use;
      const layer = use.layer ?? stage.layer;
      let ofLayer = own.get(layer);
      if (ofLayer === undefined) own.set(layer, (ofLayer = []));
      let line = ofLayer.find((one) => one.component === component && one.action === action);
      if (line === undefined) {
        line = { component, action, layer, uses: [], plain: 0, driven: 0 };
        ofLayer.push(line);
        lines.push(line);
      }
      if (use.driven) line.driven = sumExact(line.driven, use.count.value, 1n);
      else line.plain = sumExact(line.plain, use.count.value, 1n);
      line.uses.push(use);
    }
  LINES.set(stage, lines);
  return lines;
}

/** What is counted of a stage in a run. */
export interface CountedStage {
  services: bigint;
  ones: Ones;
  drive: LayerDrive | null;
}

/** Counts a stage by its place. @throws InvariantError where units sent other waves than their services have */
export function countedStage(machine: Machine, { flow, densities }: Waves, place: number): CountedStage {
  const stage = machine.stages[place]!;
  const { services } = flow.stages[place]!;
  const served = services * BigInt(stage.chain.waves.value);
  for (const waves of flow.unitWaves[place]!)
    if (waves !== served)
      throw new InvariantError(
        `tokens conserved: ${stage.name} sent ${waves} waves in ${services} services of ${stage.chain.waves.value}`,
      );
  const { inputs } = machine.run.config;
  const ones = onesOfStage(stage, inputs, densities, services);
  return { services, ones, drive: driveOf(stage, densities, services) };
}

/** How often a line happens, what one costs where a law follows the layer, and the joules of all. */
export function energyOfLine(
  { component, action, plain, driven }: Line,
  { services, ones, drive }: CountedStage,
  prices: LayerEnergies,
): Pick<CountedEntry, 'count' | 'energyJ'> & Pick<Counted, 'one'> {
  const one = prices.of(component, action, drive);
  const count = sumExact(sumExact(0, plain, services), driven, ones.total);
  return { count, one, energyJ: Number(count) * (one?.energyJ ?? prices.machine.constants.energy(component, action)) };
}

/** Counts and energies of every action of a run, from the waves that the simulation served. */
export function accountEnergy(machine: Machine, measured: Waves): EnergyEntry[] {
  const entries: CountedEntry[] = [];
  const prices = new LayerEnergies(machine);
  machine.stages.forEach((stage, s) => {
    const counted = countedStage(machine, measured, s);
    const { pass } = stage;
    const { ones } = counted;
    for (const line of linesOf(stage)) {
      const { component, action, layer, uses } = line;
      const { count, one, energyJ } = energyOfLine(line, counted, prices);
      entries.push({ component, action, pass, layer, count, energyJ, counted: { stage, uses, ones, one } });
    }
  });
  return entries;
}

/** What a stage drives in an array, over all its services; null where it drives none. */
function driveOf(
  { pass, layer, chain: { driven } }: MachineStage,
  densities: Densities,
  services: bigint,
): LayerDrive | null {
  if (driven === null || driven.ofArray === null) return null;
  const all = densities(pass, layer);
  if (all.length === 1 || services === 0n) return { rows: driven.ofArray, density: all[0] ?? 0 };
  const count = Number(services);
  const whole = Math.floor(count / all.length);
  const sum = all.reduce((total, density, i) => total + density * (whole + (i < count % all.length ? 1 : 0)), 0);
  return { rows: driven.ofArray, density: sum / count };
}

/** `sum + each * times`: a number while that is exact, else a bigint. */
export function sumExact(sum: bigint | number, each: bigint | number, times: bigint): bigint | number {
  const total = Number(sum) + Number(each) * Number(times);
  if (typeof sum === 'number' && total <= Number.MAX_SAFE_INTEGER) return total;
  return BigInt(sum) + BigInt(each) * times;
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
    count: count.value,
    energyJ: machine.constants.leakage(component) * count.value * seconds,
    counted: null,
  }));
}
