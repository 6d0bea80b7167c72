// Gradient arrays: the layer's input is written into arrays and its error streams through them (docs/model.md section
// 3).

import { elementsOf } from '../workload/graph/index.js';
import type { WeightLayer } from '../workload/index.js';
import type { MatrixShape } from './matrix.js';
import { wavesFor } from './replication.js';

/** How gradient arrays are laid out. */
export interface GradientKnobs {
  mapping: 'unrolled' | 'plain';
  /** Vectors that go at once: a number for all layers, by layer name, or balanced to `steps`. */
  copies: number | 'balanced' | Record<string, number>;
  steps: number;
}

/** Error vectors that an image sends through its gradient arrays, and how many go at once. */
export interface GradientPlan {
  matrix: MatrixShape;
  vectors: number;
  replication: number;
  waves: number;
}

/**
 * With `biasRow` a column of ones beside the input, whose sums are the gradients of the biases.
 * `unrolled` (PipeLayer Fig. 12 as we read it): rows P, columns K_h K_w C_in / groups, C_out vectors, d written K_h K_w
 * times over;
 * `plain`: rows H_in W_in, columns C_in, K_h K_w C_out shifted vectors, d written once.
 */
export function planGradient(layer: WeightLayer, knobs: GradientKnobs, biasRow: boolean): GradientPlan {
  const { window, cin, cout, groups } = layer;
  const taps = elementsOf(window.kernel);
  const lstm = layer.serial;
  const positions = lstm ? layer.steps : layer.positions;
  const unrolled = knobs.mapping === 'unrolled' || layer.inPositions === 1 || lstm;
  const inputs = lstm ? layer.rows : unrolled ? (taps * cin) / groups : cin / groups;
  const columns = inputs + (biasRow && layer.biases > 0 ? 1 : 0);
  const matrix: MatrixShape = { rows: unrolled ? positions : layer.inPositions, columns, groups };
  const vectors = lstm ? layer.columns : unrolled ? cout / groups : (taps * cout) / groups;
  const replication = replicationOf(layer.name, vectors, knobs);
  return { matrix, vectors, replication, waves: wavesFor(vectors, replication) };
}

function replicationOf(name: string, vectors: number, { copies, steps }: GradientKnobs): number {
  if (copies === 'balanced') return Math.ceil(vectors / steps);
  const wanted = typeof copies === 'number' ? copies : (copies[name] ?? 1);
  return Math.min(wanted, vectors);
}
