// A run from its name: config with all it extends, device, network, overrides, checked.

import { ConfigError, applySet, loadConfig, merge, validate, type Loaded, type Origin, type Presets } from '../config/index.js';
import { networkOf, type Network } from '../workload/index.js';
import { configSchema, resolveWorkload, type Config, type ResolvedWorkload } from './config.js';

/** A config, checked, with its network and the places where its keys were written. */
export interface LoadedRun {
  config: Config;
  network: Network;
  workload: ResolvedWorkload;
  loaded: Loaded;
  /** How the run was named: preset or path. */
  label: string;
}

const KINDS = ['architectures', 'runs', 'circuits'];

/** Loads and checks a run. @throws UserError naming file, line, key, value and what was expected. */
export function loadRun(presets: Presets, label: string, sets: readonly string[] = []): LoadedRun {
  const written = sets.reduce(applySet, loadConfig(presets, KINDS, label));
  return finishRun(presets, label, written);
}

/** Checks a run whose tree is there: joins the device, reads the network, resolves the workload. */
export function finishRun(presets: Presets, label: string, written: Loaded): LoadedRun {
  const loaded = withDevice(presets, written);
  const config = validate(configSchema, loaded);
  const fail = failure(loaded);
  const network = networkOf(loadConfig(presets, ['networks'], config.network, { origin: loaded.origins.at(['network']), key: 'network' }));
  checkCombination(config, network, fail);
  return { config, network, workload: resolveWorkload(config.workload), loaded, label };
}

/** Reports a fault at a key of the config. */
export const failure = (loaded: Loaded) => (path: string[], message: string): never => {
  throw new ConfigError(loaded.origins.at(path), path.join('.'), message);
};

/** The device preset that `crossbar.device` names, under what the config itself says of the device. */
function withDevice(presets: Presets, loaded: Loaded): Loaded {
  const crossbar = loaded.tree.crossbar;
  const name = typeof crossbar === 'object' && crossbar !== null && !Array.isArray(crossbar) ? crossbar.device : undefined;
  if (typeof name !== 'string') return loaded;
  const origin: Origin = loaded.origins.at(['crossbar', 'device']);
  const device = loadConfig(presets, ['devices'], name, { origin, key: 'crossbar.device' });
  return { ...merge(nested(device, 'device'), loaded), file: loaded.file };
}

/** A document as the value of a key. */
function nested(document: Loaded, key: string): Loaded {
  return { ...document, tree: { [key]: document.tree }, origins: document.origins.under(key) };
}

function checkCombination(config: Config, network: Network, fail: (path: string[], message: string) => never): void {
  const { workload, neurons, pipeline, weights, crossbar, mapping, buffers, device } = config;
  if (workload.mode === 'attack' && workload.images !== undefined) {
    fail(['workload', 'images'], 'an attack runs batch x iterations images; set workload.iterations and workload.batch instead');
  }
  if (workload.mode === 'training' && neurons === 'masks') {
    fail(['neurons'], 'training needs the neurons themselves (G_l multiplies d_{l-1} with the error); masks serve attacks only, expected kept');
  }
  if (pipeline.granularity === 'row') {
    if (workload.mode !== 'inference') fail(['pipeline', 'granularity'], `row runs inference only, expected image for ${workload.mode}`);
    if (pipeline.advance === 'lockstep') fail(['pipeline', 'advance'], 'lockstep advances whole images, expected elastic with granularity row');
  }
  if (mapping.replication.scheme === 'budget' && mapping.replication.arrays === undefined) fail(['mapping', 'replication', 'arrays'], 'this key is missing, expected the array budget');
  if (crossbar.cellBits > weights.bits) fail(['crossbar', 'cellBits'], `a cell of ${crossbar.cellBits} bits is larger than a weight of ${weights.bits} bits`);
  if (device.maxBits !== undefined && crossbar.cellBits > device.maxBits.value) {
    fail(['crossbar', 'cellBits'], `found ${crossbar.cellBits}, but a cell of ${device.name} holds at most ${device.maxBits.value} bits`);
  }
  if (config.sensing.columnsPerConverter > crossbar.columns) fail(['sensing', 'columnsPerConverter'], `is more than the ${crossbar.columns} columns of an array`);
  if (buffers.entries !== undefined && pipeline.granularity === 'row') fail(['buffers', 'entries'], 'counts images; row-granular buffers hold rows of a window');
  const adder = network.layers.find((layer) => layer.type === 'adder2d');
  if (adder !== undefined) fail(['network'], `layer "${adder.name}" is an AdderNet layer (L1 distances), which a crossbar of products cannot compute`);
}
