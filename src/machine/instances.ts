// How many instances of every component a machine has, on how many tiles and chips.

import type { ComponentName, Constants, InstanceScope } from '../components/index.js';
import { InvariantError } from '../kernel/index.js';
import { failure, type Config, type LoadedRun } from '../run-config/index.js';
import type { WeightLayer } from '../workload/index.js';
import type { ArrayLines, Chips, Instances, MachineBuffer, MachineStage, Part } from './machine-types.js';

/** Places the arrays of the layers on tiles one after the other: forward, backward, gradient of each layer. */
export function chipsOf(layers: readonly WeightLayer[], parts: readonly Part[], { chip }: Config): Chips {
  const { arraysPerTile, arraysPerCore } = chip;
  const placements = parts.flatMap(({ cells }) => cells?.placements ?? []);
  const chipOf = new Map<number, number>();
  let tiles = 0;
  let cores = 0;
  let next = 0;
  for (const layer of layers) {
    if (chip.tiles !== undefined) chipOf.set(layer.index, Math.floor(tiles / chip.tiles));
    for (; next < placements.length && placements[next]!.layer === layer; next++) {
      const { arrays } = placements[next]!;
      if (arraysPerTile !== undefined) tiles += Math.ceil(arrays / arraysPerTile);
      if (arraysPerCore !== undefined) cores += Math.ceil(arrays / arraysPerCore);
    }
  }
  tiles = Math.max(1, tiles);
  const crossings = new Set<number>();
  for (const layer of layers) {
    if (layer.inputs.some(({ producer }) => producer > 0 && chipOf.get(producer) !== chipOf.get(layer.index)))
      crossings.add(layer.index);
  }
  if (chip.tiles === undefined) return { chips: 1, tiles, cores, crossings };
  const chips = Math.ceil(tiles / chip.tiles);
  const coresPerTile = arraysPerTile === undefined || arraysPerCore === undefined ? 0 : arraysPerTile / arraysPerCore;
  return { chips, tiles: chips * chip.tiles, cores: chips * chip.tiles * coresPerTile, crossings };
}

/** Instances that `arrays` physical arrays take of a component that belongs to arrays; undefined for other scopes. */
export function ofArrays(
  per: InstanceScope,
  arrays: number,
  { driven, sensed, converters }: ArrayLines,
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
function ofWhole(
  per: InstanceScope,
  layers: readonly WeightLayer[],
  parts: readonly Part[],
  config: Config,
  chips: Chips,
): number {
  switch (per) {
    case 'bit':
      return layers.reduce((sum, layer) => sum + layer.weights, 0) * config.weights.bits;
    case 'core':
      return chips.cores;
    case 'tile':
      return chips.tiles;
    case 'chip':
      return chips.chips;
    case 'unit':
      return parts.reduce((sum, part) => sum + (part.whole(per) ?? 0), 0);
    default:
      throw new InvariantError(`a component of scope ${per} belongs to a layer`);
  }
}

/** What a built machine is counted from. */
export interface Built {
  readonly run: LoadedRun;
  readonly constants: Constants;
  readonly parts: readonly Part[];
  readonly stages: readonly MachineStage[];
  readonly buffers: readonly MachineBuffer[];
  readonly chips: Chips;
  /** The part that serves a layer's passes; undefined for 0, the network as a whole. */
  readonly partOf: (layer: number) => Part | undefined;
}

/**
 * Counts the instances of every component that a stage uses, by layer and pass; on chips of a given size also those
 * that no layer uses.
 */
export function countInstances({ run, constants, parts, stages, buffers, chips, partOf }: Built): Instances[] {
  const { config, network, loaded } = run;
  const result: Instances[] = [];
  const whole = new Set<ComponentName>(config.links.chip.used ? ['chipLink'] : []);
  const withArrays = new Set<ComponentName>();
  let placed = 0;
  for (const stage of stages) {
    const hardware = partOf(stage.layer)?.hardware(stage);
    const arrays = hardware?.arrays ?? 0;
    const forward = hardware !== undefined && !hardware.borrowed;
    if (forward) placed += arrays;
    const used = new Set<ComponentName>(
      stage.chain.units.flatMap((unit) => [unit.component, ...unit.actions.map(({ component }) => component)]),
    );
    for (const component of hardware?.always ?? []) used.add(component);
    for (const component of used) {
      const { per, count } = constants.instances(component);
      const own =
        component === 'crossbar' && hardware?.borrowed === true
          ? 0
          : ofArrays(per, arrays, hardware ?? { driven: 0, sensed: 0, converters: 0 });
      if (own !== undefined && forward) withArrays.add(component);
      const scale = own ?? (per === 'copy' ? (hardware?.replication ?? 1) : per === 'layer' ? 1 : undefined);
      if (scale === undefined) whole.add(component);
      else if (scale > 0) result.push({ component, layer: stage.layer, pass: stage.pass, count: scale * count });
    }
  }
  const { tiles, arraysPerTile } = config.chip;
  const spare = tiles === undefined || arraysPerTile === undefined ? 0 : chips.tiles * arraysPerTile - placed;
  const lines = parts.find(({ cells }) => cells !== null)?.cells?.lines;
  for (const component of withArrays) {
    const { per, count } = constants.instances(component);
    const own = lines === undefined ? undefined : ofArrays(per, spare, lines);
    if (own !== undefined && own > 0) result.push({ component, layer: 0, pass: null, count: own * count });
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
      failure(loaded)(
        ['chip', 'arraysPerCore'],
        `this key is missing, expected the arrays of a core (components.${component} has one instance for each)`,
      );
    const ofDesign = ofWhole(per, network.layers, parts, config, chips);
    result.push({ component, layer: 0, pass: null, count: ofDesign * count });
  }
  return result;
}
