// The component `scatterAdder`: adds partial errors of transposed reads.

import { declareComponent } from '../declare.js';

/** Adds the partial errors of overlapping receptive fields after a transposed read (col2im). */
export const scatterAdder = declareComponent({
  order: 100,
  description: 'Adds the partial errors of overlapping receptive fields after a transposed read (col2im)',
  actions: { add: { description: 'Adds one partial error to its position', per: 'partial error' } },
  scope: 'copy',
  timing: 'unit',
});
