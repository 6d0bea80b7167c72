// `xbarflow quantize MODEL`: a trained model in another number format, with the errors by layer.

import { shortened, visible } from '../../config/escape.js';
import { UserError, loadConfig, suggestion, validate } from '../../config/index.js';
import { readWhole } from '../../config/reading.node.js';
import { diskPresets } from '../../config/files.node.js';
import {
  quantizeModel,
  type CellOptions,
  type QuantizedLayer,
  type QuantizeOptions,
} from '../../experiment/quantize.js';
import type { Accuracy } from '../../experiment/study/layers.js';
import { deviceSchema } from '../../components/index.js';
import { METHODS, ownBits, type Method } from '../../numerics/quantizers/index.js';
import {
  CELLS,
  CODEBOOK_METHODS,
  EXPONENT_RULES,
  ROUNDINGS,
  SIGNS,
  SIZED_FORMATS,
  STARTS,
} from '../../numerics/quantizers/names.js';
import { toCsv } from '../../report/index.js';
import { table } from '../../report/terminal/index.js';
import { readTensors, writeNpz, writeSafetensors, type Tensor } from '../../tensors/index.js';
import { command } from '../command.js';
import type { FlagsOf } from '../flag-types.js';
import { listFlag, SHAPE_FLAG, wholeFlag, type COMMON_FLAGS } from '../flags.js';
import { print, say, terminalStyle, writeFiles } from '../output.js';
import { isOneOf } from '../../config/typed.js';
import { progressOf } from '../progress.js';
import { accuraciesOf, accuracyLine, LARGEST_FILE } from '../quantized-accuracy.js';
import { shapesOf } from '../shapes.js';
import { finiteJson } from '../../result/finite.js';

const ARGUMENTS = {
  model: {
    type: 'string',
    demandOption: true,
    describe: 'A .pt, .pth, .safetensors, .npz, .npy or .onnx file',
  },
} as const;
const FLAGS = {
  method: {
    type: 'string',
    requiresArg: true,
    demandOption: true,
    describe:
      `${[...CODEBOOK_METHODS, ...SIZED_FORMATS].join(', ')}, a small float (float8_e4m3fn, ...) or MX format ` +
      '(mxfp4_e2m1, ...)',
  },
  bits: {
    type: 'number',
    requiresArg: true,
    describe: 'Bits of a code (default 8; small floats and MX formats have their own)',
  },
  per: {
    choices: ['tensor', 'channel'] as const,
    default: 'tensor' as const,
    describe: 'One codebook or exponent a tensor, or one for each index of its first axis',
  },
  zero: { type: 'boolean', default: false, describe: 'Codebooks: 0 is one of the levels' },
  biases: { type: 'boolean', default: false, describe: 'Also tensors of one axis' },
  only: listFlag('Only tensors whose name contains this (repeatable)'),
  rounding: { choices: ROUNDINGS, describe: 'Formats: rounding (default nearest-even)' },
  'fraction-bits': {
    type: 'number',
    requiresArg: true,
    describe: 'fixed, dfp: the last bit weighs 2^-N (default: fixed bits - 1, dfp by its rule)',
  },
  'exponent-rule': {
    choices: EXPONENT_RULES,
    describe: 'dfp: how the shared exponent is chosen (default range)',
  },
  'overflow-rate': {
    type: 'number',
    requiresArg: true,
    describe: 'dfp, overflow-rate: share of the values that may saturate (default 1e-4)',
  },
  'exponent-bits': {
    type: 'number',
    requiresArg: true,
    describe: 'posit (default 2), log-tapered (default 1)',
  },
  start: { choices: STARTS, describe: 'k-means: first levels (default best)' },
  importance: {
    type: 'string',
    requiresArg: true,
    describe: 'clipped, importance, k-means: file with a weight for each value (mean squared gradients)',
  },
  'range-exponent': {
    type: 'number',
    requiresArg: true,
    describe: 'importance: a of |x|^a rho^b (default 0)',
  },
  'density-exponent': {
    type: 'number',
    requiresArg: true,
    describe: 'importance: b of |x|^a rho^b (default 1/3)',
  },
  steps: { type: 'number', requiresArg: true, describe: 'log: powers of 2^(1/N) (default 1)' },
  cells: {
    choices: CELLS,
    describe:
      'Codebooks: adds what cells hold to codes.npz: a conductance proportional to the code value, or ' +
      'slices of a fixed-point word',
  },
  sign: {
    choices: SIGNS,
    describe: 'cells: signed values by pairs of cells or by an offset (default differential)',
  },
  device: {
    type: 'string',
    requiresArg: true,
    describe: 'conductances: device with resistances (xbarflow list devices)',
  },
  'word-bits': { type: 'number', requiresArg: true, describe: 'words: bits of a word (default 8)' },
  data: {
    type: 'string',
    requiresArg: true,
    describe: 'A config (as of evaluate) with network and data: accuracy beside the errors',
  },
  images: { type: 'number', requiresArg: true, describe: '--data: samples (default: data.count)' },
  ...SHAPE_FLAG,
  'cell-bits': { type: 'number', requiresArg: true, describe: 'words: bits of a cell (default 2)' },
} as const;
type QuantizeFlags = FlagsOf<typeof COMMON_FLAGS & typeof ARGUMENTS & typeof FLAGS>;

