// The component `crossbar`: arrays of memory cells.

import { times, type Count } from '../count.js';
import { declareComponent } from '../declare.js';

/** Memory cells at crossing wordlines and bitlines; a read sums currents along one of the two directions. */
export const crossbar = declareComponent({
  order: 10,
  description: 'Memory cells at crossing wordlines and bitlines; a read sums currents along one of the two directions',
  actions: {
    read: {
      description: 'Applies one slot of inputs and sums currents',
      per:
        'what the device says: a driven wordline that carries a one (of an array, or through all arrays beside it), ' +
        'a crossed cell on such a wordline, or a whole array, for one slot',
    },
    write: { description: 'Programs a cell (weights of an update, neurons of a gradient)', per: 'cell' },
  },
  scope: 'array',
  timing: 'none',
  /**
   * A wave takes its slots one after the other.
   * @param of slots of an input, ticks of a slot
   */
  service: ({ slots, slot }: { slots: Count; slot: Count }) => {
    const ticks = times({ slots, slot });
    return { latency: ticks, interval: ticks };
  },
  inSlot: { action: 'read', count: ({ read }) => read },
});
