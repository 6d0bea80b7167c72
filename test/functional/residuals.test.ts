// Sums of activations: which of them buffers hold, and the integers that stand there, worked out by plain loops.

import { expect, it } from 'vitest';
import { FoldedNetwork, QuantizedNetwork } from '../../src/functional/quantized/network.js';
import { residualSums } from '../../src/functional/quantized/residuals.js';
import { GraphBuilder, type ElementwiseFunction, type Graph, type Operator } from '../../src/workload/graph/index.js';
import { loaded } from '../helpers.js';
import { parametersOf } from './graphs.js';

it('residual connections are on grids; masks, norms and activations written out are the vector unit', () => {
  const builder = new GraphBuilder();
  const add = (name: string, operator: Operator, ...inputs: number[]): number =>
    builder.node({ name, type: operator.kind, operator, inputs })[0]!;
  const element = (name: string, function_: ElementwiseFunction, ...inputs: number[]): number =>
    add(name, { kind: 'elementwise', function: function_ }, ...inputs);
  const matmul = (name: string, ...inputs: number[]): number =>
    add(
      name,
      { kind: 'matmul', arithmetic: 'float', transposeA: false, transposeB: false, alpha: 1, beta: 1 },
      ...inputs,
    );
  const x = builder.input('x', [4, 4], 'plain');
  const ids = builder.input('mask', [1, 4], 'plain', { dtype: 'i64' });
  const mask = add('cast', { kind: 'cast', to: 'f32' }, ids);
  const whole = builder.input('words', [4, 4], 'plain', { dtype: 'i64' });
  // The tensor's own type is what the cast gives.
  const wide = builder.node({
    ...{ name: 'wide', type: 'Cast', operator: { kind: 'cast', to: 'f32' }, inputs: [whole], dtypes: ['f32'] },
  })[0]!;
  const scores = matmul('scores', x, x);
  element('masked', 'add', scores, mask);
  element('fully masked', 'add', scores, wide);
  const residual = element('residual', 'add', x, scores);
  const mean = add('mean', { kind: 'reduce', function: 'mean', axes: [-1], keep: true, lastIndex: false }, residual);
  const centred = element('centred', 'sub', residual, mean);
  const square = element('square', 'mul', centred, centred);
  const gelu = element('gelu', 'add', centred, square);
  const second = matmul('second', gelu, gelu);
  const last = element('last', 'sub', second, residual);
  element('doubled', 'add', last, last);
  const graph = builder.build('net', undefined, [last]);
  expect([...residualSums(graph)].map(({ name }) => name)).toEqual(['residual', 'last']);
});

const NETWORK = `name: net
input: { features: 3 }
layers:
  - { name: a, type: dense, features: 3 }
  - { name: b, type: dense, features: 3 }
  - { name: sum, type: add, from: [a, b] }
`;
const graph: Graph = loaded('isaac', ['network=net.yaml'], { 'net.yaml': NETWORK }).network.graph;
/** Quarters: 4 bits give them 2 of fraction, where the largest is below 2. */
const WEIGHTS = [
  [0.25, 0.5, -0.75, 1, -0.5, 0.25, 1.5, 0.75, -0.25],
  [-1, 0.75, 0.5, 0.25, 1.25, -0.5, 0.75, -0.25, 1],
];
/** Finer than the sums. */
const BIASES = [
  [0.02, -0.013, 0.011],
  [0.009, 0.019, -0.017],
];
const parameters = parametersOf(
  new Map(
    graph.nodes.flatMap((node, i) =>
      [...node.parameters].map(([role, { key, shape }]) => [
        key,
        { shape, data: Float32Array.from((role === 'bias' ? BIASES : WEIGHTS)[i]!) },
      ]),
    ),
  ),
);
const ROWS = 60;
const x = { shape: [ROWS, 3], data: Float64Array.from({ length: 3 * ROWS }, (_, i) => Math.sin(i * i)) };

/** To the nearest, ties to even or up; 4 bits. */
function grid(value: number, fraction: number, even: boolean): number {
  const [scaled, floor] = [value * 2 ** fraction, Math.floor(value * 2 ** fraction)];
  const level = even && scaled - floor === 0.5 ? floor + Math.abs(floor % 2) : Math.floor(scaled + 0.5);
  return Math.max(-8, Math.min(7, level)) / 2 ** fraction;
}
const fractionOf = (values: readonly number[]): number => 3 - Math.ceil(Math.log2(Math.max(...values.map(Math.abs))));

