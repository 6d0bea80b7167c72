// Graphs that once took exponential time, gave wrong figures by their order, or lie: linear, the same, refused.

import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
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
import { foreignNetwork } from '../../src/workload/foreign.js';
import { simulate } from '../../src/simulation/index.js';
import { denseChain, loaded, resultOf } from '../helpers.js';

const run = (layers: string, input = 'input: { channels: 4, height: 8, width: 8 }', preset = 'isaac') =>
  loaded(preset, ['network=n.yaml'], { 'n.yaml': `name: n\n${input}\nlayers:\n${layers}` });

describe('networks', () => {
  it('maps of different size are joined only along an axis on which they fit', () => {
    const layers = (axis: string): string => `
  - { name: small, from: input, type: conv2d, channels: 4, kernel: 3 }
  - { name: large, from: input, type: conv2d, channels: 4, kernel: 1 }
  - { name: joined, from: [small, large], type: concat${axis} }
  - { name: fc, type: dense, features: 2 }`;
    expect(() => run(layers(''))).toThrow(/^n\.yaml:\d+:\d+: layers\.2\.from: layer "joined":/);
    expect(() => run(layers(', axis: 1'))).toThrow(/layer "joined":/);
    expect(() => run(layers(', axis: 4'))).toThrow(/layers\.2\.axis: layer "joined": there is no axis 4/);
  });

  it('a shortcut listed first or last gives the same figures', () => {
    const parts = [
      '  - { name: short, from: stem, type: conv2d, channels: 8, kernel: 1 }',
      '  - { name: main, from: stem, type: conv2d, channels: 8, kernel: 3, padding: 1 }',
    ];
    const text = (order: string[]): string => `name: n\ninput: { channels: 4, height: 8, width: 8 }\nlayers:
  - { name: stem, type: conv2d, channels: 4, kernel: 3, padding: 1 }
${order.join('\n')}
  - { name: sum, from: [main, short], type: add }\n`;
    const [first, last] = [parts, [...parts].reverse()].map((order) =>
      resultOf('isaac', ['network=n.yaml'], { 'n.yaml': text(order) }),
    );
    expect(last!.time.firstResultS).toBe(first!.time.firstResultS);
    expect(last!.time.totalS).toBe(first!.time.totalS);
    expect(last!.energy.totalJ).toBeCloseTo(first!.energy.totalJ, 15);
  });

  it('two branches joined, 24 times: each sum once, reads linear', () => {
    let layers = '  - { name: a0, type: relu }\n';
    for (let i = 1; i <= 24; i++)
      layers += `  - { name: l${i}, from: a${i - 1}, type: dense, features: 8 }
  - { name: r${i}, from: a${i - 1}, type: dense, features: 8 }
  - { name: a${i}, from: [l${i}, r${i}], type: add }\n`;
    const { network } = run(layers, 'input: { features: 8 }');
    expect(network.layers.reduce((sum, { adds }) => sum + adds, 0)).toBe(24 * 8);
    expect(network.layers.reduce((sum, { inputs }) => sum + inputs.length, 0)).toBeLessThan(4 * 48);
  });

  // A chain of 3,000 once took 60 s (inference) and minutes (training), longer than a test may.
  it.each([
    ['pipelayer', 'inference', 3000],
    ['pipelayer', 'training', 1000],
  ] as const)('a chain on %s, %s, of %i layers does not hang', (preset, mode, layers) => {
    const files = { 'n.yaml': denseChain(layers) };
    const { result } = simulate(loaded(preset, ['network=n.yaml', `workload.mode=${mode}`], files));
    expect(result.layers.length).toBe(layers);
  });
});

describe('ONNX files that lie', () => {
  const dim = (value: bigint) => create(TensorShapeProto_DimensionSchema, { value: { case: 'dimValue', value } });
  const model = (op: string, rows: bigint, initializer: { dims: bigint[]; floats: number }): Uint8Array => {
    const shape = create(TensorShapeProtoSchema, { dim: [dim(1n), dim(rows)] });
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
          output: [create(ValueInfoProtoSchema, { name: 'y' })],
          initializer: [
            create(TensorProtoSchema, {
              name: 'w',
              dims: initializer.dims,
              dataType: 1,
              floatData: new Array<number>(initializer.floats).fill(1),
            }),
          ],
          node: [create(NodeProtoSchema, { opType: op, input: ['x', 'w'], output: ['y'], name: 'n' })],
        }),
      }),
    );
  };
  const refused =
    (bytes: Uint8Array): (() => unknown) =>
    () =>
      foreignNetwork(bytes, 'm.onnx');

  it('a header that claims 2 GB behind eight numbers', () => {
    expect(refused(model('MatMul', 4n, { dims: [536_870_912n, 1n], floats: 8 }))).toThrow(/^m\.onnx: [^\n]+$/);
  });

  it('an operator that there is none of; one that does not fit', () => {
    expect(refused(model('Frobnicate', 4n, { dims: [4n, 2n], floats: 8 }))).toThrow(
      /^m\.onnx: node "n" \(Frobnicate\): the operator Frobnicate is not supported/,
    );
    expect(refused(model('MatMul', 5n, { dims: [4n, 2n], floats: 8 }))).toThrow(
      /^m\.onnx: node "n" \(MatMul\): [^\n]+$/,
    );
  });
});
