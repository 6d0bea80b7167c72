// Charts in the types of Vega-Lite, for those who make and draw them.

import type { TopLevelSpec } from 'vega-lite';
import type { ChartSpec } from '../sections.js';

/** A chart's spec, version 6. */
export type LiteSpec = TopLevelSpec & ChartSpec;

/** A spec that Vega-Lite's types have checked. */
export const chart = (spec: LiteSpec): ChartSpec => spec;
