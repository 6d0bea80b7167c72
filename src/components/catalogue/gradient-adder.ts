// The component `gradientAdder`: accumulates weight gradients.

import { declareComponent } from '../declare.js';

/** Accumulates the weight gradients of a batch. */
export const gradientAdder = declareComponent({
  order: 110,
  description: 'Accumulates the weight gradients of a batch',
  actions: {
    add: { description: 'Adds a gradient to its accumulator', per: 'weight and image' },
    read: { description: 'Reads an accumulated gradient for the update', per: 'weight and batch' },
  },
  scope: 'layer',
  timing: 'unit',
});
