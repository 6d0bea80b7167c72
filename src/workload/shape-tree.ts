// Layer shapes as a network file: what each reads, and the padding that its output's size implies.

import { UserError, type Tree } from '../config/index.js';
import type { LayerShape } from './layer-shapes.js';
import { FreshNames } from './fresh-names.js';

interface Made {
  readonly name: string;
  readonly shape: readonly number[];
}

/**
 * Layers as a network: each reads what its file says, else the last output before it that padding of less than its
 * kernel makes fit, else an input of its own; its output has the size that the file has, so that counts are the file's.
 * @throws UserError where a source cannot be what the layer reads
 */
export function shapeTree(shapes: readonly LayerShape[], file: string): Tree {
  const network = new ShapeNetwork(file);
  for (const shape of shapes) network.add(shape);
  return network.tree();
}

class ShapeNetwork {
  readonly #file: string;
  readonly #inputs: Tree[] = [];
  readonly #layers: Tree[] = [];
  readonly #made: Made[] = [];
  readonly #byId = new Map<number, Made>();
  readonly #names = new FreshNames('_', ['input']);
  readonly #read = new Set<string>();

  constructor(file: string) {
    this.#file = file;
  }

  add(layer: LayerShape): void {
    const name = this.#names.take(layer.name);
    const made = layer.kind === 'add' ? this.#sum(layer, name) : this.#windowed(layer, name);
    this.#made.push(made);
    this.#byId.set(layer.id, made);
  }

  tree(): Tree {
    const outputs = this.#layers.flatMap(({ name }) =>
      typeof name === 'string' && !this.#read.has(name) ? [name] : [],
    );
    const name = this.#file
      .replace(/[/\\]+$/, '')
      .replace(/^.*[/\\]/, '')
      .replace(/\.[^.]*$/, '');
    return { name, inputs: this.#inputs, outputs, layers: this.#layers };
  }

  #sum(layer: LayerShape, name: string): Made {
    const shape = [layer.groups * (layer.cout > 1 ? layer.cout : 1), ...layer.out];
    const from = (layer.sources ?? []).map((id) => this.#source(id, layer));
    for (const read of from)
      if (read.shape.join() !== shape.join())
        this.#fail(layer, `it adds [${shape.join(', ')}], but "${read.name}" is [${read.shape.join(', ')}]`);
    if (from.length < 2) this.#fail(layer, 'an addition needs two sources');
    this.#layers.push({ name, from: from.map((read) => this.#reads(read)), type: 'add' });
    return { name, shape };
  }

  #windowed(layer: LayerShape, name: string): Made {
    const { groups, kernel, stride, dilation, out, vectors } = layer;
    const pool = layer.kind === 'pool';
    const channels = groups * (pool ? 1 : layer.cin);
    const flat = !pool && groups === 1 && product([...kernel, ...out]) === 1;
    if (vectors !== undefined || flat) return this.#dense(layer, name, vectors ?? 1);
    const needs = [0, 1].map((i) => (out[i]! - 1) * stride[i]! + (kernel[i]! - 1) * dilation[i]! + 1);
    const padding = ({ shape }: Made): number[] | undefined => this.#padding(layer, channels, needs, shape);
    const id = layer.sources?.[0];
    const said = id === undefined ? undefined : this.#byId.get(id);
    const from =
      said ??
      (layer.sources === undefined ? this.#made.findLast((one) => padding(one) !== undefined) : undefined) ??
      this.#input(name, [channels, ...needs]);
    const around =
      padding(from) ??
      this.#fail(
        layer,
        `it reads [${[channels, ...needs].join(', ')}], but "${from.name}" is [${from.shape.join(', ')}]`,
      );
    const window = {
      kernel: [...kernel],
      stride: [...stride],
      padding: around,
      ...(dilation.some((one) => one > 1) && { dilation: [...dilation] }),
    };
    const shape = [groups * (pool ? 1 : layer.cout), ...out];
    const what: Tree = pool
      ? { type: 'maxpool', ...window }
      : { type: 'conv2d', channels: shape[0]!, ...window, ...(groups > 1 && { groups }), bias: false };
    this.#layers.push({ name, from: this.#reads(from), ...what });
    return { name, shape };
  }

  #dense(layer: LayerShape, name: string, vectors: number): Made {
    const { groups, cin: rows, cout, sources } = layer;
    if (groups > 1) this.#fail(layer, 'a matrix product of groups is not supported');
    const id = sources?.[0];
    const shapeOf = (features: number): number[] => (vectors === 1 ? [features] : [vectors, features]);
    const fits = ({ shape }: Made): boolean =>
      vectors === 1 ? product(shape) === rows : shape.join() === shapeOf(rows).join();
    const said = id === undefined ? undefined : this.#byId.get(id);
    if (said !== undefined && !fits(said))
      this.#fail(layer, `it reads ${vectors} x ${rows}, but "${said.name}" is [${said.shape.join(', ')}]`);
    const from =
      said ?? (sources === undefined ? this.#made.findLast(fits) : undefined) ?? this.#input(name, shapeOf(rows));
    this.#layers.push({ name, from: this.#reads(from), type: 'dense', features: cout, bias: false });
    return { name, shape: shapeOf(cout) };
  }

  /** Padding (befores, then afters) that makes a map what a window reads; undefined where none does. */
  #padding(
    { kernel, stride, dilation }: LayerShape,
    channels: number,
    needs: readonly number[],
    shape: readonly number[],
  ): number[] | undefined {
    if (shape.length !== 3 || shape[0] !== channels) return undefined;
    // A last row that no window reaches is as usual; more of them is another map.
    const missing = needs.map((need, i) => need - shape[i + 1]!);
    const reach = (i: number): number => 2 * (kernel[i]! - 1) * dilation[i]!;
    if (missing.some((more, i) => more > reach(i) || more <= -stride[i]!)) return undefined;
    const before = missing.map((more) => Math.max(0, Math.ceil(more / 2)));
    return [...before, ...missing.map((more, i) => Math.max(0, more - before[i]!))];
  }

  #source(id: number, layer: LayerShape): Made {
    return this.#byId.get(id) ?? this.#fail(layer, `there is no layer ${id} before it`);
  }

  #input(layer: string, shape: readonly number[]): Made {
    const made = { name: this.#names.take(`${layer}_input`), shape };
    this.#inputs.push({ name: made.name, shape: [...shape] });
    this.#made.push(made);
    return made;
  }

  #reads({ name }: Made): string {
    this.#read.add(name);
    return name;
  }

  #fail({ name }: Pick<LayerShape, 'name'>, message: string): never {
    throw new UserError(`${this.#file}: layer "${name}": ${message}`);
  }
}

const product = (values: readonly number[]): number => values.reduce((all, value) => all * value, 1);
