// Inputs of a network that are used as weights alone: parameters whose numbers the caller brings.

import type { NodeProto } from '../../tensors/generated/onnx_pb.js';
import type { Parameter } from '../graph/index.js';

/** Inputs of operators that are parameters. */
const SLOTS: ReadonlyMap<string, readonly number[]> = new Map([
  ['Conv', [1, 2]],
  ['ConvTranspose', [1, 2]],
  ['ConvInteger', [1, 2, 3]],
  ['MatMulInteger', [2, 3]],
  ['QLinearConv', [1, 2, 3, 4, 5, 6, 7, 8]],
  ['QLinearMatMul', [1, 2, 4, 5, 6, 7]],
  ['BatchNormalization', [1, 2, 3, 4]],
  ['InstanceNormalization', [1, 2]],
  ['LayerNormalization', [1, 2]],
  ['GroupNormalization', [1, 2]],
  ['RMSNormalization', [1]],
  ['PRelu', [1]],
  ['Clip', [1, 2]],
  ['Pad', [2]],
  ['QuantizeLinear', [1, 2]],
  ['DequantizeLinear', [1, 2]],
  ['LSTM', [1, 2, 3, 7]],
  ['GRU', [1, 2, 3]],
  ['RNN', [1, 2, 3]],
]);

/** Those of `inputs` that every reader takes as a parameter. */
export function givenParameters(
  nodes: readonly NodeProto[],
  inputs: readonly { readonly name: string; readonly shape: readonly number[] }[],
): Map<string, Parameter> {
  const names = new Map(inputs.map((input) => [input.name, input]));
  const as = new Map<string, boolean>();
  for (const { opType, input } of nodes)
    input.forEach((name, index) => {
      if (!names.has(name)) return;
      as.set(name, (as.get(name) ?? true) && (SLOTS.get(opType)?.includes(index) ?? false));
    });
  return new Map(
    [...as]
      .filter(([, parameter]) => parameter)
      .map(([key]) => [key, { key, shape: names.get(key)!.shape, permutation: null, quantization: null }]),
  );
}
