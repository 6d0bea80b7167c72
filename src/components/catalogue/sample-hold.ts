// The component `sampleHold`: keeps currents for a shared converter.

import { declareComponent } from '../declare.js';

/** Keeps bitline currents while converters work through them. */
export const sampleHold = declareComponent({
  order: 50,
  description: 'Keeps bitline currents while converters work through them',
  actions: { hold: { description: 'Samples a line', per: 'sensed line and slot' } },
  scope: 'bitline',
  timing: 'none',
  inSlot: { action: 'hold', count: ({ sensed }) => sensed },
});
