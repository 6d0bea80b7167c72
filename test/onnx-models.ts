// ONNX models of networks without trained numbers: zeros in their place, or left outside the file.

import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  ModelProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
} from '../src/tensors/generated/onnx_pb.js';
import { elementsOf, type Graph } from '../src/workload/graph/index.js';
import { writeOnnx } from '../src/workload/onnx/index.js';

/**
 * The model of a graph, its numbers zeros.
 * @param largest arrays of more elements stay outside the file, in one that is not there: a graph without weights
 */
export function modelOf(graph: Graph, largest: number): Uint8Array {
  const shapes = new Map<string, readonly number[]>();
  for (const { parameters } of graph.nodes) for (const { key, shape } of parameters.values()) shapes.set(key, shape);
  for (const { constant } of graph.tensors) if (constant !== null) shapes.set(constant.key, constant.shape);
  const model = fromBinary(
    ModelProtoSchema,
    writeOnnx(graph, {
      keys: [...shapes.keys()],
      get: (key) => {
        const shape = [...shapes.get(key)!];
        return { shape, data: new Float32Array(elementsOf(shape) > largest ? 0 : elementsOf(shape)) };
      },
    }),
  );
  for (const tensor of model.graph!.initializer) {
    if (tensor.rawData.length > 0) continue;
    tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
    tensor.externalData = [create(StringStringEntryProtoSchema, { key: 'location', value: 'left-out.bin' })];
  }
  return toBinary(ModelProtoSchema, model);
}
