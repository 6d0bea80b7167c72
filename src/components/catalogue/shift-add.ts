// The component `shiftAdd`: joins slots and slices.

import { plus, times, type Count } from '../count.js';
import { declareComponent } from '../declare.js';

/**
 * Joins slots (significance of inputs) and slices (of weights), and takes off the offset of single-crossbar weights.
 */
export const shiftAdd = declareComponent({
  order: 80,
  description:
    'Joins slots (input significance) and slices (weight significance), and takes off the offset of ' +
    'single-crossbar weights',
  actions: {
    'shift-add': { description: 'Shifts a converted value and adds it', per: 'sensed line and slot' },
    'subtract-offset': {
      description: 'Takes the shifted reference (sum of inputs) off a result',
      per: 'result of a row tile',
    },
    'sum-inputs': {
      description: 'Adds the errors that drive a transposed read, to know the offset that it adds',
      per: 'driven value',
    },
  },
  scope: 'array',
  timing: 'paced',
  /**
   * A step joins slots and slices; taking an offset off takes `offsetSteps` more (null: no offset).
   * @param of ticks of a step
   */
  service: ({ step, offsetSteps }: { step: Count; offsetSteps: number | null }) => ({
    latency: offsetSteps === null ? step : times({ steps: plus({ joining: 1, offsetSteps }), step }),
    interval: step,
  }),
  inSlot: { action: 'shift-add', count: ({ sensed }) => sensed },
});
