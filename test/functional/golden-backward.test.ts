// Gradients of operators against ../shared/golden/backward (PyTorch 1.13 in float64; AdderNet by loops).

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Executor } from '../../src/functional/execute.js';
import { adaptedGradient } from '../../src/functional/operators/adder.js';
import { transpose } from '../../src/functional/operators/moves.js';
import { batchNorm, batchNormTrainingBackward, channelStatistics } from '../../src/functional/operators/norm.js';
import type { Values } from '../../src/functional/operators/values.js';
import { crossEntropy, meanSquare, type LossOf } from '../../src/functional/training/loss.js';
import type { Operator, UnaryFunction } from '../../src/workload/graph/index.js';
import { npz, oneNode, parametersOf, relativeError, type Array64 } from './graphs.js';
import { sharedUrl } from '../shared.js';

interface Case {
  readonly case: string;
  readonly op: string;
  readonly attributes: Record<string, unknown>;
}

const TOLERANCE = 1e-12;
/** PyTorch 1.13 multiplies hardsigmoid's errors by 1/6 in float32 even in float64 (index.json: differences of 3e-8). */
const SINGLE_SIXTH = 1e-8;
const folder = 'golden/backward/';
const cases = JSON.parse(readFileSync(sharedUrl(`${folder}index.json`), 'utf8')) as Case[];

const window = (a: Record<string, unknown>, kernel: readonly number[]): object => {
  const pads = a['pads'] as number[];
  const axes = kernel.length;
  return {
    kernel,
    strides: a['strides'],
    dilations: a['dilations'] ?? kernel.map(() => 1),
    padBegin: pads.slice(0, axes),
    padEnd: pads.slice(axes),
  };
};

const UNARY: Record<string, [UnaryFunction, number, number]> = {
  relu: ['relu', 0, 0],
  relu6: ['clip', 0, 6],
  leaky_relu: ['leakyRelu', 0.125, 0],
  sigmoid: ['sigmoid', 0, 0],
  tanh: ['tanh', 0, 0],
  gelu_erf: ['gelu', 0, 0],
  gelu_tanh: ['gelu', 1, 0],
  hardswish: ['hardSwish', 0, 0],
  hardsigmoid: ['hardSigmoid', 1 / 6, 0.5],
  silu: ['silu', 1, 0],
  softplus: ['softplus', 0, 0],
  elu: ['elu', 1, 0],
};

/** Time first (ONNX) to images first, or back. */
const swap = ({ shape, data }: Array64 | Values, order: readonly number[]): Values => transpose({ shape, data }, order);

/** [N, C, ...places] as [N, ...places, C]: a row of classes for each label. */
const placesAsRows = (x: Array64): Values => swap(x, [0, ...x.shape.slice(2).map((_, place) => place + 2), 1]);

interface Setup {
  readonly operator: Operator;
  /** Arrays by the graph's inputs, parameters by role, outputs; images first. */
  readonly inputs: Record<string, Values>;
  readonly parameters: Record<string, Array64>;
  readonly outputs: readonly string[];
  /** Order of axes of an array in the file, to bring images to the front. */
  readonly order: (name: string) => readonly number[] | undefined;
  readonly batch: boolean;
}

