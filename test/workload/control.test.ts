// If and Loop as the nodes that run, functions of a model where they are called, networks that end before a file does.

import { create, toBinary } from '@bufbuild/protobuf';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Executor } from '../../src/functional/execute.js';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  FunctionProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  type FunctionProto,
  type GraphProto,
  type NodeProto,
  type TensorProto,
} from '../../src/tensors/generated/onnx_pb.js';
import { importOnnx, type ImportOptions } from '../../src/workload/onnx/index.js';
import { attributeOf, type AttributeValue } from '../../src/workload/onnx/write-model.js';
import { xbarflow } from '../experiment/command.js';
import { array, named, node } from './protos.js';

const { INT64, BOOL } = TensorProto_DataType;
const whole = (name: string, data: number[], dims: readonly number[] = []): TensorProto =>
  create(TensorProtoSchema, { name, dims: dims.map(BigInt), dataType: INT64, int64Data: data.map(BigInt) });
const truth = (name: string, holds: boolean): TensorProto =>
  create(TensorProtoSchema, { name, dims: [], dataType: BOOL, int32Data: [Number(holds)] });
const withGraph = (one: NodeProto, name: string, g: GraphProto): NodeProto => {
  one.attribute.push({ ...attributeOf(name, 0n), g });
  return one;
};

interface Parts {
  readonly nodes: NodeProto[];
  readonly arrays?: TensorProto[];
  readonly functions?: FunctionProto[];
  readonly outputs?: string[];
}

/** A model that reads x, a sample of two features. */
function model({ nodes, arrays = [], functions = [], outputs = ['y'] }: Parts): Uint8Array {
  const graph = create(GraphProtoSchema, {
    name: 'g',
    input: [named('x', 1, 2)],
    output: outputs.map((name) => named(name)),
    initializer: arrays,
    node: nodes,
  });
  const opsetImport = ['', 'own'].map((domain) =>
    create(OperatorSetIdProtoSchema, { domain, version: domain === '' ? 17n : 1n }),
  );
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion: 9n, graph, functions, opsetImport }));
}

/** What the network makes of x = (3, -5). */
function run(parts: Parts, options: ImportOptions = {}): Record<string, readonly number[]> {
  const { graph, parameters } = importOnnx(model(parts), 'm.onnx', options);
  const x = { shape: [1, 2], data: Float64Array.of(3, -5) };
  const made = new Executor(graph, parameters, { precision: 'float64' }).forward(new Map([['x', x]]));
  return Object.fromEntries([...made].map(([name, { data }]) => [name, [...data]]));
}

