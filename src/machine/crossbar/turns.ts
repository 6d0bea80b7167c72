// Layers that take turns on the arrays of a chip where these do not hold them all (docs/model.md section 3).

import { forwardMatrix, placeMatrix, planLayers, replicate, ReplicationError } from '../../mapping/index.js';
import { failure, kindOfLayer, type Config, type LoadedRun } from '../../run-config/index.js';
import type { WeightLayer } from '../../workload/index.js';
import type { Turns } from '../machine-types.js';
import { crossbarLayout, mappingKnobs } from './layout.js';
import { splitLayers } from './split.js';

/** Physical arrays of a chip; undefined where the config does not say. */
export const arraysOfChip = ({ chip: { tiles, arraysPerTile, arrays } }: Config): number | undefined =>
  tiles !== undefined && arraysPerTile !== undefined ? tiles * arraysPerTile : arrays;

/** Where a key of the config is wrong. */
type Fail = (path: string[], message: string) => never;

/**
 * Turns of a run; null where the arrays hold all layers as the config maps them, or layers do not take turns. One turn:
 * with fewer copies they hold all.
 */
export function turnsOf(run: LoadedRun): Turns | null {
  const { config, network, workload, loaded } = run;
  const { mapping, chip } = config;
  if (mapping.overflow === 'refuse' || config.digital !== undefined) return null;
  const fail = failure(loaded);
  const arrays = arraysOfChip(config);
  if (arrays === undefined)
    return fail(
      ['mapping', 'overflow'],
      'found reload, but nothing says how many arrays there are; expected chip.arrays, or chip.tiles and ' +
        'chip.arraysPerTile',
    );
  const perTile = (chip.tiles === undefined ? undefined : chip.arraysPerTile) ?? 1;
  const capacity = Math.floor(arrays / perTile);
  const layout = crossbarLayout(config);
  const onArrays = (layer: WeightLayer): boolean => kindOfLayer(config, layer) === 'crossbar';
  const arraysOf = (layer: WeightLayer): number => placeMatrix(forwardMatrix(layer, layout), layout).physicalArrays;
  const size = (layer: WeightLayer, copies: number): number =>
    onArrays(layer) ? Math.ceil((arraysOf(layer) * copies) / perTile) : 0;
  if (fits(run, network.layers.filter(onArrays), capacity, perTile)) return null;
  if (workload.mode !== 'inference')
    fail(['mapping', 'overflow'], `found reload, which runs inference only, but ${workload.mode} takes more arrays`);
  const split = splitLayers(network, (layer) => partsOf(layer, (part) => size(part, 1) <= capacity, fail));
  // As many copies as are asked for, as far as the chip holds them; a budget is shared out within a turn.
  const budget = mapping.replication.scheme === 'budget' || mapping.replication.scheme === 'strides';
  const wanted = budget
    ? split.layers.map(() => 1)
    : replicate(split.layers, { ...mapping.replication, arrays: Infinity }, arraysOf);
  const copies = split.layers.map((layer, i) => {
    const most = onArrays(layer) ? Math.floor((capacity * perTile) / arraysOf(layer)) : Infinity;
    return Math.max(1, Math.min(wanted[i]!, most));
  });
  const turns = inTurns(split.layers, (layer) => size(layer, copies[layer.index - 1]!), capacity);
  if (turns.length > 1) checkTurns(run, fail);
  const copiesOf = new Map(split.layers.map(({ index }, i) => [index, copies[i]!]));
  if (budget)
    for (const layers of turns) {
      const own = layers.filter(onArrays);
      if (own.length === 0) continue;
      const { arraysPerLogical } = placeMatrix(forwardMatrix(own[0]!, layout), layout);
      const logical = (layer: WeightLayer): number => arraysOf(layer) / arraysPerLogical;
      const least = own.reduce((sum, layer) => sum + logical(layer), 0);
      // A layer's last tile may be half empty.
      const spare = Math.floor(((capacity - (perTile === 1 ? 0 : own.length)) * perTile) / arraysPerLogical);
      const knobs = { ...mapping.replication, arrays: Math.max(least, spare) };
      replicate(own, knobs, logical).forEach((n, i) => copiesOf.set(own[i]!.index, n));
    }
  return {
    run: { ...run, network: split },
    count: turns.length,
    turnOf: new Map(turns.flatMap((layers, turn) => layers.map(({ index }) => [index, turn]))),
    copiesOf,
    arrays,
  };
}

/** Layers that take turns serve whole batches. */
function checkTurns({ config: { pipeline, buffers }, workload }: LoadedRun, fail: Fail): void {
  if (pipeline.granularity === 'row')
    fail(['pipeline', 'granularity'], 'found row, but layers that take turns serve whole batches; expected image');
  if (!pipeline.enabled)
    fail(['pipeline', 'enabled'], 'found false, but layers that take turns serve whole batches; expected true');
  const { entries } = buffers;
  if (entries !== undefined && entries < workload.batch)
    fail(['buffers', 'entries'], `found ${entries}, but layers that take turns keep a batch of ${workload.batch}`);
}

/** True where the chip holds all layers as the config maps them. */
function fits(run: LoadedRun, layers: readonly WeightLayer[], capacity: number, perTile: number): boolean {
  try {
    const sizes = planLayers(layers, mappingKnobs(run)).flatMap(({ forward, backward, transposed, gradient }) => [
      forward.matrix.physicalArrays * forward.replication,
      backward === null || transposed ? 0 : backward.matrix.physicalArrays * backward.replication,
      gradient === null ? 0 : gradient.pass.matrix.physicalArrays * gradient.pass.replication * gradient.images,
    ]);
    return sizes.reduce((sum, physical) => sum + Math.ceil(physical / perTile), 0) <= capacity;
  } catch (error) {
    if (error instanceof ReplicationError) return false;
    throw error;
  }
}

/** The fewest parts of a layer of which each fits the chip. */
function partsOf(layer: WeightLayer, fitsChip: (layer: WeightLayer) => boolean, fail: Fail): number {
  if (fitsChip(layer)) return 1;
  const whole = layer.groups === 1 && !layer.serial && layer.dynamic === null;
  const narrowed = (parts: number): WeightLayer => ({ ...layer, columns: Math.ceil(layer.cout / parts) });
  const parts = whole ? fewest(layer.cout, (n) => fitsChip(narrowed(n))) : null;
  if (parts === null)
    return fail(
      ['mapping', 'overflow'],
      `found reload, but the chip does not hold layer "${layer.name}"` +
        `${whole ? ', not even a column of its tiles' : ', which is not cut'}; expected a larger chip`,
    );
  return parts;
}

/** The least n up to `most` of which this is true, where it stays so; null for none. */
function fewest(most: number, is: (n: number) => boolean): number | null {
  if (!is(most)) return null;
  let [no, yes] = [1, most];
  while (yes - no > 1) {
    const middle = Math.floor((no + yes) / 2);
    if (is(middle)) yes = middle;
    else no = middle;
  }
  return yes;
}

/** Layers in order, as many a turn as the chip holds. */
function inTurns(
  layers: readonly WeightLayer[],
  size: (layer: WeightLayer) => number,
  capacity: number,
): WeightLayer[][] {
  const turns: WeightLayer[][] = [[]];
  let taken = 0;
  for (const layer of layers) {
    const own = size(layer);
    if (taken + own > capacity) {
      turns.push([]);
      taken = 0;
    }
    turns.at(-1)!.push(layer);
    taken += own;
  }
  return turns;
}
