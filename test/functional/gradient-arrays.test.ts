// Weight gradients out of arrays that the inputs are written into: on ideal devices the integer product exactly, in
// both layouts; near the float gradients with enough bits.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crossbarBackend } from '../../src/functional/backends/crossbar.js';
import { idealOptions, IDEAL_CELLS, type CrossbarOptions } from '../../src/functional/crossbar/options.js';
import { Executor, type NamedValues } from '../../src/functional/execute.js';
import { FoldedNetwork, QuantizedNetwork, type QuantizedOptions } from '../../src/functional/quantized/network.js';
import { initialParameters } from '../../src/functional/training/initial.js';
import type { Graph, Parameters } from '../../src/workload/graph/index.js';
import { loaded } from '../helpers.js';
import { relativeError } from './graphs.js';

interface Model {
  graph: Graph;
  parameters: Parameters;
}

const IMAGES = 3;

function network(layers: string, input: string): Model {
  const yaml = `name: small\ninput: ${input}\nlayers:\n${layers}`;
  const { graph } = loaded('isaac', ['network=small.yaml'], { 'small.yaml': yaml }).network;
  return { graph, parameters: initialParameters(graph, 3) };
}

/** Numbers that look drawn, on a grid of 1/64 below 1.3: integers of 8 bits hold them as they are. */
const drawn = (shape: readonly number[], seed: number): { shape: number[]; data: Float64Array } => {
  const length = shape.reduce((product, size) => product * size, IMAGES);
  const data = Float64Array.from({ length }, (_, i) => Math.round(80 * Math.sin((i + 1) * 12.9898 + seed)) / 64);
  return { shape: [IMAGES, ...shape], data };
};

const named = ({ tensors }: Graph, id: number, seed: number): NamedValues =>
  new Map([[tensors[id]!.name, drawn(tensors[id]!.shape, seed)]]);

function quantized(model: Model, bits: number, options: Partial<QuantizedOptions> = {}): QuantizedNetwork {
  const folded = new FoldedNetwork(model.graph, model.parameters);
  const ranges = new Map<number, number>();
  folded.calibrate(named(model.graph, model.graph.inputs[0]!, 1), ranges);
  const widths = { weightBits: bits, activationBits: bits, per: 'tensor' } as const;
  return new QuantizedNetwork(folded, { widths, ranges, ...options });
}

function gradients(computation: Executor | QuantizedNetwork): Map<string, number[]> {
  const { graph } = computation;
  computation.forward(named(graph, graph.inputs[0]!, 1), { record: true });
  const { parameterGradients } = computation.backward(named(graph, graph.outputs[0]!, 5), { inputs: false });
  return new Map([...parameterGradients].map(([key, { data }]) => [key, [...data]]));
}

const hardware = (sign: 'differential' | 'offset', more: Partial<CrossbarOptions> = {}): CrossbarOptions => ({
  ...idealOptions({
    ...{ rows: 16, columns: 24, cellBits: 2, weightBits: 8, sign, slices: 'arrays' },
    ...{ referenceColumn: 'extra', biasRow: false, foldsNorms: false, groups: 'separate' },
  }),
  ...more,
});

const MAP = '{ channels: 2, height: 7, width: 6 }';
const CONVOLUTIONS = `  - { name: conv1, type: conv2d, channels: 4, kernel: 3, stride: 2, padding: 1 }
  - { name: relu1, type: relu }
  - { name: conv2, type: conv2d, channels: 4, kernel: 2, groups: 2 }
  - { name: relu2, type: relu }
  - { name: fc, type: dense, features: 3 }
`;
const UP = `  - { name: up, type: deconv2d, channels: 3, kernel: 3, stride: 2 }
  - { name: relu1, type: relu }
  - { name: fc, type: dense, features: 3 }
`;
const SEQUENCE = '{ features: 5, steps: 4 }';
const NETWORKS = [
  ['convolutions with strides, padding and groups, dense', MAP, CONVOLUTIONS],
  ['transposed convolution', MAP, UP],
  ['dense over steps', SEQUENCE, '  - { name: fc, type: dense, features: 3 }\n'],
  ['LSTM', SEQUENCE, '  - { name: lstm, type: lstm, hidden: 6 }\n'],
  ['LSTM in both directions', SEQUENCE, '  - { name: lstm, type: lstm, hidden: 6, direction: bidirectional }\n'],
] as const;
const MAPPINGS = ['unrolled', 'plain'] as const;

