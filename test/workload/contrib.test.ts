// ONNX Runtime's own operators, worked out by hand.

import { describe, expect, it } from 'vitest';
import type { AttributeValue } from '../../src/workload/onnx/write-model.js';
import { reals } from './onnx-agree/draw.js';
import type { CaseInput, OperatorCase } from './onnx-agree/model.js';
import { active, outputOf } from './one-operator.js';

const bytes = (data: readonly number[], dims: readonly number[] = [data.length]): CaseInput => ({
  ...reals(data, dims),
  element: 'u8',
});
const given = (input: CaseInput): CaseInput => ({ ...input, constant: false });
const number = (value: number): CaseInput => reals([value], []);
const point = (value: number): CaseInput => bytes([value], []);
/** Steps of a half around 10: (value - 10) / 2. */
const HALVES = [number(0.5), point(10)];
/** Steps of a quarter around 100. */
const QUARTERS = [number(0.25), point(100)];

const own = (
  type: string,
  inputs: OperatorCase['inputs'],
  attributes: Readonly<Record<string, AttributeValue>> = {},
): Omit<OperatorCase, 'outputs'> => ({ type, domain: 'com.microsoft', opset: 17, attributes, inputs });
const found = (...words: Parameters<typeof own>): readonly number[] => outputOf(own(...words)).values;

const X = active([1, -2], [1, 2]);
/** x W = 1 - 6, 2 - 8 */
const W = reals([1, 2, 3, 4], [2, 2]);

describe('what the optimizer writes', () => {
  it('products: transposed, scaled, with an activation behind', () => {
    expect(found('FusedMatMul', [X, W], { alpha: 0.5 })).toEqual([-2.5, -3]);
    // 1 - 4, 3 - 8
    expect(found('FusedMatMul', [X, W], { transB: 1n })).toEqual([-3, -5]);
    expect(found('FusedGemm', [X, W, reals([6, 1])], { activation: 'Relu' })).toEqual([1, 0]);
    const map = active([1, -2, 3, 4], [1, 1, 2, 2]);
    const kernel = reals([2], [1, 1, 1, 1]);
    const leaky = { activation: 'LeakyRelu', activation_params: [0.25] };
    expect(found('FusedConv', [map, kernel, reals([1])], leaky)).toEqual([3, -0.75, 7, 9]);
    const clip = { activation: 'Clip', activation_params: [-1, 5] };
    expect(found('FusedConv', [map, kernel, reals([1])], clip)).toEqual([3, -1, 5, 5]);
    // 2 x + 1 + x
    expect(found('FusedConv', [map, kernel, reals([1]), map], { activation: 'Relu' })).toEqual([4, 0, 10, 13]);
  });

  it('activations: x sigmoid(2 x), the same after a bias', () => {
    const [first, second] = found('QuickGelu', [X], { alpha: 2 });
    expect(first).toBeCloseTo(1 / (1 + Math.exp(-2)), 12);
    expect(second).toBeCloseTo(-2 / (1 + Math.exp(4)), 12);
    const biased = found('BiasGelu', [X, reals([1, 2])]);
    // x (1 + erf(x / sqrt 2)) / 2 of 2 and 0; by tanh 1.954597694087775
    expect(biased[0]).toBeCloseTo(1.9544997361036416, 9);
    expect(biased[1]).toBe(0);
    expect(found('FastGelu', [X, reals([1, 2])])[0]).toBeCloseTo(1.954597694087775, 9);
  });

  it('a norm of a sum: 3 and 1 around 2, times gamma, plus beta', () => {
    const skipped = [X, active([1, 2], [1, 2]), reals([2, 4]), reals([0.5, 0]), reals([1, 1])];
    // 1 + 1 + 1, -2 + 2 + 1; epsilon is nothing beside a variance of 1.
    const [first, second] = found('SkipLayerNormalization', skipped, { epsilon: 1e-12 });
    expect([first, second]).toEqual([expect.closeTo(2.5, 9), expect.closeTo(-4, 9)]);
    const rms = found('SkipSimplifiedLayerNormalization', [X, active([2, -2], [1, 2]), reals([1, 1])], { epsilon: 0 });
    expect(rms).toEqual([expect.closeTo(3 / Math.sqrt(12.5), 9), expect.closeTo(-4 / Math.sqrt(12.5), 9)]);
  });

  it('refused: other activations, norms that also give their mean', () => {
    expect(() => found('FusedGemm', [X, W], { activation: 'Swish' })).toThrow('the activation Swish is not supported');
    const one = { ...own('SkipLayerNormalization', [X, X, reals([1, 1])]), outputs: ['y', 'mean'] };
    expect(() => outputOf(one)).toThrow('its mean and deviation as outputs are not supported');
    expect(() => found('FusedMatMul', [X, W], { transBatchA: 1n })).toThrow('transBatchA is not supported');
  });
});

describe('what the quantizer writes', () => {
  /** 1, -2, 4 */
  const x = given(bytes([12, 6, 18], [1, 3]));

  it('sums, products, joins: real values are quantized anew', () => {
    // 1 + 0.5, -2 + 1, 4 - 0.5 in quarters
    const second = [bytes([102, 104, 98], [1, 3]), ...QUARTERS];
    expect(found('QLinearAdd', [x, ...HALVES, ...second, ...QUARTERS])).toEqual([106, 96, 114]);
    expect(found('QLinearMul', [x, ...HALVES, ...second, ...QUARTERS])).toEqual([102, 92, 92]);
    const joined = [...QUARTERS, x, ...HALVES, ...second];
    expect(found('QLinearConcat', joined, { axis: 1n })).toEqual([104, 92, 116, 102, 104, 98]);
  });

  it('activations and pools', () => {
    expect(found('QLinearLeakyRelu', [x, ...HALVES, ...QUARTERS], { alpha: 0.5 })).toEqual([104, 96, 116]);
    const sigmoid = [1, -2, 4].map((value) => Math.round(4 / (1 + Math.exp(-value))) + 100);
    expect(found('QLinearSigmoid', [x, ...HALVES, ...QUARTERS])).toEqual(sigmoid);
    // 1, -2, 4, 1: their mean is 1.
    const map = given(bytes([12, 6, 18, 12], [1, 1, 2, 2]));
    expect(found('QLinearGlobalAveragePool', [map, ...HALVES, ...QUARTERS])).toEqual([104]);
    const window = { kernel_shape: [2n, 1n] };
    expect(found('QLinearAveragePool', [map, ...HALVES, ...QUARTERS], window)).toEqual([110, 98]);
    expect(() => found('QLinearGlobalAveragePool', [map, ...HALVES, ...QUARTERS], { channels_last: 1n })).toThrow(
      'channels_last is not supported',
    );
  });

  it('products with a bias in steps of both scales', () => {
    // 1 x 0.25 - 2 x 0.5 + 4 x 1 = 3.25; the bias is 8 steps of 0.5 x 0.25.
    const weights = [bytes([101, 102, 104], [3, 1]), ...QUARTERS];
    const bias = { ...reals([8]), element: 'i32' } as const;
    expect(found('QGemm', [x, ...HALVES, ...weights, bias])).toEqual([4.25]);
    expect(found('QGemm', [x, ...HALVES, ...weights, bias, ...QUARTERS])).toEqual([117]);
    const [b, scale, zero] = weights;
    const inputs = [x, b!, HALVES[0]!, scale!, HALVES[1]!, zero!, reals([1])];
    expect(found('MatMulIntegerToFloat', inputs)).toEqual([4.25]);
  });
});
