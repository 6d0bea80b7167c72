// `xbarflow evaluate CONFIG`: accuracy of a trained model on the hardware, with time and energy of inference.

import { visible } from '../../config/escape.js';
import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import { checkFile } from '../../config/work-folder.node.js';
import { diskFault, isRefusal, writeWhole } from '../../config/writing.node.js';
import { diskPresets } from '../../config/files.node.js';
import { UserError } from '../../config/index.js';
import { evaluate, type Evaluated } from '../../experiment/evaluate/evaluate.js';
import type { EvaluationFlags } from '../../experiment/evaluate/setup.js';
import type { Compared, Evaluation } from '../../functional/evaluate/result.js';
import { inferenceOf } from '../../experiment/evaluate/timing.js';
import { designNumbers, type LoadedRun } from '../../run-config/index.js';
import { buildMachine, traceRows, type Result } from '../../simulation/index.js';
import type { Files } from '../../report/html/files.node.js';
import type { FigureStyleName } from '../../report/html/figure-styles.js';
import { toCsv } from '../../report/index.js';
import { energy, percent, time } from '../../report/words.js';
import { table } from '../../report/terminal/index.js';
import { writeNpz, type Tensor } from '../../tensors/index.js';
import { writeTrace } from '../../workload/index.js';
import { command } from '../command.js';
import { CONFIG_ARGUMENT, FIGURE_FLAG, RUN_FLAGS, wholeFlag } from '../flags.js';
import { print, say, terminalStyle, writeFiles } from '../output.js';
import { progressOf } from '../progress.js';
import { loadAnyNetwork, sayUnread, setsOf } from '../runs.js';
import { shapesOf } from '../shapes.js';
import { finiteJson } from '../../result/finite.js';

/** Samples from which threads pay for what each reads and calibrates. */
const WORTH_WORKERS = 400;

/** Names in `--out` that a result takes itself. */
const OWN_FILES = ['evaluation.json', 'layers.csv', 'report.html', 'figures'];

/** `xbarflow evaluate`. */
export const evaluateCommand = command({
  usage: 'evaluate <config>',
  describe: 'Accuracy of a trained model on the configured hardware, with time and energy of inference',
  order: 35,
  completes: 'architectures',
  arguments: { config: CONFIG_ARGUMENT },
  flags: {
    ...RUN_FLAGS,
    ...FIGURE_FLAG,
    record: { type: 'string', requiresArg: true, describe: 'Write an activity trace (CSV) that run replays' },
    logits: { type: 'string', requiresArg: true, describe: 'Write the outputs of the hardware (npz)' },
    images: { type: 'number', requiresArg: true, describe: 'Samples (default: data.count)' },
    workers: {
      type: 'number',
      requiresArg: true,
      describe: 'Worker threads (default: one a core for 400 samples and more, else one)',
    },
  },
  run: async (flags) => {
    const { record, logits } = flags;
    const images = wholeFlag('images', flags.images, 1);
    const workers = wholeFlag('workers', flags.workers, 1);
    if (logits !== undefined) checkFile('--logits', logits, flags.out, OWN_FILES);
    if (record !== undefined) checkFile('--record', record, flags.out, OWN_FILES);
    if (logits !== undefined && record !== undefined && resolve(logits) === resolve(record))
      throw new UserError(`--record: ${record} is the file of --logits too, expected another`);
    const run = await loadAnyNetwork(flags.config, flags);
    sayUnread([run], 'evaluate', flags);
    const samples = images ?? run.config.data?.count ?? Infinity;
    const started = performance.now();
    const shown = progressOf(flags, 'evaluate');
    const done = await evaluate(
      run,
      diskPresets,
      { images, keepsLogits: logits !== undefined, keepsActivity: record !== undefined },
      {
        progress: (share) => {
          shown.say(share, '');
        },
        workers: {
          count: workers ?? (samples >= WORTH_WORKERS ? availableParallelism() : 1),
          source: {
            label: flags.config,
            sets: setsOf(flags),
            shapes: shapesOf(flags.shape),
            maxMemory: flags.maxMemory,
          },
        },
      },
    );
    shown.end();
    const wallS = (performance.now() - started) / 1000;
    const result = inferenceOf(run, diskPresets);
    const document = documentOf(run, done.evaluation, result, wallS);
    const flagsOfRun = { images, keepsLogits: false, keepsActivity: false };
    const json = finiteJson(document, run.label);
    const csv = toCsv(done.evaluation.layers.map((layer) => ({ ...layer })));
    if (flags.out !== undefined)
      for (const path of writeFiles(flags.out, {
        'evaluation.json': json,
        'layers.csv': csv,
        ...(await reportOf(run, { done, result }, flagsOfRun, flags)),
      }))
        say(flags, `wrote ${path}`);
    if (logits !== undefined) writeFile('--logits', logits, writeNpz(logitTensors(done)));
    if (record !== undefined) writeFile('--record', record, traceText(run, done));
    for (const path of [logits, record]) if (path !== undefined) say(flags, `wrote ${path}`);
    if (flags.format === 'json') print(json);
    else if (flags.format === 'csv') print(csv);
    else print(tables(run, done.evaluation, result));
  },
});

/** The page that people look at, and its figures where they are asked for. */
async function reportOf(
  run: LoadedRun,
  { done, result }: { readonly done: Evaluated; readonly result: Result },
  evaluation: EvaluationFlags,
  extras: { figures: boolean; figuresStyle?: FigureStyleName },
): Promise<Files> {
  const { lookAt } = await import('../../experiment/evaluate/look.js');
  const { evaluationReport } = await import('../../report/html/index.node.js');
  const { reportFiles } = await import('../../report/html/files.node.js');
  const page = evaluationReport({
    title: `${run.network.name} on ${run.config.name ?? run.label}`,
    evaluation: done.evaluation,
    look: await lookAt(run, diskPresets, evaluation, done),
    mode: result.mode,
    timePerImageS: result.time.perImageS,
    energyPerImageJ: result.energy.perImageJ,
    areaMm2: result.area.totalMm2,
    footer: `xbarflow ${result.version}, config ${result.configHash}, seed ${result.seed}`,
  });
  return reportFiles(page, extras);
}

