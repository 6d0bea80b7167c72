// Parts of ONNX files, short to write.

import { create } from '@bufbuild/protobuf';
import {
  NodeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from '../../src/tensors/generated/onnx_pb.js';
import { attributeOf, type AttributeValue } from '../../src/workload/onnx/write-model.js';

/** An input or output of a graph. */
export const named = (name: string, ...shape: number[]): ValueInfoProto =>
  create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, {
      value: {
        case: 'tensorType',
        value: create(TypeProto_TensorSchema, {
          elemType: TensorProto_DataType.FLOAT,
          shape: create(TensorShapeProtoSchema, {
            dim: shape.map((size) =>
              create(TensorShapeProto_DimensionSchema, { value: { case: 'dimValue', value: BigInt(size) } }),
            ),
          }),
        }),
      },
    }),
  });
/** An initializer of reals. */
export const array = (name: string, dims: readonly number[], floatData: number[]): TensorProto =>
  create(TensorProtoSchema, { name, dims: dims.map(BigInt), dataType: TensorProto_DataType.FLOAT, floatData });
/** A node: what it reads, what it makes. */
export const node = (
  opType: string,
  [input, output]: readonly [input: string[], output: string[]],
  attributes: Record<string, AttributeValue> = {},
): NodeProto =>
  create(NodeProtoSchema, {
    ...{ opType, input, output },
    attribute: Object.entries(attributes).map(([name, value]) => attributeOf(name, value)),
  });
