// Columns of devices as arrays read them: sums by hand, and a plain program of NeuroSim's training.

import { describe, expect, it } from 'vitest';
import { Executor } from '../../../src/functional/execute.js';
import { ParameterStore } from '../../../src/functional/parameter-store.js';
import { columnReads, type ColumnReadOptions } from '../../../src/functional/training/column-reads.js';
import { DeviceWriter } from '../../../src/functional/training/device-writer.js';
import { Trainer } from '../../../src/functional/training/trainer.js';
import { loaded } from '../../helpers.js';
import { parametersOf } from '../graphs.js';

const SIZES = { inputs: 6, hidden: 4, classes: 3 };
const YAML = `name: small
input: { channels: 6, height: 1, width: 1 }
layers:
  - { name: flatten, type: flatten }
  - { name: fc1, type: dense, features: 4, bias: false }
  - { name: s1, type: sigmoid }
  - { name: fc2, type: dense, features: 3, bias: false }
  - { name: s2, type: sigmoid }
`;
/** Numbers from -1 to 1 of a generator of its own. */
function drawn(count: number, seed: number): Float64Array {
  let state = seed;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

function networkOf(options: ColumnReadOptions, weights: readonly [Float64Array, Float64Array]): Executor {
  const { graph } = loaded('isaac', ['network=small.yaml'], { 'small.yaml': YAML }).network;
  const source = parametersOf(
    new Map([
      ['fc1.weight', { shape: [SIZES.hidden, SIZES.inputs], data: weights[0] }],
      ['fc2.weight', { shape: [SIZES.classes, SIZES.hidden], data: weights[1] }],
    ]),
  );
  const store = new ParameterStore(graph, source, 'float64');
  return new Executor(graph, store, { precision: 'float64', products: columnReads(store, options) });
}

/** What fc1 gives for one picture, and the error of the picture for an error of 1 at each of fc1's outputs. */
function firstLayer(options: Partial<ColumnReadOptions>, weights: Float64Array, x: number[]): Float64Array {
  const executor = networkOf({ inputBits: null, converterBits: null, floor: 0.25, largest: () => 1, ...options }, [
    weights,
    drawn(12, 3),
  ]);
  const { name } = executor.graph.tensors[executor.graph.inputs[0]!]!;
  let sums = new Float64Array(0);
  executor.forward(new Map([[name, { shape: [1, 6, 1, 1], data: Float64Array.from(x) }]]), {
    observe: (node, _, [y]) => {
      if (node.name === 'fc1') sums = Float64Array.from(y!.data);
    },
  });
  return sums;
}

describe('columns of devices', () => {
  const weights = drawn(24, 1);
  const bits = [1, 0, 1, 1, 0, 1];

  it('without roundings they are the product; inputs of one bit are 0 below one half and 1 from there on', () => {
    const row = (x: readonly number[], c: number): number =>
      x.reduce((sum, value, r) => sum + value * weights[6 * c + r]!, 0);
    const x = [0.5, 0.49, 2, 1, -1, 0.51];
    const whole = firstLayer({}, weights, x);
    const rounded = firstLayer({ inputBits: 1 }, weights, x);
    const two = firstLayer({ inputBits: 2 }, weights, [1 / 6, 0.1, 0.4, 0.6, 0.9, 0.83]);
    for (let c = 0; c < 4; c++) {
      expect(whole[c]).toBeCloseTo(row(x, c), 12);
      expect(rounded[c]).toBeCloseTo(row(bits, c), 12);
      expect(two[c]).toBeCloseTo(row([1 / 3, 0, 1 / 3, 2 / 3, 1, 2 / 3], c), 12);
    }
  });

  it('column and dummy column are cut to whole steps of all rows at their range; twice the difference counts', () => {
    // 4 bits, 6 rows: a step is 6 / 15 of a cell's range. Cells of weight 1 conduct 1.25 ranges, of -1 0.25, of 0 0.75.
    const steps = (range: number): number => Math.floor(range / 0.4);
    const own = Float64Array.from(
      [
        [1, 1, 1, 1, 1, 1],
        [-1, 0, -1, -1, 0, -1],
        [0, 1, 0, 0, 1, 0],
        [1, 0, 0, 0, 0, -1],
      ].flat(),
    );
    const sums = firstLayer({ inputBits: 1, converterBits: 4 }, own, bits);
    const cells = [4 * 1.25, 4 * 0.25, 4 * 0.75, 1.25 + 2 * 0.75 + 0.25];
    cells.forEach((range, c) => {
      expect(sums[c]).toBeCloseTo(2 * 0.4 * (steps(range) - steps(4 * 0.75)), 12);
    });
  });

  it("training is NeuroSim's: 200 updates of a plain program of its step give the same conductances", () => {
    const [rows, hidden, classes] = [SIZES.inputs, SIZES.hidden, SIZES.classes];
    const [min, max, pulses, rates, top] = [0.25, 1.25, 63, [4, 2] as const, 255];
    const start = [drawn(24, 5), drawn(12, 6)] as const;
    start.forEach((values) => (values[0] = 1));
    const pictures = Array.from({ length: 9 }, (_, i) => drawn(rows, 10 + i).map((x) => (x > 0 ? 1 : 0)));

    const writer = new DeviceWriter({
      ...{ scheme: 'single', rounding: 'nearest', hidden: false, verify: 0, endurance: Infinity, headroom: 1, seed: 1 },
      device: { min, max, pulses, potentiation: 0, depression: 0, cycleToCycle: 0, deviceToDevice: 0 },
      onDevices: () => true,
    });
    const executor = networkOf(
      { inputBits: 1, converterBits: 8, floor: min / (max - min), largest: (key) => writer.largestOf(key) },
      [start[0].slice(), start[1].slice()],
    );
    const trainer = new Trainer(executor, {
      ...{ optimizer: { kind: 'sgd', learningRate: 1, momentum: 0, weightDecay: 0 }, loss: 'mse', writer },
      // The mean of three squares in place of their sum.
      learningRates: new Map([
        ['fc1.weight', (rates[0] * classes) / 10],
        ['fc2.weight', (rates[1] * classes) / 10],
      ]),
    });
    const { name } = executor.graph.tensors[executor.graph.inputs[0]!]!;

    const g = start.map((values) => values.map((w) => min + ((w + 1) / 2) * (max - min)));
    const weight = (layer: number, at: number): number => (2 * (g[layer]![at]! - min)) / (max - min) - 1;
    const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
    const digits = (current: number, inputs: number): number => Math.trunc(current / ((inputs * (max - min)) / top));
    const read = (layer: number, ones: readonly number[], out: number): number => {
      let [current, dummy] = [0, 0];
      ones.forEach((one, k) => {
        if (one === 0) return;
        current += g[layer]![out * ones.length + k]!;
        dummy += (min + max) / 2;
      });
      return ((2 * (digits(current, ones.length) - digits(dummy, ones.length))) / top) * ones.length;
    };
    const write = (layer: number, at: number, change: number): void => {
      const steps = Math.round((Math.abs(change) / 2) * pulses) * Math.sign(change);
      g[layer]![at] = Math.min(max, Math.max(min, g[layer]![at]! + (steps * (max - min)) / pulses));
    };
    let moved = 0;
    for (let update = 0; update < 200; update++) {
      const x = pictures[update % pictures.length]!;
      const label = update % classes;
      const before = Float64Array.from(executor.parameters.stored('fc1.weight')!.data);
      trainer.step({
        inputs: new Map([[name, { shape: [1, rows, 1, 1], data: x }]]),
        count: 1,
        truth: { labels: Int32Array.of(label) },
      });

      const a1 = Array.from({ length: hidden }, (_, j) => sigmoid(read(0, [...x], j)));
      const ones = a1.map((a) => (a >= 0.5 ? 1 : 0));
      const s2 = Array.from({ length: classes }, (_, j) => {
        const a2 = sigmoid(read(1, ones, j));
        return -2 * a2 * (1 - a2) * ((j === label ? 1 : 0) - a2);
      });
      const s1 = a1.map((a, j) => a * (1 - a) * s2.reduce((sum, s, k) => sum + s * weight(1, k * hidden + j), 0));
      s1.forEach((s, j) => {
        x.forEach((value, k) => {
          write(0, j * rows + k, (-rates[0] / 10) * s * value);
        });
      });
      s2.forEach((s, j) => {
        a1.forEach((a, k) => {
          write(1, j * hidden + k, (-rates[1] / 10) * s * a);
        });
      });

      ['fc1.weight', 'fc2.weight'].forEach((key, layer) => {
        const { data } = executor.parameters.stored(key)!;
        data.forEach((w, at) => {
          expect(w, `${key}[${at}] after update ${update}`).toBeCloseTo(weight(layer, at), 10);
        });
      });
      if (executor.parameters.stored('fc1.weight')!.data.some((w, at) => w !== before[at])) moved++;
    }
    expect(moved).toBeGreaterThan(20);
  });
});
