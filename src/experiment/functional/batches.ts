// Batches of a data set in the order of an epoch.

import type { Dataset } from '../../functional/data/dataset.js';
import { streamOf } from '../../functional/streams.js';
import type { LabelledBatch, Trainer } from '../../functional/training/trainer.js';

/** Samples that are tested at once. */
const TESTED = 256;
/** Number of the first tested sample: their draws are not those of training, which counts from 0. */
const FIRST_TESTED = 2 ** 40;

/** Order of the samples in an epoch: as they stand, or shuffled by a stream of its own. */
export function orderOf(count: number, shuffle: boolean, seed: number, epoch: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  if (!shuffle) return order;
  const draw = streamOf(seed, `shuffle ${epoch}`);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(draw() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** The samples of an order from `from` on, `size` of them where there are so many. */
export function batchOf(
  data: Dataset,
  labels: Int32Array,
  order: Int32Array,
  { from, size }: { readonly from: number; readonly size: number },
): LabelledBatch {
  const chosen = order.subarray(from, Math.min(order.length, from + size));
  const inputs = new Map<string, { shape: number[]; data: Float64Array }>();
  chosen.forEach((sample, i) => {
    for (const [name, { shape, data: values }] of data.batch(sample, 1)) {
      let into = inputs.get(name);
      if (into === undefined) {
        into = { shape: [chosen.length, ...shape.slice(1)], data: new Float64Array(chosen.length * values.length) };
        inputs.set(name, into);
      }
      into.data.set(values, i * values.length);
    }
  });
  return { inputs, count: chosen.length, truth: { labels: Int32Array.from(chosen, (sample) => labels[sample]!) } };
}

/**
 * Share of the samples of a labelled data set that the network gets right.
 * @param pass number of the test, from 0; each has draws of its own, and none of training's
 */
export function accuracyOf(trainer: Trainer, test: Dataset, pass: number): number {
  let right = 0;
  for (let from = 0; from < test.count; from += TESTED) {
    const count = Math.min(TESTED, test.count - from);
    const batch = { inputs: test.batch(from, count), count, truth: { labels: test.labelsOf(from, count)! } };
    right += trainer.test(batch, FIRST_TESTED + pass * test.count + from).right;
  }
  return right / test.count;
}
