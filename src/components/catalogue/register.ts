// The component `register`: registers beside the arrays.

import { plus, times } from '../count.js';
import { declareComponent } from '../declare.js';

/** Input and output registers beside the arrays. */
export const register = declareComponent({
  order: 160,
  description: 'Input and output registers beside the arrays',
  actions: { access: { description: 'Writes and reads a value', per: 'value' } },
  scope: 'array',
  timing: 'none',
  joins: {
    result: { access: ({ vectors, inputs, outputs }) => times({ vectors, values: plus({ inputs, outputs }) }) },
  },
});
