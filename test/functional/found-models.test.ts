// Models of other people's repositories (../shared/data/models/found) and networks of CIFAR-10: their stored outputs
// within 1e-4, integers bit by bit against an independent program, accuracies of the README.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readCifar10 } from '../../src/functional/data/cifar10.js';
import { Executor } from '../../src/functional/execute.js';
import { fromFileLayout, toFileLayout } from './file-layout.js';
import type { Values } from '../../src/functional/operators/values.js';
import { FoldedNetwork, QuantizedNetwork } from '../../src/functional/quantized/network.js';
import { parametersFrom } from '../../src/functional/weights.js';
import { readTensors, type Tensor } from '../../src/tensors/index.js';
import { importOnnx, type OnnxModel } from '../../src/workload/onnx/index.js';
import { gunzipSync } from 'fflate';
import { loaded } from '../helpers.js';
import { hasShared, sharedUrl } from '../shared.js';
import { npz, relativeError, type Array64 } from './graphs.js';

const bytes = (path: string): Uint8Array => readFileSync(sharedUrl(path));
const FOUND = 'data/models/found';
const TRACT = `${FOUND}/onnx_small/tract`;

/** The sole output of a model for an array as its file has it. */
function outputOf({ graph, parameters }: OnnxModel, x: Array64, precision: 'float64' | 'float32'): Values {
  const [input, output] = [graph.tensors[graph.inputs[0]!]!, graph.tensors[graph.outputs[0]!]!];
  const executor = new Executor(graph, parameters, { precision });
  const made = executor.forward(new Map([[input.name, fromFileLayout(input, x)]]));
  return toFileLayout(output, made.get(output.name)!);
}

/** Pictures [count, 3, 32, 32] of a CIFAR-10 file, pixels 0 to 1, and their classes. */
function cifar(file: string, count: number): { x: Values; labels: Int32Array } {
  const raw = bytes(`data/datasets/cifar10/${file}`);
  const { inputs, labels } = readCifar10(file.endsWith('.gz') ? gunzipSync(raw) : raw, file);
  const { data } = [...inputs.values()][0]!;
  const pixels = Float64Array.from(data.subarray(0, count * 3072), (value) => value / 255);
  return { x: { shape: [count, 3, 32, 32], data: pixels }, labels: labels!.subarray(0, count) };
}

/** The sum of numbers, and weighted by their places. */
const sumsOf = (data: ArrayLike<number>): number[] => [
  Array.from(data).reduce((sum, value) => sum + value, 0),
  Array.from(data).reduce((sum, value, i) => sum + i * value, 0),
];

const rightOf = (logits: Values, labels: ArrayLike<number>): number =>
  Array.from(labels).filter((label, n) => {
    const row = Array.from(logits.data.subarray(10 * n, 10 * n + 10));
    return row.indexOf(Math.max(...row)) === label;
  }).length;

const normalized = ({ shape, data }: Values, mean: readonly number[], deviation: readonly number[]): Values => ({
  shape,
  data: data.map((value, i) => {
    const channel = Math.floor(i / 1024) % 3;
    return (value - mean[channel]!) / deviation[channel]!;
  }),
});

describe.skipIf(!hasShared)('models found (need ../shared)', () => {
  it.each([
    [`${TRACT}/onnx/test_cases/averagepool_count_include_pad/model.onnx`, 'x', 'y'],
    [`${TRACT}/onnx/test_cases/deconv_group/model.onnx`, 'input', 'output'],
    [`${TRACT}/onnx/test_cases/byte_sb_bidi_lstm/model.onnx`, 'input', 'Add_26'],
    [`${TRACT}/examples/keras-tract-tf2/example.onnx`, 'input', 'output'],
    [`${TRACT}/onnx/test_cases/qrelu_1/model.onnx`, 'input', 'output'],
    [`${TRACT}/onnx/test_cases/qsigmoid_1/model.onnx`, 'input', 'output'],
    [`${TRACT}/onnx/test_cases/qtanh_1/model.onnx`, 'input', 'output'],
  ])('%s: its stored outputs', (path, input, output) => {
    const arrays = npz(path.replace(/[^/]*$/, 'io.npz'));
    const [x, right] = [arrays.get(input)!, arrays.get(output)!];
    const model = importOnnx(bytes(path), path, {
      shapes: new Map(['batch', 'length'].map((name) => [name, x.shape[1] ?? 1])),
    });
    const found = outputOf(model, x, 'float64');
    expect(found.shape).toEqual(right.shape);
    expect(relativeError(found.data, right.data)).toBeLessThan(1e-4);
  });
});

