// The mapped network: for every weight layer its forward, backward and gradient arrays, copies and steps.

import { mapped } from '../kernel/index.js';
import type { WeightLayer } from '../workload/index.js';
import { planGradient, type GradientKnobs, type GradientPlan } from './gradient.js';
import { backwardMatrix, forwardMatrix, placeMatrix, type CrossbarLayout, type MatrixOnArrays } from './matrix.js';
import { replicate, stepsFor, type ReplicationKnobs } from './replication.js';

export interface MappingKnobs {
  layout: CrossbarLayout;
  copies: 'dedicated' | 'shared';
  replication: ReplicationKnobs;
  gradient: GradientKnobs;
  mode: 'inference' | 'training' | 'attack';
  /** Images of a batch whose gradient sets are held at once. */
  gradientSets: number;
}

/** A pass of a layer over arrays: copies, steps, and vectors of one image. */
export interface PassPlan {
  matrix: MatrixOnArrays;
  copies: number;
  vectors: number;
  steps: number;
  /** Steps depend on each other (LSTM). */
  serial: boolean;
}

export interface LayerPlan {
  layer: WeightLayer;
  forward: PassPlan;
  /** Null where the error goes no further (inference; training of a layer that reads only the network's input). */
  backward: PassPlan | null;
  /** The backward pass reads the forward arrays transposed. */
  transposed: boolean;
  gradient: (GradientPlan & { pass: PassPlan; sets: number }) | null;
}

/**
 * True where backpropagation goes through the layer: in training not where it reads only the network's input, in an
 * attack everywhere.
 */
function backpropagates(layer: WeightLayer, mode: MappingKnobs['mode']): boolean {
  if (mode === 'inference') return false;
  return mode === 'attack' || layer.inputs.some((input) => input.producer > 0);
}

/** Maps every weight layer (model.md section 3). */
export function planLayers(layers: readonly WeightLayer[], knobs: MappingKnobs): LayerPlan[] {
  const { layout, mode } = knobs;
  const forwards = mapped(layers, (layer) => placeMatrix(forwardMatrix(layer, layout.biasRow), layout));
  const copies = replicate(layers, knobs.replication, (layer) => forwards[layer.index - 1]!.logicalArrays);
  return mapped(layers, (layer, i) => {
    const serial = layer.type === 'lstm';
    const pass = (matrix: MatrixOnArrays, vectors: number): PassPlan => ({
      matrix,
      copies: copies[i]!,
      vectors,
      steps: stepsFor(vectors, copies[i]!),
      serial,
    });
    const vectors = serial ? layer.steps : layer.positions;
    const forward = pass(forwards[i]!, vectors);
    const transposed = knobs.copies === 'shared';
    const gradient = mode === 'training' ? planGradient(layer, knobs.gradient) : null;
    return {
      layer,
      forward,
      backward: !backpropagates(layer, mode)
        ? null
        : transposed
          ? pass(forwards[i]!, vectors)
          : pass(placeMatrix(backwardMatrix(layer), layout), serial ? layer.steps : layer.inPositions),
      transposed,
      gradient: gradient && {
        ...gradient,
        sets: knobs.gradientSets,
        pass: {
          matrix: placeMatrix(gradient.matrix, layout),
          copies: gradient.copies,
          vectors: gradient.vectors,
          steps: gradient.steps,
          serial: false,
        },
      },
    };
  });
}
