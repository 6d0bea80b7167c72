// An ONNX file as a graph: constants folded, shapes inferred, the batch axis put aside.

import { shellWord } from '../../config/escape.js';
import { MemoryBudget } from '../../config/budget.js';
import { UserError, suggestion } from '../../config/index.js';
import type { NodeProto, TensorProto } from '../../tensors/generated/onnx_pb.js';
import { onnxTensor, parseOnnx, type ExternalData } from '../../tensors/onnx.js';
import { refuse } from '../../tensors/tensor.js';
import { elementsOf, GraphBuilder, ShapeError, type Graph, type Parameter, type Parameters } from '../graph/index.js';
import { FreshNames } from '../fresh-names.js';
import { Attributes } from './attributes.js';
import { asNumbers, constantOf, lazyConstant, type Constant } from './constants.js';
import { BatchError, NodeContext, type Importer, type Value } from './context.js';
import { COMPOSED } from './composed.js';
import { CONTRIB, CONTRIB_DOMAIN } from './contrib.js';
import { CONTROL } from './control.js';
import { FOLDS } from './fold.js';
import { inlined } from './functions.js';
import { gemm } from './gemm.js';
import { givenParameters } from './given.js';
import { areRecurrent, batchSymbols, inputOf, symbolsOf, type InputInfo } from './inputs.js';
import type { LaidOut } from './lay-out.js';
import { MOVES } from './moves.js';
import { PRODUCTS } from './products.js';
import { checkQuantization } from './quantization.js';
import { QONNX, QONNX_DOMAINS } from './qonnx.js';
import { readsOf } from './reads.js';
import { nameOf } from './rename.js';
import { sorted } from './sort.js';
import { VECTORS } from './vectors.js';

/** Operators that have matrices. */
const WEIGHING: ReadonlySet<string> = new Set(['Gemm', ...new Map(PRODUCTS).keys()]);
const IMPORTERS: ReadonlyMap<string, Importer> = new Map([...PRODUCTS, ['Gemm', gemm], ...VECTORS, ...MOVES]);
/** Operators that become nodes of others. */
const LAID_OUT = new Map([...CONTROL, ...COMPOSED]);
/** The same of other domains than ONNX's own. */
const FOREIGN = new Map([
  [CONTRIB_DOMAIN, new Map(CONTRIB)],
  ...QONNX_DOMAINS.map((domain) => [domain, new Map(QONNX)] as const),
]);
/** Operators that are imported, by ONNX's names, but those with graphs inside them. */
export const SUPPORTED_OPERATORS: readonly string[] = [...IMPORTERS.keys(), ...COMPOSED.map(([name]) => name)];
/** Below opset 7 what has changed since is refused where it stands. */
const LAST_OPSET = 24;
/** Constants up to so many elements are computed at once: faults show where they are. */
const SMALL = 4096;

/** A node of the file and what became of it. */
export interface ImportedNode {
  /** The file's name of it; of its first output where it has none. */
  readonly name: string;
  readonly type: string;
  /** The graph's node; null where it was folded into a constant, or joined with another node. */
  readonly node: number | null;
  /** The graph's node that does its work with its own (a bias that the file adds behind its product); else null. */
  readonly joined: number | null;
  /** Elements of its outputs, where it was folded. */
  readonly elements: number;
}

/** A network and its numbers. */
export interface OnnxModel {
  readonly graph: Graph;
  readonly parameters: Parameters;
  readonly opset: number;
  readonly nodes: readonly ImportedNode[];
  /** Inputs of the network that are weights (no values in the file): keys of parameters. */
  readonly inputParameters: readonly string[];
}

/** What the file leaves open. */
export interface ImportOptions {
  /** Symbolic dimensions by name. */
  readonly shapes?: ReadonlyMap<string, number> | undefined;
  /** Takes the names that `shapes` may give sizes to. */
  readonly symbols?: Set<string> | undefined;
  readonly external?: ExternalData;
  /** Bytes that reading it may take; default: 8 times its size, at least 256 MiB. */
  readonly maxMemory?: number | undefined;
  /** Tensors at which the network ends; default: the outputs of the file. */
  readonly outputs?: readonly string[] | undefined;
  /** Values of inputs that become constants (shapes and axes that a file leaves to its caller). */
  readonly values?: ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: ArrayLike<number> }>;
}

/**
 * Reads a model. @throws UserError, one line with file and node: for what is no model, operators that are not
 * supported, shapes that do not fit, cycles, symbolic dimensions that are not given
 */
