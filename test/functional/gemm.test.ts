// Products of matrices: kernels and the loops of small products give the same bits, whatever the batch.

import { describe, expect, it } from 'vitest';
import { gemm } from '../../src/functional/operators/gemm.js';
import type { Numbers } from '../../src/functional/operators/values.js';
import { streamOf } from '../../src/functional/streams.js';

const [M, N, K] = [37, 22, 61];
const draw = streamOf(3, 'gemm');
const left = Float64Array.from({ length: M * K }, () => draw() - 0.5);
const right = Float64Array.from({ length: N * K }, () => draw() - 0.5);

/** Row `i` of a product, alone or with all others. */
function product(a: Numbers, b: Numbers, rows: readonly [from: number, count: number]): Float64Array {
  const out = new Float64Array(rows[1] * N).fill(1);
  gemm(
    { m: rows[1], n: N, k: K },
    { data: a, at: rows[0] * K },
    { data: b, at: 0 },
    { data: out, at: 0, rowStride: 1, columnStride: rows[1], add: true },
  );
  return out;
}

describe('gemm', () => {
  it.each([
    ['single', Float32Array, Math.fround],
    ['double', Float64Array, (x: number) => x],
  ] as const)('%s precision: sums over k in order, each rounded; a row does not depend on the others', (_, type, f) => {
    const [a, b] = [type.from(left), type.from(right)];
    const whole = product(a, b, [0, M]);
    for (let i = 0; i < M; i++) {
      const alone = product(a, b, [i, 1]);
      for (let j = 0; j < N; j++) {
        let sum = 0;
        for (let p = 0; p < K; p++) sum = f(sum + f(a[i * K + p]! * b[j * K + p]!));
        expect(whole[j * M + i]).toBe(1 + sum);
        expect(alone[j]).toBe(1 + sum);
      }
    }
  });
});
