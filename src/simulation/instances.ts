// How many instances of every component a machine has, on how many tiles and chips; and what a full chip takes at peak.

import type { Config } from '../architecture/index.js';
import type { ComponentName, Constants, InstanceScope } from '../hardware/index.js';
import { placeMatrix, type LayerPlan, type PassPlan } from '../mapping/index.js';
import { driverOf, sensingOf } from './chain-units.js';
import { crossbarLayout } from './layout.js';
import type { Chips, Instances, MachineBuffer, MachineStage } from './machine-types.js';

const physicalOf = (pass: PassPlan, sets = 1): number => pass.matrix.physicalArrays * pass.copies * sets;

/** Places the arrays of the layers on tiles one after the other: forward, backward, gradient of each layer. */
export function chipsOf(plans: readonly LayerPlan[], { chip }: Config): Chips {
  const { arraysPerTile, arraysPerCore } = chip;
  const chipOf = new Map<number, number>();
  let tiles = 0;
  let cores = 0;
  for (const { layer, forward, backward, transposed, gradient } of plans) {
    if (chip.tiles !== undefined) chipOf.set(layer.index, Math.floor(tiles / chip.tiles));
    const sets = [physicalOf(forward), ...(backward !== null && !transposed ? [physicalOf(backward)] : []), ...(gradient === null ? [] : [physicalOf(gradient.pass, gradient.sets)])];
    for (const arrays of sets) {
      if (arraysPerTile !== undefined) tiles += Math.ceil(arrays / arraysPerTile);
      if (arraysPerCore !== undefined) cores += Math.ceil(arrays / arraysPerCore);
    }
  }
  tiles = Math.max(1, tiles);
  const crossings = new Set<number>();
  for (const { layer } of plans) {
    if (layer.inputs.some(({ producer }) => producer > 0 && chipOf.get(producer) !== chipOf.get(layer.index))) crossings.add(layer.index);
  }
  if (chip.tiles === undefined) return { chips: 1, tiles, cores, crossings };
  const chips = Math.ceil(tiles / chip.tiles);
  const coresPerTile = arraysPerTile === undefined || arraysPerCore === undefined ? 0 : arraysPerTile / arraysPerCore;
  return { chips, tiles: chips * chip.tiles, cores: chips * chip.tiles * coresPerTile, crossings };
}

/** Wordlines and bitlines of a physical array, a reference column that is one more included. */
const linesOf = ({ crossbar, weights }: Config): { rows: number; columns: number } => ({
  rows: crossbar.rows, columns: crossbar.columns + (weights.sign === 'offset' && weights.referenceColumn === 'extra' ? 1 : 0),
});

/** Instances that `arrays` physical arrays take of a component that belongs to arrays; undefined for other scopes. */
function ofArrays(per: InstanceScope, arrays: number, driven: number, sensed: number, columnsPerConverter: number): number | undefined {
  switch (per) {
    case 'array': return arrays;
    case 'wordline': return arrays * driven;
    case 'bitline': return arrays * sensed;
    case 'converter': return arrays * Math.ceil(sensed / columnsPerConverter);
    default: return undefined;
  }
}

/** Instances that the whole design takes of a component that belongs to no layer. */
function ofWhole(per: InstanceScope, plans: readonly LayerPlan[], config: Config, chips: Chips): number {
  switch (per) {
    case 'bit': return plans.reduce((sum, { layer }) => sum + layer.weights, 0) * config.weights.bits;
    case 'core': return chips.cores;
    case 'unit': return config.digital?.units ?? 0;
    case 'tile': return chips.tiles;
    case 'chip': return chips.chips;
    default: throw new Error(`a component of scope ${per} belongs to a layer`);
  }
}

/** Counts the instances of every component that a stage uses, by layer and pass. */
export function countInstances(
  plans: readonly LayerPlan[], stages: readonly MachineStage[], buffers: readonly MachineBuffer[], config: Config, constants: Constants, chips: Chips,
  fail: (path: string[], message: string) => never,
): Instances[] {
  const lines = linesOf(config);
  const result: Instances[] = [];
  const whole = new Set<ComponentName>(config.links.chip.used ? ['chipLink'] : []);
  for (const stage of stages) {
    const arrays = arraysOf(plans, stage);
    const physical = arrays === null ? 0 : physicalOf(arrays.pass, arrays.sets);
    const [driven, sensed] = arrays?.transposed === true ? [lines.columns, lines.rows] : [lines.rows, lines.columns];
    const used = new Set<ComponentName>(stage.chain.units.flatMap((unit) => [unit.component, ...unit.actions.map(({ component }) => component)]));
    if (physical > 0) used.add(driverOf(config)).add(sensingOf(config));
    for (const component of used) {
      const { per, count } = constants.instances(component);
      const own = component === 'crossbar' && arrays?.transposed === true ? 0 : ofArrays(per, physical, driven, sensed, config.sensing.columnsPerConverter);
      const scale = own ?? (per === 'copy' ? arrays?.pass.copies ?? 1 : per === 'layer' ? 1 : undefined);
      if (scale === undefined) whole.add(component);
      else if (scale > 0) result.push({ component, layer: stage.layer, pass: stage.pass, count: scale * count });
    }
  }
  for (const component of whole) {
    const { per, count } = constants.instances(component);
    if (per === 'bit' && component !== 'weightMemory') {
      for (const buffer of buffers) result.push({ component, layer: buffer.layer, pass: null, count: buffer.capacityEntries * buffer.entryBits * count });
      continue;
    }
    if (per === 'core' && config.chip.arraysPerCore === undefined) fail(['chip', 'arraysPerCore'], `this key is missing, expected the arrays of a core (components.${component} has one instance for each)`);
    result.push({ component, layer: 0, pass: null, count: ofWhole(per, plans, config, chips) * count });
  }
  return result;
}

