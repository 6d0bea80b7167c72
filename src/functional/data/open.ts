// A config's data set: its files read, its samples fitted to what a network reads.

import { UserError } from '../../config/index.js';
import type { DataConfig } from '../../run-config/data.js';
import { readNpy, readNpz } from '../../tensors/numpy.js';
import { refuse, type Tensor } from '../../tensors/tensor.js';
import { elementsOf, type Graph, type Tensor as GraphTensor } from '../../workload/graph/index.js';
import { MemoryBudget } from '../../config/budget.js';
import { contentOf, textOf, type ByteFiles } from './bytes.js';
import { readCifar10 } from './cifar10.js';
import {
  boundDataset,
  type BoundInput,
  type Dataset,
  type RawData,
  type RawDataset,
  type RawInput,
} from './dataset.js';
import { DIGIT_SIDE } from './digit-side.js';
import { drawDigits } from './digits.js';
import { readIdx } from './idx.js';
import { readPng, stackPictures } from './png.js';
import { readTable } from './table.js';
import { readText, readVocabulary, vocabularyOf } from './text.js';

/** What opening a data set needs beside its config. */
export interface OpenOptions {
  readonly files: ByteFiles;
  /** A path of the config's key (inputs, labels, vocabulary) as files are found. */
  readonly path: (key: 'inputs' | 'labels' | 'vocabulary', written: string) => string;
  /** Reports a fault at a key of the data's tree. */
  readonly fail: (key: string, message: string) => never;
  readonly graph: Graph;
  /** Seed of drawn digits where the config has none. */
  readonly seed: number;
  /** Bytes that each file (of pictures: the folder) may take; default: 8 times its own, at least 256 MiB. */
  readonly maxMemory?: number | undefined;
}

const PICTURE_SCALE = 1 / 255;
const DRAWN = 1000;
/** A drawn digit with its label, bytes. */
const DIGIT_BYTES = DIGIT_SIDE ** 2 + Int32Array.BYTES_PER_ELEMENT;

/**
 * Opens the samples of a config. @throws ConfigError, UserError for missing keys, lying files, shapes that do not fit
 */
export function openDataset(config: DataConfig, options: OpenOptions): Dataset {
  const { graph, fail } = options;
  const raw = fromOneHot(withLabels(readRaw(config, options), config, options), graph);
  const { from } = config;
  if (raw.count === 0) fail('inputs', 'has no samples');
  if (from >= raw.count) fail('from', `found ${from}, there are ${raw.count} samples`);
  const count = config.count ?? raw.count - from;
  if (from + count > raw.count) fail('count', `found ${count} from ${from} on, there are ${raw.count} samples`);
  const inputs = boundInputs(raw, graph, fail, config.kind);
  const bytes = [...raw.inputs.values()].every(({ data }) => data instanceof Uint8Array);
  const picture = ['idx', 'cifar10', 'png', 'digits'].includes(config.kind) && bytes;
  const scale = config.scale ?? (picture ? PICTURE_SCALE : 1);
  for (const key of ['mean', 'deviation'] as const) {
    const channels = inputs[0]?.shape[0] ?? 1;
    if (config[key].length > 1 && config[key].length !== channels)
      fail(
        key,
        `found ${config[key].length} numbers, expected ${channels > 1 ? `1 or ${channels}` : 1}, one a channel`,
      );
  }
  if (config.deviation.some((value) => value <= 0)) fail('deviation', 'expected numbers above 0');
  return boundDataset(inputs, raw, { from, count }, { scale, mean: config.mean, deviation: config.deviation });
}

/** The one input that files without names fill: not a state of a recurrent layer. */
function mainInput({ inputs, tensors, nodes }: Graph): GraphTensor {
  const isState = (id: number): boolean =>
    tensors[id]!.readers.every((node) => {
      const { operator, inputs: read } = nodes[node]!;
      return operator.kind === 'recurrent' && read[0] !== id;
    });
  return tensors[inputs.find((id) => !isState(id)) ?? inputs[0]!]!;
}

