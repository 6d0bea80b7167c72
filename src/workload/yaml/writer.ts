// A graph as a network file: a tree that people read and edit, and the names of its weights.

import type { TreeValue } from '../../config/index.js';
import { type Graph, type Node, type Norm, type Parameter } from '../graph/index.js';
import { DEFAULTS } from './layers.js';

type Entry = Record<string, TreeValue>;

/** An array to store beside the file: where it comes from and how it is laid out. */
export interface WrittenWeight {
  /** LAYER.ROLE, or a constant's name. */
  readonly name: string;
  readonly parameter: Parameter;
  /** Dense weights of [in, out] are stored [out, in]. */
  readonly exchanged: boolean;
  /** Factor (Gemm's alpha and beta). */
  readonly factor: number;
  /** Stored shape. */
  readonly shape: readonly number[];
}

/** A network file as data, and which numbers belong to it. */
export interface WrittenNetwork {
  readonly tree: Record<string, TreeValue>;
  readonly weights: readonly WrittenWeight[];
}

/** Writes a graph. Reading the tree again gives the same operators, shapes and counts. */
export function writeNetwork(graph: Graph, weightsFile?: string): WrittenNetwork {
  const names = namesOf(graph);
  const ref = (tensor: number): string => {
    const { maker, name } = graph.tensors[tensor]!;
    if (maker === null) return name;
    const output = outputIndex(graph.nodes[maker.node]!, maker.output);
    return output === 0 ? names[maker.node]! : `${names[maker.node]!}:${output}`;
  };
  const weights: WrittenWeight[] = [];
  const constants = graph.tensors.filter(({ constant }) => constant !== null);
  for (const { name, constant, shape } of constants)
    weights.push({ name, parameter: constant!, exchanged: false, factor: 1, shape });
  let before = graph.inputs.length === 1 ? graph.tensors[graph.inputs[0]!]!.name : undefined;
  const layers = graph.nodes.map((node): Entry => {
    const name = names[node.id]!;
    const from = node.inputs.map(ref);
    const alone = from.length === 1 && from[0] === before;
    before = name;
    const { type, ...rest } = layerOf(graph, node);
    weights.push(...weightsOf(node, name));
    return { name, ...(alone ? {} : { from: from.length === 1 ? from[0]! : from }), type: type!, ...rest };
  });
  const inputs = graph.inputs.map((id): Entry => {
    const { name, shape, dtype } = graph.tensors[id]!;
    const [channels, height, width] = shape;
    return shape.length === 3 && dtype === 'f32'
      ? { name, channels: channels!, height: height!, width: width! }
      : { name, shape: [...shape], ...(dtype === 'f32' ? {} : { dtype }) };
  });
  const tree: Record<string, TreeValue> = {
    name: graph.name === '' ? 'network' : graph.name,
    ...(weightsFile !== undefined && weights.length > 0 && { weights: weightsFile }),
    ...(inputs.length === 1 ? { input: inputs[0]! } : { inputs }),
    outputs: graph.outputs.map(ref),
    ...(constants.length > 0 && {
      constants: constants.map(({ name, shape, dtype }) => ({ name, shape: [...shape], dtype })),
    }),
    layers,
  };
  return { tree, weights };
}

/** Names of nodes that no input or constant has. */
function namesOf(graph: Graph): string[] {
  const taken = new Set(graph.tensors.filter(({ maker }) => maker === null).map(({ name }) => name));
  taken.add('input');
  return graph.nodes.map(({ name }) => {
    let free = name === '' ? 'node' : name;
    for (let k = 2; taken.has(free); k++) free = `${name}#${k}`;
    taken.add(free);
    return free;
  });
}

/** A file's recurrent layers (`output: full`) make all results. */
function outputIndex({ operator }: Node, output: number): number {
  if (operator.kind !== 'recurrent') return output;
  return ['sequence', 'hidden', 'cell'].indexOf(operator.results[output]!);
}

