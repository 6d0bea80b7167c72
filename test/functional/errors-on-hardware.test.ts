// Errors through integers and crossbars: transposed reads and second copies of the weights agree exactly on ideal
// devices, follow the float errors with enough bits, and training goes on them.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crossbarBackend } from '../../src/functional/backends/crossbar.js';
import { idealOptions, type CrossbarOptions } from '../../src/functional/crossbar/options.js';
import { Executor, type NamedValues } from '../../src/functional/execute.js';
import { FoldedNetwork, QuantizedNetwork, type QuantizedOptions } from '../../src/functional/quantized/network.js';
import { Trainer } from '../../src/functional/training/trainer.js';
import { initialParameters } from '../../src/functional/training/initial.js';
import type { Graph, Parameters } from '../../src/workload/graph/index.js';
import { loaded } from '../helpers.js';
import { relativeError } from './graphs.js';

const network = (layers: string, input: string): { graph: Graph; parameters: Parameters } => {
  const yaml = `name: small\ninput: ${input}\nlayers:\n${layers}`;
  const { graph } = loaded('isaac', ['network=small.yaml'], { 'small.yaml': yaml }).network;
  return { graph, parameters: initialParameters(graph, 3) };
};

/** Numbers that look drawn. */
const drawn = (length: number, seed: number): Float64Array =>
  Float64Array.from({ length }, (_, i) => Math.sin((i + 1) * 12.9898 + seed * 78.233) * 1.3);

const inputsOf = ({ tensors, inputs }: Graph, images: number, seed = 1): NamedValues => {
  const { name, shape } = tensors[inputs[0]!]!;
  const size = shape.reduce((product, length) => product * length, images);
  return new Map([[name, { shape: [images, ...shape], data: drawn(size, seed) }]]);
};

const errorsOf = (graph: Graph, images: number): NamedValues => {
  const { name, shape } = graph.tensors[graph.outputs[0]!]!;
  const size = shape.reduce((product, length) => product * length, images);
  return new Map([[name, { shape: [images, ...shape], data: drawn(size, 5) }]]);
};

const hardware = (sign: 'differential' | 'offset', slices: 'arrays' | 'columns', bits: number): CrossbarOptions =>
  idealOptions({
    ...{ rows: 16, columns: 24, cellBits: 2, weightBits: bits, sign, slices },
    ...{ referenceColumn: 'extra', biasRow: false, foldsNorms: false, groups: 'separate' },
  });

const quantized = (
  { graph, parameters }: { graph: Graph; parameters: Parameters },
  bits: number,
  options: Partial<QuantizedOptions> = {},
  images = 2,
): QuantizedNetwork => {
  const folded = new FoldedNetwork(graph, parameters);
  const ranges = new Map<number, number>();
  folded.calibrate(inputsOf(graph, images), ranges);
  const widths = { weightBits: bits, activationBits: bits, per: 'tensor' } as const;
  return new QuantizedNetwork(folded, { widths, ranges, ...options });
};

const gradients = (
  computation: Executor | QuantizedNetwork,
  images = 2,
): { input: ArrayLike<number>; parameters: Map<string, number[]> } => {
  const { graph } = computation;
  computation.forward(inputsOf(graph, images), { record: true });
  const { inputGradients, parameterGradients } = computation.backward(errorsOf(graph, images));
  return {
    input: [...inputGradients.values()][0]!.data,
    parameters: new Map([...parameterGradients].map(([key, { data }]) => [key, [...data]])),
  };
};

const MAP = '{ channels: 2, height: 7, width: 6 }';
const NETWORKS: readonly (readonly [string, string, string])[] = [
  [
    'convolutions with strides, padding and groups, dense',
    MAP,
    `  - { name: conv1, type: conv2d, channels: 4, kernel: 3, stride: 2, padding: 1 }
  - { name: relu1, type: relu }
  - { name: conv2, type: conv2d, channels: 4, kernel: 2, groups: 2 }
  - { name: relu2, type: relu }
  - { name: fc, type: dense, features: 3 }
`,
  ],
  [
    'transposed convolution',
    MAP,
    `  - { name: up, type: deconv2d, channels: 3, kernel: 3, stride: 2 }
  - { name: relu1, type: relu }
  - { name: fc, type: dense, features: 3 }
`,
  ],
  ['LSTM', '{ features: 5, steps: 4 }', '  - { name: lstm, type: lstm, hidden: 6 }\n'],
  ['GRU', '{ features: 5, steps: 4 }', '  - { name: gru, type: gru, hidden: 6 }\n'],
  [
    'GRU in both directions, reset behind the product',
    '{ features: 5, steps: 4 }',
    '  - { name: gru, type: gru, hidden: 6, linearBeforeReset: true, direction: bidirectional }\n',
  ],
];

