// The WebAssembly kernels and their fallback give the same bits; normal numbers have the moments of normal numbers.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fallbackKernels } from '../../../src/functional/wasm/fallback.js';
import { kernels, packPairs, packPanels, roundUp } from '../../../src/functional/wasm/kernels.js';
import { normals, vectorKeys } from '../../../src/functional/wasm/normal.js';

const fast = kernels();

/** Numbers by a small generator of its own, so that cases are cheap to draw. */
function generator(seed: number): (most: number) => number {
  let state = seed | 1;
  return (most) => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return ((state >>> 8) / 2 ** 24) * most;
  };
}

/** Vectors in data: each behind the one before but for some, rows anywhere. */
function gathered<T>(
  { vectors, rows, apart }: { readonly vectors: number; readonly rows: number; readonly apart: boolean },
  draw: (most: number) => number,
  data: (length: number) => T,
): { data: T; starts: Int32Array; offsets: Int32Array } {
  let at = 3;
  const starts = Int32Array.from(
    { length: vectors },
    () => (at += apart && draw(1) < 0.3 ? 1 + Math.floor(draw(6)) : 1),
  );
  const offsets = Int32Array.from({ length: rows }, () => Math.floor(draw(20)) - 2);
  return { data: data(at + 20), starts, offsets };
}

test('this engine runs the WebAssembly module', () => {
  expect(fast.kind).toBe('wasm');
});

