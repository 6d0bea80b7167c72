// The mapped network: for every weight layer its forward, backward and gradient pass, replication and waves.

import { mapped } from '../kernel/index.js';
import { elementsOf } from '../workload/graph/index.js';
import type { WeightLayer } from '../workload/index.js';
import { planGradient, type GradientKnobs } from './gradient.js';
import {
  backwardMatrix,
  forwardMatrix,
  placeMatrix,
  type CrossbarLayout,
  type MatrixOnArrays,
  type MatrixShape,
} from './matrix.js';
import { replicate, wavesFor, type ReplicationKnobs } from './replication.js';

/** What the mapping of a network depends on. */
export interface MappingKnobs {
  layout: CrossbarLayout;
  copies: 'dedicated' | 'shared';
  replication: ReplicationKnobs;
  gradient: GradientKnobs;
  /** Positions whose windows reach into padding. */
  padded: 'read' | 'dropped';
  mode: 'inference' | 'training' | 'attack';
  /** Copies of a layer, by its number, where layers take turns on the arrays and so are given them. */
  copiesOf?: ReadonlyMap<number, number>;
  /** Images of a batch whose gradient arrays are held at once. */
  gradientImages: number;
}

/** A pass of a layer over hardware: how many input vectors go at once, and in how many waves those of an image go. */
export interface PassPlan {
  matrix: MatrixShape;
  /** Input vectors that go at once: copies of the arrays, or positions that digital units take. */
  replication: number;
  /** Input vectors of an image. */
  vectors: number;
  /** ceil(vectors / replication). */
  waves: number;
  /** Waves depend on each other (LSTM). */
  serial: boolean;
}

/** A pass whose matrix stands in crossbar arrays. */
export interface ArrayPass extends PassPlan {
  matrix: MatrixOnArrays;
  reads: VectorReads;
}

/** What a vector takes of the arrays. */
export interface VectorReads {
  /** Reads of all arrays, one after the other. */
  readsPerVector: number;
  /** Times that the vector's values drive their lines over all reads; lines at 0 drive nothing. */
  drivesPerVector: number;
}

const ONE_READ: VectorReads = { readsPerVector: 1, drivesPerVector: 1 };

/**
 * Reads of a vector. The reset gate of a GRU stands between the products of its joint matrix, which is therefore read
 * twice a step: reset behind the product, inputs and state drive it apart; before, inputs drive it beside the state and
 * then beside the reset state. Going back, reset behind, the hidden gate's errors differ between the two halves and all
 * gates drive twice; before, the hidden gate's errors go first and the others' after them.
 */
function readsOf({ node: { operator } }: WeightLayer, back: boolean): VectorReads {
  if (operator.kind !== 'recurrent' || operator.cell !== 'gru') return ONE_READ;
  return { readsPerVector: 2, drivesPerVector: operator.linearBeforeReset === back ? 2 : 1 };
}

/** The passes of a layer on the hardware; null for those that the mode does not have. */
export interface LayerPlan<P extends PassPlan = PassPlan> {
  layer: WeightLayer;
  forward: P;
  /** Null where the error goes no further (inference; training of a layer that reads only the network's input). */
  backward: P | null;
  /** The backward pass reads the forward arrays transposed. */
  transposed: boolean;
  /** `images`: images of a batch that have arrays of their own. Null outside training. */
  gradient: { pass: P; images: number } | null;
}

/**
 * True where backpropagation goes through the layer: in an attack everywhere; in training not where it reads only the
 * network's input, unless that was made with constants that are trained, or its own earlier steps wait for the error.
 */
export function backpropagates(layer: WeightLayer, mode: MappingKnobs['mode']): boolean {
  if (mode === 'inference') return false;
  if (mode === 'attack' || layer.trainsInput || (layer.serial && layer.steps > 1)) return true;
  return layer.inputs.some((input) => input.producer > 0);
}

/** Input vectors of an image: positions, or the time steps of an LSTM. */
export const vectorsOf = (layer: WeightLayer): number => (layer.serial ? layer.steps : layer.positions);

/** Input vectors of an image whose windows lie inside the map: at least one. */
export function vectorsInside(layer: WeightLayer): number {
  const { type, window, inShape, outShape } = layer;
  if (type !== 'conv2d' && type !== 'conv3d' && type !== 'adder2d') return vectorsOf(layer);
  const inside = outShape.space.map((outputs, axis) => {
    const [stride, before] = [window.strides[axis]!, window.padBegin[axis]!];
    const spread = (window.kernel[axis]! - 1) * window.dilations[axis]! + 1;
    const first = Math.ceil(before / stride);
    const last = Math.floor((inShape.space[axis]! - spread + before) / stride);
    return Math.max(0, Math.min(last, outputs - 1) - first + 1);
  });
  return Math.max(1, elementsOf(inside));
}

/**
 * Maps every weight layer onto crossbar arrays.
 * @throws ReplicationError when a budget of arrays does not hold one copy of each layer.
 */
export function planLayers(layers: readonly WeightLayer[], knobs: MappingKnobs): LayerPlan<ArrayPass>[] {
  const { layout, mode } = knobs;
  const place = placingOnce(layout);
  const forwards = mapped(layers, (layer) => place(forwardMatrix(layer, layout)));
  const placed = new Map(layers.map((layer, i) => [layer, forwards[i]!]));
  const { copiesOf } = knobs;
  const replication =
    copiesOf === undefined
      ? replicate(layers, knobs.replication, (layer) => placed.get(layer)!.logicalArrays)
      : mapped(layers, ({ index }) => copiesOf.get(index)!);
  return mapped(layers, (layer, i) => {
    const { serial } = layer;
    const pass = (matrix: MatrixOnArrays, vectors: number, reads: VectorReads): ArrayPass => ({
      matrix,
      reads,
      replication: replication[i]!,
      vectors,
      waves: wavesFor(vectors, replication[i]!),
      serial,
    });
    const vectors = knobs.padded === 'dropped' ? vectorsInside(layer) : vectorsOf(layer);
    const forward = pass(forwards[i]!, vectors, readsOf(layer, false));
    const back = readsOf(layer, true);
    const transposed = knobs.copies === 'shared';
    const gradient = mode === 'training' ? planGradient(layer, knobs.gradient, layout.biasRow) : null;
    return {
      layer,
      forward,
      backward: !backpropagates(layer, mode)
        ? null
        : transposed
          ? pass(forwards[i]!, vectors, back)
          : pass(place(backwardMatrix(layer)), serial ? layer.steps : layer.inPositions, back),
      transposed,
      gradient: gradient && {
        images: knobs.gradientImages,
        pass: { ...gradient, matrix: place(gradient.matrix), serial: false, reads: ONE_READ },
      },
    };
  });
}

/** Lays matrices onto arrays; equal ones are the same object. */
function placingOnce(layout: CrossbarLayout): (shape: MatrixShape) => MatrixOnArrays {
  const placed = new Map<string, MatrixOnArrays>();
  return (shape) => {
    const key = `${shape.rows} ${shape.columns} ${shape.groups}`;
    let matrix = placed.get(key);
    if (matrix === undefined) placed.set(key, (matrix = placeMatrix(shape, layout)));
    return matrix;
  };
}
