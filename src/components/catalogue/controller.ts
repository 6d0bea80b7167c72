// The component `controller`: starts waves.

import { declareComponent } from '../declare.js';

/** Starts waves and steers the stages. */
export const controller = declareComponent({
  order: 250,
  description: 'Starts waves and steers the stages',
  actions: { issue: { description: 'Starts one wave', per: 'wave' } },
  scope: 'chip',
  timing: 'none',
});
