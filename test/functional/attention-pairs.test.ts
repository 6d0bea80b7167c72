// Attention's shares times values in arrays: integers on their grids, worked out by plain loops; draws by image.

import { expect, it } from 'vitest';
import { integerBackend } from '../../src/functional/backends/integer.js';
import { CrossbarProduct } from '../../src/functional/crossbar/product.js';
import { idealOptions, IDEAL_CELLS, type CellOptions } from '../../src/functional/crossbar/options.js';
import type { Backend } from '../../src/functional/backend.js';
import { matmul } from '../../src/functional/operators/matmul.js';
import { softmax } from '../../src/functional/operators/softmax.js';
import type { Values } from '../../src/functional/operators/values.js';
import { StoredPairs } from '../../src/functional/quantized/pairs.js';
import { loaded } from '../helpers.js';

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
