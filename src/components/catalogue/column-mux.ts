// The component `columnMux`: leads lines to the converter that they share.

import { declareComponent } from '../declare.js';

/** Leads one of the lines that share a converter to it: a transmission gate a line and the decoder of its address. */
export const columnMux = declareComponent({
  order: 55,
  description: 'Leads one of the lines that share a converter to it: a transmission gate a line, and its address',
  actions: { select: { description: 'Leads one line to the converter', per: 'sensed line and slot' } },
  scope: 'bitline',
  timing: 'none',
  joins: { sense: { select: ({ conversions }) => conversions } },
  inSlot: { action: 'select', count: ({ sensed }) => sensed },
});
