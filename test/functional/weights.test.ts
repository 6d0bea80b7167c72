// A GRU's weights under PyTorch's names: of the cell that PyTorch computes, and of no other.

import { expect, it } from 'vitest';
import { Executor } from '../../src/functional/execute.js';
import { parametersFrom } from '../../src/functional/weights.js';
import type { Tensor } from '../../src/tensors/index.js';
import type { Graph } from '../../src/workload/graph/index.js';
import { loaded } from '../helpers.js';

const graphOf = (more: string): Graph =>
  loaded('isaac', ['network=net.yaml'], {
    'net.yaml': `name: net\ninput: { features: 1, steps: 2 }\nlayers: [{ name: gru, type: gru, hidden: 1${more} }]\n`,
  }).network.graph;
const tensor = (name: string, shape: number[], ...data: number[]): Tensor => ({
  ...{ name, shape, dtype: 'f64' },
  data: Float64Array.from(data),
});
/** Gates r, z, n of one value. */
const PYTORCH = [
  tensor('gru.weight_ih_l0', [3, 1], 0.1, -0.2, 0.3),
  tensor('gru.weight_hh_l0', [3, 1], 0.4, 0.5, -0.6),
  tensor('gru.bias_ih_l0', [3], 0.7, 0.8, -0.9),
  tensor('gru.bias_hh_l0', [3], 1.1, -1.2, 1.3),
];

it('are refused where the network multiplies the state behind the reset gate', () => {
  expect(() => parametersFrom(graphOf(''), PYTORCH, 'w.pt')).toThrow(
    /^w\.pt: has the weights of "gru" as PyTorch names them.*expected linearBeforeReset: true in the network file$/,
  );
});

it('give the step that PyTorch documents where it does so before', () => {
  const graph = graphOf(', linearBeforeReset: true');
  const executor = new Executor(graph, parametersFrom(graph, PYTORCH, 'w.pt'), { precision: 'float64' });
  const x = new Map([[graph.tensors[graph.inputs[0]!]!.name, { shape: [1, 2, 1], data: Float64Array.of(2, 0) }]]);
  const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));
  // From a state of 0: n = tanh(W x + b + r b'), h = (1 - z) n.
  const [r, z] = [sigmoid(0.1 * 2 + 0.7 + 1.1), sigmoid(-0.2 * 2 + 0.8 - 1.2)];
  const right = (1 - z) * Math.tanh(0.3 * 2 - 0.9 + r * 1.3);
  expect([...executor.forward(x).values()][0]!.data[0]).toBeCloseTo(right, 14);
});

it('as ONNX names them they fit both', () => {
  const own = ['weight', 'recurrent'].map((role) => tensor(`gru.${role}`, [1, 3, 1], 1, 2, 3));
  const graph = graphOf('');
  expect([...parametersFrom(graph, [...own, tensor('gru.bias', [1, 6], 1, 2, 3, 4, 5, 6)], 'w.npz').keys]).toHaveLength(
    3,
  );
});
