// The component `chipLink`: link between chips.

import { ceilOver, timeOf, type Count } from '../count.js';
import { declareComponent } from '../declare.js';

/** What the time of a wave on the links follows from. */
interface Link {
  bits: Count;
  waves: number;
  rate: number;
  ticks: (seconds: number) => number;
}

/** Link between chips. */
export const chipLink = declareComponent({
  order: 230,
  description: 'Link between chips',
  actions: { transfer: { description: 'Moves one bit', per: 'bit' } },
  scope: 'chip',
  timing: 'none',
  /**
   * A wave brings its share of an image's bits.
   * @param of bits and waves of an image, bits a second, ticks of seconds
   */
  service: ({ bits, waves, rate, ticks }: Link) => {
    const ofWave = ceilOver({ bits, waves });
    const latency = timeOf(ticks(ofWave.value / rate), null, { bits: ofWave, linkRate: rate });
    return { latency, interval: latency };
  },
});
