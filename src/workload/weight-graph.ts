// A network as the hardware sees it: its products, numbered l = 1..L, and what each one's stage does and reads.

import { ConfigError, type Loaded } from '../config/index.js';
import {
  countsOf,
  doneByVector,
  elementsOf,
  homesOf,
  inputOf,
  outputOf,
  type Graph,
  type Homes,
  type Node,
  type StageRead,
  type Window,
} from './graph/index.js';
import { valuesOf, type Shape } from './map-shape.js';
import type { InputError, Network, PoolStep, WeightInput, WeightLayer } from './weight-layer.js';
import { errorsBack, foldedNorms, foundOf, maskingOf, trainedBefore } from './backward-needs.js';
import { storedOf } from './stored-tensors.js';
import { readNetwork } from './yaml/reader.js';

/** Reads a checked network file into its weight layers. @throws ConfigError naming the layer that is wrong. */
export const networkOf = (loaded: Loaded): Network =>
  networkOfGraph(readNetwork(loaded), (name, message) => {
    const { layers } = loaded.tree;
    const index = Array.isArray(layers)
      ? layers.findIndex(
          (layer) => typeof layer === 'object' && layer !== null && 'name' in layer && layer.name === name,
        )
      : -1;
    const path = index < 0 ? ['layers'] : ['layers', index];
    throw new ConfigError(loaded.origins.at(path), path.join('.'), message);
  });

/**
 * The weight layers of a graph.
 * @param fail reports a fault, of a layer by name, or ('') of the network
 */
export function networkOfGraph(graph: Graph, fail: (layer: string, message: string) => never): Network {
  const layers = weightLayers(graph);
  if (layers.length === 0) fail('', 'no layer has weights (convolution, dense, lstm, gru, rnn, adder2d)');
  for (const { name, macs, weights, neurons } of layers) {
    if (macs === 0) fail(name, `layer "${name}" has nothing to multiply: an axis of its input or output has size 0`);
    const most = Math.max(macs, weights, neurons);
    if (most > Number.MAX_SAFE_INTEGER)
      fail(
        name,
        `layer "${name}" is too large: ${most} of its weights, outputs or operations cannot be counted exactly (2^53)`,
      );
  }
  const sum = (key: 'macs' | 'weights' | 'biases'): number => layers.reduce((total, layer) => total + layer[key], 0);
  return {
    name: graph.name,
    source: graph.source,
    graph,
    input: inputShape(graph),
    outputs: graph.outputs.reduce((total, id) => total + elementsOf(graph.tensors[id]!.shape), 0),
    layers,
    macs: sum('macs'),
    weights: sum('weights'),
    biases: sum('biases'),
  };
}

function inputShape(graph: Graph): Shape {
  const [first, ...others] = graph.inputs.map((id) => graph.tensors[id]!);
  if (first === undefined) return { c: 0, space: [], steps: 1 };
  const all = others.reduce((sum, { shape }) => sum + elementsOf(shape), elementsOf(first.shape));
  if (others.length > 0) return { c: all, space: [], steps: 1 };
  const { shape, layout } = first;
  if (layout === 'sequence') return { c: shape[1]!, space: [], steps: shape[0]! };
  return mapShape(shape);
}

/** [C, ...space] as a map. */
const mapShape = ([c = 1, ...space]: readonly number[]): Shape => ({ c, space, steps: 1 });

function weightLayers(graph: Graph): WeightLayer[] {
  const homes = homesOf(graph);
  const order = numbered(homes);
  const numbers = new Map(order.map((k, i) => [k, i + 1]));
  const norms = foldedNorms(graph);
  const around = { numbers, trained: trainedBefore(graph), back: errorsBack(graph, homes) };
  const consumers = homes.products.map((): number[] => []);
  for (const k of order)
    for (const stage of new Set(homes.reads[k]!.map((read) => read.stage)))
      if (stage >= 0) consumers[stage]!.push(numbers.get(k)!);
  return order.map((k, i) =>
    describe(
      graph,
      homes,
      { k, index: i + 1 },
      { ...around, consumers: consumers[k]!, folded: norms.get(homes.products[k]!.id) ?? [] },
    ),
  );
}

/** Products so that each stands behind those that its stage reads, else in the graph's order. */
function numbered({ products, reads }: Homes): number[] {
  const order: number[] = [];
  const state = new Uint8Array(products.length);
  for (const root of products.keys()) {
    const path = [root];
    while (path.length > 0) {
      const at = path.at(-1)!;
      const next = state[at] === 0 ? reads[at]!.map(({ stage }) => stage).filter((s) => s >= 0 && state[s] === 0) : [];
      if (state[at] === 0) state[at] = 1;
      if (next.length > 0) path.push(...next.reverse());
      else {
        path.pop();
        if (state[at] === 1) {
          // Behind what was pushed above it.
          state[at] = 2;
          order.push(at);
        }
      }
    }
  }
  return order;
}

