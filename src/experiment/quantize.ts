// A trained model quantized tensor by tensor, with the errors of each.

import seedrandom from 'seedrandom';
import { UserError } from '../config/index.js';
import {
  codebookConductances,
  codebookWords,
  makesCodebook,
  quantizationError,
  quantizeValues,
  type Codebook,
  type MethodOptions,
  type QuantizedValues,
  type RoundingName,
  type Sign,
} from '../numerics/quantizers/index.js';
import { notFinite } from '../result/finite.js';
import { isFloat, storedType, type Tensor, type TensorData } from '../tensors/index.js';

/** Why nothing is quantized where no name was asked for. */
const NO_WEIGHTS = ': none is of floats with two axes or more';

/** What cells hold of a codebook; see `codebookConductances` and `codebookWords`. */
export type CellOptions =
  | {
      readonly kind: 'conductances';
      readonly sign: Sign;
      /** S */ readonly least: number;
      /** S */ readonly most: number;
    }
  | { readonly kind: 'words'; readonly sign: Sign; readonly wordBits: number; readonly cellBits: number };

/** How a model is quantized. */
export interface QuantizeOptions extends Omit<MethodOptions, 'rounding'> {
  readonly rounding: RoundingName;
  /** One codebook or exponent for a tensor, or one for each index of its first axis. */
  readonly per: 'tensor' | 'channel';
  /** Also tensors of one axis: biases, norms. */
  readonly biases: boolean;
  /** Only tensors whose name contains one of these; all, if empty. */
  readonly only: readonly string[];
  readonly seed: number;
  /** Codebook methods: adds what cells hold to the codes. */
  readonly cells?: CellOptions;
}

/** One tensor's row. */
export interface QuantizedLayer {
  readonly name: string;
  readonly shape: readonly number[];
  readonly elements: number;
  /** Different values that the tensor takes now. */
  readonly levels: number;
  /** Null without an error (`maxError` 0). */
  readonly snrDb: number | null;
  readonly meanSquareError: number;
  readonly maxError: number;
  /** Values beyond the range, clamped. */
  readonly saturated: number;
  /** By channel or once: shared exponent (dynamic fixed point). */
  readonly fractionBits: readonly number[] | null;
  /** By channel or once: levels of the codebook. */
  readonly codebooks: readonly (readonly number[])[] | null;
}

/** A model whose tensors were quantized, with the errors of each. */
export interface QuantizedModel {
  readonly layers: readonly QuantizedLayer[];
  /** All tensors of the model, the quantized ones with their new values in their old type. */
  readonly tensors: readonly Tensor[];
  /**
   * Integer codes of the quantized tensors, and what gives them their values: `NAME.codebook`, `NAME.fraction_bits`,
   * `NAME.block_scales`; what cells hold by level: `NAME.conductance_*` or `NAME.word*`.
   */
  readonly codes: readonly Tensor[];
}

/** Values without gradient still count a little: so much of the mean importance is added to each. */
export const IMPORTANCE_FLOOR = 1e-3;

/** Most levels of all codebooks of a model: what a JSON text of them can hold. */
export const MOST_CODEBOOK_LEVELS = 2 ** 23;

/**
 * Quantizes weights: floats of two axes or more (see `biases`).
 * @param importance weights of values by tensor name, shaped as the tensors
 * @param progress told the share of the values that are done, and the tensor that is under way
 * @throws UserError where nothing is to be quantized, or a tensor cannot be
 */
export function quantizeModel(
  tensors: readonly Tensor[],
  options: QuantizeOptions,
  importance?: readonly Tensor[],
  progress: (share: number, tensor: string) => void = () => undefined,
): QuantizedModel {
  const { only, biases } = options;
  const weights = tensors.filter(
    (tensor) =>
      isFloat(tensor) &&
      tensor.shape.length >= (biases ? 1 : 2) &&
      (only.length === 0 || only.some((part) => tensor.name.includes(part))),
  );
  if (weights.length === 0) {
    const lacking = only.length > 0 ? ` has a name with ${only.join(' or ')}` : NO_WEIGHTS;
    const some = tensors.slice(0, 20).map(({ name }) => name);
    throw new UserError(`no tensor to quantize${lacking} (there are ${some.join(', ') || 'none'})`);
  }
  checkLevels(weights, options);
  const all = Math.max(
    1,
    weights.reduce((sum, { data }) => sum + data.length, 0),
  );
  let before = 0;
  const done = new Map(
    weights.map((tensor) => {
      const tell = (values: number): void => {
        progress((before + values) / all, tensor.name);
      };
      const quantized = quantizeTensor(tensor, options, importanceOf(tensor, importance), tell);
      before += tensor.data.length;
      return [tensor.name, quantized];
    }),
  );
  return {
    layers: [...done.values()].map(({ layer }) => layer),
    tensors: tensors.map((tensor) => done.get(tensor.name)?.tensor ?? tensor),
    codes: [...done.values()].flatMap(({ codes }) => codes),
  };
}

