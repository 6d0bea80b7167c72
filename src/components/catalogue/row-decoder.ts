// The component `rowDecoder`: selects rows that are written.

import { declareComponent } from '../declare.js';

/** Selects the row of an array that is written; reads drive all rows at once and need no address. */
export const rowDecoder = declareComponent({
  order: 34,
  description: 'Selects the row of an array that is written; reads drive all rows at once and need no address',
  actions: { select: { description: 'Selects one row for a write', per: 'row of an array that is written' } },
  scope: 'array',
  timing: 'none',
  joins: { write: { select: ({ rows }) => rows } },
});
