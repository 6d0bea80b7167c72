// The component `activation`: subtractor, look-up table and mask.

import { declareComponent } from '../declare.js';

/** Subtractor of positive and negative results, look-up table, and the AND of errors with f'. */
export const activation = declareComponent({
  order: 120,
  description: "Subtractor of positive and negative results, look-up table, and the AND of errors with f'",
  actions: {
    subtract: {
      description:
        "Takes the negative array's result off the positive one's; difference of output and label; old " +
        'weight less gradient',
      per: 'value',
    },
    lookup: { description: 'Looks a value up (ReLU, sigmoid, tanh)', per: 'value' },
    mask: { description: 'Multiplies an error with the derivative of the activation', per: 'error' },
  },
  scope: 'copy',
  timing: 'unit',
});
