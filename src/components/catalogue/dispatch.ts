// The component `dispatch`: sends inputs to the arrays of a core.

import { times } from '../count.js';
import { declareComponent } from '../declare.js';

/** Dispatch unit of a core: sends input values to the arrays that need them (SPINDLE). */
export const dispatch = declareComponent({
  order: 180,
  description: 'Dispatch unit of a core: sends input values to the arrays that need them (SPINDLE)',
  actions: { send: { description: 'Sends a value to one array', per: 'value and array' } },
  scope: 'core',
  timing: 'none',
  joins: {
    fetch: {
      send: (values) => times(values),
    },
  },
});
