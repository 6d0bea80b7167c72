// The component `tileAdder`: adds partial results of the cores of a tile.

import { declareComponent } from '../declare.js';

/** Adds the partial results of the cores that stand below each other in a tile. */
export const tileAdder = declareComponent({
  order: 94,
  description:
    'Adds partial results of row tiles within a tile, whose arrays stand in a square, beyond what core adders do; ' +
    'what is left goes to the vertical adder',
  actions: { add: { description: 'Adds two partial results', per: 'addition' } },
  scope: 'tile',
  timing: 'none',
  joins: { partials: { add: ({ inTile }) => inTile } },
});
