// One node of an ONNX file on its way into the graph: its inputs, attributes, batch axes, and how nodes are added.

import type { NodeProto } from '../../tensors/generated/onnx_pb.js';
import {
  elementsOf,
  GraphBuilder,
  ShapeError,
  showShape,
  type Node,
  type Operator,
  type Parameter,
} from '../graph/index.js';
import { Attributes } from './attributes.js';
import { parameterOf, type Constant } from './constants.js';
import { axisOf, checkCounts } from './resolve.js';
import { isOneOf } from '../../config/typed.js';

/** A tensor that depends on the network's inputs; `batch`: its batch axis in the file's shape. */
export interface Active {
  readonly kind: 'active';
  readonly tensor: number;
  readonly batch: number | null;
}
/** What a name of an ONNX file stands for: a tensor that depends on the input, or a constant. */
export type Value = Active | { readonly kind: 'constant'; readonly constant: Constant };

/** An operator that mixes samples of the batch axis that was assumed: another axis, or none, must be. */
export class BatchError extends Error {
  override name = 'BatchError';
}

/** A node of a file with what it reads and what is built of it. */
export interface NodeSurroundings {
  readonly node: NodeProto;
  readonly name: string;
  readonly opset: number;
  readonly builder: GraphBuilder;
  /** Samples of the batch axis. */
  readonly batch: number;
  readonly inputs: readonly (Value | undefined)[];
  /** Graph inputs that are used as parameters alone, by name. */
  readonly given: ReadonlyMap<string, Parameter>;
  /** How often nodes and the network's outputs read each name. */
  readonly reads: ReadonlyMap<string, number>;
}

/** What an importer of operators works with. */
export class NodeContext {
  readonly node: NodeProto;
  readonly name: string;
  readonly opset: number;
  readonly builder: GraphBuilder;
  /** Samples of the batch axis. */
  readonly batch: number;
  readonly attributes: Attributes;
  #main: number | null = null;
  #joined: number | null = null;
  readonly #inputs: readonly (Value | undefined)[];
  readonly #given: ReadonlyMap<string, Parameter>;
  readonly #reads: ReadonlyMap<string, number>;

  constructor({ node, name, opset, builder, batch, inputs, given, reads }: NodeSurroundings) {
    this.node = node;
    this.name = name;
    this.opset = opset;
    this.builder = builder;
    this.batch = batch;
    this.attributes = new Attributes(node);
    this.#inputs = inputs;
    this.#given = given;
    this.#reads = reads;
  }

  /** The graph node that stands for the file's node; null before it is added. */
  get main(): number | null {
    return this.#main;
  }

  /** The graph node of another of the file's nodes that does the work of this one with its own. */
  get joined(): number | null {
    return this.#joined;
  }

  get inputCount(): number {
    return this.#inputs.length;
  }

  has(index: number): boolean {
    return (this.node.input[index] ?? '') !== '';
  }

  /** True where a node or the network's outputs read this output. */
  reads(output: number): boolean {
    return this.#reads.has(this.node.output[output] ?? '') && this.wants(output);
  }

  /** True where this node alone reads a tensor, once. */
  readOnce({ tensor }: Active): boolean {
    return this.#reads.get(this.builder.tensor(tensor).name) === 1;
  }

  /** The file's node is part of the graph's node in front of it, which becomes this; its output is that of both. */
  join(product: Active, node: number, becomes: Pick<Node, 'operator' | 'parameters'>): Active[] {
    this.builder.amend(node, becomes, this.node.output[0]!);
    this.#joined = node;
    return [product];
  }

  /** True where this output is asked for. */
  wants(output: number): boolean {
    return (this.node.output[output] ?? '') !== '';
  }

  value(index: number): Value | undefined {
    return this.#inputs[index];
  }

  /** Refuses the node. @throws ShapeError always */
  fail(message: string): never {
    throw new ShapeError(message);
  }

  /** A text attribute that is one of these words. @throws ShapeError where it is another */
  word<T extends string>(name: string, words: readonly T[], otherwise: NoInfer<T>): T {
    const word = this.attributes.text(name, otherwise);
    return isOneOf(words, word) ? word : this.fail(`${name} is "${word}", expected one of ${words.join(', ')}`);
  }

  /** A constant input; undefined where it is left out. @throws ShapeError where it depends on the network's inputs */
  constant(index: number, what: string): Constant | undefined {
    const value = this.#inputs[index];
    if (value === undefined && !this.has(index)) return undefined;
    if (value?.kind === 'constant') return value.constant;
    return this.fail(`${what} ("${this.node.input[index]}") is computed at run time; it must be constant`);
  }

