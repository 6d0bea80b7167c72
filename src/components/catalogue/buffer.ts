// The component `buffer`: storage between stages.

import { ceilOver, times, type Count } from '../count.js';
import { declareComponent } from '../declare.js';

/** Storage between stages: memory subarrays (ReRAM), eDRAM or SRAM. */
export const buffer = declareComponent({
  order: 150,
  description: 'Storage between stages: memory subarrays (ReRAM), eDRAM or SRAM',
  actions: {
    read: { description: 'Reads one word of `buffers.wordBits`', per: 'word' },
    write: { description: 'Writes one word of `buffers.wordBits`', per: 'word' },
  },
  scope: 'bit',
  timing: 'read-write',
  /**
   * The port takes the bits of a wave in as many accesses as its width asks; one where no width is given.
   * @param of bits of a wave, ticks of an access
   */
  service: ({ access, bits, portBits }: { access: Count; bits: Count; portBits: number | undefined }) => ({
    latency: portBits === undefined ? access : times({ accesses: ceilOver({ bits, portBits }), access }),
  }),
});