function arraysOf(plans: readonly LayerPlan[], stage: MachineStage): { pass: PassPlan; sets: number; transposed: boolean } | null {
  const plan = plans[stage.layer - 1];
  if (plan === undefined) return null;
  if (stage.pass === 'F') return { pass: plan.forward, sets: 1, transposed: false };
  if (stage.pass === 'B') return { pass: plan.backward!, sets: 1, transposed: plan.transposed };
  return { pass: plan.gradient!.pass, sets: plan.gradient!.sets, transposed: false };
}

/** Power and area of one tier of a chip. */
export interface Tier {
  powerW: number;
  areaMm2: number;
}

/** A full chip: what its components add up to when none of them rests. */
export interface RollUp {
  core: Tier;
  tile: Tier;
  chip: Tier;
  components: { component: ComponentName; per: InstanceScope; perChip: number; powerW: number; areaMm2: number }[];
  arrays: number;
  /** 2 operations a multiply-accumulate, every array reading in every slot. */
  peakGops: number;
}

const CORE_SCOPES: readonly InstanceScope[] = ['array', 'wordline', 'bitline', 'converter', 'core'];

/**
 * Rolls up a full chip of `chip.tiles` tiles (ISAAC's Table I, for one): instances x power or area of one. A component without `power` counts
 * with its leakage; components that belong to a layer's copies are not on a chip of their own and are left out.
 * @param slotTicks ticks of a slot.
 */
export function rollUpChip(config: Config, constants: Constants, components: readonly ComponentName[], slotTicks: number): RollUp {
  const { chip, crossbar, inputs } = config;
  const perTile = chip.arraysPerTile ?? 1;
  const perCore = chip.arraysPerCore ?? perTile;
  const tiles = chip.tiles ?? 1;
  const lines = linesOf(config);
  const slotS = slotTicks * 1e-12;
  const peakOf = (component: ComponentName): number => {
    const given = constants.power(component);
    if (given !== undefined) return given;
    return component === 'crossbar' && constants.device.read.per === 'array' ? constants.energy('crossbar', 'read') / slotS : constants.leakage(component);
  };
  const rows = components.flatMap((component) => {
    const { per, count } = constants.instances(component);
    const arrays = perTile * tiles;
    const own = ofArrays(per, arrays, lines.rows, lines.columns, config.sensing.columnsPerConverter) ?? ({ core: (arrays / perCore), tile: tiles, chip: 1 } as Partial<Record<InstanceScope, number>>)[per];
    if (own === undefined) return [];
    const perChip = own * count;
    return [{ component, per, perChip, powerW: perChip * peakOf(component), areaMm2: perChip * constants.area(component, crossbar.rows * crossbar.columns) }];
  });
  const sum = (scopes: readonly InstanceScope[], parts: number): Tier => {
    const own = rows.filter(({ per }) => scopes.includes(per));
    return { powerW: own.reduce((s, r) => s + r.powerW, 0) / parts, areaMm2: own.reduce((s, r) => s + r.areaMm2, 0) / parts };
  };
  const matrix = placeMatrix({ rows: crossbar.rows, columns: 1, groups: 1 }, crossbarLayout(config));
  const weightsPerArray = config.weights.slices === 'columns' ? Math.floor(crossbar.columns / matrix.slices) : crossbar.columns;
  const arrays = perTile * tiles;
  const slots = Math.ceil(inputs.bits / inputs.bitsPerSlot);
  return {
    core: sum(CORE_SCOPES, (tiles * perTile) / perCore), tile: sum([...CORE_SCOPES, 'tile'], tiles), chip: sum([...CORE_SCOPES, 'tile', 'chip'], 1),
    components: rows, arrays,
    peakGops: ((arrays / matrix.arraysPerLogical) * crossbar.rows * weightsPerArray * 2) / (slots * slotS) / 1e9,
  };
}
