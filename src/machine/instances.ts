// How many instances of every component a machine has, on how many tiles and chips.

import {
  less,
  times,
  type ComponentName,
  type Constants,
  type Count,
  type InstanceScope,
} from '../components/index.js';
import { InvariantError } from '../kernel/index.js';
import { failure, type Config, type LoadedRun } from '../run-config/index.js';
import type { WeightLayer } from '../workload/index.js';
import type {
  ArrayLines,
  Chips,
  Instances,
  MachineBuffer,
  MachineStage,
  Part,
  StageHardware,
  Turns,
} from './machine-types.js';

/** Places the arrays of the layers on tiles one after the other: forward, backward, gradient of each layer. */
export function chipsOf(
  layers: readonly WeightLayer[],
  parts: readonly Part[],
  { chip }: Config,
  turns: Turns | null,
): Chips {
  const { arraysPerTile, arraysPerCore } = chip;
  if (turns !== null)
    return {
      chips: 1,
      tiles: chip.tiles ?? Math.ceil(turns.arrays / (arraysPerTile ?? turns.arrays)),
      cores: arraysPerCore === undefined ? 0 : Math.ceil(turns.arrays / arraysPerCore),
      crossings: new Map(),
    };
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
  const crossings = new Map<number, number>();
  for (const { index, reads } of layers)
    for (const [producer, values] of reads)
      if (producer > 0 && chipOf.get(producer) !== chipOf.get(index))
        crossings.set(index, (crossings.get(index) ?? 0) + values);
  if (chip.tiles === undefined) return { chips: 1, tiles, cores, crossings };
  const chips = Math.ceil(tiles / chip.tiles);
  const coresPerTile = arraysPerTile === undefined || arraysPerCore === undefined ? 0 : arraysPerTile / arraysPerCore;
  return { chips, tiles: chips * chip.tiles, cores: chips * chip.tiles * coresPerTile, crossings };
}

/** Instances that physical arrays take of a component that belongs to arrays; undefined for other scopes. */
export function ofArrays(per: InstanceScope, arrays: Count, lines: ArrayLines, each: Count): Count | undefined {
  switch (per) {
    case 'array':
      return times({ arrays, each });
    case 'wordline':
      return times({ arrays, drivenOfArray: lines.driven, each });
    case 'bitline':
      return times({ arrays, sensedOfArray: lines.sensed, each });
    case 'converter':
      return times({ arrays, convertersOfArray: lines.converters, each });
    default:
      return undefined;
  }
}

/** Instances that the whole design takes of a component that belongs to no layer. */
function ofWhole(per: InstanceScope, { run, parts, chips }: Built, each: Count): Count {
  const { config, network } = run;
  switch (per) {
    case 'bit':
      return times({
        designWeights: network.layers.reduce((sum, layer) => sum + layer.weights, 0),
        weightBits: config.weights.bits,
        each,
      });
    case 'core':
      return times({ coresOfDesign: chips.cores, each });
    case 'tile':
      return times({ tilesOfDesign: chips.tiles, each });
    case 'chip':
      return times({ chipsOfDesign: chips.chips, each });
    case 'lane':
      return times({ lanes: config.vector.lanes, each });
    case 'unit':
      return times({ units: parts.reduce((sum, part) => sum + (part.whole(per) ?? 0), 0), each });
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
  readonly turns: Turns | null;
  /** The part that serves a layer's passes; undefined for 0, the network as a whole. */
  readonly partOf: (layer: number) => Part | undefined;
}

/**
 * Counts the instances of every component that a stage uses, by layer and pass; on chips of a given size also those
 * that no layer uses.
 */
export function countInstances(built: Built): Instances[] {
  const { run, constants, parts, stages, buffers, chips, turns, partOf } = built;
  const { config, loaded } = run;
  const result: Instances[] = [];
  const whole = new Set<ComponentName>(config.links.chip.used ? ['chipLink'] : []);
  const withArrays = new Set<ComponentName>();
  let placed = 0;
  for (const stage of stages) {
    const hardware = partOf(stage.layer)?.hardware(stage);
    const arrays = times({ ownArrays: hardware?.arrays ?? 0 });
    const forward = hardware !== undefined && !hardware.borrowed;
    if (forward) placed += arrays.value;
    const used = new Set<ComponentName>(
      stage.chain.units.flatMap((unit) => [unit.component, ...unit.actions.map(({ component }) => component)]),
    );
    for (const component of hardware?.always ?? []) used.add(component);
    for (const component of used) {
      const { per, count: each } = constants.instances(component);
      const own = ofArrays(per, arrays, hardware ?? NO_LINES, each);
      if (own !== undefined && forward) withArrays.add(component);
      // The arrays themselves are another stage's where they are read transposed.
      if (component === 'crossbar' && hardware?.borrowed === true) continue;
      // Arrays on which layers take turns are the chip's.
      if (own !== undefined && turns !== null) continue;
      const count = own ?? ofStage(per, hardware, config.vector, each);
      if (count === undefined) whole.add(component);
      else if (count.value > 0) result.push({ component, layer: stage.layer, pass: stage.pass, count, buffer: null });
    }
  }
  const { tiles, arraysPerTile, arrays: arraysOfChip } = config.chip;
  const lines = parts.find(({ cells }) => cells !== null)?.cells?.lines;
  const chipArrays =
    tiles !== undefined && arraysPerTile !== undefined
      ? times({ tilesOfDesign: chips.tiles, arraysPerTile })
      : arraysOfChip === undefined
        ? null
        : times({ arraysOfChip });
  if (chipArrays !== null && lines !== undefined) {
    const spare = turns === null ? less({ chipArrays, usedArrays: placed }) : chipArrays;
    for (const component of withArrays) {
      const { per, count: each } = constants.instances(component);
      const count = ofArrays(per, spare, lines, each)!;
      if (count.value > 0) result.push({ component, layer: 0, pass: null, count, buffer: null });
    }
  }
  for (const component of whole) {
    const { per, count: each } = constants.instances(component);
    if (per === 'bit' && component !== 'weightMemory') {
      for (const { layer, name, capacityEntries, entryBits } of buffers) {
        const count = times({ capacityEntries, entryBits, each });
        result.push({ component, layer, pass: null, count, buffer: name });
      }
      continue;
    }
    if (per === 'core' && config.chip.arraysPerCore === undefined)
      failure(loaded)(
        ['chip', 'arraysPerCore'],
        `this key is missing, expected the arrays of a core (components.${component} has one instance for each)`,
      );
    result.push({ component, layer: 0, pass: null, count: ofWhole(per, built, each), buffer: null });
  }
  return result;
}

/** Lines of what has no arrays. */
const NO_LINES: ArrayLines = { driven: 0, sensed: 0, converters: 0 };

/** Instances that a stage has of a component of its copies or of its layer; undefined for other scopes. */
function ofStage(
  per: InstanceScope,
  hardware: StageHardware | undefined,
  { lanes, shared }: Config['vector'],
  each: Count,
): Count | undefined {
  if (per === 'copy')
    return hardware === undefined ? times({ each }) : times({ replication: hardware.replication, each });
  if (per === 'lane' && !shared) return times({ lanes, each });
  return per === 'layer' ? times({ each }) : undefined;
}
