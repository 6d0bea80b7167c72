// A network's numbers as tensors by their keys, and back.

import type { Tensor } from '../../tensors/index.js';
import { storedType } from '../../tensors/index.js';
import type { Parameters } from '../../workload/graph/index.js';

/** All numbers as tensors named by their keys. */
export const tensorsOf = (parameters: Parameters): Tensor[] =>
  parameters.keys.map((key) => {
    const { shape, data } = parameters.get(key);
    return { name: key, shape, dtype: storedType(data), data };
  });

/** Numbers with those of `tensors` in place of their own, by name. */
export function replaced(parameters: Parameters, tensors: readonly Tensor[]): Parameters {
  const own = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  return {
    keys: parameters.keys,
    get: (key) => {
      const known = parameters.get(key);
      const tensor = own.get(key);
      return tensor === undefined ? known : { shape: known.shape, data: tensor.data };
    },
  };
}