async function quantize(flags: QuantizeFlags): Promise<void> {
  const options = optionsOf(flags);
  const { method, bits, per, zero, rounding } = options;
  wholeFlag('images', flags.images, 1);
  if (flags.data === undefined)
    for (const [flag, given] of [
      ['--images', flags.images !== undefined],
      ['--shape', flags.shape.length > 0],
    ] as const)
      if (given) throw new UserError(`${flag}: has no effect without --data`);
  const tensors = await readModel(flags.model, flags.maxMemory);
  const importance = flags.importance === undefined ? undefined : await readModel(flags.importance, flags.maxMemory);
  const { say: tell, end } = progressOf(flags, `quantizing ${shortened(visible(flags.model), 60)}`);
  const model = quantizeFile(flags.model, () =>
    quantizeModel(tensors, options, importance, (share, tensor) => {
      tell(share, shortened(visible(tensor), 60));
    }),
  );
  end();
  const accuracies = await accuraciesOf({ ...flags, shapes: shapesOf(flags.shape) }, tensors, model);
  const layers = model.layers.map((layer) => ({ ...layer, ...accuracies?.alone.get(layer.name) }));
  const document = {
    schema: 'xbarflow/quantize@1',
    model: flags.model,
    method,
    bits,
    per,
    zero,
    rounding,
    importance: flags.importance ?? null,
    ...(accuracies === null
      ? {}
      : { images: accuracies.images, float: accuracies.float, quantized: accuracies.quantized }),
    layers,
  };
  const json = finiteJson(document, flags.model);
  const csv = toCsv(layers.map(row));
  if (flags.out !== undefined) {
    const metadata = { quantization: `${method}, ${bits} bits, per ${per}` };
    const files = {
      'model.safetensors': writeSafetensors(model.tensors, metadata),
      'model.npz': writeNpz(model.tensors),
      'codes.npz': writeNpz(model.codes),
      'layers.csv': csv,
      'quantize.json': json,
    };
    for (const path of writeFiles(flags.out, files)) say(flags, `wrote ${path}`);
  }
  if (flags.format === 'json') print(json);
  else if (flags.format === 'csv') print(csv);
  else print([layerTable(layers), ...(accuracies === null ? [] : [accuracyLine(accuracies)])].join('\n\n'));
}

/** Puts the file's name before what is wrong with its tensors. */
function quantizeFile<T>(file: string, quantized: () => T): T {
  try {
    return quantized();
  } catch (error) {
    throw error instanceof UserError ? new UserError(`${file}: ${error.message}`) : error;
  }
}

