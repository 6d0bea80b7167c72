// How many instances of every component a machine has, on how many tiles and chips.

import type { Config } from '../run-config/index.js';
import type { ComponentName, Constants, InstanceScope } from '../components/index.js';
import type { LayerPlan, PassPlan } from '../mapping/index.js';
import { driverOf, sensingOf } from './chain-units.js';
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
    const sets = [
      physicalOf(forward),
      ...(backward !== null && !transposed ? [physicalOf(backward)] : []),
      ...(gradient === null ? [] : [physicalOf(gradient.pass, gradient.sets)]),
    ];
    for (const arrays of sets) {
      if (arraysPerTile !== undefined) tiles += Math.ceil(arrays / arraysPerTile);
      if (arraysPerCore !== undefined) cores += Math.ceil(arrays / arraysPerCore);
    }
  }
  tiles = Math.max(1, tiles);
  const crossings = new Set<number>();
  for (const { layer } of plans) {
    if (layer.inputs.some(({ producer }) => producer > 0 && chipOf.get(producer) !== chipOf.get(layer.index)))
      crossings.add(layer.index);
  }
  if (chip.tiles === undefined) return { chips: 1, tiles, cores, crossings };
  const chips = Math.ceil(tiles / chip.tiles);
  const coresPerTile = arraysPerTile === undefined || arraysPerCore === undefined ? 0 : arraysPerTile / arraysPerCore;
  return { chips, tiles: chips * chip.tiles, cores: chips * chip.tiles * coresPerTile, crossings };
}

/** Wordlines and bitlines of a physical array, a reference column that is one more included. */
export const linesOf = ({ crossbar, weights }: Config): { rows: number; columns: number } => ({
  rows: crossbar.rows,
  columns: crossbar.columns + (weights.sign === 'offset' && weights.referenceColumn === 'extra' ? 1 : 0),
});

/**
 * Converters of an array: those of its own lines take a reference column that is one more along (ISAAC Table I: one ADC
 * for 128 columns and the unit column).
 */
export const convertersOf = ({ crossbar, sensing }: Config, transposed: boolean): number =>
  Math.ceil((transposed ? crossbar.rows : crossbar.columns) / sensing.columnsPerConverter);

/** Instances that `arrays` physical arrays take of a component that belongs to arrays; undefined for other scopes. */
export function ofArrays(
  per: InstanceScope,
  arrays: number,
  driven: number,
  sensed: number,
  converters: number,
): number | undefined {
  switch (per) {
    case 'array':
      return arrays;
    case 'wordline':
      return arrays * driven;
    case 'bitline':
      return arrays * sensed;
    case 'converter':
      return arrays * converters;
    default:
      return undefined;
  }
}

/** Instances that the whole design takes of a component that belongs to no layer. */
function ofWhole(per: InstanceScope, plans: readonly LayerPlan[], config: Config, chips: Chips): number {
  switch (per) {
    case 'bit':
      return plans.reduce((sum, { layer }) => sum + layer.weights, 0) * config.weights.bits;
    case 'core':
      return chips.cores;
    case 'unit':
      return config.digital?.units ?? 0;
    case 'tile':
      return chips.tiles;
    case 'chip':
      return chips.chips;
    default:
      throw new Error(`a component of scope ${per} belongs to a layer`);
  }
}

/**
 * Counts the instances of every component that a stage uses, by layer and pass; on chips of a given size also those
 * that no layer uses.
 */
export function countInstances(
  plans: readonly LayerPlan[],
  stages: readonly MachineStage[],
  buffers: readonly MachineBuffer[],
  config: Config,
  constants: Constants,
  chips: Chips,
  fail: (path: string[], message: string) => never,
): Instances[] {
  const lines = linesOf(config);
  const result: Instances[] = [];
  const whole = new Set<ComponentName>(config.links.chip.used ? ['chipLink'] : []);
  const withArrays = new Set<ComponentName>();
  let placed = 0;
  for (const stage of stages) {
    const arrays = arraysOf(plans, stage);
    const physical = arrays === null ? 0 : physicalOf(arrays.pass, arrays.sets);
    const forward = arrays !== null && !arrays.transposed;
    if (forward) placed += physical;
    const [driven, sensed] = arrays?.transposed === true ? [lines.columns, lines.rows] : [lines.rows, lines.columns];
    const used = new Set<ComponentName>(
      stage.chain.units.flatMap((unit) => [unit.component, ...unit.actions.map(({ component }) => component)]),
    );
    if (physical > 0) used.add(driverOf(config)).add(sensingOf(config));
    for (const component of used) {
      const { per, count } = constants.instances(component);
      const own =
        component === 'crossbar' && arrays?.transposed === true
          ? 0
          : ofArrays(per, physical, driven, sensed, convertersOf(config, arrays?.transposed === true));
      if (own !== undefined && forward) withArrays.add(component);
      const scale = own ?? (per === 'copy' ? (arrays?.pass.copies ?? 1) : per === 'layer' ? 1 : undefined);
      if (scale === undefined) whole.add(component);
      else if (scale > 0) result.push({ component, layer: stage.layer, pass: stage.pass, count: scale * count });
    }
  }
  const { tiles, arraysPerTile } = config.chip;
  const spare = tiles === undefined || arraysPerTile === undefined ? 0 : chips.tiles * arraysPerTile - placed;
  for (const component of withArrays) {
    const { per, count } = constants.instances(component);
    const own = ofArrays(per, spare, lines.rows, lines.columns, convertersOf(config, false))!;
    if (own > 0) result.push({ component, layer: 0, pass: null, count: own * count });
  }
  for (const component of whole) {
    const { per, count } = constants.instances(component);
    if (per === 'bit' && component !== 'weightMemory') {
      for (const buffer of buffers)
        result.push({
          component,
          layer: buffer.layer,
          pass: null,
          count: buffer.capacityEntries * buffer.entryBits * count,
        });
      continue;
    }
    if (per === 'core' && config.chip.arraysPerCore === undefined)
      fail(
        ['chip', 'arraysPerCore'],
        `this key is missing, expected the arrays of a core (components.${component} has one instance for each)`,
      );
    result.push({ component, layer: 0, pass: null, count: ofWhole(per, plans, config, chips) * count });
  }
  return result;
}

function arraysOf(
  plans: readonly LayerPlan[],
  stage: MachineStage,
): { pass: PassPlan; sets: number; transposed: boolean } | null {
  const plan = plans[stage.layer - 1];
  if (plan === undefined) return null;
  if (stage.pass === 'F') return { pass: plan.forward, sets: 1, transposed: false };
  if (stage.pass === 'B') return { pass: plan.backward!, sets: 1, transposed: plan.transposed };
  return { pass: plan.gradient!.pass, sets: plan.gradient!.sets, transposed: false };
}
