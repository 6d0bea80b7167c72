// Zoo networks: outputs of PyTorch in float64 within 1e-4, gradients within 1e-6 of a tensor's largest entry.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Executor } from '../../src/functional/execute.js';
import { fromFileLayout, toFileLayout } from './file-layout.js';
import type { Values } from '../../src/functional/operators/values.js';
import { importOnnx } from '../../src/workload/onnx/index.js';
import { npz } from './graphs.js';
import { sharedUrl } from '../shared.js';

const ZOO = 'data/models/zoo/';
/** Gradients that are zero but for rounding (README of the zoo). */
const ZERO = /att\.k\.bias$|^c[24]\.bias$|blocks\.[01]\.t2\.bias$/;

function load(name: string): ReturnType<typeof importOnnx> {
  const path = `${ZOO}${name}/${name}.onnx`;
  return importOnnx(readFileSync(sharedUrl(path)), path, { shapes: new Map([['batch', 1]]) });
}

/** Inputs of sample `k` by name. */
function inputsOf({ graph }: ReturnType<typeof importOnnx>, name: string, k: number): Map<string, Values> {
  const arrays = npz(`${ZOO}${name}/inputs.npz`);
  return new Map(
    graph.inputs.map((id) => {
      const tensor = graph.tensors[id]!;
      return [tensor.name, fromFileLayout(tensor, arrays.get(`${tensor.name}_${k}`)!)];
    }),
  );
}

const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
const apart = (found: ArrayLike<number>, right: ArrayLike<number>): number =>
  found.length === right.length ? largest(Array.from(found, (value, i) => value - right[i]!)) : Infinity;

describe('zoo', () => {
  const names = (JSON.parse(readFileSync(sharedUrl(`${ZOO}index.json`), 'utf8')) as { network: string }[]).map(
    ({ network }) => network,
  );
  it.each(names)('%s: outputs in float64 and float32, gradients in float64', (name) => {
    const model = load(name);
    const outputs = npz(`${ZOO}${name}/outputs.npz`);
    const golden = npz(`${ZOO}${name}/gradients.npz`);
    const exact = new Executor(model.graph, model.parameters, { precision: 'float64' });
    const single = new Executor(model.graph, model.parameters, { precision: 'float32' });
    for (const k of [0, 1]) {
      const inputs = inputsOf(model, name, k);
      const found = exact.forward(inputs, { record: true });
      const rounded = single.forward(inputs);
      for (const id of model.graph.outputs) {
        const tensor = model.graph.tensors[id]!;
        const right = outputs.get(`${tensor.name}_${k}_torch64`)!;
        const ours = toFileLayout(tensor, found.get(tensor.name)!);
        expect(ours.shape).toEqual(right.shape);
        expect(apart(ours.data, right.data), `${tensor.name} ${k}`).toBeLessThan(1e-5);
        expect(apart(toFileLayout(tensor, rounded.get(tensor.name)!).data, right.data)).toBeLessThan(1e-4);
      }
      const coefficients = new Map(
        model.graph.outputs.map((id) => {
          const tensor = model.graph.tensors[id]!;
          return [tensor.name, fromFileLayout(tensor, golden.get(`${tensor.name}_coef`)!)];
        }),
      );
      let loss = 0;
      for (const [output, { data }] of found)
        data.forEach((value, i) => (loss += value * coefficients.get(output)!.data[i]!));
      const rightLoss = golden.get(`loss_${k}`)!.data[0]!;
      expect(Math.abs(loss - rightLoss) / Math.abs(rightLoss)).toBeLessThan(1e-10);
      const wanted = [...golden.keys()].filter((key) => key.endsWith(`_grad_${k}`));
      const lookups = wanted
        .map((key) => key.slice(0, -`_grad_${k}`.length))
        .filter((key) => key.includes('Gather_output'));
      const tensors = new Map(
        model.graph.tensors.map(({ name: tensor }) => [tensor.replace(/^\//, '').replaceAll('/', '.'), tensor]),
      );
      const {
        inputGradients,
        parameterGradients,
        tensors: kept,
      } = exact.backward(coefficients, {
        tensors: new Set(lookups.map((key) => tensors.get(key) ?? key)),
      });
      for (const key of wanted) {
        const base = key.slice(0, -`_grad_${k}`.length);
        const ours = parameterGradients.get(base) ?? inputGradients.get(base) ?? kept.get(tensors.get(base) ?? base);
        expect(ours, `gradient of ${base}`).toBeDefined();
        const right = golden.get(key)!.data;
        const index = golden.get(`${base}_index`)?.data;
        const at = index === undefined ? ours!.data : Array.from(index, (i) => ours!.data[i]!);
        const tolerance = ZERO.test(base) ? 1e-12 : 1e-6 * largest(right);
        expect(apart(at, right), `gradient of ${base}`).toBeLessThanOrEqual(tolerance);
        const norm = golden.get(`${base}_norm_${k}`)?.data[0];
        if (norm !== undefined)
          expect(Math.abs(Math.hypot(...ours!.data) / norm - 1), `norm of ${base}`).toBeLessThan(1e-6);
      }
    }
  });

  it('two samples at once equal two runs', () => {
    for (const name of ['mobilenetv2_like', 'gru_classifier', 'vit_tiny', 'causal_decoder']) {
      if (!names.includes(name)) continue;
      const model = load(name);
      const executor = new Executor(model.graph, model.parameters, { precision: 'float64' });
      const [one, two] = [inputsOf(model, name, 0), inputsOf(model, name, 1)];
      const both = new Map(
        [...one].map(([key, values]) => [
          key,
          {
            shape: [2, ...values.shape.slice(1)],
            data: Float64Array.from([...values.data, ...two.get(key)!.data]),
          },
        ]),
      );
      const together = executor.forward(both);
      for (const [key, { data }] of together) {
        const apartRuns = [...executor.forward(one).get(key)!.data, ...executor.forward(two).get(key)!.data];
        expect(apart(data, apartRuns), `${name} ${key}`).toBeLessThan(1e-12);
      }
    }
  });
});