export function importOnnx(bytes: Uint8Array, file: string, options: ImportOptions = {}): OnnxModel {
  const { graph, functions, opsetImport } = parseOnnx(
    bytes,
    file,
    MemoryBudget.ofFile(file, bytes.length, options.maxMemory),
  );
  const opset = Number(opsetImport.find(({ domain }) => domain === '' || domain === 'ai.onnx')?.version ?? 1);
  if (opset > LAST_OPSET) return refuse(file, `opset ${opset} is not known; supported are 7 to ${LAST_OPSET}`);
  if (graph.output.length === 0) return refuse(file, 'its graph has no outputs');
  const constants = new Map<string, Constant>();
  for (const tensor of graph.initializer)
    constants.set(tensor.name, storedConstant(tensor.name, tensor, file, options.external));
  for (const [name, { shape, data }] of options.values ?? []) constants.set(name, constantOf(name, 'f64', shape, data));
  const actives = graph.input.filter(({ name }) => !constants.has(name));
  for (const symbol of symbolsOf(actives)) options.symbols?.add(symbol);
  const shapes = new Map(options.shapes ?? []);
  const called = inlined(graph.node, functions, { file, opset });
  const assumed = [...batchSymbols(actives, called)].filter((symbol) => !shapes.has(symbol));
  for (const symbol of assumed) shapes.set(symbol, 1);
  const inputs = actives.map((input) => inputOf(input, file, shapes, options.shapes?.keys() ?? []));
  const all = sorted(called, new Set([...inputs.map(({ name }) => name), ...constants.keys()]), file);
  const outputs = options.outputs ?? graph.output.map(({ name }) => name);
  const nodes = options.outputs === undefined ? all : leadingTo(options.outputs, all, file);
  const given = givenParameters(nodes, inputs);
  const reads = new Map<string, number>();
  for (const name of [...nodes.flatMap(readsOf), ...outputs]) reads.set(name, (reads.get(name) ?? 0) + 1);
  const source: Source = {
    name: graph.name,
    file,
    opset,
    nodes,
    inputs,
    given,
    constants,
    outputs,
    options,
    reads,
    assumed,
  };
  let first: BatchError | undefined;
  for (const axis of batchAxes(source)) {
    try {
      return build(source, axis);
    } catch (error) {
      if (!(error instanceof BatchError)) throw error;
      first ??= error;
    }
  }
  return refuse(file, first?.message ?? 'its batch axis cannot be told');
}

/** The nodes behind which these tensors stand. @throws UserError for one that no node makes */
function leadingTo(outputs: readonly string[], nodes: readonly NodeProto[], file: string): NodeProto[] {
  const made = nodes.flatMap(({ output }) => output);
  const unknown = outputs.find((name) => !made.includes(name));
  if (unknown !== undefined) refuse(file, `no node makes the output "${unknown}"${suggestion(unknown, made)}`);
  const wanted = new Set(outputs);
  return nodes
    .toReversed()
    .filter((node) => {
      if (!node.output.some((name) => wanted.has(name))) return false;
      for (const name of readsOf(node)) wanted.add(name);
      return true;
    })
    .reverse();
}

interface Source {
  name: string;
  file: string;
  opset: number;
  nodes: readonly NodeProto[];
  inputs: readonly InputInfo[];
  given: ReadonlyMap<string, Parameter>;
  constants: ReadonlyMap<string, Constant>;
  outputs: readonly string[];
  /** How often nodes and the network's outputs read each name. */
  reads: ReadonlyMap<string, number>;
  /** Symbols that are taken to be a batch of one. */
  assumed: readonly string[];
  options: ImportOptions;
}

/** Axes that may be the batch, likeliest first; null: there is none. */
function batchAxes({ nodes, inputs, given }: Source): (number | null)[] {
  const shapes = inputs.filter(({ name, shape }) => !given.has(name) && shape.length > 1).map(({ shape }) => shape);
  const agree = (axis: number): boolean =>
    shapes.length > 0 &&
    shapes.every((shape) => axis < shape.length && shape[axis] === shapes[0]![axis] && shape[axis]! > 0);
  const recurrent = areRecurrent(nodes);
  return [...(recurrent ? [0, 1] : [0]).filter(agree), null];
}

