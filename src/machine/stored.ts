// What of a layer's outputs is stored: activations, or the masks and indices that backpropagation needs of them.

import type { Config } from '../run-config/index.js';
import { elementsOf, type Graph, type Node } from '../workload/graph/index.js';
import { indexBits, valuesOf, type FoundAgain, type PoolStep, type WeightLayer } from '../workload/index.js';

/** Batch norms of a stage that training does: those that inference folds, and those that stand alone. */
export function batchNormsOf(
  { tensors }: Graph,
  { nodes, folded }: Pick<WeightLayer, 'nodes' | 'folded'>,
): { norms: readonly Node[]; elements: number } {
  const alone = nodes.filter(({ operator }) => operator.kind === 'norm' && operator.norm === 'batch');
  const norms = folded.length === 0 ? alone : [...folded, ...alone];
  return { norms, elements: norms.reduce((sum, { outputs }) => sum + elementsOf(tensors[outputs[0]!]!.shape), 0) };
}

/** What a stage's own way back finds again of an image, batch norms of training aside. */
export const foundIn = ({ found }: WeightLayer, { workload: { mode }, neurons }: Config): FoundAgain =>
  found[mode === 'training' ? mode : neurons];

/** Values of an image that a stage stores for the way back alone; 0 in inference. */
export function keptValues(layer: WeightLayer, config: Config, graph: Graph): number {
  const { mode } = config.workload;
  if (mode === 'inference') return 0;
  return foundIn(layer, config).kept + (mode === 'training' ? batchNormsOf(graph, layer).elements : 0);
}

/** Pools behind a stage's product. */
export const poolsBehind = ({ pools, before }: WeightLayer): PoolStep[] =>
  pools.filter(({ node }) => !before.includes(node));

/** Bits that masking and routing the errors of a layer's outputs take beside them. @param outputs are still there. */
function derivativeBits(layer: WeightLayer, { inputs: { bits } }: Config, outputs: boolean): number {
  const { masking } = layer;
  const mask = masking === null || (outputs && !masking.byInput) ? 0 : masking.values * (masking.bit ? 1 : bits);
  return poolsBehind(layer).reduce((sum, pool) => sum + valuesOf(pool.outShape) * indexBits(pool), mask);
}

/** What backward passes of its readers need: derivative masks, arg-max indices; nothing where nobody reads it. */
export const readersBits = (layer: WeightLayer, config: Config): number =>
  layer.consumers.length === 0 ? 0 : derivativeBits(layer, config, false);

/** What E needs beside the network's output, which is still there. */
export const outputBits = (layer: WeightLayer, config: Config): number =>
  layer.isOutput ? derivativeBits(layer, config, true) : 0;

/**
 * Bits that backpropagation needs of a layer when its neurons are not kept: derivative masks, arg-max indices, and
 * values that its operators find again (docs/model.md section 4).
 */
export const maskBits = (layer: WeightLayer, config: Config): number => {
  const { bits, kept } = layer.found.masks;
  return Math.max(readersBits(layer, config), outputBits(layer, config)) + bits + kept * config.inputs.bits;
};

/** Values by which its readers mask and route the errors of a layer's outputs where neurons are kept. */
export const derivativeValues = (layer: WeightLayer, config: Config): number =>
  layer.masking?.byInput === true ? layer.masking.values : storedActivations(layer, config);

/** What E reads beside the network's output: inputs of its functions, values before its pools where they are stored. */
export function outputValues(layer: WeightLayer, config: Config): number {
  if (!layer.isOutput) return 0;
  const byInput = layer.masking?.byInput === true;
  if (!byInput && poolsBehind(layer).length === 0) return 0;
  return derivativeValues(layer, config) - (byInput ? 0 : layer.pooledNeurons);
}

/** Values of a layer's output that are stored: before its pools or after them. */
export const storedActivations = (layer: WeightLayer, config: Config): number =>
  config.buffers.pooling === 'before' ? layer.storedNeurons : layer.pooledNeurons;
