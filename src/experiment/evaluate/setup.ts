// A run's evaluation from its config: network, weights, samples, hardware.

import { MemoryBudget } from '../../config/budget.js';
import type { Presets } from '../../config/index.js';
import { readWhole } from '../../config/reading.node.js';
import { backendOf } from '../../functional/backends/index.js';
import { diskBytes } from '../../functional/data/bytes.node.js';
import type { Dataset } from '../../functional/data/dataset.js';
import { openDataset } from '../../functional/data/open.js';
import type { EvaluatorOptions } from '../../functional/evaluate/evaluator.js';
import { checkLabels } from '../../functional/evaluate/score.js';
import { integerWidths } from '../../functional/quantized/widths.js';
import { checkParameters, parametersFrom } from '../../functional/weights.js';
import { designNumbers, failure, functionalTree, type DataConfig, type LoadedRun } from '../../run-config/index.js';
import { readTensors } from '../../tensors/index.js';
import type { Graph, Parameters } from '../../workload/graph/index.js';
import { readOnnx } from '../../workload/foreign.node.js';

/** What the command line adds to a config. */
export interface EvaluationFlags {
  /** Samples; undefined: as the config says. */
  readonly images: number | undefined;
  readonly keepsLogits: boolean;
  readonly keepsActivity: boolean;
}

/** Bytes of the cells of all trials, unless `--max-memory` says more; they are held together. */
const TRIALS_BYTES = 2 ** 30;
/** Bytes of a cell as it is kept: its level, its conductance, and what the kernels read. */
const CELL_BYTES = 24;
/** Bytes of a trial beside its cells. */
const TRIAL_BYTES = 2 ** 16;

/** @throws UserError where the cells of so many trials would take more memory than they may */
function checkTrials(run: LoadedRun, trials: number): void {
  const { crossbar, weights } = run.config;
  const cells = run.network.weights * Math.ceil(weights.bits / crossbar.cellBits) * (weights.sign === 'offset' ? 1 : 2);
  const budget = new MemoryBudget(`${trials} trials`, run.maxMemory ?? TRIALS_BYTES);
  // One is what every evaluation takes.
  budget.take((trials - 1) * (TRIAL_BYTES + cells * CELL_BYTES), 'their cells');
}

/** A path as a config's key has it: relative to the file where it was written. */
function pathAt({ loaded }: LoadedRun, presets: Presets, key: readonly string[], written: string): string {
  const origin = loaded.origins.at([...key]);
  return presets.files.resolve(written, origin.line > 0 ? origin.file : undefined);
}

/** A network's graph with its weights. @throws UserError where there are none, or they do not fit */
export async function modelOf(
  run: LoadedRun,
  presets: Presets,
): Promise<{ graph: Graph; parameters: Parameters | null }> {
  const { config, network } = run;
  const fail = failure(run.loaded);
  const written = config.model?.weights;
  if (config.network.toLowerCase().endsWith('.onnx') && written === undefined) {
    const path = pathAt(run, presets, ['network'], config.network);
    const { graph, parameters } = readOnnx(path, run);
    checkParameters(parameters, path);
    return { graph, parameters };
  }
  if (written === undefined)
    return fail(['model', 'weights'], 'is missing: expected a file with the trained weights, or network: MODEL.onnx');
  const path = pathAt(run, presets, ['model', 'weights'], written);
  const tensors = await readTensors(readWhole(path, LARGEST_MODEL), path, run.maxMemory);
  return { graph: network.graph, parameters: parametersFrom(network.graph, tensors, path) };
}

/** Largest model file, bytes. */
const LARGEST_MODEL = 2 ** 31;

/** Which samples of a config: a tree of it, what is changed in it, and the keys that say what was changed. */
interface SampleChoice {
  readonly tree: 'data' | 'test';
  readonly range?: Partial<DataConfig>;
  readonly keys?: Readonly<Record<string, readonly string[]>>;
}

/** The samples of `data` (or `test`), as the network reads them. @throws UserError for what does not fit */
export function samplesOf(
  run: LoadedRun,
  presets: Presets,
  graph: Graph,
  { tree, range, keys = {} }: SampleChoice,
): Dataset {
  const fail = failure(run.loaded);
  const data = run.config[tree];
  if (data === undefined)
    return fail([tree], 'is missing: expected the samples, e.g. { kind: digits } or { kind: idx, inputs, labels }');
  const dataset = openDataset(
    { ...data, ...range },
    {
      files: diskBytes,
      path: (key, written) => pathAt(run, presets, keys[key] ?? [tree, key], written),
      fail: (key, message) => fail([...(keys[key] ?? [tree, key])], message),
      graph,
      seed: run.config.workload.seed,
      maxMemory: run.maxMemory,
    },
  );
  const output = graph.tensors[graph.outputs[0]!]!;
  const classes = output.shape.at(-1) ?? 1;
  const rows = (dataset.count * output.shape.reduce((product, size) => product * size, 1)) / classes;
  if (dataset.labels !== null) checkLabels(dataset.labels, rows, classes, data.labels ?? data.inputs ?? tree);
  return dataset;
}

/**
 * The samples that set ranges: `functional.calibration` of its own file, else of `data` whatever part of it is run.
 * @throws UserError for what does not fit
 */
export function calibrationSamples(run: LoadedRun, presets: Presets, graph: Graph): Dataset {
  const { from, count, inputs } = functionalTree(run.config).calibration;
  const at = (key: string): readonly string[] => ['functional', 'calibration', key];
  const all = samplesOf(run, presets, graph, {
    tree: 'data',
    range: { from, count: undefined, ...(inputs === undefined ? {} : { inputs, labels: undefined }) },
    keys: { from: at('from'), ...(inputs === undefined ? {} : { inputs: at('inputs') }) },
  });
  return { ...all, count: Math.min(count, all.count) };
}

/** All that an evaluator needs, from a config. @param watch called again and again while cells are programmed */
export async function evaluationOptions(
  run: LoadedRun,
  presets: Presets,
  flags: EvaluationFlags,
  watch?: () => void,
): Promise<EvaluatorOptions> {
  const { graph, parameters } = await modelOf(run, presets);
  const { backend: kind, adcRange, trials } = designNumbers(run);
  if (kind === 'crossbar') checkTrials(run, trials);
  const data = samplesOf(run, presets, graph, {
    tree: 'data',
    range: flags.images === undefined ? {} : { count: flags.images },
  });
  return {
    graph,
    parameters,
    data,
    calibration: calibrationSamples(run, presets, graph),
    widths: integerWidths(run, kind === 'crossbar'),
    hardware:
      kind === 'float32' || kind === 'float64' || kind === 'integer' ? kind : backendOf(run, presets, kind, watch),
    calibratesConverters: kind === 'crossbar' && adcRange === 'calibrated',
    trials: kind === 'crossbar' ? trials : 1,
    keepsLogits: flags.keepsLogits,
    keepsActivity: flags.keepsActivity,
  };
}
