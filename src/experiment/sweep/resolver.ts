// From the values of a point to its checked run: what does not change between points is read and checked once.

import {
  checkedRun,
  configSchema,
  finishRun,
  resolveLaws,
  withDevice,
  type LoadedRun,
} from '../../run-config/index.js';
import {
  ConfigError,
  applySet,
  findFile,
  loadConfig,
  merge,
  type Loaded,
  type Presets,
  type Tree,
} from '../../config/index.js';
import { RUN_KINDS } from '../../config/preset-kinds.js';
import { digestByParts, digestOf, hashOfPlain } from '../../result/hash.js';
import { MODEL_VERSION } from '../../simulation/index.js';
import { parseTrace, type Trace } from '../../workload/index.js';
import type { Assignment } from './axes.js';
import { CheckedParts, Refused } from './checked-parts.js';
import { lay, overlay, placed, valueAt, type OriginOf } from './laid.js';

/** What all points of a sweep stand on; plain data that workers and cluster tasks read. */
export interface SweepBase {
  /** The sweep file; paths in it are relative to it. */
  file: string;
  config: string;
  set: Tree;
  /** `--set` overrides. */
  sets: readonly string[];
  /** Points are evaluated on their data too, on so many samples. */
  evaluate?: { readonly images?: number | undefined } | undefined;
  /** There where networks of other programs are read: sizes of their symbolic dimensions by name. */
  shapes?: Readonly<Record<string, number>> | undefined;
  /** Memory that reading a file may take, bytes (`--max-memory`). */
  maxMemory?: number | undefined;
}

/** Sizes of symbolic dimensions by name. */
export const sizesOf = ({ shapes = {} }: Pick<SweepBase, 'shapes'>): ReadonlyMap<string, number> =>
  new Map(Object.entries(shapes));

/** A checked point. */
export interface ResolvedPoint {
  run: LoadedRun;
  trace: Trace | undefined;
  /** Hash of the resolved config, the network, the trace and the model's version. */
  key: string;
}