/** The methods that an option belongs to; with others it is refused, as it would do nothing. */
const OPTION_METHODS: readonly {
  readonly option: string;
  readonly given: (flags: QuantizeFlags) => boolean;
  readonly methods: readonly Method[];
}[] = [
  { option: 'zero', given: ({ zero }) => zero, methods: CODEBOOK_METHODS },
  {
    option: 'rounding',
    given: ({ rounding }) => rounding !== undefined,
    methods: METHODS.filter((method) => !isOneOf(CODEBOOK_METHODS, method)),
  },
  { option: 'fraction-bits', given: ({ fractionBits }) => fractionBits !== undefined, methods: ['fixed', 'dfp'] },
  { option: 'exponent-rule', given: ({ exponentRule }) => exponentRule !== undefined, methods: ['dfp'] },
  { option: 'overflow-rate', given: ({ overflowRate }) => overflowRate !== undefined, methods: ['dfp'] },
  {
    option: 'exponent-bits',
    given: ({ exponentBits }) => exponentBits !== undefined,
    methods: ['posit', 'log-tapered'],
  },
  { option: 'start', given: ({ start }) => start !== undefined, methods: ['k-means'] },
  {
    option: 'importance',
    given: ({ importance }) => importance !== undefined,
    methods: ['clipped', 'importance', 'k-means'],
  },
  {
    option: 'range-exponent',
    given: ({ rangeExponent }) => rangeExponent !== undefined,
    methods: ['importance', 'k-means'],
  },
  {
    option: 'density-exponent',
    given: ({ densityExponent }) => densityExponent !== undefined,
    methods: ['importance', 'k-means'],
  },
  { option: 'steps', given: ({ steps }) => steps !== undefined, methods: ['log'] },
  { option: 'cells', given: ({ cells }) => cells !== undefined, methods: CODEBOOK_METHODS },
];

/** Checks what yargs does not. */
function optionsOf(flags: QuantizeFlags): QuantizeOptions {
  const {
    method,
    per,
    biases,
    zero,
    rounding = 'nearest-even',
    only,
    start = 'best',
    steps = 1,
    fractionBits,
    exponentRule,
    overflowRate,
    exponentBits,
    rangeExponent = 0,
    densityExponent = 1 / 3,
  } = flags;
  if (!isMethod(method))
    throw new UserError(
      `--method: found "${method}", expected one of ${METHODS.join(', ')}${suggestion(method, METHODS)}`,
    );
  for (const { option, given, methods } of OPTION_METHODS) {
    if (!given(flags) || methods.includes(method)) continue;
    const many = option === 'rounding' ? 'a number format' : 'a codebook method';
    const expected = methods.length > 5 ? many : methods.join(', ');
    throw new UserError(`--${option}: has no effect with --method ${method}; expected ${expected}`);
  }
  const own = ownBits(method);
  const bits = flags.bits ?? own ?? 8;
  if (own !== undefined && bits !== own) throw new UserError(`--bits: found ${bits}, but ${method} has ${own}`);
  if (own === undefined) wholeFlag('bits', bits, 1, 16);
  wholeFlag('fraction-bits', fractionBits, -200, 200);
  wholeFlag('exponent-bits', exponentBits, 0, 8);
  if (fractionBits !== undefined && exponentRule !== undefined)
    throw new UserError('--exponent-rule: has no effect with --fraction-bits, which fixes the exponent');
  if (overflowRate !== undefined && exponentRule !== 'overflow-rate')
    throw new UserError('--overflow-rate: needs --exponent-rule overflow-rate');
  if (overflowRate !== undefined && !(overflowRate >= 0 && overflowRate <= 1))
    throw new UserError(`--overflow-rate: found ${overflowRate}, expected a share from 0 to 1`);
  for (const [name, value] of [
    ['range-exponent', rangeExponent],
    ['density-exponent', densityExponent],
  ] as const) {
    if (!(value >= 0 && value < 100))
      throw new UserError(`--${name}: found ${value}, expected a number from 0 to below 100`);
  }
  if (steps !== 1 && steps !== 2 && steps !== 4 && steps !== 8)
    throw new UserError(`--steps: found ${steps}, expected 1, 2, 4 or 8`);
  const cells = cellsOf(flags);
  return {
    method,
    bits,
    per,
    biases,
    zero,
    rounding,
    only,
    start,
    stepsPerOctave: steps,
    seed: flags.seed ?? 1,
    exponents: { range: rangeExponent, density: densityExponent },
    ...(fractionBits === undefined ? {} : { fractionBits }),
    ...(exponentRule === undefined ? {} : { exponentRule }),
    ...(overflowRate === undefined ? {} : { maxOverflowRate: overflowRate }),
    ...(exponentBits === undefined ? {} : { exponentBits }),
    ...(cells === undefined ? {} : { cells }),
  };
}

