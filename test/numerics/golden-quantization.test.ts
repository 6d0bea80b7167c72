// Reference quantizations of trained models: codebooks, integers and exponents.

import { describe, expect, it } from 'vitest';
import { IMPORTANCE_FLOOR } from '../../src/experiment/quantize.js';
import {
  chooseFractionBits,
  dotInt32,
  requantize,
  toDynamicFixedPoint,
} from '../../src/numerics/formats/dynamic-fixed-point.js';
import {
  clippedCodebook,
  decodeCodebook,
  encodeCodebook,
  kMeansCodebook,
  minMaxCodebook,
  quantizationError,
  symmetricCodebook,
  weightedEntropyCodebook,
  type Codebook,
} from '../../src/numerics/quantizers/index.js';
import { readNpz } from '../../src/tensors/numpy.js';
import { goldenBytes, goldenJson } from './golden.js';

const folder = 'data/golden/quantization/';
const MODELS = ['lenet5_mnist', 'rowlstm_mnist', 'charlm_shakespeare'];

function arrays(path: string): Map<string, Float64Array> {
  return new Map(readNpz(goldenBytes(path), path).map(({ name, data }) => [name, Float64Array.from(data, Number)]));
}
const weightsOf = (model: string): Map<string, Float64Array> => arrays(`data/models/${model}/${model}.npz`);