const groupsOf = ({ shape }: Tensor, { per }: QuantizeOptions): number =>
  per === 'channel' ? Math.max(1, shape[0] ?? 1) : 1;

/** @throws UserError where codebooks would have more levels than a result can list. */
function checkLevels(weights: readonly Tensor[], options: QuantizeOptions): void {
  if (!makesCodebook(options.method)) return;
  const codebooks = weights.reduce((sum, tensor) => sum + groupsOf(tensor, options), 0);
  if (codebooks * 2 ** options.bits > MOST_CODEBOOK_LEVELS)
    throw new UserError(
      `--bits: found ${options.bits}, which gives ${codebooks} codebooks ${codebooks * 2 ** options.bits} levels, ` +
        `expected at most ${MOST_CODEBOOK_LEVELS} in all (fewer bits, --per tensor, or --only)`,
    );
}

function importanceOf({ name, data }: Tensor, importance: readonly Tensor[] | undefined): Float64Array | undefined {
  if (importance === undefined) return undefined;
  const found = importance.find((tensor) => tensor.name === name);
  if (found === undefined) throw new UserError(`tensor "${name}": --importance has no tensor of this name`);
  if (!isFloat(found) || found.data.length !== data.length)
    throw new UserError(
      `tensor "${name}": --importance has ${found.data.length} elements of ${found.dtype} for it, expected ` +
        `${data.length} floats`,
    );
  const factors = Float64Array.from(found.data);
  const bad = factors.findIndex((x) => !(x >= 0 && x < Infinity));
  if (bad >= 0)
    throw new UserError(
      `tensor "${name}": --importance has ${factors[bad]!} at element ${bad}, expected finite numbers, none below 0`,
    );
  const mean = factors.reduce((sum, x) => sum + x, 0) / factors.length;
  return factors.map((x) => x + IMPORTANCE_FLOOR * mean);
}

function quantizeTensor(
  tensor: Tensor,
  options: QuantizeOptions,
  importance: Float64Array | undefined,
  tell: (values: number) => void,
): { layer: QuantizedLayer; tensor: Tensor; codes: Tensor[] } {
  if (!isFloat(tensor)) throw new Error(`quantize: "${tensor.name}" is not of floats`);
  const { name, shape, data } = tensor;
  const groups = groupsOf(tensor, options);
  const size = data.length / groups;
  const random = seedrandom.alea(`quantize:${options.seed}:${name}`);
  const rounding = options.rounding === 'stochastic' ? { random } : options.rounding;
  const parts = Array.from({ length: groups }, (_, i) => {
    const watch = (): void => {
      tell(i * size);
    };
    watch();
    return ofTensor(name, () =>
      quantizeValues(
        data.subarray(i * size, (i + 1) * size),
        { ...options, rounding, watch },
        importance?.subarray(i * size, (i + 1) * size),
      ),
    );
  });
  const values = data.slice();
  parts.forEach((part, i) => {
    values.set(part.values, i * size);
  });
  const { snrDb, meanSquare, maxError } = quantizationError(data, values);
  const layer: QuantizedLayer = {
    name,
    shape,
    elements: data.length,
    levels: new Set(values).size,
    snrDb: Number.isFinite(snrDb) ? snrDb : null,
    meanSquareError: meanSquare,
    maxError,
    saturated: parts.reduce((sum, { saturated }) => sum + saturated, 0),
    fractionBits: parts[0]?.fractionBits === undefined ? null : parts.map(({ fractionBits }) => fractionBits!),
    codebooks: parts[0]?.codebook === undefined ? null : parts.map(({ codebook }) => [...codebook!.levels]),
  };
  const wrong = notFinite(layer) ?? { path: 'value', value: values.find((x) => !Number.isFinite(x)) };
  if (wrong.value !== undefined)
    throw new UserError(
      `tensor "${name}": its ${wrong.path} would be ${wrong.value}, which no result can hold; values are too large`,
    );
  return {
    layer,
    tensor: { ...tensor, data: values },
    codes: [
      ...codeTensors(name, shape, parts),
      ...ofTensor(name, () =>
        options.cells === undefined
          ? []
          : cellTensors(
              name,
              parts.flatMap(({ codebook }) => codebook ?? []),
              options.cells,
            ),
      ),
    ],
  };
}

