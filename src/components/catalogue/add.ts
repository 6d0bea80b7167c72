// The component `add`: element-wise adder.

import { declareComponent } from '../declare.js';

/** Element-wise adder of residual connections and of errors that meet. */
export const add = declareComponent({
  order: 140,
  description: 'Element-wise adder of residual connections and of errors that meet',
  actions: { add: { description: 'Adds two values', per: 'value' } },
  scope: 'copy',
  timing: 'none',
});
