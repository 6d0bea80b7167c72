// The component `pooling`: running maximum of a window, or a unit that reads it back.

import { plus, times, type Count } from '../count.js';
import { declareComponent } from '../declare.js';

interface PoolWork {
  windowPlaces: number;
  broughtPlaces: number;
  pools: number;
  access: Count;
  write: Count;
}

/** Running maximum (or sum) of a window; arg-max index and ReLU mask where neurons are not kept. */
export const pooling = declareComponent({
  order: 130,
  description:
    'Register that keeps the running maximum (or sum) of a window; arg-max index and ReLU mask where ' +
    'neurons are not kept',
  actions: {
    compare: { description: 'Compares (or adds) a value with the register', per: 'value that enters a window' },
    index: { description: 'Keeps the arg-max index and mask bit of a value', per: 'value that enters a window' },
    route: { description: 'Sends an error to its arg-max position', per: 'error of a window' },
  },
  scope: 'copy',
  timing: 'unit',
  /**
   * A unit that reads windows back takes one value an access, then writes each maximum (ISAAC Fig. 4b).
   * @param of values of the windows, values of them that a wave brings, pools, ticks of an access and of a write
   */
  service: ({ windowPlaces, broughtPlaces, pools, access, write }: PoolWork) => {
    const writes = times({ pools, write });
    const latency = plus({ reads: times({ windowPlaces, access }), writes });
    if (broughtPlaces === windowPlaces) return { latency, interval: latency };
    return { latency, interval: plus({ reads: times({ broughtPlaces, access }), writes }) };
  },
});
