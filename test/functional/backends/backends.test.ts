// Backends that are no crossbars: what their products are, forward and transposed.

import { expect, test } from 'vitest';
import { addernetBackend } from '../../../src/functional/backends/addernet.js';
import { elmaBackend } from '../../../src/functional/backends/elma.js';
import { float32Backend, float64Backend } from '../../../src/functional/backends/float.js';
import { integerBackend } from '../../../src/functional/backends/integer.js';
import { lognetBackend } from '../../../src/functional/backends/lognet.js';
import { minifloatBackend } from '../../../src/functional/backends/minifloat.js';
import { positBackend } from '../../../src/functional/backends/posit.js';
import type { Backend } from '../../../src/functional/backend.js';
import { Elma, logTapered } from '../../../src/numerics/formats/log-tapered.js';
import { posit } from '../../../src/numerics/formats/posit.js';
import { dot, quire } from '../../../src/numerics/accumulators.js';

const ROWS = 37;
const COLUMNS = 5;
const VECTORS = 9;
const reals = (length: number, seed: number): Float64Array =>
  Float64Array.from({ length }, (_, i) => Math.sin(seed + 1.7 * i) * 2 ** (((i * 7) % 9) - 6));

const weights = reals(ROWS * COLUMNS, 1);
const inputs = reals(ROWS * VECTORS, 2);
const errors = reals(COLUMNS * VECTORS, 3);

function run(backend: Backend, values = weights): { forward: Float64Array; transposed: Float64Array } {
  const product = backend.prepare({ name: 'm', rows: ROWS, columns: COLUMNS, values });
  const forward = new Float64Array(VECTORS * COLUMNS);
  const transposed = new Float64Array(VECTORS * ROWS);
  product.forward(inputs, VECTORS, forward);
  product.transposed(errors, VECTORS, transposed);
  return { forward, transposed };
}

/** Sums in row order. */
function plain(round: (x: number) => number): { forward: Float64Array; transposed: Float64Array } {
  const forward = new Float64Array(VECTORS * COLUMNS);
  const transposed = new Float64Array(VECTORS * ROWS);
  for (let v = 0; v < VECTORS; v++)
    for (let r = 0; r < ROWS; r++)
      for (let c = 0; c < COLUMNS; c++) {
        const w = round(weights[r * COLUMNS + c]!);
        const f = v * COLUMNS + c;
        forward[f] = round(forward[f]! + round(round(inputs[v * ROWS + r]!) * w));
        const t = v * ROWS + r;
        transposed[t] = round(transposed[t]! + round(round(errors[v * COLUMNS + c]!) * w));
      }
  return { forward, transposed };
}

test('float64 and float32: sums in order, every step rounded', () => {
  expect(run(float64Backend)).toEqual(plain((x) => x));
  expect(run(float32Backend)).toEqual(plain(Math.fround));
});

test.each([8, 24])('integers of %i bits are exact', (bits) => {
  const draw = (length: number, seed: number): Int32Array =>
    Int32Array.from({ length }, (_, i) => Math.round(Math.sin(seed + i) * (2 ** (bits - 1) - 1)));
  const values = draw(ROWS * COLUMNS, 4);
  const own = draw(ROWS * VECTORS, 5);
  const product = integerBackend.prepare(
    { name: 'm', rows: ROWS, columns: COLUMNS, values },
    { inputs: { bits, signed: true } },
  );
  const out = new Float64Array(VECTORS * COLUMNS);
  product.forward(own, VECTORS, out);
  for (let v = 0; v < VECTORS; v++)
    for (let c = 0; c < COLUMNS; c++) {
      let sum = 0n;
      for (let r = 0; r < ROWS; r++) sum += BigInt(own[v * ROWS + r]!) * BigInt(values[r * COLUMNS + c]!);
      expect(BigInt(out[v * COLUMNS + c]!)).toBe(sum);
    }
});

test.each([
  [8, 1],
  [16, 2],
])('posit<%i,%i>: what a quire says', (bits, exponentBits) => {
  const format = posit({ bits, exponentBits });
  const { forward } = run(positBackend(bits, exponentBits));
  for (let v = 0; v < VECTORS; v++)
    for (let c = 0; c < COLUMNS; c++) {
      const a = Array.from({ length: ROWS }, (_, r) => format.encode(inputs[v * ROWS + r]!));
      const b = Array.from({ length: ROWS }, (_, r) => format.encode(weights[r * COLUMNS + c]!));
      expect(forward[v * COLUMNS + c]).toBe(format.decode(dot(format, a, b, { how: quire(format) })));
    }
});