function setupOf({ op, attributes: a }: Case, arrays: Map<string, Array64>): Setup | undefined {
  const x = arrays.get('x');
  const w = arrays.get('w');
  const b = arrays.get('b');
  const withBatch = (operator: object, parameters: Record<string, Array64 | undefined> = {}): Setup => ({
    operator: operator as Operator,
    inputs: { x: x! },
    parameters: Object.fromEntries(Object.entries(parameters).filter((entry) => entry[1] !== undefined)) as Record<
      string,
      Array64
    >,
    outputs: ['y'],
    order: () => undefined,
    batch: true,
  });
  const whole = (operator: object, names: readonly string[]): Setup => ({
    ...withBatch(operator),
    inputs: Object.fromEntries(names.map((name) => [name, arrays.get(name)!])),
    batch: false,
  });
  const unary = UNARY[op];
  if (unary !== undefined) return whole({ kind: 'unary', function: unary[0], alpha: unary[1], beta: unary[2] }, ['x']);
  switch (op) {
    case 'conv2d':
    case 'adder2d':
      return withBatch(
        {
          kind: op === 'conv2d' ? 'conv' : 'adder',
          ...window(a, w!.shape.slice(2)),
          channels: w!.shape[0],
          groups: a['group'] ?? 1,
          arithmetic: 'float',
        },
        { weight: w, bias: b },
      );
    case 'conv_transpose2d':
      return withBatch(
        {
          kind: 'convTranspose',
          ...window(a, w!.shape.slice(2)),
          channels: w!.shape[1]! * (a['group'] as number),
          groups: a['group'],
          outputPadding: a['output_padding'],
        },
        { weight: w, bias: b },
      );
    case 'dense': {
      const left = (a['w'] as string).startsWith('left');
      const outIn = left || a['w'] === 'out, in';
      return withBatch(
        {
          kind: 'dense',
          axis: x!.shape.length - (left ? 3 : 2),
          features: outIn ? w!.shape[0] : w!.shape[1],
          groups: 1,
          weightLayout: outIn ? 'out-in' : 'in-out',
          alpha: 1,
          beta: 1,
          arithmetic: 'float',
        },
        { weight: w, bias: b },
      );
    }
    case 'lstm':
    case 'gru': {
      const states = op === 'lstm' ? ['hidden', 'cell'] : ['hidden'];
      const results = [['y', 'sequence'] as const, ['y_h', 'hidden'] as const, ['y_c', 'cell'] as const].filter(
        ([name]) => arrays.has(name),
      );
      const activations = op === 'lstm' ? ['sigmoid', 'tanh', 'tanh'] : ['sigmoid', 'tanh'];
      const order = (name: string): readonly number[] =>
        name.endsWith('y') ? [2, 0, 1, 3] : name.endsWith('x') ? [1, 0, 2] : [1, 0, 2];
      return {
        operator: {
          kind: 'recurrent',
          cell: op,
          hidden: a['hidden_size'] as number,
          direction: a['direction'] as 'forward',
          states: states as ['hidden'],
          results: results.map(([, result]) => result),
          activations: [...activations, ...activations].map((name) => ({ name })),
          clip: null,
          linearBeforeReset: a['linear_before_reset'] === 1,
          inputForget: false,
        },
        inputs: Object.fromEntries(
          ['x', 'h0', ...(op === 'lstm' ? ['c0'] : [])].map((name) => [name, swap(arrays.get(name)!, [1, 0, 2])]),
        ),
        parameters: { weight: w!, recurrent: arrays.get('r')!, bias: b! },
        outputs: results.map(([name]) => name),
        order: (name) => (['d_w', 'd_r', 'd_b'].includes(name) ? undefined : order(name)),
        batch: true,
      };
    }
    case 'max_pool2d':
    case 'avg_pool2d':
    case 'global_average_pool':
    case 'global_max_pool': {
      const global = op.startsWith('global');
      const kernel = global ? x!.shape.slice(2) : (a['kernel'] as number[]);
      const attributes = global ? { strides: [1, 1], pads: [0, 0, 0, 0] } : a;
      return withBatch({
        kind: 'pool',
        reduce: op.includes('max') ? 'max' : 'average',
        ...window(attributes, kernel),
        ceil: a['ceil_mode'] === 1,
        countPadding: a['count_include_pad'] === 1,
        global,
        p: 2,
      });
    }
    case 'batch_norm_inference':
      return withBatch(
        { kind: 'norm', norm: 'batch', axes: [], groups: 1, epsilon: a['eps'], perGroup: false },
        { scale: arrays.get('g'), bias: b, mean: arrays.get('mean'), variance: arrays.get('var') },
      );
    case 'layer_norm': {
      const rank = x!.shape.length - 1;
      const count = a['axes'] as number;
      return withBatch(
        {
          kind: 'norm',
          norm: 'layer',
          axes: Array.from({ length: count }, (_, i) => rank - count + i),
          groups: 1,
          epsilon: a['eps'],
          perGroup: false,
        },
        { scale: arrays.get('g'), bias: b },
      );
    }
    case 'softmax':
    case 'log_softmax': {
      const axis = a['axis'] as number;
      return whole({ kind: 'softmax', axes: [axis < 0 ? axis + x!.shape.length : axis], log: op === 'log_softmax' }, [
        'x',
      ]);
    }
    case 'matmul':
      return whole({ kind: 'matmul', transposeA: false, transposeB: false, alpha: 1, beta: 1, arithmetic: 'float' }, [
        'a',
        'b',
      ]);
    case 'add':
    case 'sub':
    case 'mul':
    case 'div':
      return whole({ kind: 'elementwise', function: op }, arrays.has('b') ? ['a', 'b'] : ['a']);
    case 'concat': {
      const axis = a['axis'] as number;
      const { shape } = arrays.get('a')!;
      return whole(
        { kind: 'concat', axis: axis < 0 ? axis + shape.length : axis },
        ['a', 'b', 'c'].filter((name) => arrays.has(name)),
      );
    }
    case 'resize2d': {
      const y = arrays.get('y')!;
      return withBatch({
        kind: 'resize',
        mode: a['mode'],
        sizes: y.shape.slice(1),
        scales: y.shape.slice(1).map((size, axis) => size / x!.shape[axis + 1]!),
        coordinates: a['coordinates'],
        rounding: a['rounding'] ?? 'round_prefer_floor',
        cubicCoefficient: -0.75,
      });
    }
    default:
      return undefined;
  }
}