describe('weight gradients out of arrays', () => {
  it.each(NETWORKS)('%s: ideal arrays give the integer product exactly', (name, input, layers) => {
    const model = network(layers, input);
    const digital = gradients(quantized(model, 8));
    for (const mapping of MAPPINGS) {
      const right = gradients(quantized(model, 8, { gradients: mapping }));
      expect([...right.values()].flat().some((value) => value !== 0)).toBe(true);
      // Errors of gate sums are on no grid in digital units, those of other layers are.
      if (!name.startsWith('LSTM')) expect(right).toEqual(digital);
      for (const sign of ['differential', 'offset'] as const) {
        const backend = crossbarBackend(hardware(sign));
        expect(gradients(quantized(model, 8, { backend, gradients: mapping }))).toEqual(right);
      }
    }
  });

  it.each(NETWORKS)('%s: with 24 bits within 1e-4 of floats', (_, input, layers) => {
    const model = network(layers, input);
    const exact = gradients(new Executor(model.graph, model.parameters, { precision: 'float64' }));
    for (const mapping of MAPPINGS) {
      const found = gradients(quantized(model, 24, { gradients: mapping }));
      expect([...found.keys()].sort()).toEqual([...exact.keys()].sort());
      for (const [key, gradient] of exact) expect(relativeError(found.get(key)!, gradient)).toBeLessThan(1e-4);
    }
  });

  it('random convolutions, transposed or not: both layouts give the integer product', () => {
    const size = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
    fc.assert(
      fc.property(
        fc.record({
          ...{ channels: size(1, 2), kernel: size(1, 3), stride: size(1, 3), padding: size(0, 1) },
          ...{ dilation: size(1, 2), height: size(5, 8), width: size(5, 8), groups: size(1, 2) },
          type: fc.constantFrom('conv2d', 'deconv2d'),
        }),
        ({ channels, kernel, stride, padding, dilation, height, width, groups, type }) => {
          fc.pre(padding < kernel);
          const knobs = `kernel: ${kernel}, stride: ${stride}, padding: ${padding}, dilation: ${dilation}`;
          const layer = `type: ${type}, channels: ${channels * groups}, groups: ${groups}, ${knobs}`;
          const model = network(
            `  - { name: conv, ${layer} }\n`,
            `{ channels: 2, height: ${height}, width: ${width} }`,
          );
          const right = gradients(quantized(model, 8));
          const backend = crossbarBackend(hardware('offset'));
          for (const mapping of MAPPINGS)
            expect(gradients(quantized(model, 8, { backend, gradients: mapping }))).toEqual(right);
        },
      ),
      { numRuns: 30, seed: 4 },
    );
  });

  it('noise of the arrays reaches the gradients, drawn anew for each image', () => {
    const model = network('  - { name: fc, type: dense, features: 3 }\n', '{ features: 5 }');
    const programming = {
      deviation: 0.1,
      relativeTo: 'range',
      distribution: 'normal',
      levels: null,
      verify: null,
    } as const;
    const noisy = (): Map<string, number[]> => {
      const backend = crossbarBackend(hardware('differential', { cells: { ...IDEAL_CELLS, programming } }));
      return gradients(quantized(model, 8, { backend, gradients: 'unrolled' }));
    };
    const exact = gradients(quantized(model, 8));
    const [first, again] = [noisy(), noisy()];
    expect(again).toEqual(first);
    expect(first.get('fc.weight')).not.toEqual(exact.get('fc.weight'));
    expect(relativeError(first.get('fc.weight')!, exact.get('fc.weight')!)).toBeLessThan(1);
  });
});