function readRaw(config: DataConfig, options: OpenOptions): RawDataset {
  const { files, path, fail, graph, maxMemory } = options;
  if (config.kind === 'digits') {
    const many = config.from + (config.count ?? DRAWN);
    MemoryBudget.ofFile(`${many} digits`, 0, maxMemory).take(many * DIGIT_BYTES);
    return drawDigits(config.seed ?? options.seed, many);
  }
  if (config.inputs === undefined) return fail('inputs', `kind ${config.kind} needs a file`);
  const file = path('inputs', config.inputs);
  if (config.kind === 'png') return readFolder(file, files, maxMemory);
  const content = contentOf(file, files, maxMemory);
  const { bytes, budget } = content;
  switch (config.kind) {
    case 'idx': {
      const { count, shape, data } = readIdx(bytes, file);
      return { count, inputs: new Map([['', { shape, data }]]), labels: null, labelsPerSample: 1 };
    }
    case 'cifar10':
      return readCifar10(bytes, file);
    case 'csv':
      return readTable(textOf(content, file), file, config.labels === undefined ? config.labelColumn : 'none', budget);
    case 'npz':
      return fromArrays(
        lowerName(file).endsWith('.npy') ? [readNpy(bytes, file, '', budget)] : readNpz(bytes, file, budget),
        file,
        new Set(graph.inputs.map((id) => graph.tensors[id]!.name)),
      );
    case 'text': {
      const { shape } = mainInput(graph);
      const oneHot = shape.length === 2;
      const written = textOf(content, file, { strict: true });
      const listed = config.vocabulary === undefined ? undefined : path('vocabulary', config.vocabulary);
      const vocabulary =
        listed === undefined
          ? vocabularyOf(written)
          : readVocabulary(textOf(contentOf(listed, files, maxMemory), listed), listed);
      if (shape.length < 1 || shape.length > 2 || (oneHot && shape[1] !== vocabulary.length))
        return fail(
          'kind',
          `text has ${vocabulary.length} characters; the network reads [${shape.join(', ')}], expected ` +
            `[steps] of numbers or [steps, ${vocabulary.length}]`,
        );
      const form = { steps: shape[0]!, oneHot };
      return readText(written, file, { vocabulary, form, start: config.start, budget });
    }
  }
}

/** A file's name without the end of a packed one. */
const lowerName = (file: string): string => file.toLowerCase().replace(/\.gz$/, '');

const LABEL_NAMES = ['labels', 'label', 'y'];

function plain({ name, data }: Tensor, file: string): RawData {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    const out = new Float64Array(data.length);
    for (let i = 0; i < out.length; i++) out[i] = Number(data[i]);
    return out;
  }
  if (data instanceof Float32Array || data instanceof Float64Array) {
    const at = data.findIndex((value) => !Number.isFinite(value));
    if (at >= 0) return refuse(file, `"${name}": element ${at} is ${data[at]!}, no finite number`);
  }
  return data;
}

/**
 * Arrays whose first axis counts samples; one named labels, label or y has the classes, where it is no input. Single
 * numbers beside them (a count of classes, a scale) are none.
 */
function fromArrays(given: readonly Tensor[], file: string, read: ReadonlySet<string>): RawDataset {
  const listed = given.filter(({ name, shape }) => shape.length > 0 || read.has(name));
  const tensors = listed.length > 0 ? listed : given;
  const inputs = new Map<string, RawInput>();
  let labels: Int32Array | null = null;
  let count: number | undefined;
  for (const tensor of tensors) {
    const { name, shape } = tensor;
    if (shape.length === 0) return refuse(file, `"${name}" is no list of samples`);
    count ??= shape[0]!;
    if (shape[0] !== count) return refuse(file, `"${name}" has ${shape[0]!} samples, "${tensors[0]!.name}" ${count}`);
    if (LABEL_NAMES.includes(name) && !read.has(name)) labels = classesOf(plain(tensor, file), file);
    else inputs.set(name, { shape: shape.slice(1), data: plain(tensor, file) });
  }
  if (inputs.size === 0 || count === undefined) return refuse(file, 'has no samples');
  return { count, inputs, labels, labelsPerSample: labels === null ? 1 : labels.length / count };
}

function classesOf(data: RawData, file: string): Int32Array {
  const at = data.findIndex((value: number) => !Number.isInteger(value) || value < 0 || value >= 2 ** 31);
  return at < 0 ? Int32Array.from(data) : refuse(file, `label ${at} is ${data[at]!}, no class`);
}

