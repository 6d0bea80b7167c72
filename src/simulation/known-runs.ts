// Machines and flows that were built and run before: points of a sweep that differ in energies, areas or densities
// alone have the same.

import type { ComponentParameters } from '../components/index.js';
import { keysOf } from '../config/typed.js';
import { buildMachine, constantsOf } from '../machine/machine.js';
import type { Machine } from '../machine/machine-types.js';
import { FlowResults } from '../pipeline/index.js';
import { digestOf } from '../result/hash.js';
import type { Config, LoadedRun } from '../run-config/index.js';

/** Machines that are kept. */
const MOST_MACHINES = 64;

/** Serves many simulations, one after the other. */
export class KnownRuns {
  readonly flows: FlowResults;
  readonly #machines = new Map<string, Machine>();
  #built = 0;

  /** @param flowNumbers numbers of flows that are kept, as `FlowResults` has it */
  constructor(flowNumbers?: number) {
    this.flows = new FlowResults(flowNumbers);
  }

  /** Machines that had to be built. */
  get built(): number {
    return this.#built;
  }

  /** The machine of a run. @throws ConfigError when the config leaves out what the machine needs. */
  machineOf(run: LoadedRun): Machine {
    const key = keyOf(run);
    const known = this.#machines.get(key);
    if (known !== undefined)
      // Layers of a network that takes turns were cut into parts.
      return { ...known, run: { ...run, network: known.run.network }, constants: constantsOf(run) };
    const machine = buildMachine(run);
    this.#built++;
    this.#machines.set(key, machine);
    for (const oldest of this.#machines.keys()) {
      if (this.#machines.size <= MOST_MACHINES) break;
      this.#machines.delete(oldest);
    }
    return machine;
  }
}

/**
 * Names all of a config that a machine is built from: everything but shares of ones, energies, areas and powers, and
 * how it is simulated. What leaves out more than it may gives other figures than a run of its own, which a test tries
 * for every key.
 */
function keyOf({ config, network }: LoadedRun): string {
  const { inputs, device, components } = config;
  const own = [digestOf(network), builtDigest(inputs, inputsBuilt), builtDigest(device, deviceBuilt)];
  for (const name of keysOf(config)) {
    if (name === 'simulation' || name === 'inputs' || name === 'device' || name === 'components') continue;
    const part: unknown = config[name];
    own.push(name, typeof part === 'object' && part !== null ? digestOf(part) : String(part));
  }
  for (const name of keysOf(components)) {
    const component = components[name];
    if (component !== undefined) own.push(name, builtDigest(component, componentBuilt));
  }
  return own.join(' ');
}

const digests = new WeakMap<object, string>();

/** Digest of what a machine is built from of a part that never changes. */
function builtDigest<T extends object>(part: T, built: (part: T) => object): string {
  let digest = digests.get(part);
  if (digest === undefined) digests.set(part, (digest = digestOf(built(part))));
  return digest;
}

// Keys without a value are no part of a digest.
const inputsBuilt = (inputs: Config['inputs']): object => ({ ...inputs, density: undefined });

const componentBuilt = (component: ComponentParameters): object => ({
  ...component,
  energy: undefined,
  area: undefined,
  leakage: undefined,
  power: undefined,
});

const deviceBuilt = (device: Config['device']): object => ({
  ...device,
  cellArea: undefined,
  read: { ...device.read, energy: undefined },
  write: { ...device.write, energy: undefined },
});
