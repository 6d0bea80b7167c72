// A model on its way into an ONNX file: nodes, attributes, initializers.

import { create } from '@bufbuild/protobuf';
import { UserError } from '../../config/errors.js';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  type AttributeProto,
  type NodeProto,
  type TensorProto,
} from '../../tensors/generated/onnx_pb.js';
import type { Graph, Parameter, Parameters, Tensor } from '../graph/index.js';

/** What an attribute may be: whole numbers are bigint, reals are numbers. */
export type AttributeValue = bigint | number | string | readonly bigint[] | readonly number[] | readonly string[];

const encoder = new TextEncoder();
const T = AttributeProto_AttributeType;
const ELEMENT = new Map<string, TensorProto_DataType>([
  ['f32', TensorProto_DataType.FLOAT],
  ['f64', TensorProto_DataType.FLOAT],
  ['i64', TensorProto_DataType.INT64],
  ['i32', TensorProto_DataType.INT32],
  ['u8', TensorProto_DataType.UINT8],
  ['i8', TensorProto_DataType.INT8],
  ['bool', TensorProto_DataType.BOOL],
]);

/** ONNX's number of an element type; undefined for one that is not written. Reals are single precision. */
export const elementType = (dtype: string): TensorProto_DataType | undefined => ELEMENT.get(dtype);

/** A model on its way into a file. */
export class ModelWriter {
  readonly nodes: NodeProto[] = [];
  readonly initializers: TensorProto[] = [];
  readonly #parameters: Parameters;
  readonly #stored = new Set<string>();
  #helpers = 0;

  constructor(
    readonly graph: Graph,
    parameters: Parameters,
  ) {
    this.#parameters = parameters;
  }

  /** Adds a node. @param name its own; default: that of its first output. @returns the name of its first output */
  add(
    type: string,
    inputs: readonly string[],
    outputs: readonly string[] = [this.fresh(type)],
    {
      attributes = {},
      name = outputs.find((output) => output !== '')!,
    }: { readonly attributes?: Readonly<Record<string, AttributeValue>>; readonly name?: string } = {},
  ): string {
    this.nodes.push(
      create(NodeProtoSchema, {
        opType: type,
        // Empty names stand for inputs that are left out; none follow the last that is there.
        input: inputs.slice(0, inputs.findLastIndex((name) => name !== '') + 1),
        output: [...outputs],
        name,
        attribute: Object.entries(attributes).map(([name, value]) => attributeOf(name, value)),
      }),
    );
    return outputs[0]!;
  }

  /** A name that no tensor has. */
  fresh(what: string): string {
    return `${what}/written/${this.#helpers++}`;
  }

  /** Whole numbers as a constant: shapes, axes, repeats. @param dims its own shape; default: one axis */
  integers(
    values: readonly number[],
    dims: readonly number[] = [values.length],
    name: string = this.fresh('integers'),
  ): string {
    const data = BigInt64Array.from(values, (value) => BigInt(value));
    this.initializers.push(
      create(TensorProtoSchema, {
        name,
        dims: dims.map(BigInt),
        dataType: TensorProto_DataType.INT64,
        rawData: new Uint8Array(data.buffer),
      }),
    );
    return name;
  }

  /** A constant of indices. */
  indices({ key, shape }: Parameter): string {
    return this.integers(Array.from(this.#parameters.get(key).data, Number), shape);
  }

  /** A real number as a constant without axes. */
  real(value: number): string {
    const name = this.fresh('real');
    this.constant(name, [], Float32Array.of(value));
    return name;
  }

  /**
   * A parameter as its operator uses it: the stored array, its axes exchanged and seen under another shape. @throws
   * UserError for integers, which are not written
   */
  parameter({ key, permutation, quantization, shape }: Parameter, dtype = 'f32'): string {
    if (quantization !== null) throw new UserError(`"${key}" is stored in integers, which are not written`);
    const stored = this.#parameters.get(key);
    if (!this.#stored.has(key)) {
      this.#stored.add(key);
      if (dtype === 'bool') this.#flags(key, stored.shape, Uint8Array.from(stored.data, Number));
      else if (dtype.startsWith('i')) this.integers(Array.from(stored.data, Number), stored.shape, key);
      else this.constant(key, stored.shape, Float32Array.from(stored.data, Number));
    }
    let name = key;
    let now = stored.shape;
    if (permutation !== null) {
      now = permutation.map((axis) => stored.shape[axis]!);
      const perm = permutation.map(BigInt);
      name = this.add('Transpose', [name], undefined, { attributes: { perm } });
    }
    return now.join() === shape.join() ? name : this.add('Reshape', [name, this.integers(shape)]);
  }

  /** A tensor's name; a constant's is that of its numbers. */
  tensor(id: number): string {
    const { constant, name, dtype } = this.graph.tensors[id]!;
    return constant === null ? name : this.parameter(constant, dtype);
  }

  #flags(name: string, dims: readonly number[], rawData: Uint8Array): void {
    const dataType = TensorProto_DataType.BOOL;
    this.initializers.push(create(TensorProtoSchema, { name, dims: dims.map(BigInt), dataType, rawData }));
  }

  /** Reals under a name. */
  constant(name: string, dims: readonly number[], data: Float32Array): void {
    this.initializers.push(
      create(TensorProtoSchema, {
        name,
        dims: dims.map(BigInt),
        dataType: TensorProto_DataType.FLOAT,
        rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice(),
      }),
    );
  }
}

/** A file's shape of a tensor: -1 where its batch stands. */
export function writtenShape({ shape, batchAxis }: Tensor): number[] {
  const sizes = [...shape];
  if (batchAxis !== null) sizes.splice(batchAxis, 0, -1);
  return sizes;
}

/** The file's axis of a sample's axis. */
export const writtenAxis = ({ batchAxis }: Tensor, axis: number): number =>
  batchAxis !== null && axis >= batchAxis ? axis + 1 : axis;

/** An attribute of a node. */
export function attributeOf(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === 'bigint') return create(AttributeProtoSchema, { name, type: T.INT, i: value });
  if (typeof value === 'number') return create(AttributeProtoSchema, { name, type: T.FLOAT, f: value });
  if (typeof value === 'string')
    return create(AttributeProtoSchema, { name, type: T.STRING, s: encoder.encode(value) });
  const ints: bigint[] = [];
  const floats: number[] = [];
  const strings: Uint8Array[] = [];
  for (const one of value)
    if (typeof one === 'bigint') ints.push(one);
    else if (typeof one === 'number') floats.push(one);
    else strings.push(encoder.encode(one));
  const type = floats.length > 0 ? T.FLOATS : strings.length > 0 ? T.STRINGS : T.INTS;
  return create(AttributeProtoSchema, { name, type, ints, floats, strings });
}
