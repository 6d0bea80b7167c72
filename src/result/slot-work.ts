// What arrays that read in every slot ask of the components beside them.

import {
  actionOf,
  declarationOf,
  over,
  times,
  type ActionName,
  type ComponentName,
  type Count,
} from '../components/index.js';
import type { ArrayLines, Machine } from '../machine/machine-types.js';
import { slotsOfOnes } from './activity.js';

/** Actions that an array asks of components in a slot in which it reads. */
export type SlotWork = ReadonlyMap<ComponentName, { action: ActionName; count: Count }>;

/** What an array asks for in a slot, with the config's share of ones. @param slots of an input @param lines of it. */
export function workInSlot(
  { run: { config }, constants }: Machine,
  components: readonly ComponentName[],
  slots: Count,
  lines: ArrayLines,
): SlotWork {
  const { inputs, crossbar } = config;
  const slotsWithOne = slotsOfOnes(inputs, inputs.density);
  const onesOfSlot = over({ ones: times({ arrayRows: crossbar.rows, slotsWithOne }), slots });
  const reads = {
    array: times({ one: 1 }),
    wordline: times({ onesOfSlot }),
    // As if no other array stood beside it.
    row: times({ onesOfSlot }),
    cell: times({ onesOfSlot, arrayColumns: crossbar.columns }),
  };
  const slot = {
    driven: times({ drivenOfArray: lines.driven }),
    ones: reads.wordline,
    sensed: times({ sensedOfArray: lines.sensed }),
    read: reads[constants.device.read.per],
  };
  return new Map(
    components.flatMap((component) => {
      const { inSlot } = declarationOf(component);
      if (inSlot === undefined) return [];
      return [[component, { action: actionOf(component, inSlot.action), count: inSlot.count(slot) }] as const];
    }),
  );
}
