// Attention's shares times values in arrays: integers on their grids, worked out by plain loops; draws by image.

import { expect, it } from 'vitest';
import { integerBackend } from '../../src/functional/backends/integer.js';
import { CrossbarProduct } from '../../src/functional/crossbar/product.js';
import { idealOptions, IDEAL_CELLS, type CellOptions } from '../../src/functional/crossbar/options.js';
import type { Backend } from '../../src/functional/backend.js';
import { matmul } from '../../src/functional/operators/matmul.js';
import { softmax } from '../../src/functional/operators/softmax.js';
import type { Values } from '../../src/functional/operators/values.js';
import { FoldedNetwork, QuantizedNetwork } from '../../src/functional/quantized/network.js';
import { StoredPairs } from '../../src/functional/quantized/pairs.js';
import { GraphBuilder } from '../../src/workload/graph/index.js';
import { loaded } from '../helpers.js';
import { parametersOf } from './graphs.js';

const [IMAGES, HEADS, STEPS, WIDTH] = [3, 2, 5, 4];
const layout = {
  rows: 4,
  columns: 16,
  cellBits: 2,
  weightBits: 6,
  sign: 'differential',
  slices: 'arrays',
  referenceColumn: 'extra',
  biasRow: false,
  foldsNorms: false,
  groups: 'separate',
} as const;
const crossbar = (cells: Partial<CellOptions> = {}): Backend => ({
  kind: 'crossbar',
  domain: 'integer',
  prepare: (matrix, options) =>
    new CrossbarProduct(matrix, { ...idealOptions(layout), cells: { ...IDEAL_CELLS, ...cells } }, options),
});
const node = loaded('isaac', ['network=net.yaml'], {
  'net.yaml': 'name: net\ninput: { features: 4 }\nlayers:\n  - { name: scores, type: dense, features: 2 }\n',
}).network.graph.nodes[0]!;

/** Scores that softmax makes shares of, and values; numbers of no pattern. */
const shares = softmax(
  { shape: [IMAGES, HEADS, STEPS, STEPS], data: drawn(IMAGES * HEADS * STEPS * STEPS, (i) => 4 * Math.sin(i * i)) },
  -1,
);
const values: Values = {
  shape: [IMAGES, HEADS, STEPS, WIDTH],
  data: drawn(IMAGES * HEADS * STEPS * WIDTH, (i) => 1.9 * Math.cos(3 * i * i)),
};
function drawn(length: number, at: (i: number) => number): Float64Array {
  return Float64Array.from({ length }, (_, i) => at(i));
}

/** Images from `first` on: shares on 8 bits (7 of fraction), values on 6 (4 of fraction). */
function product(backend: Backend, first = 0): Float64Array {
  const pairs = new StoredPairs(node, {
    ...{ backend, inputs: { bits: 8, signed: true }, inputFraction: 7, weightBits: 6, weightFraction: 4, trial: 0 },
    ...{ first: () => first, matrices: HEADS, rows: STEPS, columns: WIDTH },
  });
  const from = ({ shape, data }: Values): Values => ({
    shape: [IMAGES - first, ...shape.slice(1)],
    data: data.subarray((first * data.length) / IMAGES),
  });
  return Float64Array.from(matmul(from(shares), from(values), pairs.multiply).data);
}

/** To the nearest of a grid, ties to even (none stands there), cut to so many bits. */
const level = (x: number, fraction: number, bits: number): number =>
  Math.max(-(2 ** (bits - 1)), Math.min(2 ** (bits - 1) - 1, Math.round(x * 2 ** fraction)));

it('shares of a softmax drive ideal arrays that hold the values: exact sums of integers, anew for each image', () => {
  const wanted = new Float64Array(IMAGES * HEADS * STEPS * WIDTH);
  for (let pair = 0; pair < IMAGES * HEADS; pair++)
    for (let query = 0; query < STEPS; query++)
      for (let c = 0; c < WIDTH; c++)
        for (let key = 0; key < STEPS; key++)
          wanted[(pair * STEPS + query) * WIDTH + c]! +=
            (level(shares.data[(pair * STEPS + query) * STEPS + key]!, 7, 8) *
              level(values.data[(pair * STEPS + key) * WIDTH + c]!, 4, 6)) /
            2 ** 11;
  expect(product(crossbar())).toEqual(wanted);
  expect(product(integerBackend)).toEqual(wanted);
});

it('queries drive arrays that hold the keys, turned: scores on their grid, in arrays as in digital units', () => {
  const builder = new GraphBuilder();
  const [q, k] = ['q', 'k'].map((name) => builder.input(name, [HEADS, STEPS, WIDTH], 'plain'));
  const operator = {
    kind: 'matmul',
    transposeA: false,
    transposeB: true,
    alpha: 0.5,
    beta: 1,
    arithmetic: 'float',
  } as const;
  const graph = builder.build(
    'net',
    undefined,
    builder.node({ name: 'scores', type: 'MatMul', operator, inputs: [q!, k!] }),
  );
  const network = new FoldedNetwork(graph, parametersOf(new Map()));
  // Largest numbers 1.9 and 3: 6 and 5 bits of fraction of 8, 3 of 6 for the keys in arrays.
  const at = (scale: number, phase: number): Values => ({
    shape: [IMAGES, HEADS, STEPS, WIDTH],
    data: drawn(IMAGES * HEADS * STEPS * WIDTH, (i) => scale * Math.sin(phase + i * i)),
  });
  const inputs = new Map([
    ['q', at(1.9, 0)],
    ['k', at(3, 1)],
  ]);
  const ranges = new Map<number, number>();
  network.calibrate(inputs, ranges);
  const largest = ranges.get(graph.outputs[0]!)!;
  const fraction = 7 - Math.ceil(Math.log2(largest));
  for (const [pairs, bits, keyFraction] of [
    ['digital', 8, 5],
    ['crossbar', 6, 3],
  ] as const) {
    const widths = { weightBits: 6, activationBits: 8, per: 'tensor', pairs } as const;
    const quantized = new QuantizedNetwork(network, { widths, ranges, backend: crossbar() });
    const [found] = [...quantized.forward(inputs).values()];
    const [queries, keys] = [inputs.get('q')!.data, inputs.get('k')!.data];
    const wanted: number[] = [];
    for (let pair = 0; pair < IMAGES * HEADS; pair++)
      for (let query = 0; query < STEPS; query++)
        for (let key = 0; key < STEPS; key++) {
          let sum = 0;
          for (let d = 0; d < WIDTH; d++)
            sum +=
              level(queries[(pair * STEPS + query) * WIDTH + d]!, 6, 8) *
              level(keys[(pair * STEPS + key) * WIDTH + d]!, keyFraction, bits);
          const score = Math.floor((sum / 2 ** (6 + keyFraction)) * 0.5 * 2 ** fraction + 0.5);
          wanted.push(Math.max(-128, Math.min(127, score)) / 2 ** fraction);
        }
    expect(Array.from(found!.data, (value) => value + 0)).toEqual(wanted.map((value) => value + 0));
  }
});

it('noise of reads and writes is named by image: the last one alone has the numbers that it has behind others', () => {
  const noisy = crossbar({
    read: { deviation: 0.02, relativeTo: 'range' },
    programming: { deviation: 0.03, relativeTo: 'range', distribution: 'normal', levels: null, verify: null },
  });
  const all = product(noisy);
  const each = all.length / IMAGES;
  expect(product(noisy, IMAGES - 1)).toEqual(all.slice(-each));
  const errors = all.map((value, i) => value - product(crossbar())[i]!);
  expect([...errors].every((error) => error !== 0)).toBe(true);
});
