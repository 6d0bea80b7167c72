// The component `levelShifter`: lifts lines to the voltage of writes.

import { times } from '../count.js';
import { declareComponent } from '../declare.js';

/** Lifts lines of an array to the write voltage where that is above the supply; reads pass it. */
export const levelShifter = declareComponent({
  order: 36,
  description: 'Lifts a line to the write voltage where that is above the supply; reads pass its first stage',
  actions: {
    follow: { description: 'Passes a driven line on', per: 'wordline and slot that carries a one' },
    shift: { description: 'Lifts the lines of a row for a write', per: 'row of an array that is written' },
  },
  scope: 'wordline',
  timing: 'none',
  joins: { drive: { follow: (lines) => times(lines) }, write: { shift: ({ rows }) => rows } },
  inSlot: { action: 'follow', count: ({ ones }) => ones },
});