test('ELMA (8,1,5,5,7): what its exact register says', () => {
  const format = logTapered({ bits: 8, exponentBits: 1, alpha: 5, beta: 5, gamma: 7 });
  const { forward } = run(elmaBackend(8));
  const elma = new Elma(format, 'saturate');
  for (let v = 0; v < VECTORS; v++)
    for (let c = 0; c < COLUMNS; c++) {
      elma.clear();
      for (let r = 0; r < ROWS; r++)
        elma.multiplyAdd(format.encode(inputs[v * ROWS + r]!), format.encode(weights[r * COLUMNS + c]!));
      expect(forward[v * COLUMNS + c]).toBe(format.decode(elma.read()));
    }
});

test('LogNet: powers of two and zero among weights, so that products are shifts', () => {
  const one = new Float64Array(ROWS * COLUMNS);
  one[0] = 0.3;
  one[1] = -1;
  const product = lognetBackend(5, 4).prepare({ name: 'm', rows: 1, columns: 2, values: one.subarray(0, 2) });
  const out = new Float64Array(2);
  product.forward(Float64Array.of(0.7), 1, out);
  // 0.3 goes to 2^-2 (log2 0.3 = -1.74), 0.7 to 2^-1 (log2 0.7 = -0.51).
  expect([...out]).toEqual([0.125, -0.5]);
});

test('LogNet: a full scale by layer, so that no vector looks at its neighbours; errors that of an image', () => {
  const values = Float64Array.of(1, 1);
  const sums = (inputs: number[], range?: number): number[] => {
    const product = lognetBackend(5, 3).prepare({ name: 'm', rows: 2, columns: 1, values }, { range });
    const out = new Float64Array(inputs.length / 2);
    product.forward(Float64Array.from(inputs), out.length, out);
    return [...out];
  };
  // Seven powers: 2^0 to 2^-6 (0.01 lies nearest to 2^-6, as the least of them) under 1, 2^10 to 2^4 under 1000.
  expect(sums([1, 0.01])).toEqual([1 + 2 ** -6]);
  expect(sums([1, 0.01, 1000, 0])).toEqual([1 + 2 ** -6, 1024]);
  expect(sums([1, 0.01, 1000, 0], 1000)).toEqual([0, 1024]);
  // What lies beyond the range stands at its end.
  expect(sums([1, 0.01, 1000, 0], 1)).toEqual([1 + 2 ** -6, 1]);
  const product = lognetBackend(5, 3).prepare({ name: 'm', rows: 1, columns: 2, values }, { range: 1 });
  const back = new Float64Array(4);
  product.transposed(Float64Array.of(1, 0.01, 1000, 0, 1, 0.01, 0, 0), 4, back, { image: 0, vectorsPerImage: 2 });
  expect([...back]).toEqual([0, 1024, 1 + 2 ** -6, 0]);
});

test('AdderNet: negative sums of absolute differences; errors are no product', () => {
  const product = addernetBackend.prepare({ name: 'm', rows: 2, columns: 2, values: Float64Array.of(1, 2, 3, -4) });
  const out = new Float64Array(2);
  product.forward(Float64Array.of(0.5, -1), 1, out);
  expect([...out]).toEqual([-4.5, -4.5]);
  expect(() => {
    product.transposed(Float64Array.of(1, 1), 1, out);
  }).toThrow(/HardTanh/);
});

test('minifloats: operands rounded to the format, sums in float32; names are checked', () => {
  const product = minifloatBackend('float8_e4m3fn').prepare({
    name: 'm',
    rows: 2,
    columns: 1,
    values: Float64Array.of(1.06, 3.3),
  });
  const out = new Float64Array(1);
  product.forward(Float64Array.of(1, 1), 1, out);
  // Steps of an eighth from 1, of a quarter from 2.
  expect(out[0]).toBe(1 + 3.25);
  expect(() => minifloatBackend('float8_e4m3f')).toThrow(/did you mean "float8_e4m3fn"/);
});
