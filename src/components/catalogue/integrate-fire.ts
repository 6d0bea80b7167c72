// The component `integrateFire`: counts spikes of a bitline.

import { declareComponent } from '../declare.js';

/** Integrate-and-fire circuit and counter of a bitline, in place of an ADC (PipeLayer Sec. 4.2.2). */
export const integrateFire = declareComponent({
  order: 40,
  description: 'Integrate-and-fire circuit and counter of a bitline, in place of an ADC (PipeLayer Sec. 4.2.2)',
  actions: {
    integrate: {
      description: 'Integrates a bitline current and counts its output spikes',
      per: 'sensed line and slot',
    },
  },
  scope: 'bitline',
  timing: 'paced',
  senses: { kind: 'integrate-fire', action: 'integrate' },
  inSlot: { action: 'integrate', count: ({ sensed }) => sensed },
});
