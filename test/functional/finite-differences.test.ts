// Gradients of operators against central differences, over random shapes and attributes.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Trial, worst } from './differences.js';

const size = (least: number, most: number): fc.Arbitrary<number> => fc.integer({ min: least, max: most });

/** Convolution over one to three axes. */
const convolution = fc
  .record({
    axes: size(1, 3),
    groups: size(1, 2),
    channels: size(1, 2),
    filters: size(1, 2),
    kernel: size(1, 3),
    stride: size(1, 2),
    dilation: size(1, 2),
    begin: size(0, 1),
    end: size(0, 2),
    transposed: fc.boolean(),
  })
  .map(({ axes, groups, channels, filters, kernel, stride, dilation, begin, end, transposed }): Trial => {
    const list = (value: number): number[] => new Array<number>(axes).fill(value);
    const extent = dilation * (kernel - 1) + 1;
    const input = list(Math.max(3, extent));
    const output = input.map((length) => Math.floor((length + begin + end - extent) / stride) + 1);
    const window = {
      kernel: list(kernel),
      strides: list(stride),
      dilations: list(dilation),
      padBegin: list(begin),
      padEnd: list(end),
    };
    const out = groups * filters;
    if (!transposed)
      return {
        operator: { kind: 'conv', ...window, channels: out, groups, arithmetic: 'float' },
        inputs: { x: [groups * channels, ...input] },
        parameters: { weight: [out, channels, ...list(kernel)], bias: [out] },
        outputs: { y: [out, ...output] },
      };
    const padded = end >= 1 ? stride - 1 : 0;
    const grown = input.map((length) => stride * (length - 1) + extent + padded - begin - end);
    return {
      operator: { kind: 'convTranspose', ...window, channels: out, groups, outputPadding: list(padded) },
      inputs: { x: [groups * channels, ...input] },
      parameters: { weight: [groups * channels, filters, ...list(kernel)], bias: [out] },
      outputs: { y: [out, ...grown] },
    };
  })
  .filter(({ outputs }) => outputs['y']!.every((length) => length > 0));

/** Recurrent layers of all cells. */
const recurrent = fc
  .record({
    cell: fc.constantFrom('lstm' as const, 'gru' as const, 'rnn' as const),
    direction: fc.constantFrom('forward' as const, 'reverse' as const, 'bidirectional' as const),
    hidden: size(1, 3),
    features: size(1, 3),
    steps: size(1, 3),
    linearBeforeReset: fc.boolean(),
    peephole: fc.boolean(),
    inputForget: fc.boolean(),
  })
  .map(({ cell, direction, hidden, features, steps, linearBeforeReset, peephole, inputForget }): Trial => {
    const d = direction === 'bidirectional' ? 2 : 1;
    const gates = { lstm: 4, gru: 3, rnn: 1 }[cell];
    const names = { lstm: ['sigmoid', 'tanh', 'tanh'], gru: ['sigmoid', 'tanh'], rnn: ['tanh'] }[cell];
    const lstm = cell === 'lstm';
    return {
      operator: {
        kind: 'recurrent',
        cell,
        hidden,
        direction,
        states: lstm ? ['hidden', 'cell'] : ['hidden'],
        results: lstm ? ['sequence', 'hidden', 'cell'] : ['sequence', 'hidden'],
        activations: [...names, ...names].slice(0, d * names.length).map((name) => ({ name })),
        clip: null,
        linearBeforeReset,
        inputForget,
      },
      inputs: { x: [steps, features], h: [d, hidden], ...(lstm ? { c: [d, hidden] } : {}) },
      parameters: {
        weight: [d, gates * hidden, features],
        recurrent: [d, gates * hidden, hidden],
        bias: [d, 2 * gates * hidden],
        ...(lstm && peephole ? { peephole: [d, 3 * hidden] } : {}),
      },
      outputs: { y: [steps, d, hidden], yh: [d, hidden], ...(lstm ? { yc: [d, hidden] } : {}) },
    };
  });

const norm = fc
  .record({
    kind: fc.constantFrom('layer' as const, 'rms' as const, 'group' as const, 'instance' as const, 'batch' as const),
    channels: fc.constantFrom(2, 4),
    width: size(2, 4),
    perGroup: fc.boolean(),
  })
  .map(({ kind, channels, width, perGroup }): Trial => {
    const parameters = kind === 'layer' || kind === 'rms' ? [width] : kind === 'group' && perGroup ? [2] : [channels];
    return {
      operator: { kind: 'norm', norm: kind, axes: [1], groups: 2, epsilon: 1e-3, perGroup },
      inputs: { x: [channels, width] },
      parameters: {
        scale: parameters,
        bias: parameters,
        ...(kind === 'batch' ? { mean: parameters, variance: parameters } : {}),
      },
      positive: ['variance'],
      outputs: { y: [channels, width] },
    };
  });