describe.skipIf(!hasShared)('8-bit layers in time (need ../shared)', () => {
  const FOLDER = `${TRACT}/onnx/test_cases`;
  const run = (name: string, steps: number, padding: number): readonly [Values, Array64] => {
    const path = `${FOLDER}/${name}/model.onnx`;
    const model = importOnnx(bytes(path), path, { shapes: new Map([['input.0', steps]]) });
    const arrays = npz(`${FOLDER}/${name}/io.npz`);
    const { shape, data } = arrays.get('input')!;
    const [rows, width] = shape as [number, number];
    // Kaldi repeats the first and the last frame.
    const padded = Float64Array.from({ length: (rows + 2 * padding) * width }, (_, i) => {
      const row = Math.min(rows - 1, Math.max(0, Math.floor(i / width) - padding));
      return data[row * width + (i % width)]!;
    });
    return [outputOf(model, { shape: [rows + 2 * padding, width], data: padded }, 'float64'), arrays.get('output')!];
  };

  it.each([
    ['qlstm_3-2-3_T3_S1', 3, 0],
    ['qtdnn_10x5_101_i32_biases', 12, 1],
  ])('%s: its stored output, step by step of 8 bits', (name, steps, padding) => {
    const [found, right] = run(name, steps, padding);
    expect(found.shape).toEqual(right.shape);
    expect([...found.data]).toEqual([...right.data]);
  });
});

describe.skipIf(!hasShared)('a perceptron with batch norms of onnx2c (needs ../shared)', () => {
  it('its stored output, in both precisions', () => {
    const path = `${FOUND}/onnx_small/onnx2c/mnist/pytorch.onnx`;
    const stored = JSON.parse(
      readFileSync(sharedUrl(`${FOUND}/onnx_small/onnx2c/mnist/pytorch_onnx_io.json`), 'utf8'),
    ) as Record<string, number[]>;
    const [x, right] = Object.values(stored);
    const model = importOnnx(bytes(path), path);
    for (const precision of ['float64', 'float32'] as const) {
      const found = outputOf(model, { shape: [1, 784], data: Float64Array.from(x!) }, precision);
      expect(relativeError(found.data, right!)).toBeLessThan(1e-4);
    }
  });
});

