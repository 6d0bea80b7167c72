// The component `spikeDriver`: drives wordlines with spikes.

import { declareComponent } from '../declare.js';

/** Drives a wordline with weighted spikes, least significant bit first (PipeLayer Sec. 4.2.1). */
export const spikeDriver = declareComponent({
  order: 20,
  description: 'Drives a wordline with weighted spikes, least significant bit first (PipeLayer Sec. 4.2.1)',
  actions: { spike: { description: 'Sends one spike', per: 'wordline and slot that carries a one' } },
  scope: 'wordline',
  timing: 'none',
  drives: { kind: 'spike', action: 'spike', counts: 'ones' },
  inSlot: { action: 'spike', count: ({ ones }) => ones },
});
