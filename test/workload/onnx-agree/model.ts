// One operator as an ONNX model: what a case says, and the file's bytes.

import { create, toBinary } from '@bufbuild/protobuf';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProto_DataType as T,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
  type ValueInfoProto,
} from '../../../src/tensors/generated/onnx_pb.js';
import { attributeOf, type AttributeValue } from '../../../src/workload/onnx/write-model.js';

/** Element types of cases, and ONNX's numbers of them. */
export const ELEMENTS = {
  f32: T.FLOAT,
  i64: T.INT64,
  i32: T.INT32,
  u8: T.UINT8,
  i8: T.INT8,
  bool: T.BOOL,
} as const;
export type Element = keyof typeof ELEMENTS;

/** An input of the operator: `constant` stands in the file, the others are the model's inputs. */
export interface CaseInput {
  readonly dims: readonly number[];
  readonly element: Element;
  readonly data: readonly number[];
  readonly constant: boolean;
}

/** An operator with everything that it reads. */
export interface OperatorCase {
  readonly type: string;
  /** ONNX's by default. */
  readonly domain?: string;
  readonly opset: number;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** null: left out. */
  readonly inputs: readonly (CaseInput | null)[];
  /** Outputs that are asked for; '' for one that is left out. */
  readonly outputs: readonly string[];
}

/** Name of an input in the model. */
export const inputName = (index: number): string => `x${index}`;

/** Numbers as an array of their element type. */
export function typedArray(element: Element, data: readonly number[]) {
  switch (element) {
    case 'f32':
      return Float32Array.from(data);
    case 'i64':
      return BigInt64Array.from(data, BigInt);
    case 'i32':
      return Int32Array.from(data);
    case 'i8':
      return Int8Array.from(data);
    case 'u8':
    case 'bool':
      return Uint8Array.from(data);
  }
}

function info(name: string, type?: { dims: readonly number[]; element: Element }): ValueInfoProto {
  if (type === undefined) return create(ValueInfoProtoSchema, { name });
  const dim = type.dims.map((size) =>
    create(TensorShapeProto_DimensionSchema, { value: { case: 'dimValue', value: BigInt(size) } }),
  );
  const shape = create(TensorShapeProtoSchema, { dim });
  const value = create(TypeProto_TensorSchema, { elemType: ELEMENTS[type.element], shape });
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, { value: { case: 'tensorType', value } }),
  });
}

/** The bytes of the model of a case. */
export function modelOfCase({ type, domain = '', opset, attributes, inputs, outputs }: OperatorCase): Uint8Array {
  const named = inputs.map((input, i) => ({ name: input === null ? '' : inputName(i), input }));
  const node = create(NodeProtoSchema, {
    ...{ opType: type, domain },
    name: 'node',
    input: named.map(({ name }) => name),
    output: [...outputs],
    attribute: Object.entries(attributes).map(([name, value]) => attributeOf(name, value)),
  });
  const initializer = named.flatMap(({ name, input }) =>
    input?.constant === true
      ? [
          create(TensorProtoSchema, {
            name,
            dims: input.dims.map(BigInt),
            dataType: ELEMENTS[input.element],
            rawData: new Uint8Array(typedArray(input.element, input.data).buffer),
          }),
        ]
      : [],
  );
  const graph = create(GraphProtoSchema, {
    name: 'case',
    node: [node],
    initializer,
    input: named.flatMap(({ name, input }) => (input?.constant === false ? [info(name, input)] : [])),
    output: outputs.filter((name) => name !== '').map((name) => info(name)),
  });
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [...new Set(['', domain])].map((name) =>
        create(OperatorSetIdProtoSchema, { domain: name, version: name === '' ? BigInt(opset) : 1n }),
      ),
      graph,
    }),
  );
}
