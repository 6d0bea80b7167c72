// The component `router`: network between tiles.

import { declareComponent } from '../declare.js';

/** Network between tiles. */
export const router = declareComponent({
  order: 220,
  description: 'Network between tiles',
  actions: { flit: { description: 'Moves one flit of `links.router.flitBits`', per: 'flit' } },
  scope: 'tile',
  timing: 'none',
});
