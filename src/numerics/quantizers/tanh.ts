// Non-uniform n-bit quantization through tanh (SPINDLE, ISLPED 2014: 3-bit neuron outputs).

import { maxMagnitude } from '../formats/dynamic-fixed-point.js';
import { constantCodebook, nearestCodebook, requireLevels, withZero, type Codebook } from './codebook.js';
import type { LevelOptions } from './uniform.js';

/**
 * An activation: thresholds on the sum x at atanh(-1 + 2k / levels), outputs evenly -1 + (2k + 1) / levels. Steps are
 * equal in the output, unequal in x. 3 bits have thresholds 0, +-0.2554, +-0.5493, +-0.9730.
 */
export function tanhActivation(levels: number): Codebook {
  requireLevels(levels);
  return {
    thresholds: Float64Array.from({ length: levels - 1 }, (_, i) => Math.atanh(-1 + (2 * (i + 1)) / levels) + 0),
    levels: Float64Array.from({ length: levels }, (_, k) => -1 + (2 * k + 1) / levels),
  };
}

/**
 * Weights on the same grid: levels are atanh of the even outputs, scaled so that the outer ones are +-max|x|; dense
 * about 0 (our choice of scale). Values go to the nearest level.
 */
export function tanhCodebook(values: ArrayLike<number>, { levels, zero = false }: LevelOptions): Codebook {
  requireLevels(levels);
  const most = maxMagnitude(values);
  if (most === 0 || levels === 1) return constantCodebook();
  const outputs = tanhActivation(levels).levels;
  const scale = most / Math.atanh(outputs[levels - 1]!);
  const codebook = nearestCodebook(
    outputs.map((output, i) => (i === 0 ? -most : i === levels - 1 ? most : Math.atanh(output) * scale)),
  );
  return zero ? withZero(codebook) : codebook;
}
