// Units that any chain has: with the times of their component, and the accesses of a buffer.

import type { Config } from '../run-config/index.js';
import { ceilOver, times, type ComponentName, type Constants, type Count } from '../components/index.js';
import { use, type ActionUse, type ChainUnit } from './chain.js';

/** Makes units with the constants of a config. */
export class UnitMaker {
  protected readonly config: Config;
  protected readonly constants: Constants;

  constructor(config: Config, constants: Constants) {
    this.config = config;
    this.constants = constants;
  }

  /** A unit with the latency and initiation interval of its component. */
  protected unit(component: ComponentName, role: string, actions: readonly ActionUse[]): ChainUnit {
    const latency = this.constants.latency(component);
    return { component, role, latency, interval: this.constants.interval(component, latency), shared: null, actions };
  }

  /** Words of the buffer that so many values take. */
  protected words(values: Count): Count {
    const bits = times({ values, inputBits: this.config.inputs.bits });
    return ceilOver({ bits, wordBits: this.config.buffers.wordBits });
  }

  /** Time of the accesses that the port takes for the values of a wave. */
  protected portTime(access: Count, valuesAtOnce: Count): Count {
    const { portBits } = this.config.buffers;
    if (portBits === undefined) return access;
    const bits = times({ values: valuesAtOnce, inputBits: this.config.inputs.bits });
    return times({ accesses: ceilOver({ bits, portBits }), access });
  }

  protected bufferRead(valuesAtOnce: Count, reads: Count, more: ActionUse[] = []): ChainUnit {
    const latency = this.portTime(this.constants.latency('buffer'), valuesAtOnce);
    return {
      component: 'buffer',
      role: 'read',
      latency,
      interval: this.constants.interval('buffer', latency),
      shared: null,
      actions: [use('buffer', 'read', reads), ...more],
    };
  }

  protected bufferWrite(valuesAtOnce: Count, writes: Count): ChainUnit {
    const latency = this.portTime(this.constants.writeLatency('buffer'), valuesAtOnce);
    return {
      component: 'buffer',
      role: 'write',
      latency,
      interval: latency,
      shared: null,
      actions: [use('buffer', 'write', writes)],
    };
  }
}
