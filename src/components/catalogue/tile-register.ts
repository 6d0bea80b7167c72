// The component `tileRegister`: register of a tile.

import { declareComponent } from '../declare.js';

/** Register of a tile that keeps results on their way from the arrays to the activation (ISAAC). */
export const tileRegister = declareComponent({
  order: 170,
  description: 'Register of a tile that keeps results on their way from the arrays to the activation (ISAAC)',
  actions: { access: { description: 'Writes and reads a value', per: 'result of a vector' } },
  scope: 'tile',
  timing: 'none',
  joins: { result: { access: ({ looked }) => looked } },
});