function weightsOf(node: Node, layer: string): WrittenWeight[] {
  const { operator } = node;
  const dense = operator.kind === 'dense';
  return [...node.parameters].map(([role, parameter]) => {
    const exchanged = dense && role === 'weight' && operator.weightLayout === 'in-out';
    const factor = !dense ? 1 : role === 'weight' ? operator.alpha : role === 'bias' ? operator.beta : 1;
    const shape = [...parameter.shape];
    if (exchanged) shape.push(...shape.splice(-2).reverse());
    const spread = dense && role === 'bias' ? [operator.features] : shape;
    const tied = operator.kind === 'gather' ? parameter.key : `${layer}.${role}`;
    return { name: tied, parameter, exchanged, factor, shape: spread };
  });
}

/** Further parameters, which a layer's type does not imply. */
function extras(node: Node, ...implied: string[]): Entry {
  const rest = [...node.parameters].filter(([role]) => !implied.includes(role));
  if (rest.length === 0) return {};
  return { parameters: Object.fromEntries(rest.map(([role, { shape }]) => [role, [...shape]])) };
}

/** A list as one number where all are the same. */
const short = (values: readonly number[]): TreeValue =>
  values.length > 0 && values.every((value) => value === values[0]) ? values[0]! : [...values];

function windowOf(window: {
  kernel: readonly number[];
  strides: readonly number[];
  dilations: readonly number[];
  padBegin: readonly number[];
  padEnd: readonly number[];
}): Entry {
  const { kernel, strides, dilations, padBegin, padEnd } = window;
  const even = padBegin.every((size, i) => size === padEnd[i]);
  const padding = even ? short(padBegin) : [...padBegin, ...padEnd];
  return {
    kernel: short(kernel),
    stride: short(strides),
    ...(padding === 0 ? {} : { padding }),
    ...(dilations.every((size) => size === 1) ? {} : { dilation: short(dilations) }),
  };
}

const NORM_TYPES: Record<Norm['norm'], string> = {
  batch: 'batchnorm',
  layer: 'layernorm',
  rms: 'rmsnorm',
  group: 'groupnorm',
  instance: 'instancenorm',
};

