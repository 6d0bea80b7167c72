// What passes beside F count, worked out by hand on small layers.

import { describe, expect, it } from 'vitest';
import { resultOf } from '../helpers.js';
import { transformer } from './networks.js';

const yaml = (input: string, ...layers: string[]): string =>
  [`name: small`, `input: ${input}`, 'layers:', ...layers.map((layer) => `  - { ${layer} }`), ''].join('\n');

const FILES = {
  'dense.yaml': yaml(
    '{ features: 8 }',
    'name: fc1, type: dense, features: 16',
    'name: relu, type: relu',
    'name: fc2, type: dense, features: 4',
  ),
  'block.yaml': transformer({ steps: 16, width: 32, heads: 4, inner: 64 }),
  'lstm.yaml': yaml(
    '{ features: 7, steps: 5 }',
    'name: cell, type: lstm, hidden: 9',
    'name: fc, type: dense, features: 3',
  ),
  'gru.yaml': yaml(
    '{ features: 7, steps: 5 }',
    'name: cell, type: gru, hidden: 9',
    'name: fc, type: dense, features: 3',
  ),
  'norm.yaml': yaml(
    '{ channels: 2, height: 6, width: 6 }',
    'name: conv, type: conv2d, channels: 5, kernel: 3',
    'name: bn, type: batchnorm',
    'name: relu, type: relu',
    'name: fc, type: dense, features: 3',
  ),
  'sign.yaml': yaml(
    '{ features: 8 }',
    'name: fc1, type: dense, features: 16',
    'name: hard, type: sign',
    'name: fc2, type: dense, features: 4',
  ),
};
type Run = ReturnType<typeof resultOf>;

const run = (preset: string, network: string, mode: string, sets: string[] = []): Run =>
  resultOf(
    preset,
    [
      ...[`network=${network}.yaml`, `workload.mode=${mode}`, 'workload.batch=1', 'vector.outputSoftmax=unit'],
      ...(mode === 'attack' ? ['workload.iterations=1'] : ['workload.images=1']),
      ...sets,
    ],
    FILES,
  );

/** Counts by action of a pass and layer; of an operator where one is named. */
function counts({ actions, operators }: Run, pass: string, layer: string, operator?: string): Record<string, number> {
  const list =
    operator === undefined
      ? actions.filter((of) => of.pass === pass && of.layer === layer)
      : operators.find(({ name }) => name === operator)!.actions.filter((of) => of.pass === pass);
  return Object.fromEntries(list.map(({ component, action, count }) => [`${component}.${action}`, Number(count)]));
}

describe('isaac, training: passes beside F pay bus, router and registers as F does', () => {
  const result = run('isaac', 'dense', 'training', ['pipeline.granularity=image']);

  it('B of 4 errors back to 16', () => {
    expect(counts(result, 'B', 'fc2')).toMatchObject({
      'bus.transfer': (4 + 16) * 16,
      'router.flit': (16 * 16) / 32,
      'register.access': 4 + 16,
      'tileRegister.access': 16,
    });
  });

  it('G: the input is brought once, the errors vector by vector', () => {
    expect(counts(result, 'G', 'fc1')).toMatchObject({
      'bus.transfer': (16 + 8) * 16,
      'register.access': 16 * (1 + 8),
      'tileRegister.access': 16 * 8,
    });
    expect(counts(result, 'G', 'fc2')).toMatchObject({
      'bus.transfer': (4 + 16) * 16,
      'register.access': 4 * (1 + 16),
    });
  });
});

it('G writes both cells of a differential pair, as U does: 8 values of 4 slices in each copy', () => {
  const result = run('pipelayer', 'dense', 'training');
  const { copies } = result.placements.find(({ layer, use }) => layer === 'fc1' && use === 'gradient')!;
  expect(counts(result, 'G', 'fc1')['crossbar.write']).toBe(8 * 4 * 2 * copies);
});

it('U reads and writes the cells of each layer for that layer, in both places', () => {
  const result = run('pipelayer', 'dense', 'training');
  const first = { 'gradientAdder.read': 8 * 16, 'activation.subtract': 8 * 16, 'crossbar.write': 8 * 16 * 4 * 2 };
  expect(counts(result, 'U', 'fc1')).toMatchObject(first);
  expect(counts(result, 'U', 'fc2')).toMatchObject({
    'gradientAdder.read': 16 * 4,
    'activation.subtract': 16 * 4,
    'crossbar.write': 2 * (16 * 4 * 4 * 2),
  });
  expect(Object.keys(counts(result, 'U', '(network)'))).toEqual(['controller.issue']);
});

describe('biases with a row of their own (mapping.biasRow), 8 to 16 features', () => {
  const sets = ['mapping.biasRow=true', 'mapping.replication={ scheme: given, byLayer: {} }', 'gradient.copies=1'];

  it('pipelayer: the gradient arrays have a column of ones, the update takes 9 x 16 weights', () => {
    const result = run('pipelayer', 'dense', 'training', sets);
    // 9 columns of one row, both cells of a pair, 4 slices; 16 vectors give 9 gradients each.
    expect(counts(result, 'G', 'fc1')).toMatchObject({ 'crossbar.write': 9 * 4 * 2, 'gradientAdder.add': 16 * 9 });
    expect(counts(result, 'U', 'fc1')).toMatchObject({
      'gradientAdder.read': 9 * 16,
      'activation.subtract': 9 * 16,
      'crossbar.write': 9 * 16 * 4 * 2,
    });
  });

  it('digital-int8: the memory of weights holds them', () => {
    const result = run('digital-int8', 'dense', 'training', ['mapping.biasRow=true']);
    expect(counts(result, 'U', 'fc1')).toMatchObject({ 'gradientAdder.read': 9 * 16, 'activation.subtract': 9 * 16 });
  });
});

