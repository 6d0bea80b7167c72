// Gradients of one operator beside central differences.

import { Executor } from '../../src/functional/execute.js';
import type { Values } from '../../src/functional/operators/values.js';
import { elementsOf, type Operator } from '../../src/workload/graph/index.js';
import { oneNode, parametersOf } from './graphs.js';

export interface Trial {
  readonly operator: Operator;
  readonly inputs: Record<string, readonly number[]>;
  readonly parameters: Record<string, readonly number[]>;
  readonly outputs: Record<string, readonly number[]>;
  /** Numbers that must be positive. */
  readonly positive?: readonly string[];
  /** Inputs and parameters of whole numbers from 0 to below this (indices, conditions): they have no gradient. */
  readonly whole?: Record<string, number>;
}

/** Multiples of 1/1024 without ties in -1..1, by a small generator of its own. */
export function numbers(seed: number): () => number {
  let state = (seed | 1) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return ((state >>> 8) / 2 ** 24) * 2 - 1;
  };
}

/** Largest difference between gradients and central differences of sum(outputs x coefficients), over its scale. */
export function worst({ operator, inputs, parameters, outputs, positive, whole }: Trial, seed: number): number {
  const next = numbers(seed);
  const images = 2;
  const draw = (name: string, shape: readonly number[]): Values => ({
    shape,
    data: Float64Array.from({ length: elementsOf(shape) }, () => {
      const value = next();
      if (whole?.[name] !== undefined) return Math.floor(((value + 1) / 2) * whole[name]);
      return positive?.includes(name) === true ? 0.5 + Math.abs(value) : value;
    }),
  });
  const values = new Map(Object.entries(inputs).map(([name, shape]) => [name, draw(name, [images, ...shape])]));
  const weights = new Map(Object.entries(parameters).map(([name, shape]) => [name, draw(name, shape)]));
  const coefficients = new Map(Object.entries(outputs).map(([name, shape]) => [name, draw(name, [images, ...shape])]));
  const graph = oneNode(operator, {
    inputs,
    parameters: Object.fromEntries(Object.entries(parameters).map(([role, shape]) => [role, { key: role, shape }])),
    outputs,
  });
  const executor = new Executor(graph, parametersOf(weights), { precision: 'float64' });
  const loss = (): number => {
    let sum = 0;
    for (const [name, { data }] of executor.forward(values))
      data.forEach((value, i) => (sum += value * coefficients.get(name)!.data[i]!));
    return sum;
  };
  executor.forward(values, { record: true });
  const { inputGradients, parameterGradients } = executor.backward(coefficients);
  let error = 0;
  const check = (data: Values['data'], gradient: Values['data']): void => {
    for (let k = 0; k < 6; k++) {
      const i = Math.floor(Math.abs(next()) * data.length) % data.length;
      const h = 1e-5;
      const kept = data[i]!;
      data[i] = kept + h;
      executor.parameters.changed();
      const above = loss();
      data[i] = kept - h;
      executor.parameters.changed();
      const below = loss();
      data[i] = kept;
      executor.parameters.changed();
      const expected = (above - below) / (2 * h);
      error = Math.max(error, Math.abs(expected - gradient[i]!) / Math.max(1, Math.abs(expected)));
    }
  };
  for (const [name, { data }] of values) if (whole?.[name] === undefined) check(data, inputGradients.get(name)!.data);
  for (const [name, { data }] of parameterGradients) check(executor.parameters.stored(name)!.data, data);
  return error;
}