it.each(['half-up', 'nearest-even'] as const)(
  '%s: sums of activations go to even, biases as they are added',
  (sums) => {
    const network = new FoldedNetwork(graph, parameters);
    const ranges = new Map<number, number>();
    const inputs = new Map([[graph.tensors[graph.inputs[0]!]!.name, x]]);
    network.calibrate(inputs, ranges);
    const widths = { weightBits: 4, activationBits: 4, per: 'tensor', sums } as const;
    const found = [...new QuantizedNetwork(network, { widths, ranges }).forward(inputs).values()][0]!;

    const layer = (from: readonly number[], i: number, on: (bias: number) => number): number[] =>
      [0, 1, 2].map((c) =>
        from.reduce((sum, value, r) => sum + value * WEIGHTS[i]![weightAt(r, c)]!, on(BIASES[i]![c]!)),
      );
    const rows = Array.from({ length: ROWS }, (_, row) => Array.from(x.data.slice(3 * row, 3 * row + 3)));
    const exact = rows.map((row) => {
      const a = layer(row, 0, (bias) => bias);
      const b = layer(a, 1, (bias) => bias);
      return { a, b, sum: a.map((value, c) => value + b[c]!) };
    });
    const [inputF, aF, bF, sumF] = [
      fractionOf([...x.data]),
      ...(['a', 'b', 'sum'] as const).map((of) => fractionOf(exact.flatMap((one) => one[of]))),
    ] as const;
    const even = sums === 'nearest-even';
    const biasOn =
      (i: number, sumFraction: number) =>
      (bias: number): number => {
        const own = grid(bias, fractionOf(BIASES[i]!), true);
        return even ? own : Math.floor(own * 2 ** sumFraction + 0.5) / 2 ** sumFraction;
      };
    const right = rows.flatMap((row) => {
      const driven = row.map((value) => grid(value, inputF, true));
      const a = layer(driven, 0, biasOn(0, inputF + 2)).map((value) => grid(value, aF!, even));
      const b = layer(a, 1, biasOn(1, aF! + 2)).map((value) => grid(value, bF!, even));
      return a.map((value, c) => grid(value + b[c]!, sumF!, true));
    });
    expect([...found.data].map((value) => value + 0)).toEqual(right.map((value) => value + 0));
  },
);

it('a shortcut that is a part of its map stands on the grid of that part', () => {
  const file = `name: net
input: { features: 3 }
layers:
  - { name: a, type: dense, features: 6, bias: false }
  - { name: parts, type: split, parts: 2 }
  - { name: b, from: parts:1, type: dense, features: 3, bias: false }
  - { name: sum, from: [b, parts], type: add }
`;
  const net = loaded('isaac', ['network=net.yaml'], { 'net.yaml': file }).network.graph;
  // a: the input, and four times the input; b: nothing.
  const weight = (name: string, shape: readonly number[]): Float32Array => {
    const [out, inside] = shape as [number, number];
    return Float32Array.from({ length: out * inside }, (_, i) => {
      const [o, c] = [Math.floor(i / inside), i % inside];
      return name.startsWith('a') && o % 3 === c ? (o < 3 ? 1 : 4) : 0;
    });
  };
  const numbers = parametersOf(
    new Map(
      net.nodes.flatMap(({ name, parameters: own }) =>
        [...own.values()].map(({ key, shape }) => [key, { shape, data: weight(name, shape) }]),
      ),
    ),
  );
  const network = new FoldedNetwork(net, numbers);
  const ranges = new Map<number, number>();
  const of = (data: readonly number[]): Map<string, { shape: number[]; data: Float64Array }> =>
    new Map([[net.tensors[net.inputs[0]!]!.name, { shape: [1, 3], data: Float64Array.from(data) }]]);
  network.calibrate(of([1, 0.5, 0.25]), ranges);
  const widths = { weightBits: 4, activationBits: 4, per: 'tensor', sums: 'nearest-even' } as const;
  const [sum] = [...new QuantizedNetwork(network, { widths, ranges }).forward(of([1, 0.75, 0.25])).values()];
  // The whole map reaches 4: steps of a half, 0.75 is 1 there, 0.25 is 0. The part reaches 1: cut to 7 eighths.
  expect([...sum!.data]).toEqual([0.875, 0.875, 0]);
});

/** A dense layer's weights lie as its node says. */
function weightAt(row: number, column: number): number {
  const { operator } = graph.nodes[0]!;
  return operator.kind === 'dense' && operator.weightLayout === 'in-out' ? 3 * row + column : 3 * column + row;
}
