// The component `outsideMemory`: DRAM or HBM beside the chip.

import { ceilOver, plus, timeOf, type Count } from '../count.js';
import { declareComponent } from '../declare.js';

/** What the time of a wave at the memory follows from. */
interface Traffic {
  bits: Count;
  waves: number;
  /** Bits a second; undefined: a wave is one access. */
  rate: number | undefined;
  access: Count;
  ticks: (seconds: number) => number;
}

/** Memory outside the chip. */
export const outsideMemory = declareComponent({
  order: 240,
  description: 'Memory outside the chip (DRAM, HBM): inputs, outputs, weights of a turn, gradients that leave',
  actions: {
    read: { description: 'Reads one bit', per: 'bit' },
    write: { description: 'Writes one bit', per: 'bit' },
  },
  scope: 'chip',
  timing: 'paced',
  /**
   * A wave moves its share of an image's bits, an access after it asked for them; accesses of waves overlap.
   * @param of bits and waves of a service, bits a second, time of an access, ticks of seconds
   */
  service: ({ bits, waves, rate, access, ticks }: Traffic) => {
    if (rate === undefined) return { latency: access };
    const ofWave = ceilOver({ bits, waves });
    const moved = timeOf(ticks(ofWave.value / rate), null, { bits: ofWave, memoryRate: rate });
    return { latency: plus({ access, moved }), interval: moved };
  },
});
