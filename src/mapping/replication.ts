// How many copies G of each layer's arrays there are, so that G input vectors go at once.

import { fitsPattern } from '../config/index.js';
import { mapped } from '../kernel/index.js';
import type { WeightLayer } from '../workload/index.js';

/** How the number of copies of each layer is chosen. */
export interface ReplicationKnobs {
  scheme: 'given' | 'balanced' | 'budget' | 'strides';
  /** `given`: copies by layer name; `*` stands for any letters (conv1_*: 1024). The first pattern that fits counts. */
  byLayer: Record<string, number>;
  /** `given`: what layers that no pattern fits get. */
  otherwise: 'one' | 'balanced';
  /** `balanced`: steps that every layer should take at most. */
  steps: number;
  /** `budget`, `strides`: logical forward arrays that may be used. */
  arrays: number;
}

/** A budget of arrays that does not hold one copy of each layer; the message says how many do. */
export class ReplicationError extends Error {
  override name = 'ReplicationError';
}

/**
 * Copies G of every weight layer; a layer never gets more copies than it has input vectors, steps are ceil(P / G).
 * @param arraysOf logical arrays of one forward copy.
 * @throws ReplicationError when the budget does not hold one copy of each layer.
 */
export function replicate(
  layers: readonly WeightLayer[],
  knobs: ReplicationKnobs,
  arraysOf: (layer: WeightLayer) => number,
): number[] {
  switch (knobs.scheme) {
    case 'given':
      return mapped(layers, (layer) => atMost(layer, given(layer, knobs)));
    case 'balanced':
      return mapped(layers, (layer) => atMost(layer, balanced(layer, knobs.steps)));
    case 'budget':
      return withinBudget(layers, knobs.arrays, arraysOf);
    case 'strides':
      return byStrides(layers, knobs.arrays, arraysOf);
  }
}

/** Input vectors of a layer that may go at once; an LSTM's time steps depend on each other. */
const parallelVectors = (layer: WeightLayer): number => (layer.serial ? 1 : layer.positions);

const atMost = (layer: WeightLayer, copies: number): number => Math.max(1, Math.min(copies, parallelVectors(layer)));

const balanced = (layer: WeightLayer, steps: number): number => Math.ceil(parallelVectors(layer) / steps);

function given(layer: WeightLayer, knobs: ReplicationKnobs): number {
  for (const [pattern, copies] of Object.entries(knobs.byLayer)) if (fitsPattern(pattern, layer.name)) return copies;
  return knobs.otherwise === 'one' ? 1 : balanced(layer, knobs.steps);
}

/**
 * From the last layer back, each layer gets the copies that feed its successor's strides, which is one for every
 * position; all but the last
 * are halved until the arrays hold them (Shafiee et al., ISAAC, ISCA 2016, Sec. IV).
 */
function byStrides(layers: readonly WeightLayer[], budget: number, arraysOf: (layer: WeightLayer) => number): number[] {
  const arrays = layers.map(arraysOf);
  for (let share = 1; ; share *= 2) {
    const copies = layers.map((layer) => balanced(layer, share));
    const taken = copies.reduce((sum, n, l) => sum + n * arrays[l]!, 0);
    if (taken <= budget) return copies;
    if (copies.every((n) => n === 1)) throw tooSmall(taken, budget);
  }
}

const tooSmall = (taken: number, budget: number): ReplicationError =>
  new ReplicationError(`one copy of each layer takes ${taken} logical arrays, the budget is ${budget}`);

/** Gives one more copy at a time to the layer with the most steps while the arrays last. */
function withinBudget(
  layers: readonly WeightLayer[],
  budget: number,
  arraysOf: (layer: WeightLayer) => number,
): number[] {
  const arrays = layers.map(arraysOf);
  const copies = layers.map(() => 1);
  let left = budget - arrays.reduce((sum, n) => sum + n, 0);
  if (left < 0) throw tooSmall(budget - left, budget);
  const open = new Set(layers.keys());
  while (open.size > 0) {
    let slowest = -1;
    for (const l of open)
      if (slowest < 0 || wavesOf(layers[l]!, copies[l]!) > wavesOf(layers[slowest]!, copies[slowest]!)) slowest = l;
    const layer = layers[slowest]!;
    const steps = wavesOf(layer, copies[slowest]!);
    // The fewest copies that save a step.
    const next = steps > 1 ? Math.ceil(parallelVectors(layer) / (steps - 1)) : Infinity;
    const cost = (next - copies[slowest]!) * arrays[slowest]!;
    if (steps === 1 || cost > left) {
      open.delete(slowest);
      continue;
    }
    left -= cost;
    copies[slowest] = next;
  }
  return copies;
}

/** Waves of a pass over `vectors`, of which `replication` go at once. */
export const wavesFor = (vectors: number, replication: number): number => Math.ceil(vectors / replication);

const wavesOf = (layer: WeightLayer, replication: number): number => wavesFor(parallelVectors(layer), replication);
