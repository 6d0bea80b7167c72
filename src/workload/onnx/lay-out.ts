// Nodes that stand for another node, and for the runs of a body: what Scan, Loop, If and composed operators become.

import { create } from '@bufbuild/protobuf';
import {
  NodeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  type AttributeProto,
  type GraphProto,
  type NodeProto,
  type TensorProto,
} from '../../tensors/generated/onnx_pb.js';
import type { NodeContext } from './context.js';
import { freeNames } from './reads.js';
import { renamedNode } from './rename.js';
import { sorted } from './sort.js';
import { attributeOf } from './write-model.js';

/** Most nodes that one becomes. */
export const MOST_NODES = 100_000;

/** A node laid out. */
export interface LaidOut {
  /** In an order that runs. */
  readonly nodes: readonly NodeProto[];
  /** Arrays that the nodes read, under the names by which they do. */
  readonly arrays: readonly (readonly [name: string, tensor: TensorProto])[];
}

/** Attributes of whole numbers. */
export const whole = (values: Readonly<Record<string, number | readonly number[]>>): AttributeProto[] =>
  Object.entries(values).map(([key, value]) =>
    attributeOf(key, typeof value === 'number' ? BigInt(value) : value.map(BigInt)),
  );

/** Nodes on their way to stand for another. */
export class Nodes implements LaidOut {
  readonly nodes: NodeProto[] = [];
  readonly arrays: [name: string, tensor: TensorProto][] = [];

  /** Adds a node with one output, its name too. */
  add(type: string, input: readonly string[], output: string, attribute: readonly AttributeProto[] = []): string {
    this.nodes.push(
      create(NodeProtoSchema, {
        ...{ opType: type, name: output, input: [...input], output: [output] },
        attribute: [...attribute],
      }),
    );
    return output;
  }

  /** Adds numbers, a list of them or a single one. @returns their name */
  numbers(name: string, dataType: Stored, value: number | readonly number[]): string {
    const list = typeof value === 'number' ? [value] : [...value];
    const dims = typeof value === 'number' ? [] : [BigInt(list.length)];
    const data =
      dataType === TensorProto_DataType.INT64
        ? { int64Data: list.map(BigInt) }
        : dataType === TensorProto_DataType.FLOAT
          ? { floatData: list }
          : { int32Data: list };
    this.arrays.push([name, create(TensorProtoSchema, { name, dims, dataType, ...data })]);
    return name;
  }

  /** Gives a tensor another name. */
  hand(tensor: string, output: string): void {
    if (tensor !== output) this.add('Identity', [tensor], output);
  }

  /** As `hand`, for a tensor that nothing read yet: where the last node makes it, that makes the other. */
  finish(tensor: string, output: string): void {
    const last = this.nodes.at(-1);
    if (last?.output[0] === tensor && last.output.length === 1) Object.assign(last, { name: output, output: [output] });
    else this.hand(tensor, output);
  }
}

/** Element types of arrays that are added. */
type Stored = TensorProto_DataType.INT64 | TensorProto_DataType.BOOL | TensorProto_DataType.FLOAT;

/** Lays out a node whose body is run once or several times; what the body has of its own all runs share. */
export class Layout extends Nodes {
  readonly #name: string;
  readonly #body: GraphProto;
  readonly #inner: readonly NodeProto[];
  readonly #shared: ReadonlyMap<string, string>;

  /**
   * @param times runs of the body. @throws UserError as `sorted` for the body, ShapeError where it all is more than
   * MOST_NODES
   */
  constructor(context: NodeContext, body: GraphProto, times: number, file: string) {
    super();
    const known = [...body.input, ...body.initializer].map((one) => one.name).concat(freeNames(body));
    this.#name = context.name;
    this.#body = body;
    this.#inner = sorted(body.node, new Set(known), file);
    if (times * Math.max(1, this.#inner.length) > MOST_NODES)
      context.fail(`${times} steps of ${this.#inner.length} nodes are more than ${MOST_NODES}; use LSTM, GRU or RNN`);
    this.#shared = new Map(body.initializer.map((one) => [one.name, `${context.name}/${one.name}`]));
    for (const tensor of body.initializer) this.arrays.push([this.#shared.get(tensor.name)!, tensor]);
  }

  /**
   * Adds the body's nodes under `prefix`. @param inputs what stands for its inputs, in its order @param outputs the
   * names that its outputs get where its nodes make them; '' for any
   * @returns what stands for its outputs
   */
  run(prefix: string, inputs: readonly string[], outputs: readonly string[] = []): string[] {
    const names = new Map(this.#shared);
    this.#body.input.forEach(({ name }, i) => names.set(name, inputs[i]!));
    const made = new Set(this.#inner.flatMap(({ output }) => output));
    for (const name of made) if (name !== '') names.set(name, `${prefix}/${name}`);
    this.#body.output.forEach(({ name }, i) => {
      const wanted = outputs[i] ?? '';
      if (wanted !== '' && made.delete(name)) names.set(name, wanted);
    });
    const rename = (inside: string): string => names.get(inside) ?? inside;
    for (const one of this.#inner) this.nodes.push(renamedNode(one, rename, prefix));
    return this.#body.output.map(({ name }) => rename(name));
  }

  /** Joins what each run made along an axis of its own: `output`. */
  stack(parts: readonly string[], axis: number, output: string): void {
    const grown = parts.map((part, i) =>
      this.add('Unsqueeze', [part], `${this.#name}/${i}/${output}`, whole({ axes: [axis] })),
    );
    this.add('Concat', grown, output, whole({ axis }));
  }
}
