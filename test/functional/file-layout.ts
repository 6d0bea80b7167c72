// Between a file's layout of a tensor, batch axis anywhere or nowhere, and an executor's: images first.

import type { Tensor } from '../../src/workload/graph/index.js';
import { inverseAxes, transpose } from '../../src/functional/operators/moves.js';
import { reshaped, type Values } from '../../src/functional/operators/values.js';

/** Axes in the order that brings the batch to the front. */
const batchFirst = (axis: number, rank: number): number[] => [
  axis,
  ...Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis),
];

/** Values of a tensor in its file's layout as [images, ...sample]; images is 1 where the tensor has no batch. */
export function fromFileLayout({ batchAxis }: Tensor, values: Values): Values {
  if (batchAxis === null) return reshaped(values, [1, ...values.shape]);
  return batchAxis === 0 ? values : transpose(values, batchFirst(batchAxis, values.shape.length));
}

/** [images, ...sample] in the file's layout; of a tensor without a batch the first image. */
export function toFileLayout({ batchAxis, shape }: Tensor, values: Values): Values {
  if (batchAxis === null) return { shape, data: values.data.slice(0, values.data.length / values.shape[0]!) };
  return batchAxis === 0 ? values : transpose(values, inverseAxes(batchFirst(batchAxis, values.shape.length)));
}
