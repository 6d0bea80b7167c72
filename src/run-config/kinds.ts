// Which kinds of hardware a config builds, and what each serves: the only place that chooses.

import type { WeightLayer } from '../workload/index.js';
import type { Config } from './config.js';

/** Hardware that serves layers: crossbar arrays, or shared digital processing units. */
export type KindName = 'crossbar' | 'digital';

/**
 * The kinds of a design, the one that holds the weights first.
 * @param layers of the network: products of two activations may take digital units beside the arrays
 */
export function kindsOf(
  config: Pick<Config, 'digital' | 'dynamic'>,
  layers: readonly WeightLayer[] = [],
): readonly [KindName, ...KindName[]] {
  if (config.digital !== undefined) return ['digital'];
  const beside = layers.filter((layer) => kindOfLayer(config, layer) === 'digital').length;
  if (beside === 0) return ['crossbar'];
  return beside === layers.length ? ['digital'] : ['crossbar', 'digital'];
}

/** Whether weights stand in crossbars. */
export const hasCrossbars = (config: Pick<Config, 'digital' | 'dynamic'>): boolean =>
  kindsOf(config).includes('crossbar');

/** The kind that serves the passes of a layer. */
export const kindOfLayer = (
  { digital, dynamic }: Pick<Config, 'digital' | 'dynamic'>,
  layer: Pick<WeightLayer, 'dynamic'>,
): KindName => (digital !== undefined || (layer.dynamic !== null && dynamic.on === 'digital') ? 'digital' : 'crossbar');