/** A folder of pictures: folders in it are classes, in order of their names. */
function readFolder(folder: string, files: ByteFiles, maxMemory: number | undefined): RawDataset {
  const isPicture = (path: string): boolean => path.toLowerCase().endsWith('.png');
  const own = files.list(folder);
  const classes = own.folders.map((path) => ({ path, pictures: files.list(path).files.filter(isPicture) }));
  const flat = own.files.filter(isPicture);
  const inside = classes.find(({ pictures }) => pictures.length > 0);
  if (flat.length > 0 && inside !== undefined)
    return refuse(
      folder,
      `has pictures (${flat[0]!}) beside a folder of pictures (${inside.path}), expected one or the other`,
    );
  const paths = flat.length > 0 ? flat : classes.flatMap(({ pictures }) => pictures);
  if (paths.length === 0) throw new UserError(`${folder}: there are no PNG files in it`);
  let [stored, made] = [0, 0];
  const pictures = paths.map((path) => {
    const bytes = files.read(path);
    stored += bytes.length;
    const budget = MemoryBudget.ofFile(folder, stored, maxMemory);
    budget.take(made, 'its pictures');
    const picture = readPng(bytes, path, budget);
    made += picture.data.length;
    return picture;
  });
  const labels =
    flat.length > 0 ? null : Int32Array.from(classes.flatMap(({ pictures: list }, label) => list.map(() => label)));
  return {
    count: paths.length,
    inputs: new Map([['', { shape: pictures[0]!.shape, data: stackPictures(pictures, paths) }]]),
    labels,
    labelsPerSample: 1,
    ...(flat.length > 0 ? {} : { classes: classes.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)) }),
  };
}

/** Labels of a file of their own (IDX, npy, npz, or a CSV of one column) in place of those of the samples' file. */
function withLabels(
  raw: RawDataset,
  { labels: written }: DataConfig,
  { files, path, maxMemory }: OpenOptions,
): RawDataset {
  if (written === undefined) return raw;
  const file = path('labels', written);
  const content = contentOf(file, files, maxMemory);
  const { bytes, budget } = content;
  const lower = lowerName(file);
  const data = lower.endsWith('.npy')
    ? plain(readNpy(bytes, file, 'labels', budget), file)
    : lower.endsWith('.npz')
      ? plain(onlyOne(readNpz(bytes, file, budget), file), file)
      : /\.(csv|txt)$/.test(lower)
        ? readTable(textOf(content, file), file, 'none', budget).inputs.get('')!.data
        : readIdx(bytes, file).data;
  if (data.length % raw.count !== 0 || data.length === 0)
    return refuse(file, `has ${data.length} labels, there are ${raw.count} samples`);
  return { ...raw, labels: classesOf(data, file), labelsPerSample: data.length / raw.count };
}

/** Labels that are one-hot vectors over the network's classes as the numbers of those classes. */
function fromOneHot(raw: RawDataset, graph: Graph): RawDataset {
  const { labels, labelsPerSample } = raw;
  const { shape } = graph.tensors[graph.outputs[0]!]!;
  const classes = shape.at(-1) ?? 1;
  if (labels === null || classes < 2 || labelsPerSample !== elementsOf(shape)) return raw;
  const numbers = new Int32Array(labels.length / classes);
  for (let row = 0; row < numbers.length; row++) {
    const own = labels.subarray(row * classes, (row + 1) * classes);
    if (own.some((value) => value > 1) || own.reduce((sum, value) => sum + value, 0) !== 1) return raw;
    numbers[row] = own.indexOf(1);
  }
  return { ...raw, labels: numbers, labelsPerSample: labelsPerSample / classes };
}

const onlyOne = (tensors: readonly Tensor[], file: string): Tensor =>
  tensors.find(({ name }) => LABEL_NAMES.includes(name)) ??
  (tensors.length === 1 ? tensors[0]! : refuse(file, `has ${tensors.length} arrays and none named labels`));

/** Shapes fit where they are equal but for axes of 1, or where the data are flat. */
function fits(raw: readonly number[], wanted: readonly number[]): boolean {
  const long = (shape: readonly number[]): string => shape.filter((size) => size !== 1).join();
  return long(raw) === long(wanted) || (raw.length === 1 && raw[0] === elementsOf(wanted));
}

/** Each input of the network with the numbers that it reads; states of recurrent layers that are not given are 0. */
function boundInputs(raw: RawDataset, graph: Graph, fail: OpenOptions['fail'], kind: string): BoundInput[] {
  const main = mainInput(graph);
  const sole = raw.inputs.size === 1 ? [...raw.inputs.values()][0] : undefined;
  return graph.inputs.map((id) => {
    const tensor = graph.tensors[id]!;
    const { name, shape } = tensor;
    const given = raw.inputs.get(name) ?? (id === main.id ? sole : undefined);
    if (given === undefined && id !== main.id) return { name, shape, raw: null };
    if (given === undefined)
      return fail(
        'inputs',
        `has no array "${name}", which the network reads; found ${[...raw.inputs.keys()].join(', ')}`,
      );
    if (!fits(given.shape, shape))
      return fail(
        kind === 'digits' ? 'kind' : 'inputs',
        `its samples are [${given.shape.join(', ')}], the network reads [${shape.join(', ')}]`,
      );
    return { name, shape, raw: given };
  });
}