  numbers(index: number, what: string): number[] | undefined {
    const constant = this.constant(index, what);
    return constant === undefined ? undefined : Array.from(constant.numbers());
  }

  /** A constant input of so many whole numbers of 0 or more. @throws ShapeError where it is none */
  counts(index: number, what: string, count: number): number[] {
    const found = this.numbers(index, what) ?? this.fail(`${what} (input ${index}) is missing`);
    checkCounts(what, found, count);
    return found;
  }

  /** An input as a parameter: a constant, or an input of the network that is nothing else. */
  parameter(index: number, what: string): Parameter | undefined {
    const given = this.#given.get(this.node.input[index] ?? '');
    if (given !== undefined) return given;
    const constant = this.constant(index, what);
    return constant === undefined ? undefined : parameterOf(constant);
  }

  needParameter(index: number, what: string): Parameter {
    return this.parameter(index, what) ?? this.fail(`${what} is missing`);
  }

  /** An input as a tensor of the graph; a constant becomes a constant tensor. */
  active(index: number): Active {
    const value = this.#inputs[index] ?? this.fail(`input ${index} is missing`);
    return value.kind === 'active' ? value : this.constantTensor(value.constant, value.constant.shape);
  }

  constantTensor(constant: Constant, shape: readonly number[]): Active {
    const tensor = this.builder.constant(constant.name, parameterOf(constant, shape), constant.dtype);
    return { kind: 'active', tensor, batch: null };
  }

  /** Shape of one sample. */
  shape({ tensor }: Active): readonly number[] {
    return this.builder.shapeOf(tensor);
  }

  dtype({ tensor }: Active): string {
    return this.builder.tensor(tensor).dtype;
  }

  /** The file's shape of an input, batch axis included. @throws ShapeError where it is missing */
  fullShape(index: number): readonly number[] {
    const value = this.#inputs[index] ?? this.fail(`input ${index} is missing`);
    return value.kind === 'active' ? this.full(value) : value.constant.shape;
  }

  /** The file's shape, batch axis included. */
  full(value: Active): number[] {
    const shape = [...this.shape(value)];
    if (value.batch !== null) shape.splice(value.batch, 0, this.batch);
    return shape;
  }

  /**
   * The sample's axis of an axis of the file (negative ones count from behind). @throws BatchError on the batch axis
   */
  axis(value: Active, axis: number): number {
    const found = axisOf(axis, this.full(value).length);
    if (found === value.batch) throw new BatchError(`works along the batch axis (${found})`);
    return value.batch !== null && found > value.batch ? found - 1 : found;
  }

  /** The tensor with its batch axis, of one sample, as an axis of the sample. */
  explicit(value: Active): Active {
    if (value.batch === null) return value;
    if (this.batch !== 1) throw new BatchError(`mixes the ${this.batch} samples of a batch`);
    return this.reshape(value, this.full(value), null);
  }

  /**
   * The tensor with its batch at this axis of the file's shape. @throws BatchError where that axis holds other things
   */
  withBatchAt(value: Active, axis: number): Active {
    if (value.batch === axis) return value;
    const plain = this.explicit(value);
    const shape = this.shape(plain);
    if (shape[axis] !== 1 || this.batch !== 1)
      throw new BatchError(`expects the batch at axis ${axis} of ${showShape(shape)}`);
    return this.reshape(
      plain,
      shape.filter((_, i) => i !== axis),
      axis,
    );
  }

  /** A reshape that the file does not have (the batch axis shown or hidden); nothing where the shape stays. */
  reshape(value: Active, shape: readonly number[], batch: number | null): Active {
    if (value.batch === batch && showShape(shape) === showShape(this.shape(value))) return value;
    const [tensor] = this.builder.node({
      name: `${this.name}/reshape`,
      type: 'Reshape',
      operator: { kind: 'reshape', shape },
      inputs: [value.tensor],
      batchAxis: [batch],
    });
    return { kind: 'active', tensor: tensor!, batch };
  }

  /** Adds a helper node (not the one that stands for the file's). */
  helper(operator: Operator, inputs: readonly number[], batch: number | null): Active {
    const [tensor] = this.builder.node({
      name: `${this.name}/${operator.kind}`,
      type: operator.kind,
      operator,
      inputs,
      batchAxis: [batch],
    });
    return { kind: 'active', tensor: tensor!, batch };
  }

