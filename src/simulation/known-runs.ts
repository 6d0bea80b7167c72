// Machines and flows that were built and run before: points of a sweep that differ in energies, areas or densities
// alone have the same, and those that differ in their number of images the same machines.

import type { ComponentParameters, Constants } from '../components/index.js';
import { keysOf } from '../config/typed.js';
import { buildMachine, constantsOf } from '../machine/machine.js';
import type { Machine } from '../machine/machine-types.js';
import { FlowResults, type Flow } from '../pipeline/index.js';
import { digestOf } from '../result/hash.js';
import { CONFIG_PARTS, type Config, type LoadedRun } from '../run-config/index.js';

/** Machines that are kept. */
const MOST_MACHINES = 64;

/** Serves many simulations, one after the other. */
export class KnownRuns {
  readonly flows: FlowResults;
  readonly #machines = new Map<string, Built>();
  /** The run before: neighbours of a sweep mostly have its machine. */
  #last: { run: LoadedRun; built: Built } | undefined;
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
    if (this.#last !== undefined && areAlike(this.#last.run, run)) return machineFor(this.#last.built, run);
    const key = keyOf(run);
    const known = this.#machines.get(key);
    if (known !== undefined) {
      this.#last = { run, built: known };
      return machineFor(known, run);
    }
    const machine = buildMachine(run);
    const built = { machine, flows: new Map([[machine.flow.images, machine.flow]]) };
    this.#built++;
    this.#last = { run, built };
    this.#machines.set(key, built);
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

/** A machine that was built for a run with the same. */
function machineFor(built: Built, run: LoadedRun): Machine {
  const { machine } = built;
  let constants: Constants | undefined;
  return {
    ...machine,
    // Layers of a network that takes turns were cut into parts.
    run: { ...run, network: machine.run.network },
    // Few points look any up that others have not.
    get constants() {
      return (constants ??= constantsOf(run));
    },
    flow: flowOf(built, run.workload.images),
  };
}

function flowOf({ machine, flows }: Built, images: number): Flow {
  let flow = flows.get(images);
  if (flow === undefined) {
    if (flows.size === MOST_MACHINES) flows.clear();
    flows.set(images, (flow = { ...machine.flow, images }));
  }
  return flow;
}

/** Names all that a machine is built from. */
function keyOf({ config, network }: LoadedRun): string {
  return [digestOf(network), ...keysOf(config).map((name) => `${name} ${builtFrom(config, name)}`)].join(' ');
}

/** True where two runs have the same machine. */
const areAlike = (a: LoadedRun, b: LoadedRun): boolean =>
  a.network === b.network &&
  CONFIG_PARTS.every(
    (name) => a.config[name] === b.config[name] || builtFrom(a.config, name) === builtFrom(b.config, name),
  );

/**
 * Names what a machine is built from of a part of a config: everything but shares of ones, energies, areas and powers,
 * the number of images, and how it is simulated. What leaves out more than it may gives other figures than a run of
 * its own, which a test tries for every key.
 */
function builtFrom(config: Config, name: keyof Config): string {
  switch (name) {
    case 'simulation':
      return '';
    case 'inputs':
      return builtDigest(config.inputs, inputsBuilt);
    case 'device':
      return builtDigest(config.device, deviceBuilt);
    case 'workload':
      return builtDigest(config.workload, workloadBuilt);
    case 'components':
      return keysOf(config.components)
        .map((component) => `${component} ${builtDigest(config.components[component] ?? NONE, componentBuilt)}`)
        .join(' ');
    default: {
      const part: unknown = config[name];
      return typeof part === 'object' && part !== null ? digestOf(part) : String(part);
    }
  }
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

const workloadBuilt = (workload: Config['workload']): object => ({ ...workload, images: undefined });

/** A component without parameters. */
const NONE: ComponentParameters = {};

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
