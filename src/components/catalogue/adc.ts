// The component `adc`: converts lines one after the other.

import { declareComponent } from '../declare.js';

/** Analog-to-digital converter shared by `sensing.columnsPerConverter` lines. */
export const adc = declareComponent({
  order: 60,
  description: 'Analog-to-digital converter shared by `sensing.columnsPerConverter` lines',
  actions: { convert: { description: 'Converts one line', per: 'sensed line and slot' } },
  scope: 'converter',
  timing: 'paced',
  senses: { kind: 'adc', action: 'convert', beside: { component: 'sampleHold', action: 'hold' } },
  inSlot: { action: 'convert', count: ({ sensed }) => sensed },
});
