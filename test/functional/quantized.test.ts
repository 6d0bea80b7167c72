// Networks on integers: the golden 8-bit and 4-bit pipelines of LeNet-5 bit by bit; weights by PyTorch's names.

import fc from 'fast-check';
import { gunzipSync } from 'fflate';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readIdx } from '../../src/functional/data/idx.js';
import { Executor } from '../../src/functional/execute.js';
import type { Values } from '../../src/functional/operators/values.js';
import { fractionBits, shiftAll, toInteger, toIntegers } from '../../src/functional/quantized/grid.js';
import { FoldedNetwork, QuantizedNetwork } from '../../src/functional/quantized/network.js';
import { parametersFrom } from '../../src/functional/weights.js';
import { readTensors } from '../../src/tensors/index.js';
import { importOnnx } from '../../src/workload/onnx/index.js';
import { npz, oneNode } from './graphs.js';
import { hasShared, sharedUrl } from '../shared.js';

const bytes = (path: string): Uint8Array => readFileSync(sharedUrl(path));

/** Pictures to calibrate on, and to test on. */
const [CALIBRATION, TEST] = hasShared ? [1000, 200] : [200, 100];

/** MNIST pictures, or those of the slice, as LeNet reads them. */
function pictures(file: string, from: number, count: number): Values {
  const packed = bytes(`data/datasets/mnist/${file}`);
  const { data } = readIdx(file.endsWith('.gz') ? gunzipSync(packed) : packed, file);
  return {
    shape: [count, 1, 28, 28],
    data: Float64Array.from(data.subarray(from * 784, (from + count) * 784), (value) => value / 255),
  };
}

describe('dynamic fixed point', () => {
  it('fraction bits and roundings (worked by hand)', () => {
    expect([fractionBits(1, 8), fractionBits(2.33, 8), fractionBits(0, 8), fractionBits(20, 4)]).toEqual([7, 5, 7, -2]);
    // The least double has no grid of its own: it stands as 0.
    expect(toInteger(5e-324, fractionBits(5e-324, 8), 8)).toBe(0);
    expect([toInteger(0.5, 0, 8), toInteger(1.5, 0, 8), toInteger(1, 7, 8), toInteger(-2, 7, 8)]).toEqual([
      0, 2, 127, -128,
    ]);
    const sums = new Float64Array(6);
    shiftAll(Float64Array.of(0.5, -0.5, -1.5, 1000, -1000, 0.375), 0, 8, sums);
    expect([...sums].map((x) => x + 0)).toEqual([1, 0, -1, 127, -128, 0]);
    shiftAll(Float64Array.of(0.375, 0.0625, -0.0625, 40, -40, 0.3), 3, 8, sums);
    expect([...sums].map((x) => x + 0)).toEqual([0.375, 0.125, 0, 15.875, -16, 0.25]);
  });
});

it('a batch of integers is rounded and cut as each of them', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
          fc.integer({ min: -99, max: 99 }).map((n) => n / 8),
        ),
      ),
      fc.integer({ min: -8, max: 12 }),
      fc.integer({ min: 2, max: 16 }),
      (numbers, fraction, bits) => {
        const out = new Int32Array(numbers.length);
        toIntegers(Float64Array.from(numbers), fraction, bits, out);
        expect([...out]).toEqual(numbers.map((x) => toInteger(x, fraction, bits) + 0));
        const y = new Float64Array(numbers.length);
        shiftAll(Float64Array.from(numbers), fraction, bits, y);
        const most = 2 ** (bits - 1);
        expect([...y].map((value) => value + 0)).toEqual(
          numbers.map((x) => Math.max(-most, Math.min(most - 1, Math.round(x * 2 ** fraction))) / 2 ** fraction + 0),
        );
      },
    ),
  );
});

