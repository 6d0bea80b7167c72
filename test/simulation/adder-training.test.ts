// AdderNet's errors and gradients on its digital design: as many operand pairs as the functional passes take.

import { describe, expect, it } from 'vitest';
import { Executor } from '../../src/functional/execute.js';
import { initialParameters } from '../../src/functional/training/initial.js';
import { simulate } from '../../src/simulation/index.js';
import type { LoadedRun } from '../../src/run-config/index.js';
import { elementsOf } from '../../src/workload/graph/index.js';
import { loaded } from '../helpers.js';

const LAYERS = {
  a1: '{ name: a1, type: adder2d, channels: 3, kernel: 3 }',
  a2: '{ name: a2, type: adder2d, channels: 4, kernel: [2, 3], stride: 2 }',
};
const NETWORK = `name: adders
input: { channels: 2, height: 6, width: 5 }
layers:
  - ${LAYERS.a1}
  - { name: n1, type: batchnorm }
  - ${LAYERS.a2}
  - { name: flat, type: flatten }
`;
const design = (sets: string[], network = NETWORK): LoadedRun =>
  loaded('mine.yaml', ['network=adders.yaml', ...sets], {
    'mine.yaml': 'extends: [addernet, adder-gradients]\n',
    'adders.yaml': network,
  });
const TRAINING = ['workload={ mode: training, batch: 4, images: 12 }'];

/** Pairs of an input (or weight) and an output that an error passes, over all outputs of an image of one layer. */
function pairs(input: string, layer: string): { inputs: number; weights: number } {
  const { graph } = design([], `name: one\ninput: ${input}\nlayers:\n  - ${layer}\n`).network;
  const executor = new Executor(graph, initialParameters(graph, 3), { precision: 'float64' });
  const [from, to] = [graph.tensors[graph.inputs[0]!]!, graph.tensors[graph.outputs[0]!]!];
  const size = elementsOf(from.shape);
  const count = elementsOf(to.shape);
  const x = { shape: [1, ...from.shape], data: Float64Array.from({ length: size }, (_, i) => Math.sin(3 * i + 1)) };
  const found = { inputs: 0, weights: 0 };
  for (let o = 0; o < count; o++) {
    executor.forward(new Map([[from.name, x]]), { record: true });
    const error = { shape: [1, ...to.shape], data: Float64Array.from({ length: count }, (_, i) => (i === o ? 1 : 0)) };
    const { inputGradients, parameterGradients } = executor.backward(new Map([[to.name, error]]));
    const nonzero = (data: ArrayLike<number>): number => Array.from(data).filter((value) => value !== 0).length;
    found.inputs += nonzero(inputGradients.get(from.name)!.data);
    for (const [key, { data }] of parameterGradients) if (key.endsWith('weight')) found.weights += nonzero(data);
  }
  return found;
}

describe('training of AdderNet on its units', () => {
  it('errors and gradients take as many operand pairs as their functional passes', () => {
    const { result } = simulate(design(TRAINING));
    const count = (layer: string, action: string): number =>
      result.actions
        .filter((one) => one.layer === layer && one.component === 'mac' && one.action === action)
        .reduce((sum, { count: own }) => sum + Number(own), 0);
    const first = pairs('{ channels: 2, height: 6, width: 5 }', LAYERS.a1);
    const second = pairs('{ channels: 3, height: 4, width: 3 }', LAYERS.a2);
    expect(first.weights).toBe(12 * 3 * 18);
    expect([count('a1', 'l1'), count('a2', 'l1')]).toEqual([12 * first.weights, 12 * second.weights]);
    // No error leaves the first layer.
    expect([count('a1', 'l1-error'), count('a2', 'l1-error')]).toEqual([0, 12 * second.inputs]);
    expect([count('a1', 'l1-gradient'), count('a2', 'l1-gradient')]).toEqual([12 * first.weights, 12 * second.weights]);
    const attack = simulate(design(['workload={ mode: attack, batch: 1, iterations: 5 }'])).result;
    const errors = attack.actions.filter((one) => one.action === 'l1-error').map((one) => [one.layer, one.count]);
    expect(errors).toEqual([
      ['a2', 5 * second.inputs],
      ['a1', 5 * first.inputs],
    ]);
  });

  it('an update takes the norm of each gradient: a square, and a product by the scale, for a weight', () => {
    const { result } = simulate(design(TRAINING));
    const products = result.actions.filter((one) => one.action === 'multiply-accumulate');
    // Three batches.
    expect(products.map(({ layer, count }) => [layer, count])).toEqual([
      ['a1', 3 * 2 * (3 * 18)],
      ['a2', 3 * 2 * (4 * 18)],
    ]);
  });

  it('two cycles a pair take longer at the same energy of the units', () => {
    const few = [...TRAINING, 'digital.units=16', 'memory.used=false'];
    const [one, two] = [1, 2].map((cycles) => simulate(design([...few, `digital.errorCycles=${cycles}`])).result);
    expect(two!.time.totalS).toBeGreaterThan(1.3 * one!.time.totalS);
    expect(two!.energy.byComponentJ.mac).toBe(one!.energy.byComponentJ.mac);
    expect(two!.utilization.spatial).toBeLessThan(one!.utilization.spatial);
  });

  it('a layer that is a product is refused, and units without a multiplier', () => {
    const dense = NETWORK.replace('flatten }', 'flatten }\n  - { name: fc, type: dense, features: 2 }');
    expect(() => design(TRAINING, dense)).toThrow(
      /digital\.operation: found l1, whose errors layer "fc" \(dense\) does not have; expected layers of adder2d alone/,
    );
    expect(() =>
      simulate(loaded('addernet', ['network=adders.yaml', ...TRAINING], { 'adders.yaml': NETWORK })),
    ).toThrow(/components\.mac\.energy\.l1-error: this key is missing/);
  });
});
