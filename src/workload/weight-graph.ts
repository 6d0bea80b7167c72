// A network as the hardware sees it: its weight layers, numbered l = 1..L, and what flows between them.

import { ConfigError, type Loaded } from '../config/index.js';
import { ACTIVATIONS } from './network.js';
import {
  shapeNetwork,
  valuesOf,
  type Padding,
  type Pair,
  type Shape,
  type ShapedLayer,
  type ShapedNetwork,
  type Window,
} from './shape.js';

export type Activation = 'none' | (typeof ACTIVATIONS)[number] | 'lstm';

/** A pool between two weight layers. */
export interface PoolStep {
  kind: 'max' | 'avg';
  window: Window;
  inShape: Shape;
  outShape: Shape;
}

/** A way from a producing weight layer (0: the network's input) to its reader, with the pools that it passes. */
export interface WeightInput {
  producer: number;
  pools: PoolStep[];
}

export interface WeightLayer {
  /** 1..L in topological order. */
  index: number;
  name: string;
  type: 'conv2d' | 'adder2d' | 'dense' | 'lstm';
  kernel: Pair;
  stride: Pair;
  padding: Padding;
  dilation: Pair;
  groups: number;
  cin: number;
  cout: number;
  inShape: Shape;
  outShape: Shape;
  /** Matrix of one group, without bias: K_h K_w C_in / groups rows (LSTM: I + H); all columns (C_out; LSTM: 4H). */
  rows: number;
  columns: number;
  /** Input vectors of an image (dense: 1; LSTM: 1 a time step). */
  positions: number;
  /** Input positions, H_in W_in. */
  inPositions: number;
  /** Time steps of an LSTM, else 1. */
  steps: number;
  macs: number;
  weights: number;
  biases: number;
  activation: Activation;
  /** Outputs before pooling, and after the pools that follow. */
  neurons: number;
  pooledNeurons: number;
  /** Pools behind the layer (those on the way to every reader). */
  pools: PoolStep[];
  inputs: WeightInput[];
  /** Weight layers that read this one. */
  consumers: number[];
  isOutput: boolean;
  /**
   * Values added element-wise on the way to this layer's input, and behind the last layer on the way to the network's
   * output, an image.
   */
  adds: number;
}

export interface Network {
  name: string;
  source: string | undefined;
  input: Shape;
  /** Values of the network's output, an image. */
  outputs: number;
  layers: WeightLayer[];
  macs: number;
  weights: number;
  biases: number;
}

/** Reads a checked network file into its weight layers. @throws ConfigError naming the layer that is wrong. */
export function networkOf(loaded: Loaded): Network {
  const shaped = shapeNetwork(loaded);
  const layers = weightLayers(shaped);
  if (layers.length === 0)
    throw new ConfigError(
      loaded.origins.at(['layers']),
      'layers',
      'no layer has weights (conv2d, dense, lstm, adder2d)',
    );
  for (const layer of layers) {
    const index = shaped.layers.find(({ file }) => file.name === layer.name)!.index;
    const most = Math.max(layer.macs, layer.weights, layer.neurons);
    if (most > Number.MAX_SAFE_INTEGER)
      throw new ConfigError(
        loaded.origins.at(['layers', index]),
        `layers.${index}`,
        `layer "${layer.name}" is too large: ${most} of its weights, outputs or operations cannot be counted ` +
          'exactly (2^53)',
      );
  }
  const { outShape } = shaped.layers.find(({ index }) => index === shaped.output)!;
  const sum = (key: 'macs' | 'weights' | 'biases'): number => layers.reduce((total, layer) => total + layer[key], 0);
  return {
    name: shaped.name,
    source: shaped.source,
    input: shaped.input,
    outputs: valuesOf(outShape) * outShape.steps,
    layers,
    macs: sum('macs'),
    weights: sum('weights'),
    biases: sum('biases'),
  };
}

const hasWeights = (layer: ShapedLayer): boolean => ['conv2d', 'adder2d', 'dense', 'lstm'].includes(layer.file.type);