/** A base config joined with a device, and the networks that points on it name. */
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
  readonly #parts = new CheckedParts();
  readonly #traces = new Map<string, Trace>();

  constructor(presets: Presets, base: SweepBase, originOf?: OriginOf) {
    this.#presets = presets;
    this.#base = base;
    this.#originOf = originOf ?? (() => ({ file: base.file, line: 1, column: 1 }));
  }

  /** The tree of a point before it is checked: base config, `set`, overrides, values. */
  written(values: readonly Assignment[]): Loaded {
    return lay(this.#baseOf(values), knobsOf(values), this.#originOf);
  }

  /** The checked run of a point. @throws ConfigError at the axis (or base) that is wrong. */
  resolve(values: readonly Assignment[]): ResolvedPoint {
    const run = this.#quick(values) ?? this.full(values);
    const trace = this.#traceOf(run);
    const read = { maxMemory: this.#base.maxMemory, shapes: sizesOf(this.#base) };
    return { run: { ...run, ...read }, trace, key: keyOf(run, trace, this.#base.evaluate) };
  }

  /**
   * The check in full, as of a config file that says all of it, with the place of every key for its messages.
   * @param sets overrides on top of the values
   */
  full(values: readonly Assignment[], sets: readonly string[] = []): LoadedRun {
    const base = this.#baseOf(values);
    return finishRun(this.#presets, base.file, sets.reduce(applySet, this.#over(base, knobsOf(values))));
  }

  /** Values on a base, with the place of every key. */
  #over(base: Loaded, values: readonly Assignment[]): Loaded {
    if (values.length === 0) return base;
    const over = overlay(
      values.map(({ key, value }) => ({ path: key.split('.'), value, origin: this.#originOf(key, value) })),
    );
    return { ...merge(base, over), file: base.file };
  }

  /**
   * The same check on parts that were read and checked before; undefined where it finds a fault, for the full check to
   * name.
   */
  #quick(values: readonly Assignment[]): LoadedRun | undefined {
    const common = this.#commonOf(values);
    if (common === undefined) return undefined;
    try {
      const { loaded, laws } = resolveLaws(lay(common.loaded, knobsOf(values), this.#originOf));
      const config = this.#parts.config(loaded.tree);
      const name = `${config.network} ${loaded.origins.at(['network']).file}`;
      let known = common.networks.get(name);
      if (known === undefined) {
        const { network, networkFile } = this.full(values);
        known = { network, networkFile };
        common.networks.set(name, known);
      }
      return checkedRun({ ...known, config, loaded, laws, label: loaded.file });
    } catch (error) {
      if (error instanceof ConfigError || error instanceof Refused) return undefined;
      throw error;
    }
  }

  #baseOf(values: readonly Assignment[]): Loaded {
    const chosen = values.find(({ key }) => key === 'config');
    const name = chosen === undefined ? this.#base.config : chosen.value;
    const origin =
      chosen === undefined ? this.#originOf('config', this.#base.config) : this.#originOf('config', chosen.value);
    if (typeof name !== 'string') throw new ConfigError(origin, 'config', 'expected the name or path of a config');
    let base = this.#bases.get(name);
    if (base === undefined) {
      const loaded = loadConfig(this.#presets, RUN_KINDS, name, { origin, key: 'config' });
      base = this.#base.sets.reduce(
        applySet,
        merge(
          loaded,
          placed(this.#base.set, (path) => this.#originOf(`set.${path}`, null)),
        ),
      );
      this.#bases.set(name, base);
    }
    return base;
  }

  /**
   * The base of these values joined with their device; undefined where an axis replaces the whole of `crossbar`, which
   * names it.
   */
  #commonOf(values: readonly Assignment[]): Common | undefined {
    if (values.some(({ key }) => key === 'crossbar')) return undefined;
    const base = this.#baseOf(values);
    const chosen = values.filter(({ key }) => key === 'crossbar.device');
    const withChosen = this.#over(base, chosen);
    const device = valueAt(withChosen.tree, 'crossbar.device') ?? null;
    const name = JSON.stringify([
      values.find(({ key }) => key === 'config')?.value ?? null,
      device,
      withChosen.origins.at(['crossbar', 'device']).file,
    ]);
    let common = this.#commons.get(name);
    if (common === undefined) {
      common = { loaded: withDevice(this.#presets, withChosen), networks: new Map() };
      this.#commons.set(name, common);
    }
    return common;
  }

  #traceOf({ config, loaded }: LoadedRun): Trace | undefined {
    const name = config.workload.trace;
    if (name === undefined) return undefined;
    const origin = loaded.origins.at(['workload', 'trace']);
    const id = `${name} ${origin.file}`;
    let trace = this.#traces.get(id);
    if (trace === undefined) {
      const { path, text } = findFile(this.#presets, ['traces'], name, {
        from: { origin, key: 'workload.trace' },
        endings: ['.csv'],
      });
      trace = parseTrace(text, path);
      this.#traces.set(id, trace);
    }
    return trace;
  }
}

/** Values that are keys of a config. */
const knobsOf = (values: readonly Assignment[]): readonly Assignment[] =>
  values.some(({ key }) => key === 'config') ? values.filter(({ key }) => key !== 'config') : values;

/** Parts of a config that a result depends on. */
const SIMULATED = configSchema.keyof().options.filter((key) => key !== 'simulation');

/**
 * Names what is simulated: equal for equal results. How a run is simulated (fast paths, checks) does not change its
 * result.
 */
export function keyOf(
  { config, network }: LoadedRun,
  trace: Trace | undefined,
  evaluate?: SweepBase['evaluate'],
): string {
  const own = [MODEL_VERSION, digestOf(network), trace === undefined ? null : digestOf(trace.rows)];
  for (const key of SIMULATED) {
    const part = config[key];
    if (key === 'components') own.push(digestByParts(config.components));
    else own.push(typeof part === 'object' ? digestOf(part) : (part ?? null));
  }
  return hashOfPlain(evaluate === undefined ? own : [...own, 'evaluate', evaluate.images ?? null]);
}
