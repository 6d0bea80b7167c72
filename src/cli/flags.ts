// The flags of the commands; nothing here loads the simulator, so that `--help` is quick.

import type { Argv } from 'yargs';
import { UserError } from '../config/errors.js';
import { parseQuantity } from '../config/units.js';
import {
  CELLS,
  CODEBOOK_METHODS,
  EXPONENT_RULES,
  ROUNDINGS,
  SIGNS,
  SIZED_FORMATS,
  STARTS,
  type ExponentRule,
  type RoundingName,
} from '../numerics/quantizers/names.js';

/** Options that every command takes. */
export interface CommonOptions {
  format: 'table' | 'json' | 'csv';
  out: string | undefined;
  quiet: boolean;
  seed: number | undefined;
  debug: boolean;
  /** Bytes that reading a file or holding rows may take; undefined: by the file's size. */
  maxMemory: number | undefined;
}

/** Options of the commands that simulate. */
export interface RunFlags extends CommonOptions {
  set: string[];
  exact: boolean;
  check: boolean;
}

/** Options of the commands that write a report. */
export interface ReportFlags extends RunFlags {
  figures: boolean;
  full: boolean;
}

/** Bytes of `--max-memory`. @throws UserError for what is no size. */
export function bytesOf(size: string | undefined): number | undefined {
  if (size === undefined) return undefined;
  try {
    const bytes = parseQuantity(size, 'capacity') / 8;
    if (bytes >= 1) return bytes;
  } catch {
    // Said below.
  }
  throw new UserError(`--max-memory: found "${size}", expected a size above 0, e.g. "2 GiB"`);
}

const PRESET_KINDS = ['architectures', 'networks', 'devices', 'circuits', 'runs', 'sweeps', 'validation'] as const;
export const LIST_KINDS = [...PRESET_KINDS, 'components', 'laws'] as const;
export const SCHEMA_KINDS = ['config', 'network', 'device', 'sweep'] as const;

/** Adds the options of `RunFlags`. */
export const runFlags = <T>(yargs: Argv<T>) =>
  yargs
    .option('set', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      describe: 'Override a config key: --set key.path=value (repeatable)',
    })
    .option('exact', { type: 'boolean', default: false, describe: 'Event by event, no fast paths' })
    .option('check', { type: 'boolean', default: false, describe: "Watch the kernel's invariants (event by event)" });

/** Adds the option that only `ReportFlags` have. */
export const figureFlag = <T>(yargs: Argv<T>) =>
  yargs.option('figures', {
    type: 'boolean',
    default: false,
    describe: 'Every figure of the report also as SVG, PNG and Vega-Lite spec (--out DIR/figures)',
  });

/** Adds the option for everything instead of the first screen. */
export const fullFlag = <T>(yargs: Argv<T>) =>
  yargs.option('full', {
    type: 'boolean',
    default: false,
    describe: 'Tables of layers, energy, cells and causes beside the verdict',
  });

/** Adds the options of `ReportFlags`. */
export const reportFlags = <T>(yargs: Argv<T>) => fullFlag(figureFlag(runFlags(yargs)));

/** Options of `sweep`. */
export interface SweepFlags extends CommonOptions {
  file: string;
  set: string[];
  dryRun: boolean;
  resume: boolean;
  retryFailed: boolean;
  optimize: boolean;
  figures: boolean;
  workers: number | undefined;
  executor: 'local' | 'slurm';
  partition: string | undefined;
  arraySize: number;
  pointsPerTask: number;
  sbatchOption: string[];
  wait: boolean;
}

/** Adds the options of `SweepFlags`. */
export const sweepFlags = <T>(yargs: Argv<T>) =>
  yargs
    .positional('file', { type: 'string', demandOption: true, describe: 'Sweep preset or path of a YAML file' })
    .option('set', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      describe: 'Override a key of the base config: --set key.path=value (repeatable)',
    })
    .option('dry-run', {
      type: 'boolean',
      default: false,
      describe: 'Check and count the points, show the first, run none',
    })
    .option('resume', { type: 'boolean', default: false, describe: 'Go on with the sweep that is in the folder' })
    .option('retry-failed', { type: 'boolean', default: false, describe: 'Run points again that failed before' })
    .option('optimize', {
      type: 'boolean',
      default: false,
      describe: 'Search for the front of the objectives (NSGA-II) instead of enumerating',
    })
    .option('figures', {
      type: 'boolean',
      default: false,
      describe: 'Every figure of the report also as SVG, PNG and Vega-Lite spec (--out DIR/figures)',
    })
    .option('workers', { type: 'number', requiresArg: true, describe: 'Worker threads (default: one a core)' })
    .option('executor', {
      choices: ['local', 'slurm'] as const,
      default: 'local' as const,
      describe: 'Where points run',
    })
    .option('partition', { type: 'string', requiresArg: true, describe: 'Slurm: partition' })
    .option('array-size', {
      type: 'number',
      requiresArg: true,
      default: 1000,
      describe: 'Slurm: most tasks of a job array',
    })
    .option('points-per-task', { type: 'number', requiresArg: true, default: 200, describe: 'Slurm: points of a task' })
    .option('sbatch-option', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      describe: 'Slurm: an option for sbatch, e.g. --sbatch-option=--time=1:00:00 (repeatable)',
    })
    .option('wait', {
      type: 'boolean',
      default: false,
      describe: 'Slurm: stay until all is done; without it come back with --resume',
    });

