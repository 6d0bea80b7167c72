// Training of LeNet-5 and of an LSTM replayed step by step against reference runs in float64.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Executor } from '../../../src/functional/execute.js';
import { ADAM, type OptimizerOptions } from '../../../src/functional/training/optimizer.js';
import { Trainer, type Batch } from '../../../src/functional/training/trainer.js';
import { readTensors } from '../../../src/tensors/index.js';
import type { Parameters } from '../../../src/workload/graph/index.js';
import { loaded } from '../../helpers.js';
import { importOnnx } from '../../../src/workload/onnx/index.js';
import { hasShared, sharedUrl } from '../../shared.js';

const data = sharedUrl('data/');
/** Whole epochs with their tests instead of the first iterations. */
const WHOLE = hasShared && process.env.WHOLE === '1';
/** Pictures of a batch. */
const BATCH = hasShared ? 64 : 8;
const MINUTES = WHOLE ? 3_600_000 : 60_000;
const bytes = (path: string): Uint8Array => new Uint8Array(readFileSync(new URL(path, data)));

const PICTURE = [1, 28, 28];

/** Starting weights by key. */
async function initial(path: string): Promise<Parameters> {
  const tensors = await readTensors(bytes(path), path);
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  return { keys: [...byName.keys()], get: (key) => byName.get(key)! };
}

interface Pictures {
  images: Uint8Array;
  labels: Uint8Array;
}

/** Pictures and labels of MNIST by the names of their files. */
const picturesOf = (name: string): Pictures => ({
  images: gunzipSync(bytes(`datasets/mnist/${name}-images-idx3-ubyte.gz`)),
  labels: gunzipSync(bytes(`datasets/mnist/${name}-labels-idx1-ubyte.gz`)),
});
const TRAIN = picturesOf('train5k');

/** Where pictures come from, and the network's input that they are for, with its shape. */
interface Read {
  pictures?: Pictures;
  input?: string;
  shape?: number[];
}

function batch(from: number, count: number, { pictures = TRAIN, input = 'input', shape = PICTURE }: Read = {}): Batch {
  const { images, labels } = pictures;
  const pixels = Float64Array.from(images.subarray(16 + 784 * from, 16 + 784 * (from + count)), (p) => p / 255);
  return {
    inputs: new Map([[input, { shape: [count, ...shape], data: pixels }]]),
    count,
    truth: { labels: Int32Array.from(labels.subarray(8 + from, 8 + from + count)) },
  };
}

interface Log {
  losses_f64: number[];
  test_right_of_2000: { f64: number };
}

/** Names of an LSTM's numbers in the file (gates i, f, g, o), and of ours (i, o, f, c). */
const ORDER = [0, 3, 1, 2];
const HIDDEN = 32;

/** Rows of four gates in the other order. */
function gates(values: Float64Array, width: number, order: readonly number[]): Float64Array {
  const size = HIDDEN * width;
  const out = new Float64Array(values.length);
  order.forEach((from, to) => {
    out.set(values.subarray(from * size, (from + 1) * size), to * size);
  });
  return out;
}

/** Trains as the log did: losses within 1e-8 for 20 iterations, 1e-6 after; in whole also weights and test. */
async function replay(
  executor: Executor,
  optimizer: OptimizerOptions,
  name: string,
  { iterations, part, input = 'input', shape = PICTURE, final }: ReplayOptions,
): Promise<void> {
  const log = JSON.parse(readFileSync(new URL(`golden/training_lenet5/${name}.json`, data), 'utf8')) as Log;
  const trainer = new Trainer(executor, { optimizer });
  for (let i = 0; i < (WHOLE ? iterations : part); i++) {
    const { loss } = trainer.step(batch(BATCH * i, Math.min(BATCH, 5000 - BATCH * i), { input, shape }));
    expect(Math.abs(loss - log.losses_f64[i]!), `iteration ${i}`).toBeLessThan(i < 20 ? 1e-8 : 1e-6);
  }
  if (!WHOLE) return;
  const test = picturesOf('t10k');
  let right = 0;
  for (let from = 0; from < 2000; from += 250)
    right += trainer.test(batch(from, 250, { pictures: test, input, shape })).right;
  expect(right).toBe(log.test_right_of_2000.f64);
  const stored = await initial(`golden/training_lenet5/${name}_final.npz`);
  for (const key of stored.keys) {
    const found = final === undefined ? executor.parameters.stored(key)!.data : final(key);
    stored.get(key).data.forEach((value, i) => {
      if (Math.abs(found[i]! - Number(value)) > 1e-6) throw new Error(`${key}[${i}]: ${found[i]}, expected ${value}`);
    });
  }
}

interface ReplayOptions {
  iterations: number;
  /** Iterations where not the whole run is replayed. */
  part: number;
  input?: string;
  shape?: number[];
  /** Final numbers under a name of the file. */
  final?: (key: string) => ArrayLike<number>;
}

