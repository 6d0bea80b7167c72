// A run from its name: config with all it extends, device, network, overrides, checked.

import {
  ConfigError,
  UserError,
  applySet,
  isTree,
  loadConfig,
  merge,
  validate,
  type Loaded,
  type Origin,
  type Presets,
  type Tree,
  type TreeValue,
} from '../config/index.js';
import { shellWord } from '../config/escape.js';
import { RUN_KINDS } from '../config/preset-kinds.js';
import { isLayerShapes, networkOf, type Network } from '../workload/index.js';
import { blamed } from './blame.js';
import { checkCombination } from './checks.js';
import { configSchema, resolveWorkload, type Config, type ResolvedWorkload } from './config.js';
import { resolveLaws, type LawUse } from './laws.js';

/** A config, checked, with its network and the places where its keys were written. */
export interface LoadedRun {
  config: Config;
  network: Network;
  workload: ResolvedWorkload;
  loaded: Loaded;
  /** The network's file. */
  networkFile: Loaded;
  /** Constants that came out of laws, by their key. */
  laws: ReadonlyMap<string, LawUse>;
  /** How the run was named: preset or path. */
  label: string;
  /** Bytes that reading a file of weights or data may take (`--max-memory`); unset: 8 times its size or 256 MiB. */
  maxMemory?: number | undefined;
  /** Sizes of symbolic dimensions of ONNX models by name (`--shape`). */
  shapes?: ReadonlyMap<string, number> | undefined;
}

/**
 * Loads and checks a run. @throws UserError naming file, line, key, value and what was expected; where a preset's line
 * is at fault, also what was written that the preset does not go with.
 */
export function loadRun(presets: Presets, label: string, sets: readonly string[] = []): LoadedRun {
  try {
    return load(presets, label, sets);
  } catch (error) {
    if (!(error instanceof ConfigError) || error instanceof ForeignNetworkError) throw error;
    throw blamed(error, presets, { label, sets }, (from, over) => load(from, label, over));
  }
}

function load(presets: Presets, label: string, sets: readonly string[]): LoadedRun {
  const config = loadConfig(presets, RUN_KINDS, label);
  if (Array.isArray(config.tree.layers))
    throw new ConfigError(
      config.origins.at(['layers']),
      'layers',
      'this is a network, no config; name it as the network: ' +
        `xbarflow run pipelayer --set ${shellWord(`network=${label}`)}`,
    );
  const written = sets.reduce(applySet, config);
  return finishRun(presets, label, written);
}

/** Checks a run whose tree is there: joins the device, works out laws, reads the network, resolves the workload. */
export function finishRun(presets: Presets, label: string, written: Loaded): LoadedRun {
  const { loaded, laws } = lawsOf(withDevice(presets, written));
  const config = validate(configSchema, loaded);
  const networkFile = loadNetwork(presets, config.network, loaded.origins.at(['network']));
  return checkedRun({ config, network: networkOf(networkFile), networkFile, loaded, laws, label });
}

/** Works laws out. Knobs that are wrong are said to be, all of them, before a law that cannot take one. */
function lawsOf(written: Loaded): ReturnType<typeof resolveLaws> {
  try {
    return resolveLaws(written);
  } catch (error) {
    if (error instanceof ConfigError) validate(knobsSchema, knobsOf(written));
    throw error;
  }
}

/** The knobs of a config, without its constants. */
const knobsSchema = configSchema.omit({ device: true, components: true });

const isLaw = (value: TreeValue): boolean => isTree(value) && Object.hasOwn(value, 'law');

/** A config without constants, and without knobs that are laws. */
function knobsOf(written: Loaded): Loaded {
  const tree: Tree = {};
  for (const [part, knobs] of Object.entries(written.tree))
    if (part !== 'device' && part !== 'components')
      tree[part] = isTree(knobs) ? Object.fromEntries(Object.entries(knobs).filter(([, knob]) => !isLaw(knob))) : knobs;
  return { ...written, tree };
}

/** A network of another program where its readers are not loaded: whoever loads runs may give them. */
export class ForeignNetworkError extends ConfigError {
  override name = 'ForeignNetworkError';
}

/** The network that `network:` names: a preset, a network file, or another program's where its reader is given. */
function loadNetwork(presets: Presets, name: string, origin: Origin): Loaded {
  if (!isAnotherProgram(presets, name, origin))
    return loadConfig(presets, ['networks'], name, { origin, key: 'network' });
  if (presets.network === undefined)
    throw new ForeignNetworkError(
      origin,
      'network',
      `${name} is another program's file, which is not read here; make a network file of it by xbarflow import`,
    );
  try {
    return presets.network(presets.files.resolve(name, origin.line > 0 ? origin.file : undefined));
  } catch (error) {
    if (error instanceof UserError) throw new ConfigError(origin, 'network', error.message);
    throw error;
  }
}

/** True for models, tables and layer shapes of other programs, and for folders of them. */
function isAnotherProgram({ files }: Presets, name: string, origin: Origin): boolean {
  if (/\.(onnx|csv|pt|pth)$/i.test(name)) return true;
  const yaml = /\.ya?ml$/i.test(name);
  if (!yaml && !/[/\\]/.test(name)) return false;
  const path = files.resolve(name, origin.line > 0 ? origin.file : undefined);
  if (!yaml) return files.list(path).some((file) => /\.ya?ml$/i.test(file));
  try {
    return isLayerShapes(files.read(path) ?? '');
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

/** A run from its parts, when its knobs and its network go together. @throws ConfigError where they do not. */
export function checkedRun(parts: Omit<LoadedRun, 'workload'>): LoadedRun {
  checkCombination(parts.config, parts.network, parts.laws, failure(parts.loaded));
  return { ...parts, workload: resolveWorkload(parts.config.workload) };
}

/** Reports a fault at a key of the config. @throws ConfigError at the place where the key was written */
export const failure =
  (loaded: Loaded) =>
  (path: string[], message: string): never => {
    throw new ConfigError(loaded.origins.at(path), path.join('.'), message);
  };

/**
 * The device preset that `crossbar.device` names, under what the config itself says of the device. @throws ConfigError
 * where there is no such device.
 */
export function withDevice(presets: Presets, loaded: Loaded): Loaded {
  const crossbar = loaded.tree.crossbar;
  const given = isTree(crossbar) ? crossbar.device : undefined;
  const name = given ?? 'none';
  if (typeof name !== 'string') return loaded;
  const origin: Origin = loaded.origins.at(['crossbar', 'device']);
  const device = loadConfig(presets, ['devices'], name, { origin, key: 'crossbar.device' });
  return { ...merge(nested(device, 'device'), loaded, loaded.origins.at([])), file: loaded.file };
}

/** A document as the value of a key. */
function nested(document: Loaded, key: string): Loaded {
  return { ...document, tree: { [key]: document.tree }, origins: document.origins.under(key) };
}