/** Writes a file whole. @throws UserError naming the flag where the system refuses, Error where the disk is full */
function writeFile(flag: string, path: string, content: string | Uint8Array): void {
  try {
    writeWhole(path, content);
  } catch (error) {
    if (isRefusal(error)) throw new UserError(`${flag}: ${path} cannot be written: ${error.message}`);
    throw diskFault(error, dirname(path));
  }
}

/** The JSON of an evaluation; `simulator` alone may differ between equal runs. */
function documentOf(run: LoadedRun, evaluation: Evaluation, result: Result, wallS: number): Record<string, unknown> {
  return {
    schema: 'xbarflow/evaluation@1',
    architecture: run.config.name ?? run.label,
    network: run.network.name,
    mode: result.mode,
    backend: designNumbers(run).backend,
    seed: run.config.workload.seed,
    ...evaluation,
    time: { perImageS: result.time.perImageS },
    energy: { perImageJ: result.energy.perImageJ },
    area: { totalMm2: result.area.totalMm2 },
    // A coarse clock may not have moved.
    simulator: { wallS, macsPerS: wallS > 0 ? (run.network.macs * evaluation.images) / wallS : 0 },
  };
}

/** Outputs under their names; of one output also `logits`, with floating-point ones and predictions. */
function logitTensors({ outputs, floatLogits, predictions }: Evaluated): Tensor[] {
  const double = (name: string, shape: readonly number[], data: ArrayLike<number>): Tensor => ({
    name,
    shape,
    dtype: 'f64',
    data: Float64Array.from(data),
  });
  const tensors = [...outputs].map(([name, { shape, data }]) => double(name, shape, data));
  const sole = outputs.size === 1 ? [...outputs.values()][0] : undefined;
  const extra: Tensor[] =
    sole === undefined || floatLogits === null
      ? []
      : [
          double('logits', sole.shape, sole.data),
          double('logits_float', floatLogits.shape, floatLogits.data),
          { name: 'predictions', shape: [predictions.length], dtype: 'i32', data: Int32Array.from(predictions) },
        ];
  const known = new Set(tensors.map(({ name }) => name));
  return [...tensors, ...extra.filter(({ name }) => !known.has(name))];
}

/** Densities that drove each layer's forward pass; passes that an evaluation does not run keep the config's. */
function traceText(run: LoadedRun, { densities, evaluation }: Evaluated): string {
  // Weight layers and nodes with constant matrices are in one order; an ONNX file's nodes have names of their own.
  const { layers } = run.network;
  const inOrder = [...densities.values()];
  const rows = traceRows(buildMachine(run), (pass, layer) => {
    const at = inOrder.length === layers.length ? layers.findIndex(({ name }) => name === layer) : -1;
    const density = pass === 'F' ? (densities.get(layer) ?? inOrder[at]) : undefined;
    return density ?? run.config.inputs.density;
  });
  const recorded = [...densities.values()].some((density) => density !== null);
  return writeTrace(rows, [
    `xbarflow activity of ${run.network.name}, ${run.workload.mode}, ${evaluation.images} images`,
    recorded
      ? 'densities of forward passes are recorded; other passes have inputs.density'
      : 'this backend drives no bits: densities are inputs.density',
    'density: share of ones among the bits that the drivers apply; image empty: all images',
  ]);
}

function tables(run: LoadedRun, evaluation: Evaluation, result: Result): string {
  const style = terminalStyle();
  const rows: string[][] = [];
  const add = (name: string, compared: Compared | null, text: (value: number) => string): void => {
    if (compared === null) return;
    const { mean, confidence95, trials } = compared.hardware;
    const spread = trials.length > 1 ? ` +- ${text(confidence95)} (95 % of ${trials.length} trials)` : '';
    rows.push([name, text(compared.float), text(compared.integer), `${text(mean)}${spread}`]);
  };
  const twoDecimals = (share: number): string => `${(100 * share).toFixed(2)} %`;
  add('accuracy', evaluation.accuracy, twoDecimals);
  add('top 5', evaluation.top5, twoDecimals);
  add('perplexity', evaluation.perplexity, (value) => value.toFixed(4));
  add('nats', evaluation.nats, (value) => value.toFixed(4));
  const decimal = (value: number | null, digits: number): string => (value === null ? '-' : value.toFixed(digits));
  const layers = evaluation.layers.map((layer) => [
    layer.name,
    decimal(layer.snrDb, 1),
    layer.maxError.toPrecision(3),
    ...[layer.clippedShare, layer.saturatedShare, layer.wastedShare].map((share) =>
      share === null ? '-' : percent(share),
    ),
    decimal(layer.largestColumnSum, 0),
  ]);
  return [
    `${visible(run.network.name)} on ${visible(run.config.name ?? run.label)}: ${evaluation.images} images`,
    ...(rows.length > 0 ? [table(['', 'float', 'integer', 'hardware'], rows, style)] : ['no labels: no accuracy']),
    table(['layer', 'SNR (dB)', 'largest error', 'clipped', 'saturated', 'range unused', 'largest sum'], layers, style),
    `${time(result.time.perImageS)} and ${energy(result.energy.perImageJ)} an image, ${result.mode}`,
  ].join('\n\n');
}
