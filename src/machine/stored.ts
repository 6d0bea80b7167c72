// What of a layer's outputs is stored: activations, or the masks and indices that backpropagation needs of them.

import type { Config } from '../run-config/index.js';
import type { WeightLayer } from '../workload/index.js';

/**
 * Bits that backpropagation needs of a layer when its neurons are not kept: derivative mask and arg-max index (model.md
 * section 4).
 */
export function maskBits(layer: WeightLayer, valueBits: number): number {
  const derivative = layer.activation === 'relu' ? 1 : layer.activation === 'none' ? 0 : valueBits;
  const indexes = layer.pools.reduce((sum, { kind, window, outShape }) => {
    const places = window.kernel.h * window.kernel.w;
    return sum + (kind === 'max' ? outShape.c * outShape.h * outShape.w * Math.ceil(Math.log2(places)) : 0);
  }, 0);
  return layer.neurons * derivative + indexes;
}

/** Values of a layer's output that are stored: before its pools or after them. */
export const storedActivations = (layer: WeightLayer, config: Config): number =>
  config.buffers.pooling === 'before' ? layer.storedNeurons : layer.pooledNeurons;
