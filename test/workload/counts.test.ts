// What nodes amount to, worked out by hand.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placesAlong, type Counts } from '../../src/workload/graph/counts.js';
import { GraphBuilder, countsOf, type Operator, type Parameter } from '../../src/workload/graph/index.js';

const parameter = (...shape: number[]): Parameter => ({ key: 'k', shape, permutation: null, quantization: null });

/** Counts of a node over inputs of these shapes. */
function counts(operator: Operator, inputs: number[][], parameters: Record<string, Parameter> = {}): Counts {
  const builder = new GraphBuilder();
  const ids = inputs.map((shape, i) => builder.input(`x${i}`, shape, 'plain'));
  const outputs = builder.node({
    name: 'n',
    type: 'n',
    operator,
    inputs: ids,
    parameters: new Map(Object.entries(parameters)),
  });
  const graph = builder.build('g', undefined, outputs);
  return countsOf(graph, graph.nodes[0]!);
}

const window = (kernel: number[], strides: number[], pads: number[], dilations = kernel.map(() => 1)) => ({
  kernel,
  strides,
  dilations,
  padBegin: pads,
  padEnd: pads,
});
const nothing: Counts = {
  rows: 0,
  columns: 0,
  groups: 0,
  positions: 0,
  macs: 0,
  macsScatter: 0,
  parameters: 0,
  biases: 0,
  elements: 0,
  windowPlaces: 0,
  constants: 0,
};

describe('products', () => {
  it('a convolution of 2 groups', () => {
    const operator: Operator = {
      kind: 'conv',
      channels: 6,
      groups: 2,
      arithmetic: 'float',
      ...window([3, 2], [1, 1], [0, 0]),
    };
    const weights = { weight: parameter(6, 2, 3, 2), bias: parameter(6) };
    expect(counts(operator, [[4, 5, 7]], weights)).toEqual({
      ...nothing,
      rows: 12,
      columns: 3,
      groups: 2,
      positions: 18,
      macs: 12 * 3 * 2 * 18,
      macsScatter: 12 * 3 * 2 * 18,
      parameters: 72,
      biases: 6,
      elements: 6 * 18,
    });
  });

  it('a transposed convolution: by output places, and by input places where it scatters', () => {
    const operator: Operator = {
      kind: 'convTranspose',
      channels: 4,
      groups: 1,
      outputPadding: [0, 0],
      ...window([2, 2], [2, 2], [0, 0]),
    };
    expect(counts(operator, [[3, 5, 5]])).toMatchObject({
      rows: 12,
      columns: 4,
      positions: 100,
      macs: 4800,
      macsScatter: 12 * 4 * 25,
      parameters: 48,
      biases: 0,
      elements: 400,
    });
  });

  it('a recurrent layer counts its sequence alone, both halves of its bias, its peepholes', () => {
    const operator: Operator = {
      kind: 'recurrent',
      cell: 'lstm',
      hidden: 3,
      direction: 'bidirectional',
      states: [],
      results: ['sequence', 'hidden', 'cell'],
      activations: [],
      clip: null,
      linearBeforeReset: false,
      inputForget: false,
    };
    const weights = { weight: parameter(2, 12, 5), bias: parameter(2, 24), peephole: parameter(2, 9) };
    expect(counts(operator, [[7, 5]], weights)).toEqual({
      ...nothing,
      rows: 8,
      columns: 12,
      groups: 2,
      positions: 7,
      macs: 8 * 12 * 2 * 7,
      macsScatter: 8 * 12 * 2 * 7,
      parameters: 192,
      biases: 48,
      elements: 7 * 2 * 3,
      constants: 18,
    });
  });

  const matmul = {
    kind: 'matmul',
    transposeA: false,
    transposeB: false,
    alpha: 1,
    beta: 1,
    arithmetic: 'float',
  } as const;
  it.each([
    [
      '3 heads of 4 x 5 by 5 x 6',
      matmul,
      [
        [3, 4, 5],
        [3, 5, 6],
      ],
      [5, 6, 3, 4],
    ],
    [
      'the first transposed',
      { ...matmul, transposeA: true },
      [
        [3, 5, 4],
        [3, 5, 6],
      ],
      [5, 6, 3, 4],
    ],
    [
      'the second transposed',
      { ...matmul, transposeB: true },
      [
        [3, 4, 5],
        [3, 6, 5],
      ],
      [5, 6, 3, 4],
    ],
    ['a vector by a matrix', matmul, [[5], [5, 6]], [5, 6, 1, 1]],
    ['a matrix by a vector', matmul, [[4, 5], [5]], [5, 1, 1, 4]],
  ] as const)(
    'a product of two activations has no parameters: %s',
    (_, operator, inputs, [rows, columns, groups, positions]) => {
      expect(
        counts(
          operator,
          inputs.map((shape) => [...shape]),
        ),
      ).toEqual({
        ...nothing,
        rows,
        columns,
        groups,
        positions,
        macs: rows * columns * groups * positions,
        macsScatter: rows * columns * groups * positions,
        elements: columns * groups * positions,
      });
    },
  );
});

