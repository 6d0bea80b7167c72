// The component `weightMemory`: weights of a digital design.

import { declareComponent } from '../declare.js';

/** Memory that holds the weights of a digital design. */
export const weightMemory = declareComponent({
  order: 200,
  description: 'Memory that holds the weights of a digital design',
  actions: {
    read: { description: 'Reads one word of `digital.weightWordBits`', per: 'word' },
    write: { description: 'Writes one word of `digital.weightWordBits`', per: 'word' },
  },
  scope: 'bit',
  timing: 'none',
});
