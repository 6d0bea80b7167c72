// The library: what a browser and Node have alike. Disk, workers and writing stand in node.ts.

import { expectArgument, expectOptions, expectOverrides, expectResult } from './arguments.js';
import { storedPresets, withFiles } from './config/memory.js';
import type { Presets } from './config/index.js';
import { isRecord } from './config/typed.js';
import { compareResults, type Comparison } from './experiment/compare.js';
import { bookOf, explain as explainFigure, type Explanation } from './explain/index.js';
import { loadRun, traceOf, type ConfigInput, type LoadedRun } from './run-config/index.js';
import { simulate as simulateRun, type Machine, type Result, type SimulateOptions } from './simulation/index.js';
import type { Trace } from './workload/index.js';

export { closest, ConfigError, UserError, type Origin } from './config/errors.js';
export { listPresets, toJsonSchema, type Files, type Presets } from './config/index.js';
export { withFiles } from './config/memory.js';
export {
  analyse,
  hypervolume,
  kneeOf,
  nonDominated,
  oneAtATime,
  sobolFirstOrder,
  type AnalysedPoint,
  type Analysis,
  type Goal,
} from './experiment/analysis/index.js';
export { METRICS, knobDifferences, type Comparison } from './experiment/compare.js';
export type { Explanation } from './explain/index.js';
export { energyCsv, layersCsv, timelineJson, toCsv } from './report/index.js';
export { lookOf, lookScale, paintOf, patternDefs, type Look, type LookKind, type Pattern } from './report/colors.js';
export {
  compareReport,
  pageHtml,
  runReport,
  sweepReport,
  type ReportPage,
  type SweepView,
} from './report/html/index.js';
export { configSchema, type Config, type ConfigInput } from './run-config/index.js';
export { MODEL_VERSION, recordTimeline, type Machine, type Result, type Timeline } from './simulation/index.js';
export { parseTrace, type Trace } from './workload/index.js';

export type * from './types.js';

/** A checked run with the trace that its config names. */
export interface Run extends LoadedRun {
  trace: Trace | undefined;
}

/** What `load` may be told besides the config. */
export interface LoadOptions {
  /** Overrides as on the command line: `crossbar.rows=256`. */
  set?: readonly string[];
  /** Presets instead of those that come with the package. */
  presets?: Presets;
  /** Files that configs may name, by path: texts (YAML; CSV of a trace) or data. */
  files?: Readonly<Record<string, string | object>>;
}

let bundled: Promise<Presets> | undefined;

/** The presets that come with the package, loaded on first use. */
export const bundledPresets = (): Promise<Presets> =>
  (bundled ??= import('#presets').then(({ default: stored }) => storedPresets(stored)));

/** How a config that is given as data is called in messages. */
const GIVEN = 'config';

/**
 * Loads and checks a run.
 * @param config the name of a preset (`pipelayer`), the path of one of `options.files`, or the config itself.
 * @throws UserError with one line: place, key, what was found, what was expected.
 */
export async function load(config: string | ConfigInput, options: LoadOptions = {}): Promise<Run> {
  const fits = typeof config === 'string' ? config !== '' : isRecord(config);
  expectArgument(fits, 'load: config', config, 'the name of a preset, the path of a file, or a config as an object');
  expectOptions('load', options, ['set', 'presets', 'files']);
  expectOverrides('load', options.set);
  const { set = [], files = {} } = options;
  const name = typeof config === 'string' ? config : `./${GIVEN}`;
  const presets = withFiles(options.presets ?? (await bundledPresets()), {
    ...files,
    ...(typeof config === 'string' ? {} : { [GIVEN]: config }),
  });
  const run = loadRun(presets, name, set);
  return { ...run, label: typeof config === 'string' ? config : GIVEN, trace: traceOf(presets, run) };
}

/**
 * Simulates a run that `load` made; `machine` is what was built, for `recordTimeline`.
 * @throws ConfigError when the config leaves out what the machine needs, or its trace does not fit.
 */
export const simulate = (
  run: Run,
  options: Omit<SimulateOptions, 'trace'> = {},
): { result: Result; machine: Machine } => {
  expectArgument(isRecord(run) && isRecord(run.config), 'simulate: run', run, 'what `await load(...)` gives');
  expectOptions('simulate', options, ['progress', 'clock', 'peakRss', 'known']);
  return simulateRun(run, { ...options, trace: run.trace });
};

/**
 * Results side by side: metrics with their ratios to the one at `baseline`, and where each ratio comes from.
 * @throws UserError for anything but results, and for a baseline that is none of them.
 */
export const compare = (results: readonly Result[], baseline = 0): Comparison => {
  expectArgument(Array.isArray(results), 'compare: results', results, 'a list of results');
  expectArgument(results.length > 0, 'compare: number of results', results.length, 'at least 1');
  results.forEach((result, i) => {
    expectResult(`compare: results[${i}]`, result);
  });
  const places = `the place of one of ${results.length} results, from 0 on`;
  expectArgument(results[baseline] !== undefined, 'compare: baseline', baseline, places);
  return compareResults(results, baseline);
};

/**
 * How a figure of a result came about, down to counts, constants and their places.
 * @param key path of the figure, e.g. `energy.totalJ` or `layers.conv1.energy`.
 * @throws UserError where the result has no such figure.
 */
export const explain = (result: Result, key: string): Explanation => {
  expectResult('explain: result', result);
  expectArgument(typeof key === 'string', 'explain: key', key, 'the path of a figure, such as "energy.totalJ"');
  return explainFigure(bookOf(result), key);
};