/** Options of `quantize`. */
export interface QuantizeFlags extends CommonOptions {
  model: string;
  method: string;
  bits: number | undefined;
  per: 'tensor' | 'channel';
  zero: boolean;
  biases: boolean;
  only: string[];
  rounding: RoundingName | undefined;
  fractionBits: number | undefined;
  exponentRule: ExponentRule | undefined;
  overflowRate: number | undefined;
  exponentBits: number | undefined;
  start: (typeof STARTS)[number] | undefined;
  importance: string | undefined;
  rangeExponent: number | undefined;
  densityExponent: number | undefined;
  steps: number | undefined;
  cells: (typeof CELLS)[number] | undefined;
  sign: (typeof SIGNS)[number] | undefined;
  device: string | undefined;
  wordBits: number | undefined;
  cellBits: number | undefined;
}

/** Adds the options of `QuantizeFlags`. */
export const quantizeFlags = <T>(yargs: Argv<T>) =>
  yargs
    .positional('model', {
      type: 'string',
      demandOption: true,
      describe: 'A .pt, .pth, .safetensors, .npz, .npy or .onnx file',
    })
    .option('method', {
      type: 'string',
      requiresArg: true,
      demandOption: true,
      describe:
        `${[...CODEBOOK_METHODS, ...SIZED_FORMATS].join(', ')}, a small float (float8_e4m3fn, ...) or MX format ` +
        '(mxfp4_e2m1, ...)',
    })
    .option('bits', {
      type: 'number',
      requiresArg: true,
      describe: 'Bits of a code (default 8; small floats and MX formats have their own)',
    })
    .option('per', {
      choices: ['tensor', 'channel'] as const,
      default: 'tensor' as const,
      describe: 'One codebook or exponent a tensor, or one for each index of its first axis',
    })
    .option('zero', { type: 'boolean', default: false, describe: 'Codebooks: 0 is one of the levels' })
    .option('biases', { type: 'boolean', default: false, describe: 'Also tensors of one axis' })
    .option('only', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      describe: 'Only tensors whose name contains this (repeatable)',
    })
    .option('rounding', { choices: ROUNDINGS, describe: 'Formats: rounding (default nearest-even)' })
    .option('fraction-bits', {
      type: 'number',
      requiresArg: true,
      describe: 'fixed, dfp: the last bit weighs 2^-N (default: fixed bits - 1, dfp by its rule)',
    })
    .option('exponent-rule', {
      choices: EXPONENT_RULES,
      describe: 'dfp: how the shared exponent is chosen (default range)',
    })
    .option('overflow-rate', {
      type: 'number',
      requiresArg: true,
      describe: 'dfp, overflow-rate: share of the values that may saturate (default 1e-4)',
    })
    .option('exponent-bits', {
      type: 'number',
      requiresArg: true,
      describe: 'posit (default 2), log-tapered (default 1)',
    })
    .option('start', { choices: STARTS, describe: 'k-means: first levels (default best)' })
    .option('importance', {
      type: 'string',
      requiresArg: true,
      describe: 'clipped, importance, k-means: file with a weight for each value (mean squared gradients)',
    })
    .option('range-exponent', {
      type: 'number',
      requiresArg: true,
      describe: 'importance: a of |x|^a rho^b (default 0)',
    })
    .option('density-exponent', {
      type: 'number',
      requiresArg: true,
      describe: 'importance: b of |x|^a rho^b (default 1/3)',
    })
    .option('steps', { type: 'number', requiresArg: true, describe: 'log: powers of 2^(1/N) (default 1)' })
    .option('cells', {
      choices: CELLS,
      describe:
        'Codebooks: adds what cells hold to codes.npz: a conductance proportional to the code value, or ' +
        'slices of a fixed-point word',
    })
    .option('sign', {
      choices: SIGNS,
      describe: 'cells: signed values by pairs of cells or by an offset (default differential)',
    })
    .option('device', {
      type: 'string',
      requiresArg: true,
      describe: 'conductances: device with resistances (xbarflow list devices)',
    })
    .option('word-bits', { type: 'number', requiresArg: true, describe: 'words: bits of a word (default 8)' })
    .option('cell-bits', { type: 'number', requiresArg: true, describe: 'words: bits of a cell (default 2)' });

/** Options of `explain`. */
export interface ExplainFlags extends CommonOptions {
  result: string;
  key: string | undefined;
  design: string | undefined;
  depth: number;
  all: boolean;
}

/** Adds the options of `ExplainFlags`. */
export const explainFlags = <T>(yargs: Argv<T>) =>
  yargs
    .positional('result', {
      type: 'string',
      demandOption: true,
      describe: 'result.json, compare.json, or a folder that --out wrote',
    })
    .positional('key', {
      type: 'string',
      describe: 'A figure, e.g. energy.totalJ, layers.conv1.energy, stalls.unit (default: list them)',
    })
    .option('design', {
      type: 'string',
      requiresArg: true,
      describe: 'Comparisons: explain the figure of one design instead of its ratio',
    })
    .option('depth', { type: 'number', requiresArg: true, default: 4, describe: 'Levels of the tree' })
    .option('all', { type: 'boolean', default: false, describe: 'All levels and all parts' })
    .option('json', { type: 'boolean', default: false, describe: 'As --format json' });