/** MLPerf Tiny's ResNet-8: TensorFlow's padding, epsilon 1e-3, biases before the norms. */
const TINY = `name: resnet8
input: { channels: 3, height: 32, width: 32 }
layers:
  - { name: conv2d, type: conv2d, channels: 16, kernel: 3, padding: same }
  - { name: batch_normalization, type: batchnorm, epsilon: 0.001 }
  - { name: r0, type: relu }
  - { name: conv2d_1, type: conv2d, channels: 16, kernel: 3, padding: same }
  - { name: batch_normalization_1, type: batchnorm, epsilon: 0.001 }
  - { name: r1, type: relu }
  - { name: conv2d_2, type: conv2d, channels: 16, kernel: 3, padding: same }
  - { name: batch_normalization_2, type: batchnorm, epsilon: 0.001 }
  - { name: add, from: [batch_normalization_2, r0], type: add }
  - { name: r2, type: relu }
  - { name: conv2d_3, type: conv2d, channels: 32, kernel: 3, stride: 2, padding: same }
  - { name: batch_normalization_3, type: batchnorm, epsilon: 0.001 }
  - { name: r3, type: relu }
  - { name: conv2d_4, type: conv2d, channels: 32, kernel: 3, padding: same }
  - { name: batch_normalization_4, type: batchnorm, epsilon: 0.001 }
  - { name: conv2d_5, from: r2, type: conv2d, channels: 32, kernel: 1, stride: 2, padding: same }
  - { name: add_1, from: [conv2d_5, batch_normalization_4], type: add }
  - { name: r4, type: relu }
  - { name: conv2d_6, type: conv2d, channels: 64, kernel: 3, stride: 2, padding: same }
  - { name: batch_normalization_5, type: batchnorm, epsilon: 0.001 }
  - { name: r5, type: relu }
  - { name: conv2d_7, type: conv2d, channels: 64, kernel: 3, padding: same }
  - { name: batch_normalization_6, type: batchnorm, epsilon: 0.001 }
  - { name: conv2d_8, from: r4, type: conv2d, channels: 64, kernel: 1, stride: 2, padding: same }
  - { name: add_2, from: [conv2d_8, batch_normalization_6], type: add }
  - { name: r6, type: relu }
  - { name: pool, type: avgpool, kernel: 8, stride: 8 }
  - { name: flat, type: flatten }
  - { name: dense, type: dense, features: 10 }
`;

/** Keras' arrays under the names and layouts of network files: kernels height, width, in, out; dense in, out. */
const fromKeras = (name: string, { shape, data }: Array64): Tensor => {
  const ours = name
    .replace(/\.kernel$|\.gamma$/, '.weight')
    .replace(/\.beta$/, '.bias')
    .replace(/\.moving_mean$/, '.running_mean')
    .replace(/\.moving_variance$/, '.running_var');
  if (!name.endsWith('.kernel')) return { name: ours, shape, dtype: 'f64', data };
  const [out, inside] = [shape.at(-1)!, shape.at(-2)!];
  const space = data.length / (out * inside);
  const turned = Float64Array.from(data, (_, i) => {
    const [o, c, k] = [Math.floor(i / (inside * space)), Math.floor(i / space) % inside, i % space];
    return data[(k * inside + c) * out + o]!;
  });
  return { name: ours, shape: [out, inside, ...shape.slice(0, -2)], dtype: 'f64', data: turned };
};