function build(source: Source, batchAxis: number | null): OnnxModel {
  const { file, opset, nodes, inputs, given } = source;
  const reads = new Map(source.reads);
  const builder = new GraphBuilder();
  const values = new Map<string, Value>();
  for (const [name, constant] of source.constants) values.set(name, { kind: 'constant', constant });
  let batch = 1;
  for (const { name, shape, dtype } of inputs) {
    if (given.has(name)) continue;
    const at = batchAxis !== null && shape.length > 1 ? batchAxis : null;
    if (at !== null) batch = shape[at]!;
    const sample = shape.filter((_, axis) => axis !== at);
    const layout = sample.length > 2 ? 'map' : sample.length === 2 ? 'sequence' : 'plain';
    values.set(name, {
      kind: 'active',
      tensor: builder.input(name, sample, layout, { dtype, batchAxis: at }),
      batch: at,
    });
  }
  const folded = new Map<string, Constant>(source.constants);
  const imported: ImportedNode[] = [];
  const growing = { builder, batch, values, reads, imported, laidOut: new FreshNames('#') };
  const set = (name: string, value: Value): void => {
    values.set(name, value);
    if (value.kind === 'constant') folded.set(name, value.constant);
  };
  const place = (node: NodeProto): void => {
    const name = nameOf(node);
    const type = node.opType;
    try {
      const layOut = layingOut(node);
      if (layOut !== undefined) {
        const { nodes: steps, arrays } = layOut(contextOf(source, node, growing, growing.laidOut.take(name)), file);
        for (const [key, tensor] of arrays)
          set(key, { kind: 'constant', constant: storedConstant(key, tensor, file, source.options.external) });
        for (const read of steps.flatMap(readsOf)) reads.set(read, (reads.get(read) ?? 0) + 1);
        for (const read of readsOf(node)) reads.set(read, reads.get(read)! - 1);
        steps.forEach(place);
        return;
      }
      const made = importNode(source, node, growing);
      node.output.forEach((output, i) => {
        const value = made.values[i];
        if (output !== '' && value !== undefined) set(output, value);
      });
      const elements = made.values.reduce(
        (sum, value) => sum + (value.kind === 'constant' ? elementsOf(value.constant.shape) : 0),
        0,
      );
      imported.push({ name, type, node: made.main, joined: made.joined, elements });
    } catch (error) {
      const at = `node "${name}" (${type}): `;
      if (error instanceof BatchError) throw new BatchError(`${at}${error.message}`);
      // Sizes that no array has are a fault of the file.
      if (error instanceof ShapeError || error instanceof RangeError)
        return refuse(file, `${at}${error.message}${IMPORTERS.has(type) ? hintOf(source) : ''}`);
      throw error;
    }
  };
  nodes.forEach(place);
  const outputs = source.outputs.map((name) => {
    const value = values.get(name) ?? refuse(file, `output "${name}" is made by no node`);
    return value.kind === 'active'
      ? value.tensor
      : builder.constant(name, parameterFor(value.constant), value.constant.dtype);
  });
  const graph = builder.build(source.name, undefined, outputs, batch);
  return {
    graph,
    opset,
    nodes: imported,
    parameters: parametersOf(graph, folded, file),
    inputParameters: [...given.keys()],
  };
}

const parameterFor = (constant: Constant): Parameter => ({ ...constant.origin, shape: constant.shape });

/** A first axis without a name may be no batch. */
function hintOf({ assumed, inputs }: Source): string {
  const unnamed = assumed.find((symbol) => inputs.some(({ name }) => symbol.startsWith(`${name}.`)));
  return unnamed === undefined ? '' : `; "${unnamed}" is taken as a batch of 1 (else: --shape ${unnamed}=N)`;
}

/** What a node is imported into. */
interface Growing {
  readonly builder: GraphBuilder;
  readonly batch: number;
  readonly values: Map<string, Value>;
  /** As in Source, of the nodes of those that are laid out in place of theirs. */
  readonly reads: Map<string, number>;
  readonly imported: ImportedNode[];
  /** Under which nodes that are laid out stand: files may give a name twice. */
  readonly laidOut: FreshNames;
}

const contextOf = (
  { opset, given }: Source,
  node: NodeProto,
  growing: Growing,
  name: string = nameOf(node),
): NodeContext =>
  new NodeContext({
    ...{ node, name, opset, given, ...growing },
    inputs: node.input.map((input) => growing.values.get(input)),
  });