function weightLayers(network: ShapedNetwork): WeightLayer[] {
  const byIndex = new Map(network.layers.map((layer) => [layer.index, layer]));
  const weighted = network.layers.filter(hasWeights);
  const numbers = new Map(weighted.map((layer, i) => [layer.index, i + 1]));

  /** Ways from producers to what layer `at` makes. */
  const waysFrom = (at: number): WeightInput[] => {
    if (at < 0) return [{ producer: 0, pools: [] }];
    const number = numbers.get(at);
    if (number !== undefined) return [{ producer: number, pools: [] }];
    const layer = byIndex.get(at)!;
    const ways = layer.inputs.flatMap(waysFrom);
    const pool = poolOf(layer);
    return pool === null ? ways : ways.map((way) => ({ ...way, pools: [...way.pools, pool] }));
  };
  const addsBefore = (at: number): number => {
    if (at < 0 || numbers.has(at)) return 0;
    const layer = byIndex.get(at)!;
    const own = layer.file.type === 'add' ? (layer.inputs.length - 1) * valuesOf(layer.outShape) : 0;
    return own + layer.inputs.reduce((sum, from) => sum + addsBefore(from), 0);
  };

  const layers = weighted.map((layer, i) =>
    describe(
      layer,
      i + 1,
      distinct(layer.inputs.flatMap(waysFrom)),
      layer.inputs.reduce((sum, from) => sum + addsBefore(from), 0),
    ),
  );
  for (const layer of layers)
    for (const { producer } of layer.inputs) if (producer > 0) layers[producer - 1]!.consumers.push(layer.index);
  weighted.forEach((layer, i) => {
    const behind = followers(network, layer, numbers);
    const target = layers[i]!;
    target.activation = layer.file.type === 'lstm' ? 'lstm' : behind.activation;
    target.pools = behind.pools;
    target.pooledNeurons = behind.pools.length > 0 ? valuesOf(behind.pools.at(-1)!.outShape) : target.neurons;
    target.isOutput = target.consumers.length === 0;
  });
  const last = layers.findLast(({ isOutput }) => isOutput);
  if (last !== undefined) last.adds += addsBefore(network.output);
  return layers;
}

/** A producer read over two ways (a residual block's input) is one entry, unless the pools differ. */
function distinct(ways: WeightInput[]): WeightInput[] {
  const seen = new Set<string>();
  return ways.filter(({ producer, pools }) => {
    const key = `${producer}:${JSON.stringify(pools)}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function poolOf(layer: ShapedLayer): PoolStep | null {
  if (layer.window === null || hasWeights(layer)) return null;
  return {
    kind: layer.file.type === 'maxpool' ? 'max' : 'avg',
    window: layer.window,
    inShape: layer.inShape,
    outShape: layer.outShape,
  };
}

/** The activation and the pools that follow a layer before the next fork or weight layer. */
function followers(
  network: ShapedNetwork,
  from: ShapedLayer,
  numbers: ReadonlyMap<number, number>,
): { activation: Activation; pools: PoolStep[] } {
  let activation: Activation = 'none';
  const pools: PoolStep[] = [];
  let at = from.index;
  for (;;) {
    const readers = network.layers.filter((layer) => layer.inputs.includes(at));
    if (readers.length === 0) return { activation, pools };
    const next = readers.length === 1 ? readers[0]! : readers.find((layer) => isActivation(layer));
    if (next === undefined || numbers.has(next.index)) return { activation, pools };
    if (isActivation(next)) activation = next.file.type as Activation;
    const pool = poolOf(next);
    if (pool !== null) pools.push(pool);
    at = next.index;
  }
}

const isActivation = (layer: ShapedLayer): boolean => (ACTIVATIONS as readonly string[]).includes(layer.file.type);

const ONE: Pair = { h: 1, w: 1 };
const NO_PADDING: Padding = { top: 0, left: 0, bottom: 0, right: 0 };

function describe(
  { file, inShape, outShape, window }: ShapedLayer,
  index: number,
  inputs: WeightInput[],
  adds: number,
): WeightLayer {
  const convolution = file.type === 'conv2d' || file.type === 'adder2d';
  const groups = convolution ? file.groups : 1;
  const { kernel, stride, padding, dilation } = window ?? {
    kernel: ONE,
    stride: ONE,
    padding: NO_PADDING,
    dilation: ONE,
  };
  const cin = convolution ? inShape.c : valuesOf(inShape);
  const lstm = file.type === 'lstm';
  const rows = lstm ? cin + file.hidden : (kernel.h * kernel.w * cin) / groups;
  const columns = lstm ? 4 * file.hidden : outShape.c;
  const positions = convolution ? outShape.h * outShape.w : 1;
  const steps = lstm ? inShape.steps : 1;
  const bias = 'bias' in file && file.bias;
  return {
    index,
    name: file.name,
    type: file.type as WeightLayer['type'],
    kernel,
    stride,
    padding,
    dilation,
    groups,
    cin,
    cout: outShape.c,
    inShape,
    outShape,
    rows,
    columns,
    positions,
    inPositions: convolution ? inShape.h * inShape.w : 1,
    steps,
    macs: rows * columns * positions * steps,
    weights: rows * columns,
    biases: bias ? columns : 0,
    activation: 'none',
    neurons: valuesOf(outShape) * steps,
    pooledNeurons: valuesOf(outShape) * steps,
    pools: [],
    inputs,
    consumers: [],
    isOutput: false,
    adds,
  };
}