/** What cells hold: a device's conductances, or words and their slices. */
function cellsOf(flags: QuantizeFlags): CellOptions | undefined {
  const { cells: kind, sign = 'differential', device, wordBits = 8, cellBits = 2 } = flags;
  const useless = [
    ['sign', flags.sign, kind !== undefined, ''],
    ['device', device, kind === 'conductances', ' conductances'],
    ['word-bits', flags.wordBits, kind === 'words', ' words'],
    ['cell-bits', flags.cellBits, kind === 'words', ' words'],
  ] as const;
  for (const [option, value, used, how] of useless)
    if (value !== undefined && !used) throw new UserError(`--${option}: has no effect without --cells${how}`);
  if (kind === undefined) return undefined;
  if (kind === 'words') {
    wholeFlag('word-bits', wordBits, 2, 32);
    wholeFlag('cell-bits', cellBits, 1, wordBits);
    return { kind, sign, wordBits, cellBits };
  }
  if (device === undefined)
    throw new UserError(
      '--cells conductances: needs --device, the name of a device with resistances (xbarflow list devices)',
    );
  const file = loadConfig(diskPresets, ['devices'], device);
  const { resistance } = validate(deviceSchema.pick({ resistance: true }), {
    ...file,
    tree: file.tree.resistance === undefined ? {} : { resistance: file.tree.resistance },
  });
  if (resistance?.on === undefined || resistance.off === undefined)
    throw new UserError(`--device: ${device} has no resistance.on and resistance.off`);
  return { kind, sign, least: 1 / resistance.off.value, most: 1 / resistance.on.value };
}

const isMethod = (name: string): name is Method => isOneOf(METHODS, name);

const readModel = (path: string, maxMemory: number | undefined): Promise<Tensor[]> =>
  readTensors(readWhole(path, maxMemory ?? LARGEST_FILE), path, maxMemory);

/** A row of the CSV: lists as JSON. */
const row = ({ shape, fractionBits, codebooks, ...rest }: ScoredLayer): Record<string, unknown> => ({
  ...rest,
  shape: shape.join('x'),
  fractionBits: fractionBits === null ? null : fractionBits.join(' '),
  codebook: codebooks === null ? null : JSON.stringify(codebooks),
});

const SHOWN_LEVELS = 4;

/** A tensor's row, with the accuracy of the model with it alone quantized where there are data. */
type ScoredLayer = QuantizedLayer & Partial<Accuracy>;

function layerTable(layers: readonly ScoredLayer[]): string {
  const short = (x: number): string => String(Number(x.toPrecision(4)));
  const grid = ({ fractionBits, codebooks }: QuantizedLayer): string => {
    const shared = fractionBits ?? codebooks;
    if (shared === null) return '';
    if (shared.length > 1) return `${shared.length} channels`;
    if (fractionBits !== null) return `fraction bits ${fractionBits[0]!}`;
    const [levels = []] = codebooks ?? [];
    return levels.length <= SHOWN_LEVELS
      ? levels.map(short).join(' ')
      : `${short(levels[0]!)} .. ${short(levels.at(-1)!)} (${levels.length})`;
  };
  const scored = layers.some(({ accuracy }) => accuracy !== undefined);
  return table(
    ['tensor', 'shape', 'SNR, dB', 'max error', 'saturated', 'values', ...(scored ? ['accuracy'] : []), 'codebook'],
    layers.map((layer) => [
      layer.name,
      layer.shape.join('x'),
      layer.maxError === 0 ? 'exact' : (layer.snrDb?.toFixed(2) ?? ''),
      short(layer.maxError),
      String(layer.saturated),
      String(layer.levels),
      ...(layer.accuracy === undefined ? [] : [`${(100 * layer.accuracy).toFixed(2)} %`]),
      grid(layer),
    ]),
    terminalStyle(),
    2,
  );
}

/** `xbarflow quantize`. */
export const quantizeCommand = command({
  usage: 'quantize <model>',
  describe: 'A trained model in another number format or codebook: errors by layer, model and codes as files',
  order: 70,
  arguments: ARGUMENTS,
  flags: FLAGS,
  run: quantize,
});
