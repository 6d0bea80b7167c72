// Training of LeNet-5 replayed step by step against reference runs in float64 (needs ../shared).

import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Executor } from '../../../src/functional/execute.js';
import { ADAM, type OptimizerOptions } from '../../../src/functional/training/optimizer.js';
import { Trainer, type Batch } from '../../../src/functional/training/trainer.js';
import { readTensors } from '../../../src/tensors/index.js';
import type { Parameters } from '../../../src/workload/graph/index.js';
import { importOnnx } from '../../../src/workload/onnx/index.js';

const data = new URL('../../../../shared/data/', import.meta.url);
const here = existsSync(data);
const bytes = (path: string): Uint8Array => new Uint8Array(readFileSync(new URL(path, data)));

/** Starting weights by key. */
async function initial(path: string): Promise<Parameters> {
  const tensors = await readTensors(bytes(path), path);
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  return { keys: [...byName.keys()], get: (key) => byName.get(key)! };
}

const TRAIN = here
  ? {
      images: gunzipSync(bytes('datasets/mnist/train5k-images-idx3-ubyte.gz')),
      labels: gunzipSync(bytes('datasets/mnist/train5k-labels-idx1-ubyte.gz')),
    }
  : null;

function batch(from: number, count: number): Batch {
  const { images, labels } = TRAIN!;
  const pixels = Float64Array.from(images.subarray(16 + 784 * from, 16 + 784 * (from + count)), (p) => p / 255);
  return {
    inputs: new Map([['input', { shape: [count, 1, 28, 28], data: pixels }]]),
    count,
    truth: { labels: Int32Array.from(labels.subarray(8 + from, 8 + from + count)) },
  };
}

describe.skipIf(!here)('LeNet-5, 64 pictures a batch (needs ../shared)', () => {
  const rules: [string, OptimizerOptions][] = [
    ['sgd', { kind: 'sgd', learningRate: 0.05, momentum: 0, weightDecay: 0 }],
    ['momentum', { kind: 'sgd', learningRate: 0.02, momentum: 0.9, weightDecay: 1e-4 }],
    ['adam', { ...ADAM, learningRate: 1e-3 }],
  ];
  for (const [name, optimizer] of rules)
    it(`${name}: losses of the first 8 iterations within 1e-8`, async () => {
      const file = 'models/lenet5_mnist/lenet5_mnist.onnx';
      const { graph } = importOnnx(bytes(file), file);
      const parameters = await initial('golden/training_lenet5/lenet5_initial.npz');
      const trainer = new Trainer(new Executor(graph, parameters, { precision: 'float64' }), { optimizer });
      const { losses_f64: losses } = JSON.parse(
        readFileSync(new URL(`golden/training_lenet5/lenet5_${name}.json`, data), 'utf8'),
      ) as { losses_f64: number[] };
      for (let i = 0; i < 8; i++)
        expect(Math.abs(trainer.step(batch(64 * i, 64)).loss - losses[i]!)).toBeLessThan(1e-8);
    });

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
