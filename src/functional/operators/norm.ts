// Norms: batch (running statistics, or the batch's own), layer, RMS, group and instance; forward and backward.

import { sizeOf, zeros, type Values } from './values.js';

/** Batch norm with given statistics: y = (x - mean) / sqrt(variance + epsilon) scale + shift by channel (axis 1). */
export function batchNorm(
  x: Values,
  {
    scale,
    shift,
    mean,
    variance,
  }: { readonly scale: Values; readonly shift: Values; readonly mean: Values; readonly variance: Values },
  epsilon: number,
): Values {
  const y = zeros(x.data, x.shape);
  eachChannel(x.shape, (channel, from, to) => {
    const factor = scale.data[channel]! / Math.sqrt(variance.data[channel]! + epsilon);
    const m = mean.data[channel]!;
    const b = shift.data[channel]!;
    for (let i = from; i < to; i++) y.data[i] = (x.data[i]! - m) * factor + b;
  });
  return y;
}

function eachChannel(shape: readonly number[], run: (channel: number, from: number, to: number) => void): void {
  const channels = shape[1] ?? 1;
  const places = sizeOf(shape.slice(2));
  const maps = shape.length === 0 ? 0 : shape[0]! * channels;
  for (let map = 0; map < maps; map++) run(map % channels, map * places, (map + 1) * places);
}

/** Gradients of a norm. */
export interface NormGradients {
  readonly input: Values;
  readonly scale: Values;
  readonly shift: Values;
}

/** Gradients of batch norm whose statistics are constants. */
export function batchNormBackward(
  x: Values,
  { scale, mean, variance }: { readonly scale: Values; readonly mean: Values; readonly variance: Values },
  epsilon: number,
  dy: Values,
): NormGradients {
  const dx = zeros(x.data, x.shape);
  const dScale = zeros(x.data, scale.shape);
  const dShift = zeros(x.data, scale.shape);
  eachChannel(x.shape, (channel, from, to) => {
    const inverse = 1 / Math.sqrt(variance.data[channel]! + epsilon);
    const m = mean.data[channel]!;
    let toScale = 0;
    let toShift = 0;
    for (let i = from; i < to; i++) {
      toScale += dy.data[i]! * (x.data[i]! - m) * inverse;
      toShift += dy.data[i]!;
      dx.data[i] = dy.data[i]! * scale.data[channel]! * inverse;
    }
    dScale.data[channel]! += toScale;
    dShift.data[channel]! += toShift;
  });
  return { input: dx, scale: dScale, shift: dShift };
}

/** Mean and biased variance of each channel over batch and places. */
export function channelStatistics(x: Values): { mean: Values; variance: Values; count: number } {
  const channels = x.shape[1]!;
  const count = x.data.length / channels;
  const mean = zeros(x.data, [channels]);
  const variance = zeros(x.data, [channels]);
  const sums = new Float64Array(channels);
  eachChannel(x.shape, (channel, from, to) => {
    for (let i = from; i < to; i++) sums[channel]! += x.data[i]!;
  });
  for (let c = 0; c < channels; c++) sums[c]! /= count;
  const squares = new Float64Array(channels);
  eachChannel(x.shape, (channel, from, to) => {
    for (let i = from; i < to; i++) squares[channel]! += (x.data[i]! - sums[channel]!) ** 2;
  });
  for (let c = 0; c < channels; c++) {
    mean.data[c] = sums[c]!;
    variance.data[c] = squares[c]! / count;
  }
  return { mean, variance, count };
}

/** Gradients of batch norm in training: the statistics are the batch's own and pass gradients too. */
export function batchNormTrainingBackward(x: Values, scale: Values, epsilon: number, dy: Values): NormGradients {
  const { mean, variance, count } = channelStatistics(x);
  const constant = batchNormBackward(x, { scale, mean, variance }, epsilon, dy);
  const dx = zeros(x.data, x.shape);
  eachChannel(x.shape, (channel, from, to) => {
    const inverse = 1 / Math.sqrt(variance.data[channel]! + epsilon);
    const meanError = constant.shift.data[channel]! / count;
    const meanProduct = constant.scale.data[channel]! / count;
    for (let i = from; i < to; i++) {
      const normal = (x.data[i]! - mean.data[channel]!) * inverse;
      dx.data[i] = scale.data[channel]! * inverse * (dy.data[i]! - meanError - normal * meanProduct);
    }
  });
  return { input: dx, scale: constant.scale, shift: constant.shift };
}