describe('an LSTM that reads MNIST row by row', () => {
  const layers =
    `  - { name: lstm, type: lstm, hidden: ${HIDDEN}, output: last }\n` +
    '  - { name: fc, type: dense, features: 10 }\n';
  const files = { 'rows.yaml': `name: rows\ninput: { features: 28, steps: 28 }\nlayers:\n${layers}` };
  const rules: [string, OptimizerOptions][] = [
    ['momentum', { kind: 'sgd', learningRate: 0.1, momentum: 0.9, weightDecay: 0 }],
    ['adam', { ...ADAM, learningRate: 3e-3 }],
  ];
  it.each(rules)(
    '%s',
    async (name, optimizer) => {
      const { graph } = loaded('isaac', ['network=rows.yaml'], files).network;
      const stored = await initial('golden/training_lenet5/rowlstm_initial.npz');
      const of = (key: string): Float64Array => Float64Array.from(stored.get(key).data, Number);
      const biases = Float64Array.of(...gates(of('lstm.bias_ih'), 1, ORDER), ...gates(of('lstm.bias_hh'), 1, ORDER));
      const numbers = new Map([
        ['lstm.weight', { shape: [1, 4 * HIDDEN, 28], data: gates(of('lstm.weight_ih'), 28, ORDER) }],
        ['lstm.recurrent', { shape: [1, 4 * HIDDEN, HIDDEN], data: gates(of('lstm.weight_hh'), HIDDEN, ORDER) }],
        ['lstm.bias', { shape: [1, 8 * HIDDEN], data: biases }],
        ['fc.weight', { shape: [10, HIDDEN], data: of('fc.weight') }],
        ['fc.bias', { shape: [10], data: of('fc.bias') }],
      ]);
      const executor = new Executor(
        graph,
        { keys: [...numbers.keys()], get: (key) => numbers.get(key)! },
        { precision: 'float64' },
      );
      const inverse = [0, 2, 3, 1];
      const final = (key: string): ArrayLike<number> => {
        const own = (role: string): Float64Array => executor.parameters.stored(role)!.data as Float64Array;
        if (key === 'lstm.weight_ih') return gates(own('lstm.weight'), 28, inverse);
        if (key === 'lstm.weight_hh') return gates(own('lstm.recurrent'), HIDDEN, inverse);
        if (key === 'lstm.bias_ih') return gates(own('lstm.bias').subarray(0, 4 * HIDDEN), 1, inverse);
        if (key === 'lstm.bias_hh') return gates(own('lstm.bias').subarray(4 * HIDDEN), 1, inverse);
        return own(key);
      };
      const input = graph.tensors[graph.inputs[0]!]!.name;
      await replay(executor, optimizer, `rowlstm_${name}`, { iterations: 30, part: 5, input, shape: [28, 28], final });
    },
    MINUTES,
  );
});

describe('LeNet-5, batch by batch', () => {
  const rules: [string, OptimizerOptions][] = [
    ['sgd', { kind: 'sgd', learningRate: 0.05, momentum: 0, weightDecay: 0 }],
    ['momentum', { kind: 'sgd', learningRate: 0.02, momentum: 0.9, weightDecay: 1e-4 }],
    ['adam', { ...ADAM, learningRate: 1e-3 }],
  ];
  for (const [name, optimizer] of rules)
    it(
      `${name}: ${WHOLE ? 'losses of all 79 iterations, weights, tests' : 'losses of the first iterations'}`,
      async () => {
        const file = 'models/lenet5_mnist/lenet5_mnist.onnx';
        const { graph } = importOnnx(bytes(file), file);
        const parameters = await initial('golden/training_lenet5/lenet5_initial.npz');
        const executor = new Executor(graph, parameters, { precision: 'float64' });
        await replay(executor, optimizer, `lenet5_${name}`, { iterations: 79, part: 4 });
      },
      MINUTES,
    );

  it('a trainer that takes a checkpoint up goes on as if nothing had happened', async () => {
    const file = 'models/lenet5_mnist/lenet5_mnist.onnx';
    const { graph } = importOnnx(bytes(file), file);
    const parameters = await initial('golden/training_lenet5/lenet5_initial.npz');
    const optimizer: OptimizerOptions = { ...ADAM, learningRate: 1e-3 };
    const start = (): { executor: Executor; trainer: Trainer } => {
      const executor = new Executor(graph, parameters, { precision: 'float64' });
      return { executor, trainer: new Trainer(executor, { optimizer }) };
    };
    const whole = start();
    for (let i = 0; i < 4; i++) whole.trainer.step(batch(8 * i, 8));
    const first = start();
    for (let i = 0; i < 2; i++) first.trainer.step(batch(8 * i, 8));
    const second = start();
    for (const key of second.executor.parameters.keys)
      second.executor.parameters.stored(key)!.data.set(first.executor.parameters.stored(key)!.data);
    second.executor.parameters.changed();
    second.trainer.restore(first.trainer.state());
    for (let i = 2; i < 4; i++) second.trainer.step(batch(8 * i, 8));
    for (const key of second.executor.parameters.keys)
      expect(second.executor.parameters.stored(key)).toEqual(whole.executor.parameters.stored(key));
  });
});