describe('reference quantizations', () => {
  it.each(MODELS)(
    '%s_codebooks.json: every level and error of six methods at 2 to 5 bits',
    { timeout: 120_000 },
    (model) => {
      const expected = goldenJson(`${folder}${model}_codebooks.json`) as Record<
        string,
        { codebook: number[]; mse: number; importance_weighted_mse: number }
      >;
      const weights = weightsOf(model);
      const gradients = arrays(`${folder}${model}_importance.npz`);
      expect(Object.keys(expected).length).toBeGreaterThan(70);
      const wrong: string[] = [];
      for (const [key, { codebook, mse }] of Object.entries(expected)) {
        const [bits, method, tensor] = key.split('/') as [string, string, string];
        const levels = 2 ** Number.parseInt(bits, 10);
        const values = weights.get(tensor)!;
        const squares = gradients.get(tensor)!;
        const mean = squares.reduce((sum, g) => sum + g, 0) / squares.length;
        const importance = squares.map((g) => g + IMPORTANCE_FLOOR * mean);
        const lloyd = { levels, start: 'linear', iterations: 200 } as const;
        const make: Record<string, () => Codebook> = {
          uniform_symmetric: () => symmetricCodebook(values, { levels }),
          uniform_minmax: () => minMaxCodebook(values, { levels }),
          uniform_mse_clip: () => clippedCodebook(values, { levels }),
          kmeans: () => kMeansCodebook(values, lloyd),
          kmeans_importance: () => kMeansCodebook(values, { ...lloyd, importance }),
          weighted_entropy: () => weightedEntropyCodebook(values, { levels }),
        };
        const made = make[method]!();
        expect(made.levels.length, key).toBe(codebook.length);
        // The reference's mean importance is a pairwise sum, which rounds otherwise: there the last bit may differ.
        const allowed = method === 'kmeans_importance' ? 2 ** -52 : 0;
        const worst = Math.max(
          ...made.levels.map((level, i) => (level === codebook[i] ? 0 : Math.abs(level / codebook[i]! - 1))),
        );
        const error = quantizationError(values, decodeCodebook(made, encodeCodebook(made, values))).meanSquare;
        if (worst > allowed || Math.abs(error / mse - 1) > 1e-12)
          wrong.push(`${key}: levels differ by ${worst}, errors are ${error} and ${mse}`);
      }
      expect(wrong).toEqual([]);
    },
  );

  it('lenet5_dfp8_integer.npz, lenet5_dfp4_integer.npz: exponents and integers of weights and biases', () => {
    interface Row {
      bits: number;
      frac_len_weight: Record<string, number>;
      frac_len_bias: Record<string, number>;
    }
    const { dynamic_fixed_point: rows } = goldenJson(`${folder}lenet5_dynamic_fixed_point.json`) as {
      dynamic_fixed_point: Row[];
    };
    const weights = weightsOf('lenet5_mnist');
    expect(rows.map(({ bits }) => bits)).toEqual([8, 7, 6, 5, 4, 3]);
    for (const { bits, ...lengths } of rows) {
      for (const [kind, byLayer] of [
        ['weight', lengths.frac_len_weight],
        ['bias', lengths.frac_len_bias],
      ] as const) {
        for (const [layer, expected] of Object.entries(byLayer))
          expect(chooseFractionBits(weights.get(`${layer}.${kind}`)!, { bits }), `${bits} bits, ${layer}.${kind}`).toBe(
            expected,
          );
      }
    }
    for (const bits of [8, 4]) checkIntegers(weights, arrays(`${folder}lenet5_dfp${bits}_integer.npz`), bits, 10);
  });

  it.each([8, 4])('lenet5_dfp%i_integer.npz: accumulators and outputs of the dense layers for 8 pictures', (bits) => {
    interface Row {
      bits: number;
      frac_len_weight: Record<string, number>;
      frac_len_bias: Record<string, number>;
      frac_len_activation: Record<string, number>;
    }
    const { dynamic_fixed_point: rows } = goldenJson(`${folder}lenet5_dynamic_fixed_point.json`) as {
      dynamic_fixed_point: Row[];
    };
    const {
      frac_len_weight: weight,
      frac_len_bias: bias,
      frac_len_activation: activation,
    } = rows.find((row) => row.bits === bits)!;
    const golden = arrays(`${folder}lenet5_dfp${bits}_integer.npz`);
    let [input, inputLength] = [golden.get('act8_conv2_pool')!, activation.conv2!];
    for (const [layer, last] of [
      ['fc1', false],
      ['fc2', false],
      ['fc3', true],
    ] as const) {
      const [weights, biases] = [golden.get(`${layer}.weight_int`)!, golden.get(`${layer}.bias_int`)!];
      const [outputs, width] = [biases.length, weights.length / biases.length];
      const products = weight[layer]! + inputLength;
      const sums = Float64Array.from({ length: 8 * outputs }, (_, i) => {
        const [picture, output] = [Math.floor(i / outputs), i % outputs];
        const start = requantize(biases[output]!, bias[layer]! - products, 32);
        return dotInt32(
          input.subarray(picture * width, (picture + 1) * width),
          weights.subarray(output * width, (output + 1) * width),
          start,
        ).sum;
      });
      expect(sums).toEqual(golden.get(`act8_${layer}_acc`));
      const results = sums
        .map((sum) => requantize(sum, products - activation[layer]!, bits))
        .map((x) => (last ? x : Math.max(0, x)));
      expect(results).toEqual(golden.get(`act8_${layer}`));
      [input, inputLength] = [results, activation[layer]!];
    }
  });

  it('lstm_dynamic_fixed_point, rowlstm_mnist_dfp8, charlm_shakespeare_dfp8: exponents and integers', () => {
    const models = goldenJson(`${folder}lstm_dynamic_fixed_point.json`) as Record<
      string,
      { by_bits: { bits: number; frac_len_weights: Record<string, number> }[] }
    >;
    for (const model of ['rowlstm_mnist', 'charlm_shakespeare']) {
      const weights = weightsOf(model);
      for (const { bits, frac_len_weights: lengths } of models[model]!.by_bits) {
        for (const [name, expected] of Object.entries(lengths))
          expect(chooseFractionBits(weights.get(name)!, { bits }), `${model} ${bits} bits, ${name}`).toBe(expected);
      }
      checkIntegers(weights, arrays(`${folder}${model}_dfp8.npz`), 8, 6);
    }
  });
});

function checkIntegers(
  weights: Map<string, Float64Array>,
  golden: Map<string, Float64Array>,
  bits: number,
  tensors: number,
): void {
  const names = [...golden.keys()].filter((name) => name.endsWith('_int'));
  const compared = names.filter((name) => weights.has(name.replace(/_int$/, '')));
  expect(compared).toHaveLength(tensors);
  for (const name of compared) {
    const expected = golden.get(name)!;
    const { integers } = toDynamicFixedPoint(weights.get(name.replace(/_int$/, ''))!, { bits });
    expect([integers.length, integers.findIndex((integer, i) => integer !== expected[i])], name).toEqual([
      expected.length,
      -1,
    ]);
  }
}
