// What of a layer's outputs is stored: activations, or the masks and indices that backpropagation needs of them.

import type { Config } from '../run-config/index.js';
import { elementsOf, type Graph, type Node } from '../workload/graph/index.js';
import { valuesOf, type WeightLayer } from '../workload/index.js';

/** Batch norms of a stage that training does: those that inference folds, and those that stand alone. */
export function batchNormsOf(
  { tensors }: Graph,
  { nodes, folded }: Pick<WeightLayer, 'nodes' | 'folded'>,
): { norms: readonly Node[]; elements: number } {
  const alone = nodes.filter(({ operator }) => operator.kind === 'norm' && operator.norm === 'batch');
  const norms = folded.length === 0 ? alone : [...folded, ...alone];
  return { norms, elements: norms.reduce((sum, { outputs }) => sum + elementsOf(tensors[outputs[0]!]!.shape), 0) };
}

/** Values of an image that a stage stores for going back through its operators alone; 0 in inference. */
export function keptValues(layer: WeightLayer, { workload: { mode } }: Config, graph: Graph): number {
  if (mode === 'inference') return 0;
  return layer.kept + (mode === 'training' ? batchNormsOf(graph, layer).elements : 0);
}

/**
 * Bits that backpropagation needs of a layer when its neurons are not kept: derivative mask, arg-max index, and values
 * that its operators find again (docs/model.md section 4).
 */
export function maskBits(layer: WeightLayer, config: Config, graph: Graph): number {
  const valueBits = config.inputs.bits;
  const { activation } = layer;
  const derivative = activation === 'relu' ? 1 : activation === 'none' || activation === 'lstm' ? 0 : valueBits;
  const indexes = layer.pools.reduce((sum, { kind, window, outShape }) => {
    const places = elementsOf(window.kernel);
    return sum + (kind === 'max' ? valuesOf(outShape) * Math.ceil(Math.log2(places)) : 0);
  }, 0);
  return layer.neurons * derivative + indexes + keptValues(layer, config, graph) * valueBits;
}

/** Values of a layer's output that are stored: before its pools or after them. */
export const storedActivations = (layer: WeightLayer, config: Config): number =>
  config.buffers.pooling === 'before' ? layer.storedNeurons : layer.pooledNeurons;