/** What a weight node's matrix is, in a layer's words. */
type Product = Pick<
  WeightLayer,
  'type' | 'window' | 'groups' | 'inShape' | 'outShape' | 'positions' | 'inPositions' | 'steps'
>;

const NO_WINDOW: Window = { kernel: [], strides: [], dilations: [], padBegin: [], padEnd: [] };
const PLAIN = { window: NO_WINDOW, groups: 1, steps: 1 };

function productOf(graph: Graph, node: Node): Product {
  const x = inputOf(graph, node).shape;
  const y = outputOf(graph, node).shape;
  const { operator } = node;
  switch (operator.kind) {
    case 'conv':
    case 'adder':
    case 'convTranspose': {
      const [inShape, outShape] = [mapShape(x), mapShape(y)];
      const flat = x.length <= 3;
      return {
        ...PLAIN,
        window: windowOf(operator),
        type:
          operator.kind === 'adder'
            ? 'adder2d'
            : operator.kind === 'convTranspose'
              ? 'deconv'
              : flat
                ? 'conv2d'
                : 'conv3d',
        groups: operator.groups,
        inShape,
        outShape,
        positions: elementsOf(outShape.space),
        inPositions: elementsOf(inShape.space),
      };
    }
    case 'recurrent':
      return {
        ...PLAIN,
        type: operator.cell,
        groups: operator.direction === 'bidirectional' ? 2 : 1,
        inShape: { c: x[1]!, space: [], steps: x[0]! },
        outShape: { c: elementsOf(y) / (operator.results[0] === 'sequence' ? x[0]! : 1), space: [], steps: x[0]! },
        positions: 1,
        inPositions: 1,
        steps: x[0]!,
      };
    default: {
      const { positions, groups, rows, columns } = countsOf(graph, node);
      return {
        ...PLAIN,
        type: operator.kind === 'matmul' ? 'matmul' : 'dense',
        groups,
        inShape: { c: rows * groups, space: [positions], steps: 1 },
        outShape: { c: columns * groups, space: [positions], steps: 1 },
        positions,
        inPositions: positions,
      };
    }
  }
}

const windowOf = ({ kernel, strides, dilations, padBegin, padEnd }: Window): Window => ({
  ...{ kernel, strides, dilations, padBegin, padEnd },
});

function poolStep(graph: Graph, node: Node): PoolStep {
  const { operator } = node;
  const inShape = mapShape(inputOf(graph, node).shape);
  const outShape = mapShape(outputOf(graph, node).shape);
  const window = operator.kind === 'pool' ? windowOf(operator) : largestShares(inShape.space, outShape.space);
  const max = (operator.kind === 'pool' || operator.kind === 'adaptivePool') && operator.reduce === 'max';
  const adaptive = operator.kind !== 'pool';
  const places = countsOf(graph, node).windowPlaces;
  return { kind: max ? 'max' : 'avg', window, adaptive, inShape, outShape, places, node };
}

/** The largest windows of an adaptive pool: output o reads inputs floor(o I / O) to ceil((o + 1) I / O) - 1. */
function largestShares(from: readonly number[], to: readonly number[]): Window {
  const kernel = from.map((size, axis) => {
    const outputs = to[axis]!;
    const shares = Array.from(
      { length: outputs },
      (_, o) => Math.ceil(((o + 1) * size) / outputs) - Math.floor((o * size) / outputs),
    );
    return Math.max(...shares);
  });
  const [ones, none] = [from.map(() => 1), from.map(() => 0)];
  return { kernel, strides: ones, dilations: ones, padBegin: none, padEnd: none };
}

const isPool = ({ operator: { kind } }: Node): boolean => kind === 'pool' || kind === 'adaptivePool';

/** What a layer is told of the rest of the network. */
interface Surroundings {
  /** Layers' numbers, by product. */
  readonly numbers: ReadonlyMap<number, number>;
  /** By tensor: 1 where training changes what it was made with. */
  readonly trained: Uint8Array;
  /** By tensor: values of the errors that come back to it. */
  readonly back: Float64Array;
  /** Numbers of the layers that read it. */
  readonly consumers: number[];
  readonly folded: readonly Node[];
}

