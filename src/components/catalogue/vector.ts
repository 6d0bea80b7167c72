// The component `vector`: vector unit.

import { declareComponent } from '../declare.js';

/** Vector unit of `vector.lanes` lanes: element-wise operators, norms, softmax, reductions, resampling. */
export const vector = declareComponent({
  order: 135,
  description: 'Vector unit: element-wise operators, norms, softmax, reductions, resampling, on `vector.lanes` lanes',
  actions: {
    add: { description: 'Adds or subtracts', per: 'operation' },
    multiply: { description: 'Multiplies', per: 'operation' },
    divide: { description: 'Divides', per: 'operation' },
    compare: { description: 'Compares, or chooses one of two values', per: 'operation' },
    function: {
      description: 'Looks up or approximates an exponential, logarithm, root or reciprocal root',
      per: 'operation',
    },
  },
  scope: 'lane',
  timing: 'unit',
});
