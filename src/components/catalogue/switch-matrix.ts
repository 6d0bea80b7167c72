// The component `switchMatrix`: connects lines to their voltages.

import { declareComponent } from '../declare.js';

/** Connects a wordline to the read voltage or to ground, in place of a DAC where inputs come bit by bit. */
export const switchMatrix = declareComponent({
  order: 32,
  description:
    'Connects a wordline to the read voltage or to ground for inputs of one bit a slot: a register and a gate',
  actions: { set: { description: 'Sets a wordline for one slot', per: 'wordline and slot' } },
  scope: 'wordline',
  timing: 'none',
  drives: { kind: 'switch-matrix', action: 'set', counts: 'lines' },
  inSlot: { action: 'set', count: ({ driven }) => driven },
});
