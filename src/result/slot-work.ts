// What arrays that read in every slot ask of the components beside them.

import { over, times, type ComponentName, type Count } from '../components/index.js';
import type { ArrayLines, Machine } from '../machine/machine-types.js';
import { slotsOfOnes } from './activity.js';

/** Actions that an array asks of a component in a slot in which it reads. */
export type SlotWork = Partial<Record<ComponentName, { action: string; count: Count }>>;

export function workInSlot({ run: { config }, constants }: Machine, slots: Count, lines: ArrayLines): SlotWork {
  const { inputs, crossbar } = config;
  const slotsWithOne = slotsOfOnes(inputs, inputs.density);
  const ones = over({ ones: times({ arrayRows: crossbar.rows, slotsWithOne }), slots });
  const perArray = {
    array: times({ one: 1 }),
    wordline: times({ onesOfSlot: ones }),
    // As if no other array stood beside it.
    row: times({ onesOfSlot: ones }),
    cell: times({ onesOfSlot: ones, arrayColumns: crossbar.columns }),
  };
  const sensed = times({ sensedOfArray: lines.sensed });
  return {
    crossbar: { action: 'read', count: perArray[constants.device.read.per] },
    dac: { action: 'convert', count: times({ drivenOfArray: lines.driven }) },
    spikeDriver: { action: 'spike', count: perArray.wordline },
    adc: { action: 'convert', count: sensed },
    sampleHold: { action: 'hold', count: sensed },
    integrateFire: { action: 'integrate', count: sensed },
    spinNeuron: { action: 'fire', count: sensed },
    shiftAdd: { action: 'shift-add', count: sensed },
  };
}
