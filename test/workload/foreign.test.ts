// Files of other programs: what is written can be read again; what is no network says why in one line.

import { create, toBinary } from '@bufbuild/protobuf';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sharedPath } from '../shared.js';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from '../../src/tensors/generated/onnx_pb.js';
import { foreignNetwork, foreignWeights } from '../../src/workload/foreign.js';
import { countsOf } from '../../src/workload/graph/index.js';
import { readNetwork } from '../../src/workload/yaml/reader.js';

const ZOO = sharedPath('data/models/zoo');
const TABLES = sharedPath('data/networks');
const shapes = new Map([['batch', 1]]);

describe('the zoo as network files', () => {
  const names = (JSON.parse(readFileSync(`${ZOO}/index.json`, 'utf8')) as { network: string }[]).map(
    ({ network }) => network,
  );
  it.each(names)('%s: read again, it has the same nodes, shapes and counts, and its weights fit', (name) => {
    const network = foreignNetwork(readFileSync(`${ZOO}/${name}/${name}.onnx`), `${name}.onnx`, { shapes });
    const again = readNetwork(network.loaded);
    const { graph } = network;
    expect(again.nodes.map(({ operator: { kind } }) => kind)).toEqual(
      graph.nodes.map(({ operator: { kind } }) => kind),
    );
    expect(again.nodes.map((node) => ({ ...countsOf(again, node), elements: 0 }))).toEqual(
      graph.nodes.map((node) => ({ ...countsOf(graph, node), elements: 0 })),
    );
    expect(again.outputs.map((id) => again.tensors[id]!.shape)).toEqual(
      graph.outputs.map((id) => graph.tensors[id]!.shape),
    );
    const weights = new Map(foreignWeights(network).map((tensor) => [tensor.name, tensor.shape.join('x')]));
    for (const { parameters } of again.nodes)
      for (const { key, shape } of parameters.values()) expect([key, weights.get(key)]).toEqual([key, shape.join('x')]);
  });
});

describe('tables of layers', () => {
  const totals = (file: string) => foreignNetwork(readFileSync(`${TABLES}/${file}`), file).report.totals;
  it("NeuroSim's VGG8: 12,973,440 weights", () => {
    expect(totals('neurosim/NetWork_VGG8.csv').parameters).toBe(12_973_440);
  });
  it("NeuroSim's ResNet-18: 11,678,912 weights, 1,814,073,344 multiply-accumulates", () => {
    expect(totals('neurosim/NetWork_ResNet18.csv')).toMatchObject({ macs: 1_814_073_344, parameters: 11_678_912 });
  });
  it("SCALE-Sim's ResNet-18 leaves out padding: 1,438,384,832 multiply-accumulates", () => {
    expect(totals('scalesim/conv_nets/Resnet18.csv')).toMatchObject({ macs: 1_438_384_832, parameters: 11_678_912 });
  });
  it('SCALE-Sim M, N, K: products of m vectors', () => {
    const { report } = foreignNetwork(new TextEncoder().encode('Layer, M, N, K,\nqkv, 197, 1152, 384,\n'), 't.csv');
    expect(report.nodes[0]).toMatchObject({ rows: 384, columns: 1152, positions: 197, macs: 197 * 1152 * 384 });
  });
});

/** A model of these nodes over x [?, 4]. */
function model(
  nodes: { op: string; inputs: string[]; outputs: string[]; name?: string }[],
  batch: string | bigint = 1n,
  features: string | bigint = 4n,
) {
  const dim = (value: string | bigint) =>
    create(TensorShapeProto_DimensionSchema, {
      value: typeof value === 'string' ? { case: 'dimParam', value } : { case: 'dimValue', value },
    });
  const shape = create(TensorShapeProtoSchema, { dim: [dim(batch), dim(features)] });
  const tensorType = create(TypeProto_TensorSchema, { elemType: 1, shape });
  const type = create(TypeProtoSchema, { value: { case: 'tensorType', value: tensorType } });
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [create(OperatorSetIdProtoSchema, { version: 17n })],
      graph: create(GraphProtoSchema, {
        name: 'm',
        input: [create(ValueInfoProtoSchema, { name: 'x', type })],
        output: [create(ValueInfoProtoSchema, { name: nodes.at(-1)!.outputs[0]! })],
        initializer: [
          create(TensorProtoSchema, { name: 'w', dims: [4n, 2n], dataType: 1, floatData: new Array(8).fill(1) }),
        ],
        node: nodes.map(({ op, inputs, outputs, name }) =>
          create(NodeProtoSchema, { opType: op, input: inputs, output: outputs, name: name ?? '' }),
        ),
      }),
    }),
  );
}

describe('what is no network says why, in one line', () => {
  const of = (bytes: Uint8Array) => () => foreignNetwork(bytes, 'm.onnx');
  it('an operator that is not supported', () => {
    expect(of(model([{ op: 'GridSample', inputs: ['x', 'x'], outputs: ['y'], name: 'e1' }]))).toThrow(
      /^m\.onnx: node "e1" \(GridSample\): the operator GridSample is not supported/,
    );
  });
  it('a cycle', () => {
    const nodes = [
      { op: 'Add', inputs: ['x', 'b'], outputs: ['a'], name: 'n1' },
      { op: 'Relu', inputs: ['a'], outputs: ['b'], name: 'n2' },
    ];
    expect(of(model(nodes))).toThrow(/^m\.onnx: these nodes form a cycle: "n1" \(Add\), "n2" \(Relu\)$/);
  });
  it('a symbolic batch (the first axis) is one sample unless it is given; other symbolic dimensions must be', () => {
    const nodes = [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }];
    const bytes = model(nodes, 'N');
    expect(foreignNetwork(bytes, 'm.onnx').report.outputs).toEqual([{ name: 'y', shape: [1, 2] }]);
    const { report } = foreignNetwork(bytes, 'm.onnx', { shapes: new Map([['N', 3]]) });
    expect(report.nodes[0]).toMatchObject({ name: 'y', rows: 4, columns: 2, positions: 1, macs: 8 });
    expect(report.outputs).toEqual([{ name: 'y', shape: [3, 2] }]);
    expect(foreignNetwork(model(nodes, ''), 'm.onnx').report.outputs).toEqual([{ name: 'y', shape: [1, 2] }]);
    expect(of(model(nodes, 1n, 'features'))).toThrow(
      /^m\.onnx: input "x": dimension 1 is symbolic \("features"\); give it by --shape features=N$/,
    );
    const misspelt = { shapes: new Map([['featres', 4]]) };
    expect(() => foreignNetwork(model(nodes, 1n, 'features'), 'm.onnx', misspelt)).toThrow(/did you mean "featres"\?$/);
    // A batch that is assumed is no name that anyone wrote.
    expect(of(model(nodes, 'N', 'H'))).toThrow(/give it by --shape H=N$/);
    expect(
      foreignNetwork(model(nodes, 1n, 'features'), 'm.onnx', { shapes: new Map([['features', 4]]) }).report.totals,
    ).toMatchObject({ macs: 8 });
  });
  it('a PyTorch file', () => {
    expect(() => foreignNetwork(new Uint8Array(4), 'm.pt')).toThrow(/holds weights, no graph; .*torch\.onnx\.export/);
  });
});
