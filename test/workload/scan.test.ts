// Scan as its steps: states, parts of inputs along any axis, both directions, names of the graph around; faults.

import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { Executor } from '../../src/functional/execute.js';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  type GraphProto,
} from '../../src/tensors/generated/onnx_pb.js';
import { importOnnx } from '../../src/workload/onnx/index.js';
import { attributeOf, type AttributeValue } from '../../src/workload/onnx/write-model.js';
import { array, named, node } from './protos.js';

/** s' = s w + x around; results: s', and s' + b. The body's w hides the graph's own. */
const body = (): GraphProto =>
  create(GraphProtoSchema, {
    input: [named('s', 1, 2), named('x', 1, 2)],
    // Not in an order that runs.
    node: [
      node('Add', [['scaled', 'part'], ['next']]),
      node('Mul', [['s', 'w'], ['scaled']]),
      node('Mul', [['x', 'around'], ['part']]),
      node('Add', [['next', 'b'], ['result']]),
    ],
    output: [named('next', 1, 2), named('result', 1, 2)],
    initializer: [array('w', [1], [0.5]), array('b', [1, 2], [10, 20])],
  });

interface Wanted {
  readonly scan?: Record<string, AttributeValue>;
  readonly x?: readonly number[];
  readonly opset?: number;
  readonly of?: (body: GraphProto) => GraphProto | undefined;
}

function model({ scan = {}, x = [1, 3, 2], opset = 13, of = (one) => one }: Wanted): Uint8Array {
  const loop = node(
    'Scan',
    [
      ['start', 'xs'],
      ['last', 'all'],
    ],
    { num_scan_inputs: 1n, ...scan },
  );
  const inside = of(body());
  if (inside !== undefined) loop.attribute.push({ ...attributeOf('body', 0n), g: inside });
  const graph = create(GraphProtoSchema, {
    name: 'g',
    input: [named('xs', ...x), named('given', 1, 2)],
    output: [named('last'), named('all')],
    initializer: [array('start', [1, 2], [8, 16]), array('w', [1], [7])],
    node: [loop, node('Relu', [['given'], ['around']])],
  });
  const opsetImport = [create(OperatorSetIdProtoSchema, { domain: '', version: BigInt(opset) })];
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, { graph, opsetImport }));
}

function run(wanted: Wanted, xs: readonly number[]): Record<string, readonly number[]> {
  const { graph, parameters } = importOnnx(model(wanted), 'm.onnx');
  const values = (data: readonly number[], ...shape: number[]): { shape: number[]; data: Float64Array } => ({
    shape: [1, ...shape, 2],
    data: Float64Array.from(data),
  });
  const made = new Executor(graph, parameters, { precision: 'float64' }).forward(
    new Map(Object.entries({ xs: values(xs, 3), given: values([2, 4]) })),
  );
  return Object.fromEntries([...made].map(([name, { data }]) => [name, [...data]]));
}

// x around: 2, 12 | 4, 20 | 6, 28.
const XS = [1, 3, 2, 5, 3, 7];

describe('Scan, worked out by hand', () => {
  it('forward along the middle axis', () => {
    // 4 + 2, 8 + 12 | 3 + 4, 10 + 20 | 3.5 + 6, 15 + 28
    const found = run({ scan: { scan_input_axes: [1n], scan_output_axes: [1n] } }, XS);
    expect(found).toEqual({ last: [9.5, 43], all: [16, 40, 17, 50, 19.5, 63] });
  });

  it('backward inputs, backward results along the last axis', () => {
    const axes = { scan_input_axes: [-2n], scan_input_directions: [1n] };
    // 4 + 6, 8 + 28 | 5 + 4, 18 + 20 | 4.5 + 2, 19 + 12
    const found = run({ scan: { ...axes, scan_output_axes: [-1n], scan_output_directions: [1n] } }, XS);
    expect(found).toEqual({ last: [6.5, 31], all: [16.5, 19, 20, 51, 58, 56] });
  });

  it('a state that is a result, too, made by the last node of the body', () => {
    const of = (one: GraphProto): GraphProto => {
      one.node = [one.node[1]!, one.node[2]!, one.node[0]!];
      one.output[1]!.name = 'next';
      return one;
    };
    expect(run({ scan: { scan_input_axes: [1n], scan_output_axes: [1n] }, of }, XS)).toEqual({
      last: [9.5, 43],
      all: [6, 20, 7, 30, 9.5, 43],
    });
  });

  it('its matrices stand in the graph a step each, with one array of numbers', () => {
    const { graph, parameters } = importOnnx(model({ scan: { scan_input_axes: [1n] } }), 'm.onnx');
    const adds = graph.tensors.filter(({ constant }) => constant?.key === 'last/b');
    expect(adds).toHaveLength(3);
    expect([...parameters.get('last/b').data]).toEqual([10, 20]);
  });
});

describe('refused, one line with file and node', () => {
  it.each<[string, Wanted]>([
    ['its body is missing', { of: () => undefined }],
    ['a Scan of opset 8 is not supported; supported is that of opset 9 on', { opset: 8 }],
    ['2 inputs, 3 of them scanned, its body takes 2', { scan: { num_scan_inputs: 3n } }],
    ['there is no axis 3 in a tensor of 3 axes', { scan: { scan_input_axes: [3n] } }],
    ['it has no steps', { x: [0, 1, 2] }],
    ['50001 steps of 4 nodes are more than 100000; use LSTM, GRU or RNN', { x: [50_001, 1, 2] }],
    [
      // Its body's own faults are said at its nodes (control.test.ts has graphs in bodies).
      'its body makes 0 outputs of 1 states and 2 results',
      {
        of: (one) => {
          one.output = [];
          return one;
        },
      },
    ],
  ])('%s', (message, wanted) => {
    expect(() => importOnnx(model(wanted), 'm.onnx')).toThrow(`m.onnx: node "last" (Scan): ${message}`);
  });
});
