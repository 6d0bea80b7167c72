// Layers in the YAML of Timeloop (a problem a file; CiMLoop's too) and of ZigZag (a list of layers with their sources).

import { UserError, isTree, parseDocument, type Tree, type TreeValue } from '../config/index.js';

/** What is done at a layer, sizes along [rows, columns] where there are two. */
export interface LayerShape {
  readonly name: string;
  /**
   * What it reads, by `id` of layers; its own id or one that no layer has: the network's input. Undefined: not said.
   */
  readonly sources: readonly number[] | undefined;
  readonly id: number;
  readonly kind: 'product' | 'pool' | 'add';
  readonly groups: number;
  /** Of a group. Pools and additions have `groups` channels. */
  readonly cin: number;
  readonly cout: number;
  readonly out: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  /** Input vectors of a matrix product of sequences; undefined for convolutions. */
  readonly vectors: number | undefined;
}

/** A file of layers. */
export interface LayerFileText {
  readonly file: string;
  readonly text: string;
}

/** True for text that is a problem of Timeloop or a list of ZigZag's layers, not a network file. */
export const isLayerShapes = (text: string): boolean =>
  /^problem:/m.test(text) || (/^- /m.test(text) && /^\s+loop_dims:/m.test(text));

/** The layers of files of either kind, in the order of the files. @throws UserError with file and key */
export function layerShapes(files: readonly LayerFileText[]): LayerShape[] {
  return files.flatMap((file, index) => (/^problem:/m.test(file.text) ? [timeloop(file, index)] : zigzag(file)));
}

type Fail = (key: string, expected: string) => never;

function failIn(file: string): Fail {
  return (key, expected) => {
    throw new UserError(`${file}: ${key}: expected ${expected}`);
  };
}

/** A size that a mapping has; `none` where it does not. */
function size(of: ReadonlyMap<string, TreeValue>, key: string, none: number, fail: Fail): number {
  const value = of.get(key.toLowerCase());
  if (value === undefined) return none;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1)
    return fail(key, `a whole number of at least 1, found ${JSON.stringify(value)}`);
  return value;
}

/** Keys without case: files of one collection write Hstride and HStride. */
const caseless = (tree: Tree): Map<string, TreeValue> =>
  new Map(Object.entries(tree).map(([key, value]) => [key.toLowerCase(), value]));

const PROBLEM = ['N', 'C', 'M', 'G', 'P', 'Q', 'R', 'S', 'Wstride', 'Hstride', 'Wdilation', 'Hdilation', 'H', 'W'];

/**
 * A Timeloop problem: inputs of P Wstride + R Wdilation by Q Hstride + S Hdilation places (its usual projection), C
 * channels, M filters, each of G groups. The include and merge of its usual base file, which hold its defaults of 1,
 * are passed over.
 */
function timeloop({ file, text }: LayerFileText, index: number): LayerShape {
  const fail = failIn(file);
  const plain = text.replaceAll(/^\s*\{\{\s*include_text\([^\n]*\)\s*\}\}\s*$/gm, '').replaceAll(/^\s*<<<?:.*$/gm, '');
  const { problem } = parseDocument(plain, file).tree;
  if (!isTree(problem)) return fail('problem', 'a mapping');
  const instance = isTree(problem.instance) ? problem.instance : problem;
  if (instance === problem.instance)
    for (const key of Object.keys(instance))
      if (!PROBLEM.some((known) => known.toLowerCase() === key.toLowerCase()))
        fail(`problem.instance.${key}`, `a dimension of a convolution: ${PROBLEM.join(', ')}`);
  const sizes = caseless(instance);
  const of = (key: string): number => size(sizes, key, 1, fail);
  if (of('N') > 1) fail('problem.instance.N', 'one image; the batch is workload.batch');
  return {
    name: nameOf(file, index),
    id: index,
    sources: undefined,
    kind: 'product',
    groups: of('G'),
    cin: of('C'),
    cout: of('M'),
    out: [of('P'), of('Q')],
    kernel: [of('R'), of('S')],
    stride: [of('Wstride'), of('Hstride')],
    dilation: [of('Wdilation'), of('Hdilation')],
    vectors: undefined,
  };
}

/** A layer's name after its file; files that are numbered only are layers. */
function nameOf(file: string, index: number): string {
  const base = file.replace(/^.*[/\\]/, '').replace(/\.[^.]*$/, '');
  return /^\d*$/.test(base) ? `layer${base === '' ? index : base}` : base;
}

const DIMENSIONS = ['B', 'K', 'C', 'G', 'OY', 'OX', 'FY', 'FX'];