  /**
   * Adds what the file's node does behind the graph's node that stands for it: the file's first output is that of both.
   */
  behind(made: Active, operator: Operator, [inputs, batch]: readonly [readonly Active[], number | null]): Active {
    const { node } = this.builder.tensor(made.tensor).maker!;
    this.builder.amend(node, this.builder.made(node), `${this.name}/first`);
    const [tensor] = this.builder.node({
      ...{ name: `${this.name}/${operator.kind}`, type: operator.kind, operator, outputs: [this.node.output[0]!] },
      inputs: inputs.map((input) => input.tensor),
      batchAxis: [batch],
    });
    return { kind: 'active', tensor: tensor!, batch };
  }

  /**
   * Adds the node that stands for the file's. @param batch the batch axis of each output in the file's shape @returns
   * its outputs
   */
  add(
    operator: Operator,
    inputs: readonly Active[],
    batch: readonly (number | null)[],
    {
      parameters = [],
      dtypes,
    }: {
      readonly parameters?: Iterable<readonly [string, Parameter | undefined]>;
      readonly dtypes?: readonly string[] | undefined;
    } = {},
  ): Active[] {
    const kept = new Map<string, Parameter>();
    for (const [role, parameter] of parameters) if (parameter !== undefined) kept.set(role, parameter);
    const tensors = this.builder.node({
      name: this.name,
      type: this.node.opType,
      operator,
      inputs: inputs.map(({ tensor }) => tensor),
      outputs: this.node.output.filter((name) => name !== ''),
      parameters: kept,
      batchAxis: batch,
      ...(dtypes !== undefined && { dtypes }),
    });
    this.#main = this.builder.tensor(tensors[0]!).maker!.node;
    return tensors.map((tensor, i) => ({ kind: 'active', tensor, batch: batch[i] ?? null }));
  }

  /**
   * Operands that broadcast, their batch axes at one place counted from behind: others get the axis shown; constants
   * that have an axis there (of size 1) lose it. @returns operands, and the batch axis of the result in its full shape
   */
  aligned(values: readonly Value[]): { operands: Active[]; batch: number | null } {
    const ranks = values.map((value) =>
      value.kind === 'active' ? this.full(value).length : value.constant.shape.length,
    );
    const places = values.flatMap((value, i) =>
      value.kind === 'active' && value.batch !== null ? [ranks[i]! - value.batch] : [],
    );
    const rank = Math.max(...ranks);
    if (places.length === 0)
      return {
        operands: values.map((value) =>
          value.kind === 'active' ? value : this.constantTensor(value.constant, value.constant.shape),
        ),
        batch: null,
      };
    // Counted from behind; the foremost is the batch of the result.
    const place = Math.max(...places);
    const operands = values.map((value, i) => {
      const at = ranks[i]! - place;
      if (value.kind === 'active' && value.batch === at) return value;
      if (value.kind === 'constant') {
        const { shape } = value.constant;
        if (at < 0) return this.constantTensor(value.constant, shape);
        if (shape[at] !== 1) throw new BatchError(`a constant of ${showShape(shape)} differs from sample to sample`);
        return this.constantTensor(
          value.constant,
          shape.filter((_, axis) => axis !== at),
        );
      }
      const plain = this.explicit(value);
      if (at < 0) return plain;
      const shape = this.shape(plain);
      if (shape[at] !== 1) throw new BatchError(`${showShape(shape)} has other things where the batch is`);
      return this.reshape(
        plain,
        shape.filter((_, axis) => axis !== at),
        at,
      );
    });
    return { operands, batch: rank - place };
  }

  /** The batch axis of a tensor reshaped to `shape` (the file's), or null where it is merged with others. */
  batchAfterReshape(value: Active, shape: readonly number[]): number | null {
    const from = this.full(value);
    if (value.batch === null) return this.batch === 1 && shape[0] === 1 && shape.length > 1 ? 0 : null;
    const before = elementsOf(from.slice(0, value.batch));
    const fits = [...shape.keys()].filter(
      (axis) => shape[axis] === this.batch && elementsOf(shape.slice(0, axis)) === before,
    );
    const found = fits.includes(value.batch) ? value.batch : fits[0];
    if (found !== undefined) return found;
    if (this.batch !== 1) throw new BatchError(`reshapes ${showShape(from)} to ${showShape(shape)} across the batch`);
    return null;
  }
}

/** Imports one operator: the values of its outputs. */
export type Importer = (context: NodeContext) => readonly Value[];