function importNode(
  source: Source,
  node: NodeProto,
  growing: Growing,
): { values: readonly Value[]; main: number | null; joined: number | null } {
  const { file, opset } = source;
  const attributes = new Attributes(node);
  const constant = constantNode(node, attributes, file);
  if (constant !== null) return { values: [{ kind: 'constant', constant }], main: null, joined: null };
  const context = contextOf(source, node, growing);
  const inputs = node.input.map((input) => growing.values.get(input));
  if (standard(node)) checkQuantization(context);
  const fold = FOLDS.get(node.opType);
  if (
    fold !== undefined &&
    standard(node) &&
    inputs.every((value, i) => value?.kind === 'constant' || node.input[i] === '')
  ) {
    const all = inputs.map((value) => (value?.kind === 'constant' ? value.constant : undefined));
    const made = fold(all, attributes, node.output[0]!, opset);
    if (elementsOf(made.shape) <= SMALL) made.numbers();
    return { values: [{ kind: 'constant', constant: made }], main: null, joined: null };
  }
  const importer = standard(node) ? IMPORTERS.get(node.opType) : undefined;
  if (importer === undefined)
    throw new ShapeError(
      `the operator ${node.domain === '' ? '' : `${node.domain}.`}${node.opType} is not supported; supported are ` +
        'convolutions, matrix products, recurrent layers, pools, norms, ' +
        'activations, element-wise operators, reductions ' +
        `and moves of opset 7 to ${LAST_OPSET}${untilHere(source, node, growing)}`,
    );
  const made = importer(context);
  return { values: made, main: context.main, joined: context.joined };
}

/** How the network up to a node is had, where matrices stand in it; '' where nothing does. */
function untilHere({ file, nodes }: Source, { input }: NodeProto, { values, imported }: Growing): string {
  if (!imported.some(({ type }) => WEIGHING.has(type))) return '';
  const made = new Set(nodes.flatMap(({ output }) => output));
  const read = [...new Set(input)].filter((name) => values.get(name)?.kind === 'active');
  if (read.length === 0 || !read.every((name) => made.has(name))) return '';
  const ends = read.map((name) => `--outputs ${shellWord(name)}`).join(' ');
  return `; the network up to there: xbarflow import ${shellWord(file)} ${ends} --out FOLDER`;
}

/** How a node is laid out into others; undefined where it is not. */
const layingOut = (node: NodeProto): ((context: NodeContext, file: string) => LaidOut) | undefined =>
  (standard(node) ? LAID_OUT : FOREIGN.get(node.domain))?.get(node.opType);

const standard = ({ domain }: NodeProto): boolean => domain === '' || domain === 'ai.onnx';

/** An array of the file, read when it is asked for. */
function storedConstant(name: string, tensor: TensorProto, file: string, external?: ExternalData): Constant {
  const stored = onnxTensor(tensor, tensor.name, file, external);
  return lazyConstant(name, { dtype: stored.dtype, shape: stored.shape }, () => asNumbers(stored.read().data));
}

/** What a Constant holds; null for other nodes. */
function constantNode(node: NodeProto, attributes: Attributes, file: string): Constant | null {
  if (node.opType !== 'Constant' || !standard(node)) return null;
  const name = node.output[0]!;
  const tensor = attributes.tensor('value');
  if (tensor !== undefined) return storedConstant(name, tensor, file);
  if (attributes.has('value_float')) return constantOf(name, 'f32', [], [attributes.float('value_float', 0)]);
  if (attributes.has('value_int')) return constantOf(name, 'i64', [], [attributes.int('value_int', 0)]);
  const floats = attributes.floats('value_floats');
  if (attributes.has('value_floats') && floats !== undefined) return constantOf(name, 'f32', [floats.length], floats);
  const ints = attributes.ints('value_ints') ?? [];
  if (attributes.has('value_ints')) return constantOf(name, 'i64', [ints.length], ints);
  throw new ShapeError('a constant of strings or a sparse one is not supported');
}

/** The numbers of what the graph's nodes name. */
function parametersOf(graph: Graph, constants: ReadonlyMap<string, Constant>, file: string): Parameters {
  const keys = new Set<string>();
  const add = (parameter: Parameter | null): void => {
    if (parameter === null) return;
    keys.add(parameter.key);
    if (parameter.quantization === null) return;
    keys.add(parameter.quantization.scale);
    if (parameter.quantization.zeroPoint !== null) keys.add(parameter.quantization.zeroPoint);
  };
  for (const { parameters } of graph.nodes) for (const parameter of parameters.values()) add(parameter);
  for (const { constant } of graph.tensors) add(constant);
  return {
    keys: [...keys],
    get(key) {
      const constant = constants.get(key);
      if (constant === undefined) throw new UserError(`${file}: "${key}" has no values in the file`);
      return { shape: constant.shape, data: constant.numbers() };
    },
  };
}
