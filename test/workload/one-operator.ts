// One operator of ONNX run alone.

import { Executor } from '../../src/functional/execute.js';
import { fromFileLayout, toFileLayout } from '../functional/file-layout.js';
import { importOnnx } from '../../src/workload/onnx/index.js';
import { reals } from './onnx-agree/draw.js';
import { modelOfCase, type CaseInput, type OperatorCase } from './onnx-agree/model.js';

/** Shape and values of the first output of an operator; inputs that are no constants are called x0, x1, ... */
export function outputOf({
  outputs = ['y'],
  ...one
}: Omit<OperatorCase, 'outputs'> & { outputs?: readonly string[] }): {
  shape: readonly number[];
  values: readonly number[];
} {
  const { graph, parameters } = importOnnx(modelOfCase({ ...one, outputs }), 'case');
  const inputs = new Map(
    graph.inputs.map((id) => {
      const tensor = graph.tensors[id]!;
      const { dims, data } = one.inputs[Number(tensor.name.slice(1))]!;
      return [tensor.name, fromFileLayout(tensor, { shape: [...dims], data: Float64Array.from(data) })];
    }),
  );
  const tensor = graph.tensors[graph.outputs[0]!]!;
  const made = new Executor(graph, parameters, { precision: 'float64' }).forward(inputs);
  const { shape, data } = toFileLayout(tensor, made.get(tensor.name)!);
  return { shape, values: [...data] };
}

/** An input of the model. */
export const active = (data: readonly number[], dims: readonly number[] = [data.length]): CaseInput => ({
  ...reals(data, dims),
  constant: false,
});
