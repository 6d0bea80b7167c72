// Units that any chain has: with the times of their component, and the accesses of a buffer.

import type { Config } from '../run-config/index.js';
import {
  ceilOver,
  COMPONENTS,
  times,
  type ComponentName,
  type Constants,
  type Count,
  type Service,
} from '../components/index.js';
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
    return this.served(component, role, { latency: this.constants.latency(component) }, { actions });
  }

  /** A unit with the times of a service; the initiation interval of its component where the service has none. */
  protected served(
    component: ComponentName,
    role: string,
    { latency, interval = this.constants.interval(component, latency) }: Service,
    { actions, shared = null }: { readonly actions: readonly ActionUse[]; readonly shared?: string | null },
  ): ChainUnit {
    return { component, role, latency, interval, shared, actions };
  }

  /** Words of the buffer that so many values take. */
  protected words(values: Count): Count {
    const bits = times({ values, inputBits: this.config.inputs.bits });
    return ceilOver({ bits, wordBits: this.config.buffers.wordBits });
  }

  /** Time of the accesses that the port takes for the values of a wave. */
  protected portTime(access: Count, valuesAtOnce: Count): Service {
    const bits = times({ values: valuesAtOnce, inputBits: this.config.inputs.bits });
    return COMPONENTS.buffer.service({ access, bits, portBits: this.config.buffers.portBits });
  }

  protected bufferRead(valuesAtOnce: Count, reads: Count, more: ActionUse[] = []): ChainUnit {
    const service = this.portTime(this.constants.latency('buffer'), valuesAtOnce);
    return this.served('buffer', 'read', service, { actions: [use('buffer', 'read', reads), ...more] });
  }

  protected bufferWrite(valuesAtOnce: Count, writes: Count): ChainUnit {
    const { latency } = this.portTime(this.constants.writeLatency('buffer'), valuesAtOnce);
    return this.served(
      'buffer',
      'write',
      { latency, interval: latency },
      { actions: [use('buffer', 'write', writes)] },
    );
  }
}
