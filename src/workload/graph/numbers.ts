// The numbers of a parameter as an operator uses them: permuted, and dequantized where they are stored as integers.

import type { Parameter, Parameters } from './graph.js';
import { elementsOf } from './shapes.js';

/** Numbers of a parameter in the type that an operator computes with. */
export type ParameterNumbers = Exclude<ReturnType<Parameters['get']>['data'], BigInt64Array | BigUint64Array>;

/**
 * Row-major numbers in the parameter's shape. 64-bit integers come as numbers; what is stored as it is used is not
 * copied. @throws UserError where the file does not hold them
 */
export function numbersOf(parameters: Parameters, parameter: Parameter): ParameterNumbers {
  const stored = parameters.get(parameter.key);
  let data: ParameterNumbers =
    stored.data instanceof BigInt64Array || stored.data instanceof BigUint64Array
      ? Float64Array.from(stored.data, Number)
      : stored.data;
  const { quantization, permutation } = parameter;
  if (quantization !== null) {
    const scales = parameters.get(quantization.scale).data;
    const zeros = quantization.zeroPoint === null ? undefined : parameters.get(quantization.zeroPoint).data;
    const inner = elementsOf(stored.shape.slice(quantization.axis + 1));
    const size = stored.shape[quantization.axis] ?? 1;
    data = Float32Array.from(data, (value, i) => {
      const which = scales.length === 1 ? 0 : Math.floor(i / inner) % size;
      return (value - Number(zeros?.[which] ?? 0)) * Number(scales[which]);
    });
  }
  if (permutation === null) return data;
  const strides = stored.shape.map((_, axis) => elementsOf(stored.shape.slice(axis + 1)));
  const shape = permutation.map((axis) => stored.shape[axis]!);
  const out = data.slice();
  const index = shape.map(() => 0);
  for (let i = 0, at = 0; i < out.length; i++) {
    out[i] = data[at]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[permutation[axis]!]!;
      if (++index[axis]! < shape[axis]!) break;
      at -= strides[permutation[axis]!]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}