const refusal = (parts: Parts, options: ImportOptions = {}): string => {
  try {
    importOnnx(model(parts), 'm.onnx', options);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'taken';
};

describe('If: the branch that is taken', () => {
  const branch = (operator: string, name: string): GraphProto =>
    create(GraphProtoSchema, {
      node: [node(operator, [['x', 'w'], ['made']])],
      output: [named('made')],
      initializer: [array('w', [2], name === 'then' ? [10, 20] : [2, 4])],
    });
  const choice = (input: string): NodeProto =>
    withGraph(
      withGraph(node('If', [[input], ['y']]), 'then_branch', branch('Add', 'then')),
      'else_branch',
      branch('Mul', 'else'),
    );

  it.each([
    [true, [13, 15]],
    [false, [6, -20]],
  ])('%s: its own array, values of the graph around', (holds, y) => {
    expect(run({ nodes: [choice('holds')], arrays: [truth('holds', holds)] })).toEqual({ y });
  });

  it('a condition of shapes, as PyTorch writes them for squeeze, is known', () => {
    const nodes = [
      node('Shape', [['x'], ['shape']]),
      node('Gather', [['shape', 'first'], ['size']]),
      node('Equal', [['size', 'one'], ['holds']]),
      choice('holds'),
    ];
    expect(run({ nodes, arrays: [whole('first', [0]), whole('one', [1])] })).toEqual({ y: [13, 15] });
  });

  it('an If in an If, and in a body of a Scan: names of both graphs around', () => {
    const inner = create(GraphProtoSchema, {
      node: [node('Neg', [['x'], ['minus']]), withGraph(choice('holds'), 'unused', branch('Add', 'then'))],
      output: [named('y')],
    });
    inner.node[1]!.output = ['y'];
    const outer = withGraph(
      withGraph(node('If', [['holds'], ['z']]), 'then_branch', inner),
      'else_branch',
      branch('Mul', 'else'),
    );
    expect(run({ nodes: [outer], arrays: [truth('holds', true)], outputs: ['z'] })).toEqual({ z: [13, 15] });
  });

  it('a product that the branch ends with takes the bias behind it', () => {
    const product = create(GraphProtoSchema, {
      node: [node('MatMul', [['x', 'w'], ['made']])],
      output: [named('made')],
      initializer: [array('w', [2, 2], [1, 2, 3, 4])],
    });
    const one = withGraph(node('If', [['holds'], ['p']]), 'then_branch', product);
    const parts = {
      nodes: [one, node('Add', [['p', 'b'], ['y']])],
      arrays: [truth('holds', true), array('b', [2], [100, 200])],
    };
    // 3 - 15, 6 - 20
    expect(run(parts)).toEqual({ y: [88, 186] });
    expect(importOnnx(model(parts), 'm.onnx').graph.nodes).toHaveLength(1);
  });

  it('two outputs of one tensor', () => {
    const both = branch('Add', 'then');
    both.output.push(named('made'));
    const one = withGraph(node('If', [['holds'], ['first', 'second']]), 'then_branch', both);
    const parts = { nodes: [one, node('Mul', [['first', 'second'], ['y']])], arrays: [truth('holds', true)] };
    expect(run(parts)).toEqual({ y: [169, 225] });
  });

  it('refused: a condition of the input, a branch that is missing', () => {
    expect(refusal({ nodes: [node('Less', [['x', 'x'], ['holds']]), choice('holds')] })).toBe(
      'm.onnx: node "y" (If): its condition ("holds") is computed at run time; it must be constant',
    );
    expect(refusal({ nodes: [node('If', [['holds'], ['y']])], arrays: [truth('holds', false)] })).toBe(
      'm.onnx: node "y" (If): its else_branch is missing',
    );
  });
});

describe('Loop: its steps', () => {
  /** s' = s w + i; results: s'. @param goesOn what its condition becomes */
  const body = (goesOn: (at: GraphProto) => void = () => undefined): GraphProto => {
    const made = create(GraphProtoSchema, {
      input: [named('i'), named('before'), named('s', 1, 2)],
      node: [
        node('Cast', [['i'], ['place']], { to: 1n }),
        node('Mul', [['s', 'w'], ['scaled']]),
        node('Add', [['scaled', 'place'], ['next']]),
        node('Identity', [['before'], ['after']]),
      ],
      output: [named('after'), named('next'), named('next')],
      initializer: [array('w', [1], [2])],
    });
    goesOn(made);
    return made;
  };
  const loop = (inputs: string[], made: GraphProto = body()): NodeProto =>
    withGraph(node('Loop', [inputs, ['y', 'all']]), 'body', made);

  it('three steps, worked out by hand: states and results', () => {
    // 6, -10 | 13, -19 | 28, -36
    const parts = { nodes: [loop(['three', '', 'x'])], arrays: [whole('three', [3], [1])], outputs: ['y', 'all'] };
    expect(run(parts)).toEqual({ y: [28, -36], all: [6, -10, 13, -19, 28, -36] });
    const nodes = importOnnx(model(parts), 'm.onnx').nodes.map(({ name }) => name);
    expect(nodes).toContain('y/2/scaled');
  });

  it('a condition that holds, one that does not, and one that ends after a step', () => {
    const arrays = [whole('two', [2]), truth('yes', true), truth('no', false)];
    expect(run({ nodes: [loop(['two', 'yes', 'x'])], arrays })).toEqual({ y: [13, -19] });
    const none = { nodes: [loop(['two', 'no', 'x']), node('Neg', [['y'], ['z']])], arrays, outputs: ['z'] };
    none.nodes[0]!.output = ['y'];
    expect(run(none)).toEqual({ z: [-3, 5] });
    const ends = body((one) => {
      one.initializer.push(truth('ended', false));
      one.output[0]!.name = 'ended';
    });
    expect(run({ nodes: [loop(['', 'yes', 'x'], ends)], arrays })).toEqual({ y: [6, -10] });
  });

  it('two of one name: each has its own array', () => {
    const twice = [2, 3].map((w, i) => {
      const one = loop(['one', '', i === 0 ? 'x' : 'h'], body());
      one.attribute[0]!.g!.initializer = [array('w', [1], [w])];
      return Object.assign(one, { name: 'loop', output: [i === 0 ? 'h' : 'y'] });
    });
    // 3 x 2 x 3, -5 x 2 x 3
    expect(run({ nodes: twice, arrays: [whole('one', [1])] })).toEqual({ y: [18, -30] });
  });

  it.each<[string, string[], (at: GraphProto) => void]>([
    ['its number of steps ("x") is computed at run time; it must be constant', ['x', '', 'x'], () => undefined],
    ['it has no end: neither a number of steps nor a condition that becomes false', ['', '', 'x'], () => undefined],
    ['60000 steps of 4 nodes are more than 100000; use LSTM, GRU or RNN', ['many', '', 'x'], () => undefined],
    ['it takes no step, so that output "all" has no values', ['none', '', 'x'], () => undefined],
    ['2 states, its body takes 3 inputs, expected 4', ['many', '', 'x', 'x'], () => undefined],
    [
      'its body computes when it ends; a Loop is laid out where its number of steps is known',
      ['many', '', 'x'],
      (one) => {
        one.output[0]!.name = 'scaled';
      },
    ],
  ])('refused: %s', (message, inputs, change) => {
    const arrays = [whole('many', [60_000]), whole('none', [0])];
    expect(refusal({ nodes: [loop(inputs, body(change))], arrays, outputs: ['y', 'all'] })).toBe(
      `m.onnx: node "y" (Loop): ${message}`,
    );
  });
});

describe('functions of a model', () => {
  type Made = Partial<Pick<FunctionProto, 'input' | 'output' | 'node' | 'attributeProto'>>;
  const own = (name: string, parts: Made, opset = 17): FunctionProto =>
    create(FunctionProtoSchema, {
      ...{ name, domain: 'own', ...parts },
      opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: BigInt(opset) })],
    });
  const call = (type: string, names: [string[], string[]], attributes: Record<string, AttributeValue> = {}) => {
    const one = node(type, names, attributes);
    one.domain = 'own';
    return one;
  };
  const referring = (one: NodeProto, name: string): NodeProto => {
    one.attribute.push(
      create(AttributeProtoSchema, { name, refAttrName: 'slope', type: AttributeProto_AttributeType.FLOAT }),
    );
    return one;
  };
  /** c = leaky(a) + b, the slope an attribute of the call. */
  const leaky = own('Leaky', {
    input: ['a', 'b'],
    output: ['c'],
    attributeProto: [attributeOf('slope', 0.5)],
    node: [referring(node('LeakyRelu', [['a'], ['t']]), 'alpha'), node('Add', [['t', 'b'], ['c']])],
  });

  it('attributes of the call, or the default; the same names in both calls', () => {
    const nodes = [call('Leaky', [['x', 'b'], ['h']], { slope: 2 }), call('Leaky', [['h', 'b'], ['y']])];
    const parts = { nodes, functions: [leaky], arrays: [array('b', [2], [1, 1])] };
    // 4, -9 | 5, -3.5
    expect(run(parts)).toEqual({ y: [5, -3.5] });
    expect(importOnnx(model(parts), 'm.onnx').nodes.map(({ name }) => name)).toEqual(['h/t', 'h/c', 'y/t', 'y/c']);
  });

  it('a function in a function, an input handed on, an output that nobody asks for, a missing input', () => {
    const both = own('Both', {
      input: ['a', 'b', 'low'],
      output: ['made', 'a', 'unused'],
      node: [call('Leaky', [['a', 'b'], ['made']]), node('Clip', [['a', 'low'], ['unused']])],
    });
    const nodes = [
      call('Both', [
        ['x', 'b'],
        ['first', 'second'],
      ]),
      node('Mul', [['first', 'second'], ['y']]),
    ];
    // (3 + 1) 3, (-2.5 + 1) -5
    expect(run({ nodes, functions: [both, leaky], arrays: [array('b', [2], [1, 1])] })).toEqual({ y: [12, 7.5] });
  });

  it('refused: one that calls itself, one of another opset', () => {
    const ring = own('Ring', { input: ['a'], output: ['b'], node: [call('Ring', [['a'], ['b']])] });
    expect(refusal({ nodes: [call('Ring', [['x'], ['y']])], functions: [ring] })).toBe(
      'm.onnx: node "y/b" (Ring): the function Ring calls itself',
    );
    const old = own('Old', { input: ['a'], output: ['b'], node: [node('Neg', [['a'], ['b']])] }, 12);
    expect(refusal({ nodes: [call('Old', [['x'], ['y']])], functions: [old] })).toBe(
      'm.onnx: node "y" (Old): the function is of opset 12, the model of opset 17',
    );
    const doubling = Array.from({ length: 20 }, (_, i) =>
      own(`F${i}`, {
        input: ['a'],
        output: ['c'],
        node: ['b', 'c'].map((made) => call(`F${i + 1}`, [[made === 'b' ? 'a' : 'b'], [made]])),
      }),
    );
    expect(refusal({ nodes: [call('F0', [['x'], ['y']])], functions: doubling })).toBe(
      'm.onnx: with its functions it is more than 100000 nodes',
    );
  });
});

