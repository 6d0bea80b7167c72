// The component `optimizer`: updates the perturbation of an attack.

import { declareComponent } from '../declare.js';

/** Applies the perturbation update of an attack (sign step or Adam, mask, clip). */
export const optimizer = declareComponent({
  order: 240,
  description: 'Applies the perturbation update of an attack (sign step or Adam, mask, clip)',
  actions: { update: { description: 'Updates one input element', per: 'input element' } },
  scope: 'chip',
  timing: 'unit',
});
