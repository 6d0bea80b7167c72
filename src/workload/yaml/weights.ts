// The numbers of a written network, in the layout of its file.

import type { Tensor, TensorData } from '../../tensors/tensor.js';
import { elementsOf, numbersOf, type ParameterNumbers, type Parameters } from '../graph/index.js';
import type { WrittenWeight } from './writer.js';

/** Arrays of a network's weights under the names of its file; quantized ones as the floats that they stand for. */
export function weightTensors(weights: readonly WrittenWeight[], parameters: Parameters): Tensor[] {
  const seen = new Set<string>();
  return weights
    .filter(({ name }) => !seen.has(name) && seen.add(name))
    .map(({ name, parameter, exchanged, factor, shape }): Tensor => {
      let data: ParameterNumbers = numbersOf(parameters, parameter);
      if (exchanged) data = exchange(data, shape.at(-1)!, shape.at(-2)!);
      if (data.length === 1 && elementsOf(shape) > 1) data = new Float32Array(elementsOf(shape)).fill(Number(data[0]));
      if (factor !== 1) data = Float32Array.from(data, (value) => value * factor);
      return { name, shape, dtype: data instanceof Float32Array ? 'f32' : dtypeOf(data), data };
    });
}

/** Matrices of `rows` x `columns` with both exchanged. */
function exchange(data: ParameterNumbers, rows: number, columns: number): ParameterNumbers {
  const out = data.slice();
  const size = rows * columns;
  for (let start = 0; start < data.length; start += size)
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) out[start + j * rows + i] = data[start + i * columns + j]!;
  return out;
}

function dtypeOf(data: TensorData): Tensor['dtype'] {
  if (data instanceof Float64Array) return 'f64';
  if (data instanceof Int8Array) return 'i8';
  if (data instanceof Uint8Array) return 'u8';
  if (data instanceof Int32Array) return 'i32';
  return 'f32';
}
