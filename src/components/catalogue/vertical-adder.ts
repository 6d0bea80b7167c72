// The component `verticalAdder`: adds partial results of tiles.

import { times, type Count } from '../count.js';
import { declareComponent } from '../declare.js';

/** Adds the partial results of row tiles (column tiles in a transposed read). */
export const verticalAdder = declareComponent({
  order: 90,
  description: 'Adds the partial results of row tiles (column tiles in a transposed read)',
  actions: { add: { description: 'Adds two partial results', per: 'addition' } },
  scope: 'copy',
  timing: 'paced',
  /**
   * A wave passes the levels of the tree one after the other; none take no time.
   * @param of levels, ticks of a level
   */
  service({ levels, level }: { levels: Count; level: Count }) {
    const latency = times({ levels, level });
    return { latency, interval: levels.value === 0 ? latency : level };
  },
});
