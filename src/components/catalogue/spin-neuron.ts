// The component `spinNeuron`: senses a bitline with its activation.

import { declareComponent } from '../declare.js';

/**
 * Spin neuron of a bitline: takes the current sum and gives its activation as a low-bit output in one step (SPINDLE).
 */
export const spinNeuron = declareComponent({
  order: 70,
  description:
    'Spin neuron of a bitline: takes the current sum, applies its activation and gives a low-bit output in ' +
    'one step (SPINDLE)',
  actions: {
    fire: {
      description: 'Compares the current with the thresholds of its output levels',
      per: 'sensed line and slot',
    },
  },
  scope: 'bitline',
  timing: 'paced',
  senses: { kind: 'spin-neuron', action: 'fire' },
  inSlot: { action: 'fire', count: ({ sensed }) => sensed },
});
