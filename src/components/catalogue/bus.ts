// The component `bus`: wires between buffers and arrays.

import { ceilOver, times, type Count } from '../count.js';
import { declareComponent } from '../declare.js';

/** Wires between buffers and arrays. */
export const bus = declareComponent({
  order: 210,
  description: 'Wires between buffers and arrays',
  actions: { transfer: { description: 'Moves one bit', per: 'bit' } },
  scope: 'tile',
  timing: 'unit',
  /**
   * The bits of a wave in transfers of the width of the bus; one where no width is given.
   * @param of bits of a wave, ticks of a transfer
   */
  service: ({ transfer, bits, busBits }: { transfer: Count; bits: Count; busBits: number | undefined }) => ({
    latency: busBits === undefined ? transfer : times({ transfers: ceilOver({ bits, busBits }), transfer }),
  }),
});