/** ZigZag's layers: loop sizes by name, strides and dilations in `dimension_relations`, sources by id. */
function zigzag({ file, text }: LayerFileText): LayerShape[] {
  const { layers } = parseDocument(`layers:\n${text}`, file).tree;
  if (!Array.isArray(layers)) return failIn(file)('layers', 'a list of layers');
  return layers.map((layer, index) => {
    const at = `layer ${index}`;
    const fail: Fail = (key, expected) => failIn(file)(`${at}: ${key}`, expected);
    return isTree(layer) ? zigzagLayer(layer, index, fail) : fail('', 'a mapping');
  });
}

function zigzagLayer(layer: Tree, index: number, fail: Fail): LayerShape {
  const { operator_type: operator, loop_dims: names, loop_sizes: values } = layer;
  const type = typeof operator === 'string' ? operator : fail('operator_type', 'text');
  if (!Array.isArray(names) || !Array.isArray(values) || names.length !== values.length)
    return fail('loop_sizes', 'as many sizes as loop_dims has names');
  const sizes = new Map<string, TreeValue>();
  names.forEach((name, i) => {
    if (typeof name !== 'string' || !DIMENSIONS.includes(name.toUpperCase()))
      return fail('loop_dims', `dimensions of ${DIMENSIONS.join(', ')}, found ${JSON.stringify(name)}`);
    sizes.set(name.toLowerCase(), values[i]!);
  });
  const of = (key: string): number => size(sizes, key, 1, fail);
  const kind = KINDS.find(([pattern]) => pattern.test(type))?.[1];
  if (kind === undefined)
    return fail('operator_type', `a Conv, Gemm, Pooling or Add, found ${JSON.stringify(operator)}`);
  const matrix = kind === 'product' && !['oy', 'ox', 'fy', 'fx'].some((key) => sizes.has(key));
  if (!matrix && of('B') > 1) fail('loop_sizes', 'one image (B: 1); the batch is workload.batch');
  const relations = relationsOf(layer.dimension_relations, fail);
  const along = (axis: 'x' | 'y', key: 'stride' | 'dilation'): number => relations.get(`i${axis}`)?.[key] ?? 1;
  const id = typeof layer.id === 'number' ? layer.id : index;
  return {
    name: `${type.toLowerCase()}${id}`,
    id,
    sources: sourcesOf(layer.operand_source, kind, fail),
    kind,
    groups: of('G'),
    cin: of('C'),
    cout: of('K'),
    out: [of('OY'), of('OX')],
    kernel: [of('FY'), of('FX')],
    stride: [along('y', 'stride'), along('x', 'stride')],
    dilation: [along('y', 'dilation'), along('x', 'dilation')],
    vectors: matrix ? of('B') : undefined,
  };
}

const KINDS: readonly (readonly [RegExp, LayerShape['kind']])[] = [
  [/pool/i, 'pool'],
  [/^add/i, 'add'],
  [/conv|gemm|fc|dense|matmul/i, 'product'],
];

/** `ix=2*ox+1*fx`: strides and dilations by the input's axis. */
function relationsOf(value: TreeValue | undefined, fail: Fail): Map<string, { stride: number; dilation: number }> {
  const found = new Map<string, { stride: number; dilation: number }>();
  if (value === undefined) return found;
  if (!Array.isArray(value)) return fail('dimension_relations', 'a list');
  for (const relation of value) {
    const match = /^\s*(i[xy])\s*=\s*(?:(\d+)\s*\*\s*)?o([xy])\s*\+\s*(?:(\d+)\s*\*\s*)?f([xy])\s*$/i.exec(
      typeof relation === 'string' ? relation : '',
    );
    if (match === null || match[1]![1] !== match[3] || match[3] !== match[5])
      return fail('dimension_relations', `relations as ix=1*ox+1*fx, found ${JSON.stringify(relation)}`);
    found.set(match[1]!.toLowerCase(), { stride: Number(match[2] ?? 1), dilation: Number(match[4] ?? 1) });
  }
  return found;
}

/** Layers that `operand_source` names for activations: I, of additions both operands. */
function sourcesOf(value: TreeValue | undefined, kind: LayerShape['kind'], fail: Fail): number[] | undefined {
  if (value === undefined) return undefined;
  if (!isTree(value)) return fail('operand_source', 'a mapping');
  const operands = kind === 'add' ? Object.keys(value) : ['I'].filter((key) => Object.hasOwn(value, key));
  return operands.map((key) => {
    const source = value[key];
    return typeof source === 'number' ? source : fail(`operand_source.${key}`, 'the id of a layer');
  });
}
