// Networks in posits, logarithms, shifts and small floats: errors go back through the same matrices in the same format.

import { describe, expect, it } from 'vitest';
import type { Backend } from '../../src/functional/backend.js';
import { elmaBackend } from '../../src/functional/backends/elma.js';
import { lognetBackend } from '../../src/functional/backends/lognet.js';
import { minifloatBackend } from '../../src/functional/backends/minifloat.js';
import { positBackend } from '../../src/functional/backends/posit.js';
import { Executor, type NamedValues } from '../../src/functional/execute.js';
import { FoldedNetwork } from '../../src/functional/quantized/network.js';
import { RealNetwork } from '../../src/functional/quantized/real.js';
import { initialParameters } from '../../src/functional/training/initial.js';
import { Trainer } from '../../src/functional/training/trainer.js';
import { posit } from '../../src/numerics/formats/posit.js';
import type { Graph, Parameters } from '../../src/workload/graph/index.js';
import { loaded } from '../helpers.js';
import { relativeError } from './graphs.js';

interface Model {
  graph: Graph;
  parameters: Parameters;
}

function network(layers: string, input: string): Model {
  const files = { 'small.yaml': `name: small\ninput: ${input}\nlayers:\n${layers}` };
  const { graph } = loaded('isaac', ['network=small.yaml'], files).network;
  return { graph, parameters: initialParameters(graph, 3) };
}

const drawn = ({ tensors }: Graph, id: number, seed: number): NamedValues => {
  const { name, shape } = tensors[id]!;
  const size = shape.reduce((product, length) => product * length, 2);
  const data = Float64Array.from({ length: size }, (_, i) => Math.sin((i + 1) * 12.9898 + seed));
  return new Map([[name, { shape: [2, ...shape], data }]]);
};

const realOf = ({ graph, parameters }: Model, backend: Backend): RealNetwork =>
  new RealNetwork(new FoldedNetwork(graph, parameters), backend);

const errorOfInput = (computation: RealNetwork | Executor): Float64Array => {
  const { graph } = computation;
  computation.forward(drawn(graph, graph.inputs[0]!, 1), { record: true });
  const { inputGradients } = computation.backward(drawn(graph, graph.outputs[0]!, 5));
  return Float64Array.from([...inputGradients.values()][0]!.data);
};

const BACKENDS = [
  ['posit<8,1>', positBackend(8, 1), 0.1],
  ['posit<16,1>', positBackend(16, 1), 0.001],
  ['ELMA of 8 bits', elmaBackend(8), 0.1],
  ['ELMA of 16 bits', elmaBackend(16), 0.001],
  ['LogNet', lognetBackend(5, 5), 0.5],
  ['float16', minifloatBackend('float16'), 0.005],
] as const;

const DEEP = `  - { name: conv, type: conv2d, channels: 3, kernel: 3, padding: 1 }
  - { name: relu, type: relu }
  - { name: pool, type: maxpool, kernel: 2 }
  - { name: fc, type: dense, features: 4 }
`;

