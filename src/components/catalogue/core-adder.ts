// The component `coreAdder`: adds partial results within a core.

import { declareComponent } from '../declare.js';

/** Adds the partial results of the arrays that stand below each other in a core (a processing element). */
export const coreAdder = declareComponent({
  order: 92,
  description:
    'Adds partial results of row tiles within a core (a processing element), whose arrays stand in a square; what is ' +
    'left goes to the tile adder and the vertical adder',
  actions: { add: { description: 'Adds two partial results', per: 'addition' } },
  scope: 'core',
  timing: 'none',
  joins: { partials: { add: ({ inCore }) => inCore } },
});
