// A network file as a graph: names to tensors, layers in topological order, faults named where they stand.

import { ConfigError, suggestion, validate, type Loaded } from '../../config/index.js';
import { GraphBuilder, ShapeError, type Graph, type Layout, type Parameter } from '../graph/index.js';
import { endOf, writtenOut, type PlacedLayer } from './blocks.js';
import type { LayerContext, Read } from './context.js';
import { addLayer } from './layers.js';
import { networkSchema, type InputFile, type LayerFile, type NetworkFile } from './schema.js';

type Fail = (index: number, key: string, message: string) => never;

/** Reads a checked network file. @throws ConfigError at the layer or key that is wrong */
export function readNetwork(loaded: Loaded): Graph {
  const network = validate(networkSchema, loaded);
  const failIn = (path: readonly (string | number)[], message: string): never => {
    throw new ConfigError(loaded.origins.at(path), path.join('.'), message);
  };
  const { layers, ends } = writtenOut(network, failIn);
  const fail: Fail = (index, key, message) =>
    failIn([...layers[index]!.path, ...(key === '' ? [] : [key])], `layer "${layers[index]!.file.name}": ${message}`);
  const failAt = (key: string, message: string): never => {
    throw new ConfigError(loaded.origins.at([key]), key, message);
  };
  const builder = new GraphBuilder();
  const made = new Map<string, Read>();
  const inputs = inputsOf(network, failAt);
  const known = new Map<string, number>();
  for (const { name } of [...inputs, ...network.constants]) {
    if (known.has(name)) failAt('inputs', `another input or constant has the name "${name}"`);
    known.set(name, -1);
  }
  network.layers.forEach(({ name, type }, index) => {
    if (type === 'repeat' && known.has(name)) failIn(['layers', index, 'name'], 'an input or constant has this name');
  });
  layers.forEach(({ file: { name } }, index) => {
    if (known.has(name))
      fail(index, 'name', name === 'input' ? '"input" names what the network reads' : 'another layer has this name');
    known.set(name, index);
  });
  const reads = layers.map((_, index) => wired(layers, index, { input: inputs[0]!.name, known, fail }));
  for (const input of inputs) addInput(builder, made, input);
  for (const { name, shape, dtype } of network.constants) {
    const parameter: Parameter = { key: name, shape, permutation: null, quantization: null };
    made.set(name, { tensor: builder.constant(name, parameter, dtype), shape, layout: 'plain' });
  }
  const open = new Set(layers.map(({ file: { name } }) => name));
  for (const index of topological(reads, known, layers, fail)) {
    const { file } = layers[index]!;
    const outputs = build(file, reads[index]!, { builder, made }, (key, message) => fail(index, key, message));
    outputs.forEach((output, k) => made.set(k === 0 ? file.name : `${file.name}:${k}`, output));
    for (const read of reads[index]!) open.delete(known.has(read) ? read : read.replace(/:\d+$/, ''));
  }
  const outputs = network.outputs?.map((name) => endOf(name, ends)) ?? soleOutput(layers, open, fail);
  return builder.build(
    network.name,
    network.source,
    outputs.map(
      (name) =>
        made.get(name)?.tensor ?? failAt('outputs', `there is no layer "${name}"${suggestion(name, made.keys())}`),
    ),
  );
}

interface NamedInput {
  name: string;
  shape: number[];
  layout: Layout;
  dtype: string;
}

function inputsOf(network: NetworkFile, failAt: (key: string, message: string) => never): NamedInput[] {
  const { input, inputs } = network;
  if (input === undefined && inputs === undefined) return failAt('input', 'expected what the network reads');
  if (input !== undefined && inputs !== undefined) return failAt('inputs', 'expected either input or inputs');
  if (input !== undefined) return [shapeOf(input, input.name ?? 'input')];
  if (inputs!.length === 0) return failAt('inputs', 'expected at least one input');
  return inputs!.map((one) => shapeOf(one, one.name ?? failAt('inputs', 'each of several inputs needs a name')));
}

function shapeOf(input: InputFile, name: string): NamedInput {
  if ('shape' in input) {
    const { shape, dtype } = input;
    return { name, shape, layout: shape.length > 2 ? 'map' : shape.length === 2 ? 'sequence' : 'plain', dtype };
  }
  if ('features' in input) {
    const { features, steps } = input;
    return steps > 1
      ? { name, shape: [steps, features], layout: 'sequence', dtype: 'f32' }
      : { name, shape: [features], layout: 'plain', dtype: 'f32' };
  }
  const space = 'length' in input ? [input.length] : [input.height, input.width];
  return { name, shape: [input.channels, ...space], layout: 'map', dtype: 'f32' };
}

