// Driving and sensing of the lines, slot by slot: how many slots, how long one takes.

import { ceilOver, largest, plus, timeOf, type Constants, type Count } from '../../components/index.js';
import type { Config } from '../../run-config/index.js';

/**
 * Time between slots: the slower of a read and the conversions of one converter; with `pipeline.write: serial` what a
 * slot gave is written before the next.
 */
export function slotOf(config: Config, constants: Constants): Count {
  const sensed = sensedIn(config, constants);
  if (config.pipeline.write === 'hidden') return sensed;
  return plus({ sensed, stored: constants.writeLatency('buffer') });
}

function sensedIn({ sensing }: Config, constants: Constants): Count {
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