describe('other nodes', () => {
  it('a pool counts the places of its windows inside its input', () => {
    const pool = { kind: 'pool', reduce: 'max', ceil: false, countPadding: false, global: false, p: 2 } as const;
    // Each axis of 5 with kernel 3, stride 2, padding 1: windows see 2, 3 and 2.
    expect(counts({ ...pool, ...window([3, 3], [2, 2], [1, 1]) }, [[4, 5, 5]])).toEqual({
      ...nothing,
      elements: 36,
      windowPlaces: 4 * 7 * 7,
    });
  });

  it('an adaptive pool: windows floor(i in / n) to ceil((i + 1) in / n)', () => {
    // 5 by 3: 0-2, 1-4, 3-5: 2 + 3 + 2; 6 by 2: 3 + 3.
    expect(counts({ kind: 'adaptivePool', reduce: 'average', sizes: [3, 2] }, [[4, 5, 6]])).toEqual({
      ...nothing,
      elements: 24,
      windowPlaces: 4 * 7 * 6,
    });
  });

  it('norms and slopes count their constants; weights of none', () => {
    const norm: Operator = { kind: 'norm', norm: 'batch', axes: [], groups: 1, epsilon: 0, perGroup: false };
    const four = parameter(4);
    expect(counts(norm, [[4, 2, 2]], { scale: four, bias: four, mean: four, variance: four })).toEqual({
      ...nothing,
      elements: 16,
      constants: 16,
    });
    expect(counts({ kind: 'prelu' }, [[4, 2]], { slope: parameter(2) })).toMatchObject({ constants: 2, biases: 0 });
    // What is no constant of its own does not count.
    expect(counts({ kind: 'prelu' }, [[4, 2]], { slope: parameter(2), axes: parameter(9) }).constants).toBe(2);
  });

  it('all outputs count', () => {
    expect(counts({ kind: 'split', axis: 0, sizes: [1, 3] }, [[4, 5]])).toEqual({ ...nothing, elements: 20 });
  });

  it('places along an axis: strides, padding, dilation', () => {
    expect(placesAlong(5, 3, window([3], [2], [1]), 0)).toBe(7);
    expect(placesAlong(4, 2, window([2], [2], [0]), 0)).toBe(4);
    // Taps at -2, 0, 2; 0, 2, 4; 2, 4, 6 over 0 .. 4.
    expect(placesAlong(5, 3, window([3], [2], [2], [2]), 0)).toBe(7);
    expect(placesAlong(5, 0, window([3], [2], [1]), 0)).toBe(0);
    expect(placesAlong(4, 2, window([1, 2], [1, 2], [0, 0]), 1)).toBe(4);
    // A line of a billion at once: the outer taps of its two ends are outside.
    expect(placesAlong(1e9, 1e9, window([3], [1], [1]), 0)).toBe(3e9 - 2);
    expect(placesAlong(1e9, 1, window([1e9], [1], [0]), 0)).toBe(1e9);
  });

  it('window places as counted one by one', () => {
    const some = fc.integer({ min: 1, max: 5 });
    const shape = fc.tuple(fc.nat(12), fc.nat(9), fc.integer({ min: 1, max: 12 }), some, fc.nat(8), some);
    fc.assert(
      fc.property(shape, ([size, outputs, taps, stride, pad, dilation]) => {
        let places = 0;
        for (let output = 0; output < outputs; output++)
          for (let tap = 0; tap < taps; tap++) {
            const at = output * stride - pad + tap * dilation;
            if (at >= 0 && at < size) places++;
          }
        expect(placesAlong(size, outputs, window([taps], [stride], [pad], [dilation]), 0)).toBe(places);
      }),
      { numRuns: 300, seed: 20 },
    );
  });
});