function addInput(builder: GraphBuilder, made: Map<string, Read>, { name, shape, layout, dtype }: NamedInput): void {
  made.set(name, { tensor: builder.input(name, shape, layout, { dtype }), shape, layout });
}

/** Names of what a layer reads. */
function wired(
  layers: readonly PlacedLayer[],
  index: number,
  { input, known, fail }: { readonly input: string; readonly known: ReadonlyMap<string, number>; readonly fail: Fail },
): string[] {
  const { from } = layers[index]!.file;
  if (from === undefined) return [index === 0 ? input : layers[index - 1]!.file.name];
  return (typeof from === 'string' ? [from] : from).map((name) => {
    if (known.has(name) || known.has(name.replace(/:\d+$/, ''))) return name;
    if (name === 'input') return input;
    return fail(index, 'from', `there is no layer "${name}"${suggestion(name, known.keys())}`);
  });
}

/** Layers so that each stands behind those it reads, depth first in the file's order. */
function topological(
  reads: readonly (readonly string[])[],
  known: ReadonlyMap<string, number>,
  layers: readonly PlacedLayer[],
  fail: Fail,
): number[] {
  const order: number[] = [];
  const state = new Uint8Array(reads.length);
  const indexOf = (name: string): number => known.get(name) ?? known.get(name.replace(/:\d+$/, ''))!;
  for (const root of reads.keys()) {
    if (state[root] === 2) continue;
    const path: { index: number; next: number }[] = [{ index: root, next: 0 }];
    state[root] = 1;
    while (path.length > 0) {
      const top = path.at(-1)!;
      const name = reads[top.index]![top.next++];
      if (name === undefined) {
        state[top.index] = 2;
        order.push(top.index);
        path.pop();
        continue;
      }
      const from = indexOf(name);
      if (from < 0 || state[from] === 2) continue;
      if (state[from] === 1) {
        const loop = [...path.map(({ index }) => index).slice(path.findIndex(({ index }) => index === from)), from];
        fail(
          from,
          'from',
          `these layers form a cycle: ${loop
            .map((i) => layers[i]!.file.name)
            .reverse()
            .join(' -> ')}`,
        );
      }
      state[from] = 1;
      path.push({ index: from, next: 0 });
    }
  }
  return order;
}

function soleOutput(layers: readonly PlacedLayer[], open: ReadonlySet<string>, fail: Fail): string[] {
  const outputs = layers.map(({ file: { name } }) => name).filter((name) => open.has(name));
  const [first] = outputs;
  if (first !== undefined && outputs.length > 1)
    fail(
      layers.findIndex(({ file: { name } }) => name === first),
      '',
      'nobody reads it, and it is not the last layer (or name it in outputs)',
    );
  return outputs;
}

function build(
  file: LayerFile,
  reads: readonly string[],
  { builder, made }: { readonly builder: GraphBuilder; readonly made: ReadonlyMap<string, Read> },
  fail: (key: string, message: string) => never,
): Read[] {
  const keys = new Map<string, string>();
  const node = (
    name: string,
    operator: Parameters<LayerContext['add']>[0],
    inputs: readonly Read[],
    shapes: Record<string, readonly number[]> = {},
  ): Read[] => {
    const parameters = new Map<string, Parameter>(
      Object.entries(shapes).map(([role, shape]) => [
        role,
        { key: keys.get(role) ?? `${name}.${role}`, shape, permutation: null, quantization: null },
      ]),
    );
    const tensors = builder.node({
      name,
      type: file.type,
      operator,
      inputs: inputs.map(({ tensor }) => tensor),
      parameters,
      ...(file.type === 'cast' && { dtypes: [file.to] }),
    });
    return tensors.map((tensor) => ({ tensor, shape: builder.shapeOf(tensor), layout: builder.tensor(tensor).layout }));
  };
  const context: LayerContext = {
    inputs: reads.map(
      (name) =>
        made.get(name) ?? fail('from', `"${name.replace(/:\d+$/, '')}" has no output ${/\d+$/.exec(name)?.[0]}`),
    ),
    fail,
    add: (operator, inputs, parameters) => node(file.name, operator, inputs, parameters),
    helper: (suffix, operator, inputs, parameters) => node(`${file.name}/${suffix}`, operator, inputs, parameters)[0]!,
    shared: (role, key) => void keys.set(role, key),
  };
  try {
    return addLayer(file, context);
  } catch (error) {
    if (error instanceof ShapeError) return fail(KEYS.get(file.type) ?? 'from', error.message);
    throw error;
  }
}

/** The key at which a fault of shapes stands. */
const KEYS: ReadonlyMap<string, string> = new Map(
  ['conv1d', 'conv2d', 'conv3d', 'adder2d', 'deconv1d', 'deconv2d', 'deconv3d', 'maxpool', 'avgpool', 'lppool'].map(
    (type) => [type, 'kernel'],
  ),
);
