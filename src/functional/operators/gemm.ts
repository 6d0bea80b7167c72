// Product of two matrices held row by row along the summed axis, blocked for registers and cache.

import type { Numbers } from './values.js';

/** Numbers from a place on. */
export interface View {
  readonly data: Numbers;
  readonly at: number;
}

/** Where results go: element (i, j) to `at + i x rowStride + j x columnStride`, added to what is there with `add`. */
export interface Target extends View {
  readonly rowStride: number;
  readonly columnStride: number;
  readonly add: boolean;
}

/** Elements of the right operand that stay in the cache while all rows of the left one pass. */
const PANEL = 16_384;

/**
 * out[i, j] = sum over p of a[i, p] x b[j, p] (the second operand is transposed), i < m, j < n, p < k, summed in
 * double precision in the order of p. `a` and `b` are dense.
 */
export function gemm(
  { m, n, k }: { readonly m: number; readonly n: number; readonly k: number },
  { data: a, at: aAt }: View,
  { data: b, at: bAt }: View,
  { data: out, at: outAt, rowStride, columnStride, add }: Target,
): void {
  const panel = Math.max(4, Math.floor(PANEL / Math.max(1, k)) & ~3);
  const wholeRows = m & ~3;
  for (let from = 0; from < n; from += panel) {
    const to = Math.min(n, from + panel);
    const whole = from + ((to - from) & ~3);
    for (let i = 0; i < wholeRows; i += 4) {
      const at = outAt + i * rowStride;
      for (let j = from; j < whole; j += 4)
        block(k, a, aAt + i * k, b, bAt + j * k, out, at + j * columnStride, rowStride, columnStride, add);
      for (let j = whole; j < to; j++)
        column(k, b, bAt + j * k, a, aAt + i * k, out, at + j * columnStride, rowStride, add);
    }
    for (let i = wholeRows; i < m; i++) {
      const at = outAt + i * rowStride;
      for (let j = from; j < whole; j += 4)
        column(k, a, aAt + i * k, b, bAt + j * k, out, at + j * columnStride, columnStride, add);
      for (let j = whole; j < to; j++) {
        const sum = dot(k, a, aAt + i * k, b, bAt + j * k);
        const o = at + j * columnStride;
        out[o] = add ? out[o]! + sum : sum;
      }
    }
  }
}

/** Sum over p < k of a[aAt + p] x b[bAt + p]. Positional: an innermost loop, called for every element of a result. */
export function dot(k: number, a: Numbers, aAt: number, b: Numbers, bAt: number): number {
  let sum = 0;
  for (let p = 0; p < k; p++) sum += a[aAt + p]! * b[bAt + p]!;
  return sum;
}

/** One row of `one` against four rows of `four`. Positional: an innermost loop, called for every four results. */
function column(
  k: number,
  one: Numbers,
  oneAt: number,
  four: Numbers,
  fourAt: number,
  out: Numbers,
  outAt: number,
  stride: number,
  add: boolean,
): void {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const f1 = fourAt + k;
  const f2 = f1 + k;
  const f3 = f2 + k;
  for (let p = 0; p < k; p++) {
    const x = one[oneAt + p]!;
    s0 += x * four[fourAt + p]!;
    s1 += x * four[f1 + p]!;
    s2 += x * four[f2 + p]!;
    s3 += x * four[f3 + p]!;
  }
  const o1 = outAt + stride;
  const o2 = o1 + stride;
  const o3 = o2 + stride;
  out[outAt] = add ? out[outAt]! + s0 : s0;
  out[o1] = add ? out[o1]! + s1 : s1;
  out[o2] = add ? out[o2]! + s2 : s2;
  out[o3] = add ? out[o3]! + s3 : s3;
}

/**
 * Four rows of `a` against four rows of `b`: sixteen sums in registers. Positional: an innermost loop, called for every
 * sixteen results.
 */
function block(
  k: number,
  a: Numbers,
  aAt: number,
  b: Numbers,
  bAt: number,
  out: Numbers,
  outAt: number,
  rowStride: number,
  columnStride: number,
  add: boolean,
): void {
  let s00 = 0;
  let s01 = 0;
  let s02 = 0;
  let s03 = 0;
  let s10 = 0;
  let s11 = 0;
  let s12 = 0;
  let s13 = 0;
  let s20 = 0;
  let s21 = 0;
  let s22 = 0;
  let s23 = 0;
  let s30 = 0;
  let s31 = 0;
  let s32 = 0;
  let s33 = 0;
  const a1 = aAt + k;
  const a2 = a1 + k;
  const a3 = a2 + k;
  const b1 = bAt + k;
  const b2 = b1 + k;
  const b3 = b2 + k;
  for (let p = 0; p < k; p++) {
    const x0 = a[aAt + p]!;
    const x1 = a[a1 + p]!;
    const x2 = a[a2 + p]!;
    const x3 = a[a3 + p]!;
    const y0 = b[bAt + p]!;
    const y1 = b[b1 + p]!;
    const y2 = b[b2 + p]!;
    const y3 = b[b3 + p]!;
    s00 += x0 * y0;
    s01 += x0 * y1;
    s02 += x0 * y2;
    s03 += x0 * y3;
    s10 += x1 * y0;
    s11 += x1 * y1;
    s12 += x1 * y2;
    s13 += x1 * y3;
    s20 += x2 * y0;
    s21 += x2 * y1;
    s22 += x2 * y2;
    s23 += x2 * y3;
    s30 += x3 * y0;
    s31 += x3 * y1;
    s32 += x3 * y2;
    s33 += x3 * y3;
  }
  row(out, outAt, columnStride, s00, s01, s02, s03, add);
  row(out, outAt + rowStride, columnStride, s10, s11, s12, s13, add);
  row(out, outAt + 2 * rowStride, columnStride, s20, s21, s22, s23, add);
  row(out, outAt + 3 * rowStride, columnStride, s30, s31, s32, s33, add);
}

/** Writes four sums. Positional: they stand in registers. */
function row(
  out: Numbers,
  at: number,
  stride: number,
  s0: number,
  s1: number,
  s2: number,
  s3: number,
  add: boolean,
): void {
  if (add) {
    out[at]! += s0;
    out[at + stride]! += s1;
    out[at + 2 * stride]! += s2;
    out[at + 3 * stride]! += s3;
  } else {
    out[at] = s0;
    out[at + stride] = s1;
    out[at + 2 * stride] = s2;
    out[at + 3 * stride] = s3;
  }
}

/** Writes the transpose of a rows x columns matrix: to[c, r] = from[r, c]. */
export function transposeInto(
  { rows, columns }: { readonly rows: number; readonly columns: number },
  { data: from, at: fromAt }: View,
  { data: to, at: toAt }: View,
): void {
  // Few columns at a time: what is written to them stays in the nearest cache.
  for (let first = 0; first < columns; first += 4) {
    const end = Math.min(columns, first + 4);
    for (let r = 0; r < rows; r++)
      for (let c = first, o = toAt + first * rows + r; c < end; c++, o += rows) to[o] = from[fromAt + r * columns + c]!;
  }
}
