// Machines and flows that were built and run before: points of a sweep that differ in energies, areas or densities
// alone have the same, and those that differ in their number of images the same machines.

import type { ComponentParameters } from '../components/index.js';
import { keysOf } from '../config/typed.js';
import { buildMachine, constantsOf } from '../machine/machine.js';
import type { Machine } from '../machine/machine-types.js';
import { FlowResults, type Flow } from '../pipeline/index.js';
import { digestOf } from '../result/hash.js';
import type { Config, LoadedRun } from '../run-config/index.js';

/** Machines that are kept. */
const MOST_MACHINES = 64;

/** Serves many simulations, one after the other. */
export class KnownRuns {
  readonly flows: FlowResults;
  readonly #machines = new Map<string, Built>();
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
    const built = this.#machines.get(key);
    if (built !== undefined) {
      const { machine } = built;
      // Layers of a network that takes turns were cut into parts.
      const own = { ...run, network: machine.run.network };
      return { ...machine, run: own, constants: constantsOf(run), flow: flowOf(built, run.workload.images) };
    }
    const machine = buildMachine(run);
    this.#built++;
    this.#machines.set(key, { machine, flows: new Map([[machine.flow.images, machine.flow]]) });
    for (const oldest of this.#machines.keys()) {
      if (this.#machines.size <= MOST_MACHINES) break;
      this.#machines.delete(oldest);
    }
    return machine;
  }
}

/** A machine, and its flow by the number of images, which decides nothing else of it. */
interface Built {
  machine: Machine;
  flows: Map<number, Flow>;
}

function flowOf({ machine, flows }: Built, images: number): Flow {
  let flow = flows.get(images);
  if (flow === undefined) {
    if (flows.size === MOST_MACHINES) flows.clear();
    flows.set(images, (flow = { ...machine.flow, images }));
  }
  return flow;
}

/**
 * Names all of a config that a machine is built from: everything but shares of ones, energies, areas and powers, the
 * number of images, and how it is simulated. What leaves out more than it may gives other figures than a run of its
 * own, which a test tries for every key.
 */
function keyOf({ config, network }: LoadedRun): string {
  const { inputs, device, components, workload } = config;
  const own = [digestOf(network), builtDigest(inputs, inputsBuilt), builtDigest(device, deviceBuilt)];
  own.push(builtDigest(workload, workloadBuilt));
  for (const name of keysOf(config)) {
    if (APART.has(name)) continue;
    const part: unknown = config[name];
    own.push(name, typeof part === 'object' && part !== null ? digestOf(part) : String(part));
  }
  for (const name of keysOf(components)) {
    const component = components[name];
    if (component !== undefined) own.push(name, builtDigest(component, componentBuilt));
  }
  return own.join(' ');
}

/** Parts of a config of which not all is named, or nothing. */
const APART: ReadonlySet<string> = new Set(['simulation', 'inputs', 'device', 'components', 'workload']);

const digests = new WeakMap<object, string>();

/** Digest of what a machine is built from of a part that never changes. */
function builtDigest<T extends object>(part: T, built: (part: T) => object): string {
  let digest = digests.get(part);
  if (digest === undefined) digests.set(part, (digest = digestOf(built(part))));
  return digest;
}

// Keys without a value are no part of a digest.
const inputsBuilt = (inputs: Config['inputs']): object => ({ ...inputs, density: undefined });

const workloadBuilt = (workload: Config['workload']): object => ({ ...workload, images: undefined });

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
