// Small graphs for tests: one node with its inputs, parameters and outputs.

import { existsSync, readFileSync } from 'node:fs';
import { readNpz } from '../../src/tensors/numpy.js';
import type { TensorData } from '../../src/tensors/index.js';
import type { Graph, Operator, Parameters, Tensor } from '../../src/workload/graph/index.js';

export interface Array64 {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Data that tests find beside the project. */
export const shared = new URL('../../../shared/', import.meta.url);
export const hasShared = existsSync(shared);

/** Arrays of an npz in double precision. */
export function npz(path: string): Map<string, Array64> {
  const tensors = readNpz(readFileSync(new URL(path, shared)), path);
  return new Map(
    tensors.map(({ name, shape, data }) => [
      name,
      { shape, data: Float64Array.from(data as ArrayLike<number>, Number) },
    ]),
  );
}

/** Parameters from arrays in memory. */
export const parametersOf = (
  arrays: ReadonlyMap<string, { shape: readonly number[]; data: TensorData }>,
): Parameters => ({
  keys: [...arrays.keys()],
  get: (key) => arrays.get(key)!,
});

/** A graph of one node. Shapes are of one sample; `batch` says whether tensors have a batch axis in front. */
export function oneNode(
  operator: Operator,
  {
    inputs,
    parameters,
    outputs,
    batch = true,
  }: {
    readonly inputs: Record<string, readonly number[]>;
    readonly parameters: Record<string, { key: string; shape: readonly number[] }>;
    readonly outputs: Record<string, readonly number[]>;
    readonly batch?: boolean;
  },
): Graph {
  const tensor = (name: string, shape: readonly number[], id: number, made: number): Tensor => ({
    id,
    name,
    shape,
    layout: 'plain',
    batchAxis: batch ? 0 : null,
    dtype: 'f64',
    maker: made < 0 ? null : { node: 0, output: made },
    readers: made < 0 ? [0] : [],
    constant: null,
  });
  const names = Object.entries(inputs);
  const made = Object.entries(outputs);
  const tensors = [
    ...names.map(([name, shape], i) => tensor(name, shape, i, -1)),
    ...made.map(([name, shape], i) => tensor(name, shape, names.length + i, i)),
  ];
  return {
    name: operator.kind,
    source: undefined,
    inputs: names.map((_, i) => i),
    outputs: made.map((_, i) => names.length + i),
    tensors,
    nodes: [
      {
        id: 0,
        name: 'node',
        operator,
        type: operator.kind,
        inputs: names.map((_, i) => i),
        outputs: made.map((_, i) => names.length + i),
        parameters: new Map(
          Object.entries(parameters).map(([role, { key, shape }]) => [
            role,
            { key, shape, permutation: null, quantization: null },
          ]),
        ),
      },
    ],
    batch: 1,
  };
}

/** Largest difference over the largest entry of the expected array (over 1 where that is below 1). */
export function relativeError(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Infinity;
  let scale = 1;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) scale = Math.max(scale, Math.abs(expected[i]!));
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(found[i]! - expected[i]!);
    worst = Math.max(worst, Number.isNaN(difference) ? Infinity : difference);
  }
  return worst / scale;
}
