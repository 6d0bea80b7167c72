// The component `mac`: digital processing units.

import { less, plus, times, type Count } from '../count.js';
import { declareComponent } from '../declare.js';

/**
 * Digital processing unit: multiply-accumulate in a number format, shift-add (LogNet) or sum of absolute differences
 * (AdderNet).
 */
export const mac = declareComponent({
  order: 190,
  description:
    'Digital processing unit: multiply-accumulate in a number format, shift-add (LogNet) or sum of absolute ' +
    'differences (AdderNet)',
  actions: {
    'multiply-accumulate': {
      description: 'Multiplies and accumulates (fused, or in an exact accumulator)',
      per: 'operand pair',
    },
    'shift-add': { description: 'Shifts by a logarithm and adds', per: 'operand pair' },
    l1: { description: 'Takes an absolute difference and adds it', per: 'operand pair' },
    'l1-error': {
      description:
        "AdderNet's error of an input: cuts a difference to -1 to 1, adds its product with the output's error",
      per: 'operand pair',
    },
    'l1-gradient': {
      description: "AdderNet's gradient of a weight: adds the product of a difference with the output's error",
      per: 'operand pair',
    },
  },
  scope: 'unit',
  timing: 'unit',
  /**
   * The operand pairs of a wave in `cycles` of the units, pipelined.
   * @param of cycles, ticks from start to result and of a cycle
   */
  service: ({ cycles, latency, cycle }: { cycles: Count; latency: Count; cycle: Count }) => {
    const further = times({ furtherCycles: less({ cycles, one: 1 }), cycle });
    return { latency: plus({ latency, further }), interval: times({ cycles, cycle }) };
  },
});