describe.skipIf(!hasShared)('CIFAR-10 (needs ../shared)', () => {
  it("MLPerf Tiny's ResNet-8: logits of 120 exact pictures, 19 of 20 and 92 of 100 right", () => {
    const folder = `${FOUND}/mlperf_tiny`;
    const tensors = [...npz(`${folder}/pretrainedResnet_weights.npz`)].map(([name, array]) => fromKeras(name, array));
    const { graph } = loaded('isaac', ['network=net.yaml'], { 'net.yaml': TINY }).network;
    const executor = new Executor(graph, parametersFrom(graph, tensors, 'tiny.npz'), { precision: 'float32' });
    const { x, labels } = cifar('lossless_120.bin', 120);
    const raw = { shape: x.shape, data: x.data.map((value) => Math.round(value * 255)) as Float64Array };
    const [logits] = [...executor.forward(new Map([[graph.tensors[graph.inputs[0]!]!.name, raw]])).values()];
    const golden = npz(`${folder}/golden_logits_lossless120.npz`);
    expect([...labels]).toEqual([...golden.get('labels')!.data]);
    expect(relativeError(logits!.data, golden.get('logits')!.data)).toBeLessThan(1e-4);
    const of = (from: number, to: number): number =>
      rightOf({ shape: [to - from, 10], data: logits!.data.slice(10 * from, 10 * to) }, labels.subarray(from, to));
    expect([of(0, 20), of(20, 120)]).toEqual([19, 92]);
  });

  const model = (name: string, file = name): OnnxModel =>
    importOnnx(bytes(`data/models/${name}/${file}.onnx`), `${file}.onnx`, { shapes: new Map([['batch', 1]]) });
  const inputOf = ({ graph }: OnnxModel): string => graph.tensors[graph.inputs[0]!]!.name;

  it('ResNet-8, norms kept or folded in the file: the same logits; sums of 400 of a numpy program', () => {
    const { x } = cifar('test_2000_jpeg.bin.gz', 40);
    const logits = ['resnet8_cifar10', 'resnet8_cifar10_batchnorm'].map((file) => {
      const one = model('resnet8_cifar10', file);
      const executor = new Executor(one.graph, one.parameters, { precision: 'float64' });
      return [...executor.forward(new Map([[inputOf(one), x]])).values()][0]!.data;
    });
    expect(relativeError(logits[0]!, logits[1]!)).toBeLessThan(1e-5);
    const [plain, weighted] = sumsOf(logits[0]!);
    expect(plain).toBeCloseTo(-0.0858917893863449, 3);
    expect(weighted).toBeCloseTo(-62.041400230120416, 1);
  });

  it.each([
    [8, 1.75, 539.25],
    [5, 42, 8686],
  ])(
    'ResNet-8 on integers of %s bits, sums on grids: a numpy program that repeats the golden table',
    (bits, ...sums) => {
      const one = model('resnet8_cifar10', 'resnet8_cifar10');
      const network = new FoldedNetwork(one.graph, one.parameters);
      const ranges = new Map<number, number>();
      network.calibrate(new Map([[inputOf(one), cifar('train_500_jpeg.bin.gz', 100).x]]), ranges);
      const widths = { weightBits: bits, activationBits: bits, per: 'tensor', sums: 'nearest-even' } as const;
      const quantized = new QuantizedNetwork(network, { widths, ranges });
      const { x } = cifar('test_2000_jpeg.bin.gz', 40);
      const { data } = [...quantized.forward(new Map([[inputOf(one), x]])).values()][0]!;
      expect(sumsOf(data)).toEqual(sums);
    },
  );

  it.each(['resnet20_cifar10_published', 'resnet20_cifar10_jpeg'])(
    '%s: its safetensors, npz and pt hold what its ONNX file computes with; 20 of 20 exact pictures',
    async (name) => {
      const one = model(name);
      const { x, labels } = cifar('lossless_120.bin', 20);
      const ready = normalized(x, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);
      const executor = new Executor(one.graph, one.parameters, { precision: 'float32' });
      const [logits] = [...executor.forward(new Map([[inputOf(one), ready]])).values()];
      if (name === 'resnet20_cifar10_published') expect(rightOf(logits!, labels)).toBe(20);
      const stored = await Promise.all(
        ['safetensors', 'npz', 'pt'].map((ending) =>
          readTensors(bytes(`data/models/${name}/${name}.${ending}`), `${name}.${ending}`),
        ),
      );
      const sorted = (tensors: readonly Tensor[]): unknown =>
        tensors
          .filter((tensor) => !tensor.name.endsWith('num_batches_tracked'))
          .map((tensor) => [tensor.name, tensor.shape, Array.from(tensor.data, Number)] as const)
          .sort(([a], [b]) => (a < b ? -1 : 1));
      expect(sorted(stored[1]!)).toEqual(sorted(stored[0]!));
      expect(sorted(stored[2]!)).toEqual(sorted(stored[0]!));
    },
  );

  it('the published weights are those of their author', async () => {
    const path = 'data/models/resnet20_cifar10_published/resnet20_cifar10_published.npz';
    const [ours, theirs] = await Promise.all(
      [path, `${FOUND}/akamaster_resnet_cifar10/resnet20-12fca82f.th`].map((file) => readTensors(bytes(file), file)),
    );
    const byName = new Map(theirs!.map((tensor) => [tensor.name.replace(/^.*module\./, ''), tensor]));
    const common = ours!.filter(({ name }) => byName.has(name));
    expect(common.length).toBeGreaterThan(80);
    for (const { name, data } of common)
      expect(Array.from(byName.get(name)!.data, Number)).toEqual(Array.from(data, Number));
  });
});