describe('networks that end before the file does', () => {
  const tail = {
    nodes: [
      node('MatMul', [['x', 'w'], ['scores']]),
      node('Relu', [['scores'], ['high']]),
      node('NonMaxSuppression', [['scores', 'high'], ['y']]),
    ],
    arrays: [array('w', [2, 2], [1, 2, 3, 4])],
  };

  it('at the tensors that are named; what is not needed for them is not read', () => {
    expect(run(tail, { outputs: ['high'] })).toEqual({ high: [0, 0] });
    expect(run(tail, { outputs: ['scores', 'high'] })).toEqual({ scores: [-12, -14], high: [0, 0] });
    expect(importOnnx(model(tail), 'm.onnx', { outputs: ['scores'] }).graph.nodes).toHaveLength(1);
    expect(refusal(tail, { outputs: ['score'] })).toBe(
      'm.onnx: no node makes the output "score"; did you mean "scores"?',
    );
  });

  it('import says how, and does so', () => {
    const folder = mkdtempSync(join(tmpdir(), 'xbarflow-outputs-'));
    const file = join(folder, 'm.onnx');
    writeFileSync(file, model(tail));
    const refused = xbarflow(['import', file]);
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    const told = `; the network up to there: xbarflow import ${file} --outputs scores --outputs high --out FOLDER\n`;
    expect(refused.stderr).toMatch(/\(NonMaxSuppression\): the operator NonMaxSuppression is not supported/);
    expect(refused.stderr.slice(-told.length)).toBe(told);
    const out = join(folder, 'out');
    const { status, stderr } = xbarflow(['import', file, '--outputs', 'high', '--out', out]);
    expect({ status, stderr: stderr.includes('network.yaml') }).toEqual({ status: 0, stderr: true });
    expect(readFileSync(join(out, 'network.yaml'), 'utf8')).toContain('outputs');
    const table = join(folder, 't.csv');
    writeFileSync(table, 'Layer name, M, N, K,\nfc, 4, 4, 4,\n');
    expect(xbarflow(['import', table, '--outputs', 'high']).stderr).toBe(
      `--outputs: ${table} has no tensors to end at; expected an ONNX file\n`,
    );
  });
});