describe('fallback', () => {
  test('products of floats and integers', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 140 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 30 }),
        fc.integer(),
        (m, n, k, seed) => {
          const draw = generator(seed);
          const n8 = roundUp(n, 8);
          const a = Float32Array.from({ length: m * k }, () => draw(2) - 1);
          const b = packPanels(new Float32Array(n8 * k), { k, n, lanes: 8 }, () => draw(2) - 1);
          expect(fast.sgemm(a, b, { m, n: n8, k })).toEqual(fallbackKernels.sgemm(a, b, { m, n: n8, k }));
          const n4 = roundUp(n, 4);
          const d = packPanels(new Float64Array(n4 * k), { k, n, lanes: 4 }, () => draw(2) - 1);
          const a64 = Float64Array.from(a);
          expect(fast.dgemm(a64, d, { m, n: n4, k })).toEqual(fallbackKernels.dgemm(a64, d, { m, n: n4, k }));
          const where = { vectors: m, rows: k, apart: true };
          const doubles = gathered(where, draw, (length) => Float64Array.from({ length }, () => draw(2) - 1));
          expect(fast.dgemmOf(doubles, d, n4)).toEqual(fallbackKernels.dgemmOf(doubles, d, n4));
          const even = roundUp(k, 2);
          const pairs = packPairs(k, n, () => Math.floor(draw(4000)) - 2000);
          const a16 = Int16Array.from({ length: m * even }, () => Math.floor(draw(4000)) - 2000);
          expect(fast.igemm(a16, pairs, { m, n: n8, k: even })).toEqual(
            fallbackKernels.igemm(a16, pairs, { m, n: n8, k: even }),
          );
          const words = gathered(where, draw, (length) =>
            Int32Array.from({ length }, () => Math.floor(draw(4000)) - 2000),
          );
          expect(fast.igemmOf(words, pairs, n8)).toEqual(fallbackKernels.igemmOf(words, pairs, n8));
        },
      ),
      { numRuns: 60 },
    );
  });

  test.each(['single', 'double'] as const)('products over maps, %s precision', (precision) => {
    const random = (length: number, draw: (most: number) => number): number[] =>
      Array.from({ length }, () => draw(2) - 1);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 140 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 30 }),
        fc.integer(),
        (m, vectors, k, seed) => {
          const draw = generator(seed);
          const where = { vectors, rows: k, apart: true };
          const target = gathered({ vectors, rows: m, apart: true }, draw, (length) => length);
          const to = { ...target, length: target.data };
          const [left, right] = [random(m * k, draw), gathered(where, draw, (length) => random(length, draw))];
          const both =
            precision === 'single'
              ? [fast.single, fallbackKernels.single].map((own) => {
                  const [a, b] = [Float32Array.from(left), { ...right, data: Float32Array.from(right.data) }];
                  const { sums, stride } = own.columns(a, b);
                  return { sums: [...sums].filter((_, i) => i % stride < vectors), spread: [...own.spread(a, b, to)] };
                })
              : [fast.double, fallbackKernels.double].map((own) => {
                  const [a, b] = [Float64Array.from(left), { ...right, data: Float64Array.from(right.data) }];
                  const { sums, stride } = own.columns(a, b);
                  return { sums: [...sums].filter((_, i) => i % stride < vectors), spread: [...own.spread(a, b, to)] };
                });
          expect(both[0]).toEqual(both[1]);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('sums of ideal cells, with and without converters and noise', () => {
    fc.assert(
      fc.property(
        fc.record({
          lines: fc.integer({ min: 1, max: 5 }),
          groups: fc.integer({ min: 1, max: 30 }),
          vectors: fc.oneof(fc.integer({ min: 1, max: 35 }), fc.integer({ min: 60, max: 140 })),
          slots: fc.integer({ min: 1, max: 16 }),
          level: fc.integer({ min: 1, max: 15 }),
          noise: fc.constantFrom('none', 'converters', 'shared', 'cells'),
          sparse: fc.boolean(),
          apart: fc.boolean(),
          seed: fc.integer(),
        }),
        ({ lines, groups, vectors, slots, level, noise, sparse, apart, seed }) => {
          const draw = generator(seed);
          const rows = 4 * groups;
          const whole = (most: number) => (): number => Math.floor(draw(most));
          // Empty groups of cells and slots that nothing drives are passed over.
          const cells = Uint8Array.from({ length: lines * rows }, () =>
            sparse && draw(1) < 0.9 ? 0 : whole(level + 1)(),
          );
          const driven = sparse ? Math.max(1, slots - 5) : slots;
          const floats = (length: number, most: number): Float32Array =>
            Float32Array.from({ length }, () => draw(most));
          const keys = Int32Array.from({ length: 2 * vectors }, whole(2 ** 31));
          const shared = noise === 'shared' ? floats(slots * vectors, 4) : null;
          const squares = noise === 'cells' ? cells.map((cell) => Math.min(63, cell * cell)) : null;
          const job = {
            cells,
            lines,
            rows,
            level,
            words: gathered({ vectors, rows: rows - (seed & 3), apart }, draw, (length) =>
              Int32Array.from({ length }, whole(2 ** driven)),
            ),
            slots,
            negative: seed % 2 === 0,
            targets: Int32Array.from({ length: lines }, whole(3)),
            factors: Int32Array.from({ length: lines }, () => Math.floor(draw(9)) - 4),
            results: 3,
            converters:
              noise === 'none' ? null : { scale: floats(8, 1), shift: floats(8, 2), bow: null, curve: null, last: 63 },
            noise:
              shared === null && squares === null
                ? null
                : { squares, unit: 0.01, square: 63, variances: shared, keys, width: 8 },
            last: 63,
          };
          const own = fast.integerSums(job);
          const kept = {
            ...own,
            totals: own.totals.slice(),
            least: [...toList(own.least)],
            most: [...toList(own.most)],
          };
          const other = fallbackKernels.integerSums(job);
          expect(kept.totals).toEqual(other.totals);
          expect(kept.clipped).toBe(other.clipped);
          expect(kept.most).toEqual(toList(other.most));
          expect(kept.least).toEqual(toList(other.least));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('sums of analog cells, with noise, limits and bent converters', () => {
    fc.assert(
      fc.property(
        fc.record({
          vectors: fc.integer({ min: 1, max: 6 }),
          slots: fc.integer({ min: 1, max: 5 }),
          rows: fc.integer({ min: 1, max: 20 }),
          noise: fc.constantFrom('none', 'shared', 'cells'),
          binary: fc.boolean(),
          bent: fc.boolean(),
          last: fc.constantFrom(0, 31),
          limit: fc.constantFrom(Infinity, 10),
          seed: fc.integer(),
        }),
        ({ vectors, slots, rows, noise, binary, bent, last, limit, seed }) => {
          const draw = generator(seed);
          const width = 16;
          const floats = (length: number, most: number): Float32Array =>
            Float32Array.from({ length }, () => draw(most));
          const panels = packPanels(new Float32Array(width * rows), { k: rows, n: width, lanes: 8 }, () => draw(3));
          const job = {
            driven: Float32Array.from({ length: vectors * slots * rows }, () => Math.floor(draw(binary ? 2 : 5))),
            binary,
            vectors,
            slots,
            rows,
            conductances: panels,
            variances: noise === 'cells' ? panels : null,
            rowVariances: noise === 'shared' ? floats(vectors * slots, 3) : null,
            width,
            keys: Int32Array.from({ length: 2 * vectors }, () => Math.floor(draw(2 ** 31))),
            slotWeights: Float32Array.from({ length: slots }, (_, slot) => 2 ** slot),
            converters: {
              scale: floats(width, 1),
              shift: floats(width, 3),
              bow: bent ? floats(width, 2) : null,
              curve: bent ? floats(width, 2) : null,
              last,
            },
            limit,
          };
          const own = fast.analogSums(job);
          const kept = { totals: own.totals.slice(), least: own.least.slice(), most: own.most.slice() };
          const other = fallbackKernels.analogSums(job);
          expect(kept).toEqual({ totals: other.totals, least: other.least, most: other.most });
          expect([own.clipped, own.limited]).toEqual([other.clipped, other.limited]);
        },
      ),
      { numRuns: 60 },
    );
  });
});

test('normal numbers out of counters: mean, deviation, fourth moment, tails and pairs over 400,000 draws', () => {
  const pair = new Float32Array(2);
  const count = 200_000;
  const sums = [0, 0, 0, 0];
  let beyond = 0;
  let together = 0;
  for (let i = 0; i < count; i++) {
    const [key1, key2] = vectorKeys(12345, i >> 9, 3);
    normals(i & 511, key1, key2, pair);
    together += pair[0]! * pair[1]!;
    for (const x of pair) {
      sums[0]! += x;
      sums[1]! += x * x;
      sums[2]! += x ** 3;
      sums[3]! += x ** 4;
      if (Math.abs(x) > 3) beyond++;
    }
  }
  const [mean, square, cube, fourth] = sums.map((sum) => sum / (2 * count)) as [number, number, number, number];
  expect(Math.abs(mean)).toBeLessThan(0.006);
  expect(Math.abs(square - 1)).toBeLessThan(0.01);
  expect(Math.abs(cube)).toBeLessThan(0.025);
  expect(Math.abs(fourth - 3)).toBeLessThan(0.06);
  // 0.27 % lie beyond three deviations.
  expect(beyond / (2 * count)).toBeCloseTo(0.0027, 3);
  expect(Math.abs(together / count)).toBeLessThan(0.01);
});

const toList = (numbers: ArrayLike<number>): number[] => Array.from({ length: numbers.length }, (_, i) => numbers[i]!);
