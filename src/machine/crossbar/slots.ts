// Driving and sensing of the lines, slot by slot: which components, how many slots, how long one takes.

import {
  ceilOver,
  largest,
  plus,
  timeOf,
  type ComponentName,
  type Constants,
  type Count,
} from '../../components/index.js';
import type { Config } from '../../run-config/index.js';

/** Component that senses the lines. */
export const sensingOf = (config: Config): ComponentName =>
  (({ adc: 'adc', 'integrate-fire': 'integrateFire', 'spin-neuron': 'spinNeuron' }) as const)[config.sensing.kind];

/** Component that drives the lines. */
export const driverOf = (config: Config): ComponentName => (config.driver.kind === 'dac' ? 'dac' : 'spikeDriver');

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
