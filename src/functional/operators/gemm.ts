// Product of two matrices held row by row along the summed axis, blocked for registers and cache.

import { kernels, packRows, roundUp } from '../wasm/kernels.js';
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

/** Multiplications and rows from which a kernel is worth what is copied for it. */
const KERNEL_WORK = 4096;
const KERNEL_ROWS = 4;

/** Numbers that are handed to a kernel at once, so that its memory stays small. */
const KERNEL_PART = 1 << 20;

/** Sizes of a product: left rows, right rows, the summed axis. */
interface Sizes {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/**
 * out[i, j] = sum over p of a[i, p] x b[j, p] (the second operand is transposed), i < m, j < n, p < k, summed in the
 * order of p. `a` and `b` are dense. Two operands of single precision are summed in single precision, each product and
 * sum rounded; others in double precision. A result does not depend on m and n.
 */
export function gemm(sizes: Sizes, a: View, b: View, out: Target): void {
  const { m, n, k } = sizes;
  const worth = m * n * k >= KERNEL_WORK && Math.min(m, n) >= KERNEL_ROWS;
  if (a.data instanceof Float32Array && b.data instanceof Float32Array) {
    const single = { a: { data: a.data, at: a.at }, b: { data: b.data, at: b.at } };
    if (worth) byKernel(sizes, single, out, SINGLE);
    else inSingle(sizes, single.a, single.b, out);
  } else if (worth && a.data instanceof Float64Array && b.data instanceof Float64Array)
    byKernel(sizes, { a: { data: a.data, at: a.at }, b: { data: b.data, at: b.at } }, out, DOUBLE);
  else blocked(sizes, a, b, out);
}

/** A kernel of one precision. */
interface Kernel<T> {
  /** Columns of a panel. */
  readonly lanes: number;
  readonly room: (length: number) => T;
  readonly part: (data: T, from: number, to: number) => T;
  readonly product: (left: T, panels: T, sizes: Sizes) => T;
}

const SINGLE: Kernel<Float32Array> = {
  lanes: 8,
  room: (length) => new Float32Array(length),
  part: (data, from, to) => data.subarray(from, to),
  product: (left, panels, sizes) => kernels().sgemm(left, panels, sizes),
};

const DOUBLE: Kernel<Float64Array> = {
  lanes: 4,
  room: (length) => new Float64Array(length),
  part: (data, from, to) => data.subarray(from, to),
  product: (left, panels, sizes) => kernels().dgemm(left, panels, sizes),
};

/** The operand of fewer rows goes into panels, the other one as it is. */
function byKernel<T extends Float32Array | Float64Array>(
  { m, n, k }: Sizes,
  { a, b }: Record<'a' | 'b', { readonly data: T; readonly at: number }>,
  { data: out, at, rowStride, columnStride, add }: Target,
  { lanes, room, part: cut, product }: Kernel<T>,
): void {
  const swapped = m < n;
  const [long, short] = swapped ? [b, a] : [a, b];
  const [longRows, shortRows] = swapped ? [n, m] : [m, n];
  const [longStride, shortStride] = swapped ? [columnStride, rowStride] : [rowStride, columnStride];
  const width = roundUp(shortRows, lanes);
  const panels = packRows(room(width * k), { rows: shortRows, k, lanes }, short.data, short.at);
  const part = Math.max(1, Math.floor(KERNEL_PART / Math.max(width, k)));
  for (let from = 0; from < longRows; from += part) {
    const count = Math.min(part, longRows - from);
    const left = cut(long.data, long.at + from * k, long.at + (from + count) * k);
    const sums = product(left, panels, { m: count, n: width, k });
    for (let i = 0; i < count; i++) {
      let o = at + (from + i) * longStride;
      const end = i * width + shortRows;
      if (add) for (let s = i * width; s < end; s++, o += shortStride) out[o]! += sums[s]!;
      else for (let s = i * width; s < end; s++, o += shortStride) out[o] = sums[s]!;
    }
  }
}

/** A small product in single precision: the numbers of the kernel. */
function inSingle(
  { m, n, k }: Sizes,
  { data: a, at: aAt }: { readonly data: Float32Array; readonly at: number },
  { data: b, at: bAt }: { readonly data: Float32Array; readonly at: number },
  { data: out, at: outAt, rowStride, columnStride, add }: Target,
): void {
  const f = Math.fround;
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      let sum = 0;
      const [from, other] = [aAt + i * k, bAt + j * k];
      for (let p = 0; p < k; p++) sum = f(sum + f(a[from + p]! * b[other + p]!));
      const o = outAt + i * rowStride + j * columnStride;
      out[o] = add ? out[o]! + sum : sum;
    }
}

/** In double precision, sixteen sums in registers. */
function blocked(
  { m, n, k }: Sizes,
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
