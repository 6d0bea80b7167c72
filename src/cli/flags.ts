// Flags that several commands share, as data; nothing here loads the simulator, so that `--help` is quick.

import { UserError } from '../config/errors.js';
import { parseQuantity } from '../config/units.js';
import { FIGURE_STYLES } from '../report/html/figure-styles.js';
import type { FlagsOf } from './flag-types.js';

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

/**
 * A number of a flag that counts. @param name without dashes; @returns the number
 * @throws UserError for what is no whole number from `least` to `most`
 */
export function wholeFlag<N extends number | undefined>(name: string, value: N, least: number, most = Infinity): N {
  if (value === undefined || (Number.isSafeInteger(value) && value >= least && value <= most)) return value;
  const range = most === Infinity ? `from ${least}` : `from ${least} to ${most}`;
  throw new UserError(`--${name}: found ${value}, expected a whole number ${range}`);
}

/** Flags that every command takes. */
export const COMMON_FLAGS = {
  format: {
    choices: ['table', 'json', 'csv'],
    default: 'table',
    requiresArg: true,
    describe: 'Form of the result on standard output',
  },
  out: { type: 'string', requiresArg: true, describe: 'Folder for result files' },
  quiet: { type: 'boolean', default: false, describe: 'No progress, no remarks' },
  seed: { type: 'number', requiresArg: true, describe: 'Seed of every random draw (workload.seed)' },
  'max-memory': {
    type: 'string',
    requiresArg: true,
    coerce: bytesOf,
    describe: 'Memory that reading a file may take, e.g. 2GiB (default: 8 times its size, at least 256 MiB)',
  },
  debug: { type: 'boolean', default: false, describe: 'Show where an error came from' },
} as const;

const NONE: string[] = [];
/** A flag that may be given several times. */
const LIST = { type: 'string', array: true, nargs: 1, default: NONE } as const;

/** A flag for text that may be given several times; none by default. */
export const listFlag = <const D extends string>(describe: D) => ({ ...LIST, describe });

/** A config by its preset or path. */
export const CONFIG_ARGUMENT = {
  type: 'string',
  demandOption: true,
  describe: 'Preset name or path of a YAML file',
} as const;

/** The flag of commands that write a report. */
export const FIGURE_FLAG = {
  figures: {
    type: 'boolean',
    default: false,
    describe: 'Every figure of the report also as SVG, PDF, PNG and Vega-Lite spec (--out DIR/figures)',
  },
  'figures-style': {
    choices: FIGURE_STYLES,
    default: 'ieee',
    requiresArg: true,
    describe: 'Widths, letters and fonts of the figures',
  },
} as const;

/** The flag of commands that write what happened when. */
export const TIMELINE_FLAG = {
  timeline: {
    type: 'boolean',
    default: false,
    describe: 'A window of the run as trace events for Perfetto (--out DIR/timeline.json)',
  },
} as const;

/** The flag for symbolic dimensions of ONNX models. */
export const SHAPE_FLAG = {
  shape: listFlag('ONNX: a symbolic dimension: --shape tokens=128 (repeatable)'),
} as const;

/** Flags of the commands that simulate. */
export const RUN_FLAGS = {
  ...SHAPE_FLAG,
  set: listFlag('Override a config key: --set key.path=value (repeatable)'),
  exact: { type: 'boolean', default: false, describe: 'Event by event, no fast paths' },
  check: { type: 'boolean', default: false, describe: "Watch the kernel's invariants (event by event)" },
} as const;

/** The flag of commands that say how far assumptions reach. */
export const UNCERTAINTY_FLAG = {
  uncertainty: {
    type: 'boolean',
    default: false,
    describe: 'Draw the placeholders from their ranges: intervals of the headlines, and what moves them',
  },
} as const;

/** The flag for everything in place of the first screen. */
export const FULL_FLAG = {
  full: {
    type: 'boolean',
    default: false,
    describe: 'Tables of layers, energy, cells and causes beside the verdict',
  },
} as const;

/** Flags of the commands that simulate and write a report. */
export const REPORT_FLAGS = { ...RUN_FLAGS, ...FIGURE_FLAG, ...TIMELINE_FLAG, ...FULL_FLAG } as const;

/** Values of the flags that every command takes. */
export type CommonOptions = FlagsOf<typeof COMMON_FLAGS>;
/** Values of the flags of commands that simulate. */
export type RunFlags = FlagsOf<typeof COMMON_FLAGS & typeof RUN_FLAGS>;
/** Values of the flags of commands that simulate and write a report. */
export type ReportFlags = FlagsOf<typeof COMMON_FLAGS & typeof REPORT_FLAGS>;