/**
 * Norms over rows of `length` neighbouring elements: layer norm (rows are the last axes), group and instance norm
 * (rows are a group's channels and places), RMS norm (`centred: false`: no mean is subtracted).
 */
export interface RowNorm {
  readonly length: number;
  readonly epsilon: number;
  readonly centred: boolean;
  /** Which element of scale and shift an element takes: row and place in the row to index. */
  readonly parameter: (row: number, place: number) => number;
}

/** Layer norm over the axes from `axis` on; scale and shift have their shape. */
export function layerNorm(shape: readonly number[], axis: number, epsilon: number, centred = true): RowNorm {
  const length = sizeOf(shape.slice(axis));
  return { length, epsilon, centred, parameter: (_, place) => place };
}

/**
 * Group norm of x [N, C, ...]; scale and shift [C], or [groups] where `perGroup`. Instance norm: as many groups as
 * channels.
 */
export function groupNorm(shape: readonly number[], groups: number, epsilon: number, perGroup = false): RowNorm {
  const channels = shape[1]! / groups;
  const places = sizeOf(shape.slice(2));
  return {
    length: channels * places,
    epsilon,
    centred: true,
    parameter: (row, place) => (perGroup ? row % groups : (row % groups) * channels + Math.floor(place / places)),
  };
}

/** Mean and inverse deviation of a row. */
function rowStatistics(x: Values, from: number, norm: RowNorm): [number, number] {
  const { length, epsilon, centred } = norm;
  let mean = 0;
  if (centred) {
    for (let i = 0; i < length; i++) mean += x.data[from + i]!;
    mean /= length;
  }
  let squares = 0;
  for (let i = 0; i < length; i++) squares += (x.data[from + i]! - mean) ** 2;
  return [mean, 1 / Math.sqrt(squares / length + epsilon)];
}

/** y of a norm over rows; scale and shift may be missing. */
export function rowNorm(x: Values, scale: Values | undefined, shift: Values | undefined, norm: RowNorm): Values {
  const y = zeros(x.data, x.shape);
  for (let from = 0, row = 0; from < x.data.length; from += norm.length, row++) {
    const [mean, inverse] = rowStatistics(x, from, norm);
    for (let i = 0; i < norm.length; i++) {
      const at = norm.parameter(row, i);
      const value = (x.data[from + i]! - mean) * inverse;
      y.data[from + i] = (scale === undefined ? value : value * scale.data[at]!) + (shift?.data[at] ?? 0);
    }
  }
  return y;
}

/** Gradients of a norm over rows. `parameters`: elements of scale and shift. */
export function rowNormBackward(
  x: Values,
  norm: RowNorm,
  dy: Values,
  { scale, parameterShape }: { readonly scale: Values | undefined; readonly parameterShape: readonly number[] },
): NormGradients {
  const dx = zeros(x.data, x.shape);
  const dScale = zeros(x.data, parameterShape);
  const dShift = zeros(x.data, parameterShape);
  const { length, centred } = norm;
  const normal = new Float64Array(length);
  const error = new Float64Array(length);
  for (let from = 0, row = 0; from < x.data.length; from += length, row++) {
    const [mean, inverse] = rowStatistics(x, from, norm);
    let sum = 0;
    let product = 0;
    for (let i = 0; i < length; i++) {
      const at = norm.parameter(row, i);
      const value = (x.data[from + i]! - mean) * inverse;
      const e = dy.data[from + i]!;
      normal[i] = value;
      error[i] = scale === undefined ? e : e * scale.data[at]!;
      sum += error[i]!;
      product += error[i]! * value;
      dScale.data[at]! += e * value;
      dShift.data[at]! += e;
    }
    const meanError = centred ? sum / length : 0;
    for (let i = 0; i < length; i++)
      dx.data[from + i] = inverse * (error[i]! - meanError - (normal[i]! * product) / length);
  }
  return { input: dx, scale: dScale, shift: dShift };
}