const pool = fc
  .record({
    reduce: fc.constantFrom('max' as const, 'average' as const, 'lp' as const),
    kernel: size(2, 3),
    stride: size(1, 3),
    pad: size(0, 1),
    ceil: fc.boolean(),
    countPadding: fc.boolean(),
  })
  .map(({ reduce, kernel, stride, pad, ceil, countPadding }): Trial => {
    const room = 7 + 2 * pad - kernel;
    let out = (ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
    if (ceil && (out - 1) * stride >= 7 + pad) out--;
    return {
      operator: {
        kind: 'pool',
        reduce,
        kernel: [kernel, kernel],
        strides: [stride, stride],
        dilations: [1, 1],
        padBegin: [pad, pad],
        padEnd: [pad, pad],
        ceil,
        countPadding,
        global: false,
        p: 2,
      },
      inputs: { x: [2, 7, 7] },
      parameters: {},
      outputs: { y: [2, out, out] },
    };
  });

const resize = fc
  .record({
    mode: fc.constantFrom('nearest' as const, 'linear' as const, 'cubic' as const),
    coordinates: fc.constantFrom(
      'half_pixel' as const,
      'half_pixel_symmetric' as const,
      'pytorch_half_pixel' as const,
      'align_corners' as const,
      'asymmetric' as const,
    ),
    rounding: fc.constantFrom('floor' as const, 'ceil' as const, 'round_prefer_floor' as const),
    input: size(2, 4),
    output: size(2, 7),
  })
  .map(({ mode, coordinates, rounding, input, output }): Trial => ({
    operator: {
      kind: 'resize',
      mode,
      coordinates,
      rounding,
      sizes: [2, output, output],
      scales: [1, output / input, output / input],
      cubicCoefficient: -0.75,
    },
    inputs: { x: [2, input, input] },
    parameters: {},
    outputs: { y: [2, output, output] },
  }));

const reductions = ['mean', 'sum', 'prod', 'l1', 'l2', 'sumSquare', 'logSum', 'logSumExp', 'max', 'min'] as const;
const reduce = fc
  .record({
    name: fc.constantFrom(...reductions),
    axes: fc.constantFrom<readonly number[]>([0], [1], [0, 2], [0, 1, 2]),
    keep: fc.boolean(),
  })
  .map(({ name, axes, keep }): Trial => {
    const shape = [2, 3, 2];
    return {
      operator: { kind: 'reduce', function: name, axes, keep, lastIndex: false },
      inputs: { x: shape },
      parameters: {},
      positive: ['x'],
      outputs: { y: shape.flatMap((length, axis) => (axes.includes(axis) ? (keep ? [1] : []) : [length])) },
    };
  });

const dense = fc
  .record({
    groups: size(1, 2),
    left: fc.boolean(),
    layout: fc.constantFrom('in-out' as const, 'out-in' as const),
    features: size(1, 3),
  })
  .map(({ groups, left, layout, features }): Trial => {
    const [rows, width] = [3, 4];
    const k = left ? rows : width;
    const matrix = layout === 'in-out' ? [k, features] : [features, k];
    return {
      operator: {
        kind: 'dense',
        axis: left ? 1 : 2,
        features,
        groups,
        weightLayout: layout,
        alpha: 0.5,
        beta: 2,
        arithmetic: 'float',
      },
      inputs: { x: [groups, rows, width] },
      parameters: { weight: groups === 1 ? matrix : [groups, ...matrix], bias: left ? [features, 1] : [features] },
      outputs: { y: left ? [groups, features, width] : [groups, rows, features] },
    };
  });

/** Functions of two tensors, one of which broadcasts. */
const elementwise = fc
  .record({
    name: fc.constantFrom(...(['add', 'sub', 'mul', 'div', 'min', 'max', 'mean', 'pow'] as const)),
    flipped: fc.boolean(),
  })
  .map(({ name, flipped }): Trial => {
    const [a, b] = flipped
      ? [
          [1, 3],
          [2, 1],
        ]
      : [[2, 3], [3]];
    return {
      operator: { kind: 'elementwise', function: name },
      inputs: { a: a, b: b },
      parameters: {},
      positive: name === 'div' ? ['b'] : name === 'pow' ? ['a', 'b'] : [],
      outputs: { y: [2, 3] },
    };
  });

/** An operator of one tensor. */
const moving = (operator: Trial['operator'], x: number[], y: number[]): Trial => ({
  operator,
  inputs: { x },
  parameters: {},
  outputs: { y },
});

const moves = fc.constantFrom<Trial>(
  {
    operator: { kind: 'concat', axis: 1 },
    inputs: { a: [2, 3], b: [2, 1] },
    parameters: {},
    outputs: { y: [2, 4] },
  },
  {
    operator: { kind: 'split', axis: 0, sizes: [1, 3] },
    inputs: { x: [4, 2] },
    parameters: {},
    outputs: { y: [1, 2], z: [3, 2] },
  },
  moving({ kind: 'reshape', shape: [3, 2, 2] }, [4, 3], [3, 2, 2]),
  moving({ kind: 'transpose', permutation: [2, 0, 1] }, [2, 3, 4], [4, 2, 3]),
  moving({ kind: 'expand', shape: [2, 3, 4] }, [3, 1], [2, 3, 4]),
  moving({ kind: 'lrn', size: 3, alpha: 0.5, beta: 0.75, bias: 1 }, [5, 2, 2], [5, 2, 2]),
  moving({ kind: 'slice', starts: [3, 0], sizes: [2, 2], steps: [-2, 1] }, [4, 3], [2, 2]),
  moving({ kind: 'pad', begin: [2, 1], end: [1, -1], mode: 'reflect', value: 0 }, [4, 3], [7, 3]),
  moving({ kind: 'tile', repeats: [2, 3] }, [2, 3], [4, 9]),
  moving({ kind: 'shuffle', to: 'space', block: 2, order: 'CRD' }, [8, 2, 3], [2, 4, 6]),
  moving({ kind: 'shuffle', to: 'depth', block: 2, order: 'DCR' }, [2, 4, 6], [8, 2, 3]),
  moving({ kind: 'adaptivePool', reduce: 'average', sizes: [3, 2] }, [2, 7, 5], [2, 3, 2]),
  moving({ kind: 'adaptivePool', reduce: 'max', sizes: [2, 3] }, [2, 5, 7], [2, 2, 3]),
  {
    operator: { kind: 'prelu' },
    inputs: { x: [3, 4] },
    parameters: { slope: [3, 1] },
    outputs: { y: [3, 4] },
  },
  moving({ kind: 'softmax', axes: [0, 1], log: true }, [2, 3, 2], [2, 3, 2]),
  {
    operator: { kind: 'matmul', transposeA: true, transposeB: true, alpha: 0.5, beta: 1.5, arithmetic: 'float' },
    inputs: { a: [2, 3, 4], b: [2, 5, 3], c: [5] },
    parameters: {},
    outputs: { y: [2, 4, 5] },
  },
);

describe('gradients agree with central differences', () => {
  it.each([
    ['convolutions', convolution, 60],
    ['recurrent layers', recurrent, 60],
    ['norms', norm, 30],
    ['pools', pool, 40],
    ['resampling', resize, 40],
    ['reductions', reduce, 40],
    ['dense layers', dense, 20],
    ['functions of two tensors', elementwise, 30],
    ['moves and others', moves, 60],
  ])('%s', (_, trials, runs) => {
    fc.assert(
      fc.property(trials, fc.integer(), (trial, seed) => {
        expect(worst(trial, seed)).toBeLessThan(2e-7);
      }),
      { numRuns: runs },
    );
  });

  it('functions of one element, away from their kinks', () => {
    const names = [
      'elu',
      'celu',
      'selu',
      'gelu',
      'silu',
      'tanh',
      'sigmoid',
      'softplus',
      'softsign',
      'mish',
      'erf',
      'exp',
      'log',
      'sqrt',
      'reciprocal',
      'sin',
      'cos',
      'leakyRelu',
      ...(['relu', 'clip', 'hardSwish', 'hardSigmoid', 'thresholdedRelu', 'shrink', 'abs', 'neg'] as const),
    ] as const;
    /** Where their kinks stand, among numbers from -1 to 1. */
    const ENDS: Partial<Record<string, { alpha: number; beta: number }>> = {
      clip: { alpha: -0.25, beta: 0.5 },
      hardSigmoid: { alpha: 1.5, beta: 0.5 },
      thresholdedRelu: { alpha: 0.25, beta: 0 },
      shrink: { alpha: 0.25, beta: 0.125 },
    };
    for (const name of names)
      expect(
        worst(
          {
            operator: { kind: 'unary', function: name, ...(ENDS[name] ?? { alpha: 1.25, beta: 1.0625 }) },
            inputs: { x: [4, 3] },
            parameters: {},
            positive: ['log', 'sqrt', 'reciprocal'].includes(name) ? ['x'] : [],
            outputs: { y: [4, 3] },
          },
          7,
        ),
        name,
      ).toBeLessThan(1e-7);
  });
});
