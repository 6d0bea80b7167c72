// Which kinds of hardware a config builds, and what each serves: the only place that chooses.

import type { WeightLayer } from '../workload/index.js';
import type { Config } from './config.js';

/** Hardware that serves layers: crossbar arrays, or shared digital processing units. */
export type KindName = 'crossbar' | 'digital';

/** The kinds of a design, the one that holds the weights first. */
export const kindsOf = ({ digital }: Pick<Config, 'digital'>): readonly [KindName, ...KindName[]] =>
  digital === undefined ? ['crossbar'] : ['digital'];

/** The kind that serves the passes of a layer. */
export const kindOfLayer: (config: Config, layer: WeightLayer) => KindName = (config) => kindsOf(config)[0];