const GOLDEN_ROLE: Record<string, string> = {
  weight: 'd_w',
  bias: 'd_b',
  recurrent: 'd_r',
  scale: 'd_g',
};

/** Nodes whose operands are one tensor: the graph reads it twice. */
const TWICE: Record<string, readonly number[]> = { mul_same_tensor: [0, 0], concat_twice: [0, 1, 0] };

describe('golden/backward (PyTorch in float64)', () => {
  const own = ['batch_norm_training', 'softmax_cross_entropy', 'mean_square', 'attention'];
  it.each(cases.filter(({ op }) => !own.includes(op)).map((entry) => [entry.case, entry] as const))(
    '%s',
    (name, entry) => {
      const arrays = npz(`${folder}${name}.npz`);
      const setup = setupOf(entry, arrays)!;
      const seen = (key: string): Values => {
        const array = arrays.get(key)!;
        const order = setup.order(key);
        const values = order === undefined ? array : swap(array, order);
        return setup.batch ? values : { shape: [1, ...values.shape], data: values.data };
      };
      const strip = ({ shape }: Values): readonly number[] => shape.slice(1);
      const inputs = new Map(
        Object.entries(setup.inputs).map(([key, values]) => [
          key,
          setup.batch ? values : { shape: [1, ...values.shape], data: values.data },
        ]),
      );
      const graph = oneNode(setup.operator, {
        inputs: Object.fromEntries([...inputs].map(([key, values]) => [key, strip(values)])),
        parameters: Object.fromEntries(
          Object.entries(setup.parameters).map(([role, { shape }]) => [role, { key: role, shape }]),
        ),
        outputs: Object.fromEntries(setup.outputs.map((key) => [key, strip(seen(key))])),
        batch: setup.batch,
      });
      const twice = TWICE[name];
      const used = twice === undefined ? graph : { ...graph, nodes: [{ ...graph.nodes[0]!, inputs: twice }] };
      const executor = new Executor(used, parametersOf(new Map(Object.entries(setup.parameters))), {
        precision: 'float64',
      });
      const outputs = executor.forward(inputs, { record: true });
      for (const key of setup.outputs)
        expect(relativeError(outputs.get(key)!.data, seen(key).data), key).toBeLessThan(TOLERANCE);
      const { inputGradients, parameterGradients } = executor.backward(
        new Map(setup.outputs.map((key) => [key, seen(`d_${key}`)])),
      );
      for (const key of inputs.keys())
        expect(relativeError(inputGradients.get(key)!.data, seen(`d_${key}`).data), `d_${key}`).toBeLessThan(
          entry.op === 'hardsigmoid' ? SINGLE_SIXTH : TOLERANCE,
        );
      for (const role of Object.keys(setup.parameters)) {
        const key = GOLDEN_ROLE[role];
        if (key !== undefined)
          expect(relativeError(parameterGradients.get(role)!.data, arrays.get(key)!.data), key).toBeLessThan(TOLERANCE);
      }
      if (setup.operator.kind === 'adder')
        expect(
          relativeError(
            adaptedGradient(parameterGradients.get('weight')!, entry.attributes['eta'] as number).data,
            arrays.get('d_w_adapted')!.data,
          ),
        ).toBeLessThan(TOLERANCE);
    },
  );

  const expectLoss = ({ losses, error }: LossOf, share: number, arrays: Map<string, Array64>): void => {
    expect(relativeError([losses.reduce((sum, one) => sum + one, 0) * share], arrays.get('loss')!.data)).toBeLessThan(
      TOLERANCE,
    );
    const upstream = arrays.get('d_loss')!.data[0]!;
    expect(
      relativeError(
        error.map((value) => value * share * upstream),
        placesAsRows(arrays.get('d_x')!).data,
      ),
    ).toBeLessThan(TOLERANCE);
  };

  it.each(cases.filter(({ op }) => op === 'softmax_cross_entropy').map((entry) => [entry.case, entry] as const))(
    '%s',
    (name, entry) => {
      const arrays = npz(`${folder}${name}.npz`);
      const labels = arrays.get('label')!.data;
      const loss = crossEntropy(Float64Array.from(placesAsRows(arrays.get('x')!).data), labels, labels.length);
      expectLoss(loss, entry.attributes['reduction'] === 'mean' ? 1 / labels.length : 1, arrays);
    },
  );

  it('mean_square', () => {
    const arrays = npz(`${folder}mean_square.npz`);
    const [x, target] = [arrays.get('x')!, arrays.get('target')!];
    const rows = x.shape[0]!;
    expectLoss(meanSquare(x.data, target.data, rows), 1 / rows, arrays);
  });

  it.each(['batch_norm_training_1d', 'batch_norm_training_2d'])('%s', (name) => {
    const arrays = npz(`${folder}${name}.npz`);
    const [x, g, b] = ['x', 'g', 'b'].map((key) => arrays.get(key)!) as [Array64, Array64, Array64];
    const { mean, variance } = channelStatistics(x);
    const y = batchNorm(x, { scale: g, shift: b, mean, variance }, 1e-5);
    expect(relativeError(y.data, arrays.get('y')!.data)).toBeLessThan(TOLERANCE);
    expect(relativeError(mean.data, arrays.get('batch_mean')!.data)).toBeLessThan(TOLERANCE);
    expect(relativeError(variance.data, arrays.get('batch_var')!.data)).toBeLessThan(TOLERANCE);
    const gradients = batchNormTrainingBackward(x, g, 1e-5, arrays.get('d_y')!);
    expect(relativeError(gradients.input.data, arrays.get('d_x')!.data)).toBeLessThan(TOLERANCE);
    expect(relativeError(gradients.scale.data, arrays.get('d_g')!.data)).toBeLessThan(TOLERANCE);
    expect(relativeError(gradients.shift.data, arrays.get('d_b')!.data)).toBeLessThan(TOLERANCE);
  });
});