it('X reads the errors of the input of every image, adds them up, and reads and writes the perturbation', () => {
  const result = run('a3', 'dense', 'attack', ['workload.batch=3', 'buffers.wordBits=16']);
  expect(counts(result, 'X', '(network)')).toMatchObject({
    'buffer.read': 3 * 8 + 8,
    'buffer.write': 8,
    'add.add': 2 * 8,
    'optimizer.update': 8,
  });
  expect(counts(result, 'B', 'fc1')['buffer.write']).toBe(3 * 8);
});

describe('a transformer block, training on digital-int8', () => {
  const result = run('digital-int8', 'block', 'training');

  it('a product of two activations goes back by two products', () => {
    const macs = 4 * 16 * 16 * 8;
    expect(counts(result, 'F', '', 'scores')['mac.multiply-accumulate']).toBe(macs);
    expect(counts(result, 'B', '', 'scores')['mac.multiply-accumulate']).toBe(2 * macs);
    expect(counts(result, 'G', '', 'scores')).toEqual({});
  });

  it('softmax: y (e - sum(e y)) over 64 rows of 16', () => {
    expect(counts(result, 'B', '', 'weights')).toEqual({
      'vector.multiply': 2 * 1024,
      'vector.add': 1024 - 64 + 1024,
    });
  });

  it('layer norm of 16 rows of 32, with gradients of its 32 factors and summands', () => {
    // x - mean and its product with 1 / deviation found again; e' = scale e; e' z and its mean, z times it; the factor.
    const multiply = 512 + 512 + 3 * 512 + 2 * 16 + 512;
    // x - mean; sum and difference of e'; sum and difference of e' z; both gradients.
    const add = 512 + (512 - 16) + 512 + (512 - 16) + 512 + 2 * (512 - 32);
    expect(counts(result, 'B', '', 'norm2')).toMatchObject({ 'vector.multiply': multiply, 'vector.add': add });
    // Behind the first product, whose error goes no further: its gradient's stage does it.
    expect(counts(result, 'G', '', 'norm1')).toMatchObject({ 'vector.multiply': multiply, 'vector.add': add });
    expect(counts(result, 'U', '', 'norm2')).toMatchObject({ 'activation.subtract': 64 });
  });

  it('an attack has no gradients of constants', () => {
    expect(counts(run('digital-int8', 'block', 'attack'), 'B', '', 'norm1')).toMatchObject({
      'vector.multiply': 512 + 512 + 3 * 512 + 2 * 16,
    });
  });
});

describe('recurrent cells, 9 hidden values x 5 steps', () => {
  it('LSTM: 4 derivatives, 8 products, 3 sums a value; it goes back through its steps though it is the first', () => {
    const result = run('pipelayer', 'lstm', 'training');
    expect(counts(result, 'B', 'cell')).toMatchObject({
      'activation.mask': 4 * 45,
      'vector.multiply': 8 * 45,
      'vector.add': 3 * 45,
    });
    expect(result.stages.find(({ name }) => name === 'B1')).toMatchObject({ waves: 5, serial: true });
  });

  it('GRU: three derivatives, 4 products and 5 sums a value', () => {
    expect(counts(run('pipelayer', 'gru', 'attack'), 'B', 'cell')).toMatchObject({
      'activation.mask': 3 * 45,
      'vector.multiply': 4 * 45,
      'vector.add': 5 * 45,
    });
  });
});

describe('batch norm behind a convolution, 5 channels of 4 x 4', () => {
  it('inference and attacks fold it into the weights', () => {
    for (const mode of ['inference', 'attack'])
      expect(run('pipelayer', 'norm', mode).operators.find(({ name }) => name === 'bn')).toMatchObject({ actions: [] });
  });

  it('training normalizes by running statistics and keeps what it normalized', () => {
    const result = run('pipelayer', 'norm', 'training');
    expect(counts(result, 'F', '', 'bn')).toMatchObject({ 'vector.multiply': 2 * 80, 'vector.add': 3 * 80 });
    expect(counts(result, 'G', '', 'bn')).toMatchObject({ 'vector.multiply': 2 * 80, 'vector.add': 2 * (80 - 5) });
    expect(counts(result, 'U', '', 'bn')).toMatchObject({ 'activation.subtract': 10 });
    const { entryBits } = result.buffers.find(({ name }) => name === 'd1')!;
    expect(entryBits).toBe((80 + 80) * 16);
  });
});

it('an operator that no error goes through is refused by name', () => {
  expect(() => run('pipelayer', 'sign', 'training')).toThrow(
    /workload\.mode.*operator "hard" \(sign\) runs inference only: no error goes back through it/,
  );
  expect(() => run('pipelayer', 'block', 'training', ['dynamic.on=crossbar'])).toThrow(
    /dynamic\.on.*operator "scores" writes operands into arrays in inference only; expected digital/,
  );
});
