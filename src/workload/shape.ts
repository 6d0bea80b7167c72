// Shape inference: what each layer of a network reads and makes, with faults named where they stand.

import { ConfigError, suggestion, validate, type Loaded } from '../config/index.js';
import { networkSchema, type LayerFile, type NetworkFile } from './network.js';

/** Channels x height x width, over `steps` time steps. Vectors are 1 x 1 maps. */
export interface Shape {
  c: number;
  h: number;
  w: number;
  steps: number;
}

export interface Pair {
  h: number;
  w: number;
}

/** Rows and columns of padding on each side. */
export interface Padding {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

/** A sliding window, resolved. */
export interface Window {
  kernel: Pair;
  stride: Pair;
  padding: Padding;
  dilation: Pair;
}

/** A layer with its inputs (indexes; -1 is the network's input) and shapes. */
export interface ShapedLayer {
  index: number;
  file: LayerFile;
  inputs: number[];
  inShape: Shape;
  outShape: Shape;
  /** Convolutions and pools. */
  window: Window | null;
}

export interface ShapedNetwork {
  name: string;
  source: string | undefined;
  input: Shape;
  layers: ShapedLayer[];
  /** Index of the one layer that nobody reads. */
  output: number;
}

export const valuesOf = ({ c, h, w }: Shape): number => c * h * w;

/** Checks a loaded network file and infers every shape. @throws ConfigError at the layer or key that is wrong. */
export function shapeNetwork(loaded: Loaded): ShapedNetwork {
  const network = validate(networkSchema, loaded);
  const fail = (index: number, key: string, message: string): never => {
    const path = ['layers', index, ...(key === '' ? [] : [key])];
    throw new ConfigError(
      loaded.origins.at(path),
      path.join('.'),
      `layer "${network.layers[index]!.name}": ${message}`,
    );
  };
  const inputs = wire(network, fail);
  const order = topological(network, inputs, fail);
  const input = inputShape(network);
  const shaped = new Array<ShapedLayer>(network.layers.length);
  for (const index of order) {
    const file = network.layers[index]!;
    const shapes = inputs[index]!.map((from) => (from < 0 ? input : shaped[from]!.outShape));
    shaped[index] = {
      index,
      file,
      inputs: inputs[index]!,
      ...infer(file, shapes, (key, message) => fail(index, key, message)),
    };
  }
  const read = new Set(inputs.flat());
  const outputs = [...network.layers.keys()].filter((index) => !read.has(index));
  if (outputs.length > 1) fail(outputs[0]!, '', 'nobody reads it, and it is not the last layer');
  return {
    name: network.name,
    source: network.source,
    input,
    layers: order.map((index) => shaped[index]!),
    output: outputs[0]!,
  };
}

function inputShape({ input }: NetworkFile): Shape {
  return 'features' in input
    ? { c: input.features, h: 1, w: 1, steps: input.steps }
    : { c: input.channels, h: input.height, w: input.width, steps: 1 };
}

type Fail = (index: number, key: string, message: string) => never;

function wire(network: NetworkFile, fail: Fail): number[][] {
  const byName = new Map<string, number>([['input', -1]]);
  network.layers.forEach(({ name }, index) => {
    if (byName.has(name))
      fail(index, 'name', name === 'input' ? '"input" names what the network reads' : 'another layer has this name');
    byName.set(name, index);
  });
  return network.layers.map(({ from }, index) => {
    if (from === undefined) return [index - 1];
    return (typeof from === 'string' ? [from] : from).map(
      (name) =>
        byName.get(name) ?? fail(index, 'from', `there is no layer "${name}"${suggestion(name, byName.keys())}`),
    );
  });
}

function topological(network: NetworkFile, inputs: readonly number[][], fail: Fail): number[] {
  const order: number[] = [];
  const state = new Uint8Array(inputs.length);
  const visit = (index: number, path: number[]): void => {
    if (index < 0 || state[index] === 2) return;
    if (state[index] === 1) {
      const loop = [...path.slice(path.indexOf(index)), index].map((i) => network.layers[i]!.name);
      fail(index, 'from', `these layers form a cycle: ${loop.reverse().join(' -> ')}`);
    }
    state[index] = 1;
    for (const from of inputs[index]!) visit(from, [...path, index]);
    state[index] = 2;
    order.push(index);
  };
  for (const index of inputs.keys()) visit(index, []);
  return order;
}

type Inferred = Pick<ShapedLayer, 'inShape' | 'outShape' | 'window'>;

function infer(file: LayerFile, shapes: readonly Shape[], fail: (key: string, message: string) => never): Inferred {
  const [inShape] = shapes;
  if (inShape === undefined) return fail('from', 'it reads nothing');
  if (file.type !== 'add' && file.type !== 'concat' && shapes.length > 1)
    fail('from', `${file.type} reads one layer, found ${shapes.length}`);
  const plain = (outShape: Shape): Inferred => ({ inShape, outShape, window: null });
  switch (file.type) {
    case 'conv2d':
    case 'adder2d': {
      if (inShape.c % file.groups !== 0)
        fail('groups', `${file.groups} groups do not divide ${inShape.c} input channels`);
      if (file.channels % file.groups !== 0)
        fail('groups', `${file.groups} groups do not divide ${file.channels} output channels`);
      const window = resolveWindow(file, inShape);
      return {
        inShape,
        window,
        outShape: { ...slide(window, inShape, false, (message) => fail('kernel', message)), c: file.channels },
      };
    }
    case 'maxpool':
    case 'avgpool': {
      if (!file.global && file.kernel === undefined) fail('', 'a pool needs a kernel, or global: true');
      const kernel = file.global ? ([inShape.h, inShape.w] as [number, number]) : file.kernel!;
      const window = resolveWindow(
        { kernel, stride: file.global ? kernel : (file.stride ?? kernel), padding: file.padding, dilation: 1 },
        inShape,
      );
      if (window.padding.top >= window.kernel.h || window.padding.left >= window.kernel.w)
        fail(
          'padding',
          `a padding of ${window.padding.top}x${window.padding.left} leaves windows of ` +
            `${window.kernel.h}x${window.kernel.w} without any input`,
        );
      return { inShape, window, outShape: slide(window, inShape, file.ceil, (message) => fail('kernel', message)) };
    }
    case 'dense':
      return plain({ c: file.features, h: 1, w: 1, steps: 1 });
    case 'lstm':
      return plain({ c: file.hidden, h: 1, w: 1, steps: inShape.steps });
    case 'flatten':
      return plain({ c: valuesOf(inShape), h: 1, w: 1, steps: inShape.steps });
    case 'add': {
      const other = shapes.find((shape) => shape.c !== inShape.c || shape.h !== inShape.h || shape.w !== inShape.w);
      if (other !== undefined) fail('from', `it adds maps of different size: ${show(inShape)} and ${show(other)}`);
      return plain(inShape);
    }
    case 'concat': {
      const sameSize = shapes.every((shape) => shape.h === inShape.h && shape.w === inShape.w);
      const c = shapes.reduce((sum, shape) => sum + (sameSize ? shape.c : valuesOf(shape)), 0);
      return plain(sameSize ? { ...inShape, c } : { c, h: 1, w: 1, steps: inShape.steps });
    }
    default:
      return plain(inShape);
  }
}

const show = ({ c, h, w }: Shape): string => `${c}x${h}x${w}`;

const asPair = (value: number | readonly [number, number]): Pair =>
  typeof value === 'number' ? { h: value, w: value } : { h: value[0], w: value[1] };

interface WindowFile {
  kernel: number | [number, number];
  stride: number | [number, number];
  padding: 'same' | 'valid' | number | [number, number];
  dilation: number | [number, number];
}

function resolveWindow(file: WindowFile, input: Shape): Window {
  const kernel = asPair(file.kernel);
  const stride = asPair(file.stride);
  const dilation = asPair(file.dilation);
  if (file.padding === 'same') {
    const [top, bottom] = samePadding(input.h, kernel.h, stride.h, dilation.h);
    const [left, right] = samePadding(input.w, kernel.w, stride.w, dilation.w);
    return { kernel, stride, dilation, padding: { top, bottom, left, right } };
  }
  const { h, w } = asPair(file.padding === 'valid' ? 0 : file.padding);
  return { kernel, stride, dilation, padding: { top: h, bottom: h, left: w, right: w } };
}

/** TensorFlow's `same`: ceil(size / stride) outputs, the odd row of padding below. */
function samePadding(size: number, kernel: number, stride: number, dilation: number): [number, number] {
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + dilation * (kernel - 1) + 1 - size);
  return [total >> 1, total - (total >> 1)];
}

function slide(
  { kernel, stride, padding, dilation }: Window,
  input: Shape,
  ceil: boolean,
  fail: (message: string) => never,
): Shape {
  const along = (size: number, k: number, s: number, before: number, after: number, d: number): number => {
    const room = size + before + after - (d * (k - 1) + 1);
    if (room < 0)
      fail(
        `the kernel of ${kernel.h}x${kernel.w}${d > 1 ? `, with dilation ${d} ${d * (k - 1) + 1} wide,` : ''} ` +
          `is larger than its input of ${input.h}x${input.w}${before + after > 0 ? ' with its padding' : ''}`,
      );
    const steps = ceil ? Math.ceil(room / s) : Math.floor(room / s);
    // A window that would start in the padding after the map is left out (as PyTorch does).
    return ceil && steps * s >= size + before ? steps : steps + 1;
  };
  return {
    c: input.c,
    h: along(input.h, kernel.h, stride.h, padding.top, padding.bottom, dilation.h),
    w: along(input.w, kernel.w, stride.w, padding.left, padding.right, dilation.w),
    steps: input.steps,
  };
}
