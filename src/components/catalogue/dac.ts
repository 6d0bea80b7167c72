// The component `dac`: drives wordlines with voltages.

import { declareComponent } from '../declare.js';

/** Digital-to-analog converter of a wordline. */
export const dac = declareComponent({
  order: 30,
  description: 'Digital-to-analog converter of a wordline',
  actions: { convert: { description: 'Sets a wordline for one slot', per: 'wordline and slot' } },
  scope: 'wordline',
  timing: 'none',
  drives: { kind: 'dac', action: 'convert', counts: 'lines' },
  inSlot: { action: 'convert', count: ({ driven }) => driven },
});
