// Maps as the hardware sees them: positions in raster order, each a vector of channels.

import { elementsOf } from './graph/index.js';

/** Channels over positions along `space` (none: a vector), over `steps` time steps. */
export interface Shape {
  c: number;
  space: readonly number[];
  steps: number;
}

/** Values of a map, of all time steps. */
export const valuesOf = ({ c, space, steps }: Shape): number => c * elementsOf(space) * steps;