describe('LeNet-5 on integers', () => {
  const load = (): ReturnType<typeof importOnnx> =>
    importOnnx(bytes('data/models/lenet5_mnist/lenet5_mnist.onnx'), 'lenet5_mnist.onnx', {
      shapes: new Map([['batch', 1]]),
    });

  let kept: { network: FoldedNetwork; ranges: Map<number, number>; name: string } | undefined;
  const calibrated = (): NonNullable<typeof kept> => {
    if (kept === undefined) {
      const { graph, parameters } = load();
      const network = new FoldedNetwork(graph, parameters);
      const name = graph.tensors[graph.inputs[0]!]!.name;
      const ranges = new Map<number, number>();
      network.calibrate(new Map([[name, pictures('train5k-images-idx3-ubyte.gz', 0, CALIBRATION)]]), ranges);
      kept = { network, ranges, name };
    }
    return kept;
  };

  it('float logits of all pictures within 1e-10, float32 within 1e-4', () => {
    const { graph, parameters } = load();
    const right = npz('data/golden/lenet5_mnist/logits.npz').get('logits_f64_200')!.data;
    const inputs = new Map([
      [graph.tensors[graph.inputs[0]!]!.name, pictures('t10k-first200-images-idx3-ubyte', 0, TEST)],
    ]);
    for (const [precision, tolerance] of [
      ['float64', 1e-10],
      ['float32', 1e-4],
    ] as const) {
      const [logits] = [...new Executor(graph, parameters, { precision }).forward(inputs).values()];
      const worst = Math.max(...Array.from(logits!.data, (value, i) => Math.abs(value - right[i]!)));
      expect(worst).toBeLessThan(tolerance);
    }
  });

  it.each([8, 4])('%s-bit logits and predictions exactly', (bits) => {
    const { network, ranges, name } = calibrated();
    const quantized = new QuantizedNetwork(network, {
      widths: { weightBits: bits, activationBits: bits, per: 'tensor' },
      ranges,
    });
    const golden = npz(`data/golden/quantization/lenet5_dfp${bits}_integer.npz`);
    const [logits] = [
      ...quantized.forward(new Map([[name, pictures('t10k-first200-images-idx3-ubyte', 0, TEST)]])).values(),
    ];
    const report = JSON.parse(
      new TextDecoder().decode(bytes('data/golden/quantization/lenet5_dynamic_fixed_point.json')),
    ) as { dynamic_fixed_point: { bits: number; frac_len_activation: { fc3: number } }[] };
    const fraction = report.dynamic_fixed_point.find((row) => row.bits === bits)!.frac_len_activation.fc3;
    expect(Array.from(logits!.data, (value) => value * 2 ** fraction)).toEqual(
      Array.from(golden.get('logits_int_200')!.data),
    );
  });

  it("an LSTM's weights under PyTorch's names give the ONNX file's logits", async () => {
    const model = importOnnx(bytes('data/models/rowlstm_mnist/rowlstm_mnist.onnx'), 'rowlstm.onnx', {
      shapes: new Map([['batch', 1]]),
    });
    const lstm = model.graph.nodes.find(({ operator }) => operator.kind === 'recurrent')!;
    const shapeOf = (role: string): readonly number[] => lstm.parameters.get(role)!.shape;
    const graph = oneNode(
      { ...lstm.operator, kind: 'recurrent', states: [], results: ['hidden'] } as typeof lstm.operator,
      {
        inputs: { x: [28, 28] },
        parameters: {
          weight: { key: 'lstm.weight', shape: shapeOf('weight') },
          recurrent: { key: 'lstm.recurrent', shape: shapeOf('recurrent') },
          bias: { key: 'lstm.bias', shape: shapeOf('bias') },
        },
        outputs: { h: [1, 64] },
      },
    );
    for (const ending of ['npz', 'pt', 'safetensors']) {
      const path = `data/models/rowlstm_mnist/rowlstm_mnist.${ending}`;
      const tensors = await readTensors(bytes(path), path);
      const executor = new Executor(graph, parametersFrom(graph, tensors, path), { precision: 'float64' });
      const first = pictures('t10k-first200-images-idx3-ubyte', 0, 20);
      const hidden = executor.forward(new Map([['x', { shape: [20, 28, 28], data: first.data }]])).get('h')!;
      const fc = new Map(tensors.map((tensor) => [tensor.name, tensor.data as Float32Array]));
      const right = npz('data/golden/rowlstm_mnist/logits.npz').get('logits_f64_200')!.data;
      for (let n = 0; n < 20; n++)
        for (let c = 0; c < 10; c++) {
          let sum = fc.get('fc.bias')![c]!;
          for (let h = 0; h < 64; h++) sum += fc.get('fc.weight')![c * 64 + h]! * hidden.data[n * 64 + h]!;
          expect(Math.abs(sum - right[n * 10 + c]!)).toBeLessThan(1e-10);
        }
    }
  });
});
