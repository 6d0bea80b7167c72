// Training steps of batch norms (the batch's own statistics) and of AdderNet's layers (its own step size).

import { describe, expect, it } from 'vitest';
import { Executor } from '../../../src/functional/execute.js';
import { initialParameters } from '../../../src/functional/training/initial.js';
import { Trainer, type Batch } from '../../../src/functional/training/trainer.js';
import { loaded } from '../../helpers.js';

const COUNT = 5;
const SIZE = 2 * 4 * 4;
const SGD = { kind: 'sgd', learningRate: 1, momentum: 0, weightDecay: 0 } as const;

function executorOf(preset: string, layers: string): Executor {
  const yaml = `name: small\ninput: { channels: 2, height: 4, width: 4 }\nlayers:\n${layers}`;
  const { graph } = loaded(preset, ['network=small.yaml'], { 'small.yaml': yaml }).network;
  return new Executor(graph, initialParameters(graph, 7), { precision: 'float64' });
}

function batchOf({ graph }: Executor): Batch {
  const data = Float64Array.from({ length: COUNT * SIZE }, (_, i) => Math.sin(12.9898 * (i + 1)) + (i % 3));
  const { name } = graph.tensors[graph.inputs[0]!]!;
  return {
    inputs: new Map([[name, { shape: [COUNT, 2, 4, 4], data }]]),
    count: COUNT,
    truth: { labels: Int32Array.of(0, 2, 1, 0, 2) },
  };
}

const numbersOf = ({ parameters }: Executor): Map<string, Float64Array> =>
  new Map(parameters.keys.map((key) => [key, Float64Array.from(parameters.stored(key)!.data)]));

const NORMED = `  - { name: bn, type: batchnorm }
  - { name: conv, type: conv2d, channels: 3, kernel: 3 }
  - { name: mid, type: batchnorm }
  - { name: act, type: tanh }
  - { name: fc, type: dense, features: 3 }
`;

describe('batch norm in training', () => {
  it('gradients are those of the loss with statistics of the batch (central differences)', () => {
    const lossWith = (key: string, at: number, by: number): number => {
      const executor = executorOf('isaac', NORMED);
      executor.parameters.stored(key)!.data[at]! += by;
      executor.changed();
      return new Trainer(executor, { optimizer: SGD }).step(batchOf(executor)).loss;
    };
    const executor = executorOf('isaac', NORMED);
    const before = numbersOf(executor);
    new Trainer(executor, { optimizer: SGD }).step(batchOf(executor));
    const after = numbersOf(executor);
    for (const [key, values] of before) {
      if (/mean|var/.test(key)) continue;
      for (const at of [0, values.length - 1]) {
        const by = 1e-5;
        const slope = (lossWith(key, at, by) - lossWith(key, at, -by)) / (2 * by);
        expect(values[at]! - after.get(key)![at]!, `${key}[${at}]`).toBeCloseTo(slope, 7);
      }
    }
  });

  it("running statistics go a tenth of the way to the batch's mean and unbiased variance", () => {
    const executor = executorOf('isaac', NORMED);
    const { data } = [...batchOf(executor).inputs.values()][0]!;
    new Trainer(executor, { optimizer: SGD }).step(batchOf(executor));
    const channel = Array.from(data).filter((_, i) => Math.floor(i / 16) % 2 === 0);
    const mean = channel.reduce((sum, x) => sum + x, 0) / channel.length;
    const variance = channel.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (channel.length - 1);
    const stored = numbersOf(executor);
    const of = (what: RegExp): number => stored.get([...stored.keys()].find((key) => what.test(key))!)![0]!;
    expect(of(/^bn.*mean/)).toBeCloseTo(0.1 * mean, 12);
    expect(of(/^bn.*var/)).toBeCloseTo(0.9 + 0.1 * variance, 12);
  });

  it('looks and tests leave them, and `stored` trains with them', () => {
    const executor = executorOf('isaac', NORMED);
    const before = numbersOf(executor);
    const trainer = new Trainer(executor, { optimizer: SGD, batchNorm: 'stored' });
    trainer.test(batchOf(executor));
    trainer.step(batchOf(executor));
    const after = numbersOf(executor);
    for (const [key, values] of before)
      if (/mean|var/.test(key)) expect(after.get(key)).toEqual(values);
      else expect(after.get(key)).not.toEqual(values);
  });
});

describe("AdderNet's layers", () => {
  const layers = `  - { name: add, type: adder2d, channels: 3, kernel: 3 }
  - { name: bn, type: batchnorm }
  - { name: relu, type: relu }
  - { name: fc, type: dense, features: 3 }
`;

  it('a step of their weights has eta times the root of their number as length', () => {
    const executor = executorOf('addernet', layers);
    const before = numbersOf(executor).get('add.weight')!;
    new Trainer(executor, { optimizer: { ...SGD, learningRate: 0.5 } }).step(batchOf(executor));
    const after = numbersOf(executor).get('add.weight')!;
    const length = Math.hypot(...before.map((value, i) => value - after[i]!));
    expect(length).toBeCloseTo(0.5 * 0.2 * Math.sqrt(before.length), 10);
  });

  it('a network of them learns', () => {
    const executor = executorOf('addernet', layers);
    const trainer = new Trainer(executor, { optimizer: { ...SGD, learningRate: 0.1 } });
    const losses = Array.from({ length: 40 }, () => trainer.step(batchOf(executor)).loss);
    expect(losses.at(-1)).toBeLessThan(0.2 * losses[0]!);
  });
});