function layerOf(graph: Graph, node: Node): Entry {
  const { operator, parameters } = node;
  const x = graph.tensors[node.inputs[0]!]!;
  const bias = parameters.has('bias') ? {} : { bias: false };
  switch (operator.kind) {
    case 'conv':
    case 'adder':
    case 'convTranspose': {
      const { channels, groups, kernel } = operator;
      const type = operator.kind === 'adder' ? 'adder' : operator.kind === 'conv' ? 'conv' : 'deconv';
      return {
        type: `${type}${kernel.length}d`,
        channels,
        ...windowOf(operator),
        ...(groups === 1 ? {} : { groups }),
        ...bias,
        ...(operator.kind === 'convTranspose' && operator.outputPadding.some((size) => size > 0)
          ? { outputPadding: short(operator.outputPadding) }
          : {}),
        ...(operator.kind === 'conv' && operator.arithmetic !== 'float' ? { arithmetic: operator.arithmetic } : {}),
        ...extras(node, 'weight', 'bias'),
      };
    }
    case 'dense': {
      const { axis, features, groups, arithmetic } = operator;
      const last = axis === x.shape.length - 1 && x.shape.length < 3;
      return {
        type: 'dense',
        features,
        ...(last ? {} : { axis }),
        ...(groups === 1 ? {} : { groups }),
        ...bias,
        ...(arithmetic === 'float' ? {} : { arithmetic }),
        ...extras(node, 'weight', 'bias'),
      };
    }
    case 'matmul': {
      const { transposeA, transposeB, alpha, beta, arithmetic } = operator;
      const plain = { transposeA: false, transposeB: false, alpha: 1, beta: 1, arithmetic: 'float' };
      return { type: 'matmul', ...unlike({ transposeA, transposeB, alpha, beta, arithmetic }, plain), ...extras(node) };
    }
    case 'recurrent': {
      const { cell, hidden, direction, states, activations, clip, linearBeforeReset, inputForget } = operator;
      return {
        type: cell,
        hidden,
        output: 'full',
        ...unlike(
          { direction, linearBeforeReset, inputForget },
          { direction: 'forward', linearBeforeReset: false, inputForget: false },
        ),
        ...(states.length > 0 ? { states: [...states] } : {}),
        ...(clip === null ? {} : { clip }),
        activations: activations.map(({ name }) => name),
        ...bias,
        ...extras(node, 'weight', 'recurrent', 'bias'),
      };
    }
    case 'pool': {
      const { reduce, ceil, countPadding, global, p } = operator;
      const type = { max: 'maxpool', average: 'avgpool', lp: 'lppool' }[reduce];
      const flags = unlike({ ceil, countPadding, p }, { ceil: false, countPadding: false, p: 2 });
      return { type, ...(global ? { global } : windowOf(operator)), ...flags };
    }
    case 'adaptivePool':
      return { type: operator.reduce === 'max' ? 'adaptivemaxpool' : 'adaptiveavgpool', size: [...operator.sizes] };
    case 'resize': {
      const { mode, sizes, scales, coordinates, rounding, cubicCoefficient } = operator;
      return {
        type: 'upsample',
        mode,
        sizes: [...sizes],
        scales: [...scales],
        coordinates,
        rounding,
        cubicCoefficient,
      };
    }
    case 'elementwise':
      return { type: operator.function.toLowerCase() };
    case 'unary': {
      const { function: name, alpha, beta } = operator;
      if (name === 'clip')
        return {
          type: 'clip',
          ...(Number.isFinite(alpha) ? { min: alpha } : {}),
          ...(Number.isFinite(beta) ? { max: beta } : {}),
          ...extras(node),
        };
      const [first, second] = DEFAULTS[name] ?? [0, 0];
      return { type: name.toLowerCase(), ...unlike({ alpha, beta }, { alpha: first, beta: second }) };
    }
    case 'prelu':
      return { type: 'prelu', shape: [...parameters.get('slope')!.shape] };
    case 'softmax':
      return { type: operator.log ? 'logsoftmax' : 'softmax', axes: [...operator.axes] };
    case 'norm': {
      const { norm, axes, groups, epsilon, perGroup } = operator;
      return {
        type: NORM_TYPES[norm],
        epsilon,
        ...(norm === 'layer' || norm === 'rms' ? { axes: axes.length } : {}),
        ...(norm === 'group' ? { groups, ...(perGroup ? { perGroup } : {}) } : {}),
        ...(norm !== 'batch' && !parameters.has('scale') ? { affine: false } : {}),
      };
    }
    case 'concat':
      return { type: 'concat', axis: operator.axis };
    case 'shuffle':
      return {
        type: operator.to === 'space' ? 'pixelshuffle' : 'spacetodepth',
        block: operator.block,
        order: operator.order,
      };
    case 'gather': {
      if (!operator.lookup) return { type: 'gather', axis: operator.axis };
      const { shape, key } = parameters.get('table')!;
      return { type: 'embedding', entries: shape[0]!, features: short(shape.slice(1)), table: key };
    }
    case 'quantize': {
      const { direction, axis, to } = operator;
      const type = direction === 'dynamic' ? 'dynamicquantize' : direction;
      return { type, to, ...(axis === null ? {} : { axis }), ...extras(node) };
    }
    case 'pad': {
      const { begin, end, mode, value } = operator;
      return {
        type: 'pad',
        begin: [...begin],
        end: [...end],
        mode,
        ...(value === 0 || Number.isNaN(value) ? {} : { value }),
        ...extras(node),
      };
    }
    default: {
      const { kind, ...rest } = operator;
      // Cast: attributes of an operator are plain data.
      return { type: kind.toLowerCase(), ...rest } as Entry;
    }
  }
}

/** Entries that differ from what a file means where it says nothing. */
const unlike = (values: Entry, plain: Entry): Entry =>
  Object.fromEntries(Object.entries(values).filter(([key, value]) => value !== plain[key]));
