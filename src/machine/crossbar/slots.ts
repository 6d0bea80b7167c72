// Driving and sensing of the lines, slot by slot: how many slots, how long one takes.

import { ceilOver, largest, timeOf, type Constants, type Count } from '../../components/index.js';
import type { Config } from '../../run-config/index.js';

/** Time between slots: the slower of a read and the conversions of one converter. */
export function slotOf({ sensing }: Config, constants: Constants): Count {
  const { rate, columnsPerConverter } = sensing;
  const read = constants.readTime;
  if (rate === undefined) return read;
  const conversions = timeOf(constants.secondsToTicks(columnsPerConverter / rate, ['sensing', 'rate']), null, {
    columnsPerConverter,
    conversionRate: rate,
  });
  return largest({ read, conversions });
}

/** Slots of an input value. */
export const slotsOf = ({ inputs }: Config): Count =>
  ceilOver({ inputBits: inputs.bits, bitsPerSlot: inputs.bitsPerSlot });
