// Pictures between data and network: the range of the data, what the network reads, PNG files, distances.

import { encode } from 'fast-png';
import type { Distortion } from '../../functional/attacks/victim.js';
import type { Normalization } from '../../functional/attacks/network-victim.js';
import type { LoadedRun } from '../../run-config/index.js';

/** (x - mean) / deviation by channel stands between a picture and the network; null: nothing does. */
export function normalizationOf({ config }: LoadedRun): Normalization | null {
  const mean = config.data?.mean ?? [];
  const deviation = config.data?.deviation ?? [];
  if (mean.length === 0 && deviation.length === 0) return null;
  return { mean: mean.length === 0 ? [0] : mean, deviation: deviation.length === 0 ? [1] : deviation };
}

type Change = (value: number, mean: number, deviation: number) => number;

/** Pictures [count, ...shape], each value changed by what its channel has. */
function eachChannel(
  values: ArrayLike<number>,
  shape: readonly number[],
  normalization: Normalization | null,
  change: Change,
): Float64Array {
  const out = Float64Array.from(values);
  if (normalization === null) return out;
  const size = shape.reduce((product, length) => product * length, 1);
  const plane = size / (shape[0] ?? 1);
  const { mean, deviation } = normalization;
  return out.map((value, at) => {
    const channel = Math.floor((at % size) / plane);
    return change(value, mean[channel % mean.length]!, deviation[channel % deviation.length]!);
  });
}

/** Pictures in the data's own range, from what the network reads. @param shape of one picture */
export const rawPictures = (
  read: ArrayLike<number>,
  shape: readonly number[],
  normalization: Normalization | null,
): Float64Array => eachChannel(read, shape, normalization, (value, mean, deviation) => value * deviation + mean);

/** What the network reads, from pictures in the data's own range. @param shape of one picture */
export const readPictures = (
  raw: ArrayLike<number>,
  shape: readonly number[],
  normalization: Normalization | null,
): Float64Array => eachChannel(raw, shape, normalization, (value, mean, deviation) => (value - mean) / deviation);

/** Channels, rows and columns of a picture of any shape. */
export const planesOf = (shape: readonly number[]): { channels: number; height: number; width: number } => ({
  channels: shape.at(-3) ?? 1,
  height: shape.at(-2) ?? 1,
  width: shape.at(-1) ?? 1,
});

/** How far pictures [count, size] were moved. */
export function distortionOf(clean: Float64Array, moved: Float64Array, size: number, count: number): Distortion {
  const sum = { linf: 0, l2: 0, l0: 0 };
  for (let i = 0; i < count; i++) {
    let [largest, square] = [0, 0];
    for (let j = i * size; j < (i + 1) * size; j++) {
      const by = Math.abs(moved[j]! - clean[j]!);
      largest = Math.max(largest, by);
      square += by * by;
      if (by > 0) sum.l0++;
    }
    sum.linf += largest;
    sum.l2 += Math.sqrt(square);
  }
  return { linf: sum.linf / count, l2: sum.l2 / count, l0: sum.l0 / count };
}

/** A picture [channels, height, width] as PNG: grey, or its first three channels; [low, high] is black to white. */
export function pngOf(
  picture: ArrayLike<number>,
  shape: readonly number[],
  [low, high]: readonly [number, number],
): Uint8Array {
  const { channels, height, width } = planesOf(shape);
  const shown = channels >= 3 ? 3 : 1;
  const data = new Uint8Array(width * height * shown);
  for (let c = 0; c < shown; c++)
    for (let p = 0; p < width * height; p++) {
      const value = (picture[c * width * height + p]! - low) / (high - low);
      data[p * shown + c] = Math.round(255 * Math.min(1, Math.max(0, value)));
    }
  return encode({ width, height, data, channels: shown, depth: 8 });
}

/** Bytes as base64. */
export const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
