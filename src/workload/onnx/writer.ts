// Writes a graph with its numbers as an ONNX model, with a batch of any size.

import { create, toBinary } from '@bufbuild/protobuf';
import { UserError } from '../../config/errors.js';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProto_DataType,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
  type ValueInfoProto,
} from '../../tensors/generated/onnx_pb.js';
import type { Graph, Parameters, Tensor } from '../graph/index.js';
import { elementType, ModelWriter, writtenShape } from './write-model.js';
import { writeNode } from './write-nodes.js';

/** Opset of files: the first with Gelu, whose axes and limits are inputs. */
const OPSET = 20n;
/** Version of the form that belongs to it (ONNX 1.15). */
const IR_VERSION = 9n;
const PRODUCER = 'xbarflow';
/** Symbol of the batch axis. */
const BATCH = 'N';

function valueInfo(tensor: Tensor): ValueInfoProto {
  const dim = writtenShape(tensor).map((size) =>
    create(TensorShapeProto_DimensionSchema, {
      value: size < 0 ? { case: 'dimParam', value: BATCH } : { case: 'dimValue', value: BigInt(size) },
    }),
  );
  const value = create(TypeProto_TensorSchema, {
    elemType: elementType(tensor.dtype) ?? TensorProto_DataType.FLOAT,
    shape: create(TensorShapeProtoSchema, { dim }),
  });
  return create(ValueInfoProtoSchema, {
    name: tensor.name,
    type: create(TypeProtoSchema, { value: { case: 'tensorType', value } }),
  });
}

/**
 * The bytes of an ONNX model of a graph: single precision, opset 20, inputs and outputs with the batch where the graph
 * has it. Arrays keep their keys as names. @throws UserError for an operator that ONNX does not have (AdderNet's), or
 * that is not written
 */
export function writeOnnx(given: Graph, parameters: Parameters): Uint8Array {
  const graph = withBatch(given);
  const writer = new ModelWriter(graph, parameters);
  for (const node of graph.nodes) {
    const reason = writeNode(writer, node);
    if (reason !== null) throw new UserError(`${node.name} (${node.operator.kind}): ${reason}`);
  }
  const tensors = (ids: readonly number[]): ValueInfoProto[] => ids.map((id) => valueInfo(graph.tensors[id]!));
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: PRODUCER,
    opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: OPSET })],
    graph: create(GraphProtoSchema, {
      name: graph.name,
      node: writer.nodes,
      initializer: writer.initializers,
      input: tensors(graph.inputs),
      output: tensors(graph.outputs),
    }),
  });
  return toBinary(ModelProtoSchema, model);
}

/** Graphs of network files say the batch axis of their inputs alone: every tensor that is made has it in front. */
function withBatch(graph: Graph): Graph {
  const said = graph.tensors.some(({ maker, batchAxis }) => maker !== null && batchAxis !== null);
  if (said || graph.inputs.every((id) => graph.tensors[id]!.batchAxis === null)) return graph;
  const tensors = graph.tensors.map((tensor) => (tensor.constant === null ? { ...tensor, batchAxis: 0 } : tensor));
  return { ...graph, tensors };
}
