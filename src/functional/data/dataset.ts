// Labelled samples for a network: raw numbers by input, brought to what the network reads as they are asked for.

import { sizeOf, type Values } from '../operators/values.js';

/** Raw elements of a data set. */
export type RawData =
  Uint8Array | Int8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | Float32Array | Float64Array;

/** All samples of one input: [count, ...shape], row-major. */
export interface RawInput {
  readonly shape: readonly number[];
  readonly data: RawData;
}

/** What stands in a data file. `inputs` has the key '' where the file does not name its one input. */
export interface RawDataset {
  readonly count: number;
  readonly inputs: ReadonlyMap<string, RawInput>;
  /** Classes by sample (with places: count x places), null where the data have none. */
  readonly labels: Int32Array | null;
  readonly labelsPerSample: number;
  /** Names of classes, where the data have them. */
  readonly classes?: readonly string[];
}

/** (x scale - mean) / deviation, mean and deviation by channel (first axis of a sample) or one for all. */
export interface Normalization {
  readonly scale: number;
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** Samples `from` up to `from + count` of a data set, as a network reads them. */
export interface Dataset {
  readonly count: number;
  readonly labels: Int32Array | null;
  readonly labelsPerSample: number;
  readonly classes: readonly string[] | null;
  /** Distance of neighbouring values after scaling, where they are bytes; null: values may lie anywhere. */
  readonly step: number | null;
  /** Inputs of `count` samples from `from` on, by the network's names, in double precision. */
  batch(from: number, count: number): Map<string, Values>;
  /** Labels of the same samples. */
  labelsOf(from: number, count: number): Int32Array | null;
}

/** One input of the network with the raw numbers that it reads. */
export interface BoundInput {
  readonly name: string;
  /** Of one sample, as the network has it. */
  readonly shape: readonly number[];
  /** Null: the data do not give it, it is 0. */
  readonly raw: RawInput | null;
}

/** A data set bound to a network's inputs. `normalization` is for inputs of real numbers, not for tokens. */
export function boundDataset(
  inputs: readonly BoundInput[],
  { labels, labelsPerSample, classes }: RawDataset,
  range: { readonly from: number; readonly count: number },
  normalization: Normalization,
): Dataset {
  const labelsOf = (from: number, count: number): Int32Array | null =>
    labels?.subarray((range.from + from) * labelsPerSample, (range.from + from + count) * labelsPerSample) ?? null;
  return {
    count: range.count,
    labels: labelsOf(0, range.count),
    labelsPerSample,
    classes: classes ?? null,
    step: inputs.every(({ raw }) => raw?.data instanceof Uint8Array) ? normalization.scale : null,
    labelsOf,
    batch: (from, count) =>
      new Map(
        inputs.map(({ name, shape, raw }) => [
          name,
          raw === null
            ? { shape: [count, ...shape], data: new Float64Array(count * sizeOf(shape)) }
            : normalized(raw, shape, { from: range.from + from, count }, normalization),
        ]),
      ),
  };
}

function normalized(
  { data }: RawInput,
  shape: readonly number[],
  { from, count }: { readonly from: number; readonly count: number },
  { scale, mean, deviation }: Normalization,
): Values {
  const size = sizeOf(shape);
  const out = new Float64Array(count * size);
  const at = from * size;
  const plane = mean.length > 1 || deviation.length > 1 ? size / shape[0]! : size;
  for (let i = 0; i < out.length; i++) {
    const channel = Math.floor((i % size) / plane);
    const m = mean.length === 0 ? 0 : mean[mean.length === 1 ? 0 : channel]!;
    const d = deviation.length === 0 ? 1 : deviation[deviation.length === 1 ? 0 : channel]!;
    out[i] = (data[at + i]! * scale - m) / d;
  }
  return { shape: [count, ...shape], data: out };
}
