// From the values of a point to its checked run: what does not change between points is read and checked once.

import { configSchema, finishRun, type LoadedRun } from '../../architecture/index.js';
import { ConfigError, Origins, applySet, findFile, loadConfig, merge, type Loaded, type Origin, type Presets, type Tree, type TreeValue } from '../../config/index.js';
import { hashOf } from '../../simulation/hash.js';
import { MODEL_VERSION } from '../../simulation/index.js';
import { parseTrace, type Trace } from '../../workload/index.js';
import type { Assignment } from './axes.js';

/** What all points of a sweep stand on; plain data that workers and cluster tasks read. */
export interface SweepBase {
  /** The sweep file; paths in it are relative to it. */
  file: string;
  config: string;
  set: Tree;
  /** `--set` overrides. */
  sets: readonly string[];
}

/** A checked point. */
export interface ResolvedPoint {
  run: LoadedRun;
  trace: Trace | undefined;
  /** Hash of the resolved config, the network, the trace and the model's version. */
  key: string;
}

/** Where a value was written. */
export type OriginOf = (key: string, value: TreeValue) => Origin;

const KINDS = ['architectures', 'runs', 'circuits'];

/** A device and a network that cost nothing to read: the real ones were joined and checked before. */
const AT_HAND = 'at-hand';
const STANDINS: Record<string, string> = {
  [`devices/${AT_HAND}.yaml`]: '{}',
  [`networks/${AT_HAND}.yaml`]: '{name: n, input: {features: 1}, layers: [{name: l, type: dense, features: 1}]}',
};
const standIns: Presets = { folder: (kind) => kind, files: { read: (path) => STANDINS[path], list: () => [], resolve: (path) => path } };

/** A base config joined with a device, and what its points share. */
interface Common {
  loaded: Loaded;
  networks: Map<string, KnownNetwork>;
}

type KnownNetwork = Pick<LoadedRun, 'network' | 'networkFile'>;

/** Resolves points; keeps parsed files, checked parts and their hashes. */
export class PointResolver {
  readonly #presets: Presets;
  readonly #base: SweepBase;
  readonly #originOf: OriginOf;
  readonly #bases = new Map<string, Loaded>();
  readonly #commons = new Map<string, Common>();
  readonly #components = new WeakMap<Tree, LoadedRun['config']['components']>();
  readonly #digests = new WeakMap<object, string>();
  readonly #traces = new Map<string, Trace>();

  constructor(presets: Presets, base: SweepBase, originOf?: OriginOf) {
    this.#presets = presets;
    this.#base = base;
    this.#originOf = originOf ?? (() => ({ file: base.file, line: 1, column: 1 }));
  }

  /** The tree of a point before it is checked: base config, `set`, overrides, values. */
  written(values: readonly Assignment[]): Loaded {
    return this.#lay(this.#baseOf(values), values);
  }