describe('errors of integers and crossbars', () => {
  it.each(NETWORKS)('%s: transposed reads, second copies and digital units agree exactly', (_, input, layers) => {
    const model = network(layers, input);
    const right = gradients(quantized(model, 8));
    expect(right.input.length).toBeGreaterThan(0);
    expect(Array.from(right.input).some((value) => value !== 0)).toBe(true);
    for (const [sign, slices] of [
      ['differential', 'arrays'],
      ['offset', 'columns'],
    ] as const)
      for (const copies of ['shared', 'dedicated'] as const) {
        const backend = crossbarBackend(hardware(sign, slices, 8));
        expect(gradients(quantized(model, 8, { backend, copies }))).toEqual(right);
      }
  });

  it.each(NETWORKS)('%s: with 24 bits within 1e-4 of floats', (_, input, layers) => {
    const model = network(layers, input);
    const exact = gradients(new Executor(model.graph, model.parameters, { precision: 'float64' }));
    const found = gradients(quantized(model, 24));
    expect(relativeError(found.input, exact.input)).toBeLessThan(1e-4);
    expect([...found.parameters.keys()].sort()).toEqual([...exact.parameters.keys()].sort());
    for (const [key, gradient] of exact.parameters)
      expect(relativeError(found.parameters.get(key)!, gradient)).toBeLessThan(1e-4);
  });

  it('random convolutions: rotated kernel and transposed reads give the same integers', () => {
    const size = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
    fc.assert(
      fc.property(
        fc.record({
          ...{ channels: size(1, 3), kernel: size(1, 3), stride: size(1, 3), padding: size(0, 2) },
          ...{ dilation: size(1, 2), height: size(5, 8), width: size(5, 8) },
        }),
        ({ channels, kernel, stride, padding, dilation, height, width }) => {
          const input = `{ channels: 2, height: ${height}, width: ${width} }`;
          const knobs = `kernel: ${kernel}, stride: ${stride}, padding: ${padding}, dilation: ${dilation}`;
          const model = network(`  - { name: conv, type: conv2d, channels: ${channels}, ${knobs} }\n`, input);
          const backend = crossbarBackend(hardware('offset', 'arrays', 6));
          const shared = gradients(quantized(model, 6, { backend, copies: 'shared' }));
          expect(gradients(quantized(model, 6, { backend, copies: 'dedicated' }))).toEqual(shared);
        },
      ),
      { numRuns: 25, seed: 4 },
    );
  });

  it('gradients of folded norms are those of the numbers before folding', () => {
    const layers = `  - { name: conv1, type: conv2d, channels: 4, kernel: 3, bias: true }
  - { name: bn1, type: batchnorm }
  - { name: relu1, type: relu }
  - { name: fc, type: dense, features: 3 }
`;
    const { graph, parameters } = network(layers, MAP);
    const moved: Parameters = {
      keys: parameters.keys,
      get: (key) => {
        const { shape, data } = parameters.get(key);
        const shift = key.includes('bn1') ? 0.3 : 0;
        return { shape, data: Float64Array.from(data as Float64Array, (value, i) => value + shift * (1 + i / 7)) };
      },
    };
    const model = { graph, parameters: moved };
    const exact = gradients(new Executor(graph, moved, { precision: 'float64' }));
    const found = gradients(quantized(model, 24));
    const trained = [...found.parameters.keys()];
    expect(trained.length).toBe([...exact.parameters.keys()].filter((key) => !/mean|var/.test(key)).length);
    for (const [key, gradient] of found.parameters)
      expect(relativeError(gradient, exact.parameters.get(key)!)).toBeLessThan(1e-4);
  });
});

describe('networks that change', () => {
  const layers = `  - { name: fc1, type: dense, features: 12 }
  - { name: relu1, type: relu }
  - { name: fc2, type: dense, features: 4 }
`;
  const truth = { labels: Int32Array.from([0, 1, 2, 3, 0, 1, 2, 3]) };

  it('are those that would be made of the changed numbers', () => {
    const model = network(layers, '{ features: 10 }');
    const own = quantized(model, 8);
    const weight = own.parameters.stored(own.parameters.keys[0]!)!;
    for (let i = 0; i < weight.data.length; i++) weight.data[i]! *= 1.7;
    own.changed();
    own.calibrate(inputsOf(model.graph, 2));
    const fresh = quantized({ ...model, parameters: own.parameters.snapshot() }, 8);
    const inputs = inputsOf(model.graph, 2);
    expect(own.forward(inputs)).toEqual(fresh.forward(inputs));
  });

  it('train on ideal crossbars to the losses of digital integers, and these fall', () => {
    const model = network(layers, '{ features: 10 }');
    const batch = { inputs: inputsOf(model.graph, 8), count: 8, truth };
    const losses = (options: Partial<QuantizedOptions>): number[] => {
      const computation = quantized(model, 8, options, 8);
      const trainer = new Trainer(computation, {
        optimizer: { kind: 'sgd', learningRate: 0.3, momentum: 0.5, weightDecay: 0 },
      });
      return Array.from({ length: 30 }, (_, i) => {
        if (i % 5 === 0) computation.calibrate(batch.inputs);
        return trainer.step(batch).loss;
      });
    };
    const digital = losses({});
    expect(digital.at(-1)).toBeLessThan(0.6 * digital[0]!);
    expect(losses({ backend: crossbarBackend(hardware('offset', 'arrays', 8)) })).toEqual(digital);
    const second = crossbarBackend(hardware('differential', 'columns', 8));
    expect(losses({ backend: second, copies: 'dedicated' })).toEqual(digital);
  });

  it('draw anew for each pass and each write, and go on from a checkpoint as if nothing had happened', () => {
    const model = network(layers, '{ features: 10 }');
    const options = hardware('offset', 'arrays', 8);
    const cells = {
      ...options.cells,
      programming: { deviation: 0.05, relativeTo: 'range', distribution: 'normal', levels: null, verify: null },
      read: { deviation: 0.02, relativeTo: 'range' },
    } as const;
    const noisy = (): QuantizedNetwork =>
      quantized(model, 8, { backend: crossbarBackend({ ...options, cells, precision: 'float64' }) });
    const inputs = inputsOf(model.graph, 2);
    const own = noisy();
    const first = own.forward(inputs);
    const second = own.forward(inputs);
    expect(second).not.toEqual(first);
    own.changed();
    const kept = own.progress;
    const third = own.forward(inputs);
    const resumed = noisy();
    resumed.resume(kept);
    expect(resumed.forward(inputs)).toEqual(third);
    expect(noisy().forward(inputs)).toEqual(first);
  });
});
