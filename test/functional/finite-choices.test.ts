// Gradients of choices, look-ups and quantization against central differences.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Executor } from '../../src/functional/execute.js';
import { type Trial, worst } from './differences.js';
import { oneNode, parametersOf } from './graphs.js';

const choices = fc.constantFrom<Trial>(
  {
    operator: { kind: 'where' },
    inputs: { condition: [2, 3], a: [2, 3], b: [3] },
    parameters: {},
    whole: { condition: 2 },
    outputs: { y: [2, 3] },
  },
  {
    operator: { kind: 'where' },
    inputs: { condition: [3, 1, 1], a: [1, 2, 1], b: [3, 2, 4] },
    parameters: {},
    whole: { condition: 2 },
    outputs: { y: [3, 2, 4] },
  },
  // Fewer indices than places, and more: some stand there twice.
  ...[2, 7].flatMap((count): Trial[] => [
    {
      operator: { kind: 'gather', axis: 0, lookup: false },
      inputs: { x: [4, 3], i: [count] },
      parameters: {},
      whole: { i: 4 },
      outputs: { y: [count, 3] },
    },
    {
      operator: { kind: 'gather', axis: 1, lookup: false },
      inputs: { x: [2, 4], i: [count, 2] },
      parameters: {},
      whole: { i: 4 },
      outputs: { y: [2, count, 2] },
    },
    {
      operator: { kind: 'gather', axis: 0, lookup: true },
      inputs: { i: [count] },
      parameters: { table: [4, 3] },
      whole: { i: 4 },
      outputs: { y: [count, 3] },
    },
  ]),
);

it('choices and look-ups', () => {
  fc.assert(
    fc.property(choices, fc.integer(), (trial, seed) => {
      expect(worst(trial, seed)).toBeLessThan(2e-7);
    }),
    { numRuns: 60 },
  );
});

it('quantization and back, over steps that are small beside the difference', () => {
  // Whole numbers of 32 bits: a difference of 1e-5 is 100 steps and more.
  for (const axis of [null, 1])
    for (const direction of ['quantize', 'dequantize'] as const) {
      const scale = Float64Array.from(axis === null ? [1e-7] : [1e-7, 3e-8, 2e-8]);
      const x = {
        shape: [2, 2, 3],
        data: Float64Array.from({ length: 12 }, (_, i) => (direction === 'quantize' ? 0.1 : 1e6) * (i - 4)),
      };
      const graph = oneNode(
        { kind: 'quantize', direction, axis, to: 'i32' },
        {
          inputs: { x: [2, 3] },
          parameters: { scale: { key: 'scale', shape: [scale.length] } },
          outputs: { y: [2, 3] },
        },
      );
      const executor = new Executor(graph, parametersOf(new Map([['scale', { shape: [scale.length], data: scale }]])), {
        precision: 'float64',
      });
      const at = (i: number, h: number): number => {
        const moved = { ...x, data: x.data.map((value, j) => (i === j ? value + h : value)) };
        return executor.forward(new Map([['x', moved]])).get('y')!.data[i]!;
      };
      executor.forward(new Map([['x', x]]), { record: true });
      const ones = { shape: x.shape, data: new Float64Array(12).fill(1) };
      const found = executor.backward(new Map([['y', ones]])).inputGradients.get('x')!.data;
      const h = direction === 'quantize' ? 0.01 : 1e4;
      found.forEach((value, i) => {
        expect(value / ((at(i, h) - at(i, -h)) / (2 * h))).toBeCloseTo(1, 4);
      });
    }
});