/** What is done to a tensor, with its name before what is out of range. */
function ofTensor<T>(name: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw error instanceof RangeError ? new UserError(`tensor "${name}": ${error.message}`) : error;
  }
}

const tensorOf = (name: string, data: TensorData, shape: readonly number[]): Tensor => ({
  name,
  dtype: storedType(data),
  shape,
  data,
});

function codeTensors(name: string, shape: readonly number[], parts: readonly QuantizedValues[]): Tensor[] {
  const codes = new Float64Array(parts.reduce((sum, part) => sum + part.codes.length, 0));
  let place = 0;
  for (const part of parts) {
    codes.set(part.codes, place);
    place += part.codes.length;
  }
  const tensors = [tensorOf(name, narrowest(codes), shape)];
  const [first] = parts;
  if (first?.fractionBits !== undefined)
    tensors.push(
      tensorOf(
        `${name}.fraction_bits`,
        Int32Array.from(parts, ({ fractionBits }) => fractionBits!),
        [parts.length],
      ),
    );
  if (first?.codebook !== undefined)
    tensors.push(
      byLevel(
        `${name}.codebook`,
        parts.map(({ codebook }) => codebook!.levels),
      ),
    );
  if (first?.blockScales !== undefined)
    tensors.push(
      tensorOf(`${name}.block_scales`, Uint8Array.from(parts.flatMap(({ blockScales }) => [...blockScales!])), [
        parts.reduce((sum, { blockScales }) => sum + blockScales!.length, 0),
      ]),
    );
  return tensors;
}

/** A row for each channel. Channels may have fewer levels than others: short rows are filled up with NaN. */
function byLevel(name: string, rows: readonly Float64Array[]): Tensor {
  const width = Math.max(...rows.map(({ length }) => length));
  const data = new Float64Array(rows.length * width).fill(NaN);
  rows.forEach((row, i) => {
    data.set(row, i * width);
  });
  return tensorOf(name, data, [rows.length, width]);
}

/**
 * By channel and level: conductances in siemens with the value of one siemens, or words with their digits (least
 * significant slice first).
 */
function cellTensors(name: string, codebooks: readonly Codebook[], cells: CellOptions): Tensor[] {
  if (cells.kind === 'conductances') {
    const made = codebooks.map((codebook) => codebookConductances(codebook, cells.sign, cells.least, cells.most));
    return [
      byLevel(
        `${name}.conductance_positive`,
        made.map(({ positive }) => positive),
      ),
      byLevel(
        `${name}.conductance_negative`,
        made.map(({ negative }) => negative),
      ),
      tensorOf(
        `${name}.value_per_siemens`,
        Float64Array.from(made, ({ valuePerSiemens }) => valuePerSiemens),
        [made.length],
      ),
    ];
  }
  const made = codebooks.map((codebook) => codebookWords(codebook, cells.sign, cells.wordBits, cells.cellBits));
  const slices = Math.ceil(cells.wordBits / cells.cellBits);
  const digits = (key: string, rows: readonly (readonly Uint32Array[])[]): Tensor[] =>
    Array.from({ length: slices }, (_, slice) =>
      byLevel(
        `${name}.${key}_${slice}`,
        rows.map((row) => Float64Array.from(row, (word) => word[slice]!)),
      ),
    );
  const negative = made.flatMap((words) => (words.negative === undefined ? [] : [words.negative]));
  return [
    byLevel(
      `${name}.word`,
      made.map(({ words }) => Float64Array.from(words)),
    ),
    tensorOf(
      `${name}.word_fraction_bits`,
      Int32Array.from(made, ({ fractionBits }) => fractionBits),
      [made.length],
    ),
    ...digits(
      'word_positive',
      made.map(({ positive }) => positive),
    ),
    ...(negative.length > 0 ? digits('word_negative', negative) : []),
  ];
}

/** Integers in the narrowest type that holds them. */
function narrowest(codes: Float64Array): TensorData {
  let least = 0;
  let most = 0;
  for (const code of codes) {
    if (code < least) least = code;
    if (code > most) most = code;
  }
  if (least < 0)
    return least >= -128 && most <= 127
      ? Int8Array.from(codes)
      : least >= -32768 && most <= 32767
        ? Int16Array.from(codes)
        : Int32Array.from(codes);
  return most <= 255 ? Uint8Array.from(codes) : most <= 65535 ? Uint16Array.from(codes) : Uint32Array.from(codes);
}