describe('errors in formats', () => {
  it.each(BACKENDS)('%s: a layer after the other, each by its own transposed product', (_, backend) => {
    const layers =
      '  - { name: a, type: dense, features: 4, bias: false }\n' +
      '  - { name: b, type: dense, features: 3, bias: false }\n';
    const model = network(layers, '{ features: 5 }');
    const back = (name: string, rows: number, columns: number, errors: Float64Array): Float64Array => {
      // PyTorch's order [out, in] to [in, out].
      const stored = model.parameters.get(`${name}.weight`).data;
      const values = Float64Array.from({ length: rows * columns }, (_v, i) =>
        Number(stored[(i % columns) * rows + Math.floor(i / columns)]!),
      );
      const out = new Float64Array(2 * rows);
      backend.prepare({ name, rows, columns, values }).transposed(errors, 2, out);
      return out;
    };
    const { graph } = model;
    const error = Float64Array.from([...drawn(graph, graph.outputs[0]!, 5).values()][0]!.data);
    expect(errorOfInput(realOf(model, backend))).toEqual(back('a', 5, 4, back('b', 4, 3, error)));
  });

  it('posit<8,1>: the exact sum of products, rounded once to the nearest of all posits', () => {
    const format = posit({ bits: 8, exponentBits: 1 });
    const all = Array.from({ length: 256 }, (_, code) => ({ code, value: format.decode(code) })).filter(({ value }) =>
      Number.isFinite(value),
    );
    // Posits round to the nearest; a tie goes to the even code.
    const rounded = (x: number): number =>
      all.reduce((best, own) => {
        const [near, far] = [Math.abs(own.value - x), Math.abs(best.value - x)];
        return near < far || (near === far && own.code % 2 === 0) ? own : best;
      }).value;
    const model = network('  - { name: fc, type: dense, features: 3, bias: false }\n', '{ features: 2 }');
    const weights = model.parameters.get('fc.weight').data;
    const { graph } = model;
    const errors = [...drawn(graph, graph.outputs[0]!, 5).values()][0]!.data;
    const found = errorOfInput(realOf(model, positBackend(8, 1)));
    for (let image = 0; image < 2; image++)
      for (let input = 0; input < 2; input++) {
        let sum = 0;
        for (let output = 0; output < 3; output++)
          sum += rounded(errors[image * 3 + output]!) * rounded(Number(weights[output * 2 + input]!));
        expect(found[image * 2 + input]).toBe(rounded(sum));
      }
  });

  it.each(BACKENDS)('%s: near the float errors of a network with convolution and pool', (_, backend, tolerance) => {
    const model = network(DEEP, '{ channels: 2, height: 6, width: 6 }');
    const exact = errorOfInput(new Executor(model.graph, model.parameters, { precision: 'float64' }));
    const found = errorOfInput(realOf(model, backend));
    expect(relativeError(found, exact)).toBeLessThan(tolerance);
    expect(found).not.toEqual(exact);
  });

  it.each(['dense', 'lstm', 'gru'])(
    'LogNet: a picture passes a %s layer as it does alone, calibrated or not',
    (type) => {
      const size = type === 'dense' ? 'features' : 'hidden';
      const model = network(
        `  - { name: a, type: ${type}, ${size}: 4 }\n  - { name: fc, type: dense, features: 3 }\n`,
        '{ features: 5, steps: 3 }',
      );
      const { name, shape } = model.graph.tensors[model.graph.inputs[0]!]!;
      const pictures = (...scales: number[]): NamedValues => {
        const data = scales.flatMap((scale) => Array.from({ length: 15 }, (_, i) => scale * Math.sin(i + 1)));
        return new Map([[name, { shape: [scales.length, ...shape], data: Float64Array.from(data) }]]);
      };
      const computation = realOf(model, lognetBackend(5, 3));
      const first = (inputs: NamedValues): number[] => {
        const { data } = [...computation.forward(inputs).values()][0]!;
        return Array.from(data.subarray(0, data.length / [...inputs.values()][0]!.shape[0]!), Number);
      };
      const alone = first(pictures(1));
      expect(first(pictures(1, 1000))).toEqual(alone);
      computation.calibrate(pictures(1, 64));
      const { progress } = computation;
      const calibrated = first(pictures(1));
      expect(calibrated).not.toEqual(alone);
      expect(first(pictures(1, 1000))).toEqual(calibrated);
      computation.calibrate(pictures(1));
      expect(first(pictures(1))).toEqual(first(pictures(1, 1000)));
      computation.resume(progress);
      expect(first(pictures(1))).toEqual(calibrated);
    },
  );

  it.each(BACKENDS)('%s: training steps bring the loss down', (_, backend) => {
    const model = network(DEEP, '{ channels: 2, height: 6, width: 6 }');
    const trainer = new Trainer(realOf(model, backend), {
      optimizer: { kind: 'sgd', learningRate: 0.1, momentum: 0, weightDecay: 0 },
    });
    const { graph } = model;
    const batch = {
      inputs: drawn(graph, graph.inputs[0]!, 1),
      count: 2,
      truth: { labels: Int32Array.of(0, 2) },
    };
    const losses = Array.from({ length: 12 }, () => trainer.step(batch).loss);
    expect(losses.at(-1)).toBeLessThan(losses[0]! * 0.8);
  });
});