function describe(
  graph: Graph,
  homes: Homes,
  { k, index }: { readonly k: number; readonly index: number },
  { numbers, trained, back, consumers, folded }: Surroundings,
): WeightLayer {
  const node = homes.products[k]!;
  const { operator } = node;
  const product = productOf(graph, node);
  const counts = countsOf(graph, node);
  const serial = operator.kind === 'recurrent';
  const before = homes.before[k]!;
  const joined = homes.joined[k]!;
  const nodes = [...before, ...joined];
  const behind = [node, ...joined];
  const pools = nodes.filter((one) => isPool(one) && !doneByVector(graph, one)).map((pool) => poolStep(graph, pool));
  const neurons = valuesOf(product.outShape);
  const own = behind.flatMap(({ outputs }) => outputs);
  const size = (tensor: number): number => elementsOf(graph.tensors[tensor]!.shape);
  const stored = storedOf(graph, homes, k, behind);
  const elements = (those: readonly Node[]): number => those.reduce((sum, { outputs }) => sum + size(outputs[0]!), 0);
  const adders = nodes.filter((one) => one.operator.kind === 'elementwise' && one.operator.function === 'add');
  const looked = nodes.filter((one) => one.operator.kind === 'unary');
  // A recurrent layer's own stage goes back through its cell, and through what is behind it.
  const masking = serial ? null : maskingOf(graph, joined);
  const trainsInput = [node, ...nodes].some(({ inputs: read }) =>
    read.some((tensor) => trained[tensor] === 1 && homes.sources[tensor]!.some(({ stage }) => stage < 0)),
  );
  const inputs = distinct(homes.reads[k]!, operator.kind === 'conv' || operator.kind === 'adder');
  return {
    index,
    name: node.name,
    serial,
    ...product,
    cin: operator.kind === 'dense' || operator.kind === 'matmul' ? counts.rows * counts.groups : product.inShape.c,
    cout: product.outShape.c,
    rows: counts.rows,
    columns: counts.columns * counts.groups,
    macs: counts.macs,
    weights: counts.parameters,
    biases: biasesOf(node),
    dynamic: operator.kind === 'matmul' ? { operandValues: elementsOf(inputOf(graph, node, 1).shape) } : null,
    masking,
    neurons,
    pooledNeurons: serial ? neurons : stored.after,
    storedNeurons: serial ? neurons : stored.before,
    pools,
    inputs: inputs.map(({ stage, pools: way, need }) => ({
      producer: stage < 0 ? 0 : numbers.get(stage)!,
      pools: way.map((pool) => poolStep(graph, pool)),
      need,
    })),
    reads: valuesByProducer(homes.reads[k]!, numbers),
    inputErrors: inputErrorsOf(homes.reads[k]!),
    consumers,
    isOutput: graph.outputs.some((tensor) => homes.sources[tensor]!.some(({ stage }) => stage === k)),
    adds: adders.reduce((sum, one) => sum + (one.inputs.length - 1) * size(one.outputs[0]!), 0),
    activations: elements(looked),
    meeting: own.reduce((sum, tensor) => sum + Math.max(0, back[tensor]! - size(tensor)), 0),
    operands: operandsOf(graph, homes.reads[k]!),
    found: foundOf(graph, homes, {
      ...{ k, before, behind, masking, trainsInput },
      pools: pools.filter((pool) => before.includes(pool.node)),
    }),
    trainsInput,
    folded,
    node,
    nodes,
    before,
  };
}

/** Values of the tensors that a stage reads as operands, each once. */
const operandsOf = (graph: Graph, reads: readonly StageRead[]): number =>
  [...new Set(reads.filter(({ use }) => use === 'operand').map(({ tensor }) => tensor))].reduce(
    (sum, tensor) => sum + elementsOf(graph.tensors[tensor]!.shape),
    0,
  );

/** By producer (0: the network's input): values that a stage reads, of each tensor once. */
function valuesByProducer(reads: readonly StageRead[], numbers: ReadonlyMap<number, number>): Map<number, number> {
  const values = new Map<number, number>();
  const seen = new Set<string>();
  for (const { stage, tensor, pools, exact, values: more } of reads) {
    const key = `${tensor}:${stage}:${exact}:${pools.map(({ id }) => id).join()}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const producer = stage < 0 ? 0 : numbers.get(stage)!;
    values.set(producer, (values.get(producer) ?? 0) + more);
  }
  return values;
}

/** Errors of the network's input: one of the product's vectors, one of each operand. */
function inputErrorsOf(reads: readonly StageRead[]): InputError[] {
  const errors = new Map<number, InputError>();
  const alone = reads.every(({ use, stage }) => use === 'operand' || stage < 0);
  for (const { use, stage, tensor, values } of reads) {
    if (stage >= 0) continue;
    const key = use === 'product' ? -1 : tensor;
    const known = use === 'product' ? (errors.get(key)?.values ?? 0) : 0;
    errors.set(key, { use, values: known + values, alone: use === 'product' && alone });
  }
  return [...errors.values()];
}

/** Hardware holds one bias a column; a recurrent layer's two halves are one. */
function biasesOf({ operator, parameters }: Node): number {
  const bias = parameters.get('bias');
  if (bias === undefined) return 0;
  return operator.kind === 'recurrent' ? elementsOf(bias.shape) / 2 : elementsOf(bias.shape);
}

type Way = StageRead & { need: WeightInput['need'] };

/** A producer read over two ways is one entry, unless pools or needs differ. */
function distinct(reads: readonly StageRead[], windows: boolean): Way[] {
  const seen = new Set<string>();
  return reads
    .map((read): Way => {
      const need = !read.exact ? 'all' : read.use === 'operand' ? 'place' : windows ? 'window' : 'all';
      return { ...read, need };
    })
    .filter(({ stage, pools, need }) => {
      const key = `${stage}:${need}:${pools.map(({ id }) => id).join()}`;
      return !seen.has(key) && seen.add(key);
    });
}