  /** The checked run of a point. @throws ConfigError at the axis (or base) that is wrong. */
  resolve(values: readonly Assignment[]): ResolvedPoint {
    const run = this.#quick(values) ?? this.#full(values);
    const trace = this.#traceOf(run);
    return { run, trace, key: this.#keyOf(run, trace) };
  }

  #baseOf(values: readonly Assignment[]): Loaded {
    const chosen = values.find(({ key }) => key === 'config');
    const name = chosen === undefined ? this.#base.config : chosen.value;
    const origin = chosen === undefined ? this.#originOf('config', this.#base.config) : this.#originOf('config', chosen.value);
    if (typeof name !== 'string') throw new ConfigError(origin, 'config', 'expected the name or path of a config');
    let base = this.#bases.get(name);
    if (base === undefined) {
      const loaded = loadConfig(this.#presets, KINDS, name, { origin, key: 'config' });
      const over = overlay(Object.entries(this.#base.set).map(([key, value]) => ({ path: [key], value, origin: this.#originOf(`set.${key}`, value) })));
      base = this.#base.sets.reduce(applySet, merge(loaded, over));
      this.#bases.set(name, base);
    }
    return base;
  }

  /** Values laid on a base; untouched parts of the tree stay the same objects. */
  #lay(base: Loaded, values: readonly Assignment[]): Loaded {
    let { tree } = base;
    for (const { key, value } of values) if (key !== 'config') tree = merge(bare(tree), bare(nested(key.split('.'), value))).tree;
    return { tree, origins: new LaidOrigins(base.origins, values, this.#originOf), file: base.file };
  }

  /** The check in full, with the place of every key for its messages. */
  #full(values: readonly Assignment[]): LoadedRun {
    const over = overlay(values.filter(({ key }) => key !== 'config').map(({ key, value }) => ({ path: key.split('.'), value, origin: this.#originOf(key, value) })));
    const base = this.#baseOf(values);
    return finishRun(this.#presets, base.file, { ...merge(base, over), file: base.file });
  }

  /** The same check on parts that were read and checked before; undefined where it finds a fault, for the full check to name. */
  #quick(values: readonly Assignment[]): LoadedRun | undefined {
    const common = this.#commonOf(values);
    if (common === undefined) return undefined;
    const loaded = this.#lay(common.loaded, values);
    const { components, ...tree } = loaded.tree;
    const { network: name, crossbar } = tree;
    if (typeof name !== 'string' || !isMapping(crossbar) || typeof crossbar.device !== 'string' || !isMapping(components)) return undefined;
    const { device } = crossbar;
    const { network, networkFile } = common.networks.get(`${name} ${loaded.origins.at(['network']).file}`) ?? this.#readNetwork(common, name, values);
    const constants = this.#checkedComponents(components);
    if (constants === undefined) return undefined;
    try {
      const light = { ...tree, network: AT_HAND, crossbar: { ...crossbar, device: AT_HAND } };
      const { config, workload, laws } = finishRun(standIns, loaded.file, { ...bare(light), file: loaded.file });
      return { config: { ...config, network: name, crossbar: { ...config.crossbar, device }, components: constants }, network, networkFile, workload, loaded, laws, label: loaded.file };
    } catch (error) {
      if (error instanceof ConfigError) return undefined;
      throw error;
    }
  }

  /** The base of these values joined with their device. */
  #commonOf(values: readonly Assignment[]): Common | undefined {
    const base = this.#baseOf(values);
    const { crossbar } = base.tree;
    const chosen = values.find(({ key }) => key === 'crossbar.device');
    const device = chosen?.value ?? (isMapping(crossbar) ? crossbar.device : undefined);
    if (typeof device !== 'string' || values.some(({ key }) => key === 'crossbar')) return undefined;
    const origin = chosen === undefined ? base.origins.at(['crossbar', 'device']) : this.#originOf(chosen.key, chosen.value);
    const name = JSON.stringify([values.find(({ key }) => key === 'config')?.value ?? null, device, origin.file]);
    let common = this.#commons.get(name);
    if (common === undefined) {
      const preset = loadConfig(this.#presets, ['devices'], device, { origin, key: 'crossbar.device' });
      const under = { ...preset, tree: { device: preset.tree }, origins: preset.origins.under('device') };
      common = { loaded: { ...merge(under, base), file: base.file }, networks: new Map() };
      this.#commons.set(name, common);
    }
    return common;
  }

  /** The network of a point, by a check in full. */
  #readNetwork(common: Common, name: string, values: readonly Assignment[]): KnownNetwork {
    const { network, networkFile, loaded } = this.#full(values);
    const known = { network, networkFile };
    common.networks.set(`${name} ${loaded.origins.at(['network']).file}`, known);
    return known;
  }

  #checkedComponents(tree: Tree): LoadedRun['config']['components'] | undefined {
    const known = this.#components.get(tree);
    if (known !== undefined) return known;
    const parsed = configSchema.shape.components.safeParse(tree);
    if (!parsed.success) return undefined;
    this.#components.set(tree, parsed.data);
    return parsed.data;
  }

  #traceOf({ config, loaded }: LoadedRun): Trace | undefined {
    const name = config.workload.trace;
    if (name === undefined) return undefined;
    const origin = loaded.origins.at(['workload', 'trace']);
    const id = `${name} ${origin.file}`;
    let trace = this.#traces.get(id);
    if (trace === undefined) {
      const { path, text } = findFile(this.#presets, ['traces'], name, { origin, key: 'workload.trace' }, ['.csv']);
      trace = parseTrace(text, path);
      this.#traces.set(id, trace);
    }
    return trace;
  }

  #keyOf({ config, network }: LoadedRun, trace: Trace | undefined): string {
    // How a run is simulated (fast paths, checks) does not change its result. The schema gives the knobs their order.
    const knobs = JSON.stringify({ ...config, simulation: null, components: this.#digest(config.components) });
    return hashOf([MODEL_VERSION, knobs, this.#digest(network), trace === undefined ? null : this.#digest(trace.rows)]);
  }

  /** Hash of an object that many points share. */
  #digest(part: object): string {
    let digest = this.#digests.get(part);
    if (digest === undefined) {
      digest = hashOf(part);
      this.#digests.set(part, digest);
    }
    return digest;
  }
}

const NOWHERE: Origin = { file: '', line: 0, column: 0 };

/** Places of values laid on a base, found when they are asked for. */
class LaidOrigins extends Origins {
  readonly #under: Origins;
  readonly #values: readonly Assignment[];
  readonly #originOf: OriginOf;

  constructor(under: Origins, values: readonly Assignment[], originOf: OriginOf) {
    super(NOWHERE);
    this.#under = under;
    this.#values = values;
    this.#originOf = originOf;
  }

  override at(path: readonly PropertyKey[]): Origin {
    const key = path.join('.');
    const laid = this.#values.find((value) => key === value.key || key.startsWith(`${value.key}.`));
    return laid === undefined ? this.#under.at(path) : this.#originOf(laid.key, laid.value);
  }
}

const isMapping = (value: TreeValue | undefined): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A tree whose places do not matter. */
const bare = (tree: Tree): Loaded => ({ tree, origins: new Origins(NOWHERE), file: '' });

const nested = (path: readonly string[], value: TreeValue): Tree => path.reduceRight<TreeValue>((inner, key) => ({ [key]: inner }), value) as Tree;

/** Values as a document of their own, with the place of each. */
function overlay(values: readonly { path: string[]; value: TreeValue; origin: Origin }[]): Loaded {
  return values.map(({ path, value, origin }): Loaded => {
    const origins = new Origins(origin);
    path.forEach((_, i) => { origins.set(path.slice(0, i + 1), origin); });
    return { tree: nested(path, value), origins, file: origin.file };
  }).reduce(merge, bare({}));
}
