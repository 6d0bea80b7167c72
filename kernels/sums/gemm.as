// Matrix products. Every result is a sum over k in ascending order, each product and sum rounded, so that the fallback
// has the same bits; integers are exact.

/** Rows of a at a time, so that they stay in the nearest cache while panels pass. */
const BLOCK: i32 = 64;

// @ts-ignore: decorator
@inline
function step(acc: v128, a: v128, b: v128): v128 {
  return f32x4.add(acc, f32x4.mul(a, b));
}

/** c[m][n] = sum over k of a[m][k] b[k][n], float32. b: panels [n / 8][k][8]; n a multiple of 8. */
export function sgemm(a: usize, b: usize, c: usize, m: i32, n: i32, k: i32): void {
  for (let row = 0; row < m; row += BLOCK) sgemmRows(a, b, c, row, min(row + BLOCK, m), n, k);
}

function sgemmRows(a: usize, b: usize, c: usize, first: i32, m: i32, n: i32, k: i32): void {
  const lineA = <usize>k << 2;
  const lineC = <usize>n << 2;
  for (let panel = 0; panel < n; panel += 8) {
    const from = b + (<usize>panel) * lineA;
    let i = first;
    for (; i + 4 <= m; i += 4) {
      let pa = a + <usize>i * lineA;
      let pb = from;
      const end = pa + lineA;
      let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
      for (; pa < end; pa += 4, pb += 32) {
        const b0 = v128.load(pb), b1 = v128.load(pb, 16);
        const a0 = v128.load32_splat(pa);
        c00 = step(c00, a0, b0); c01 = step(c01, a0, b1);
        const a1 = v128.load32_splat(pa + lineA);
        c10 = step(c10, a1, b0); c11 = step(c11, a1, b1);
        const a2 = v128.load32_splat(pa + 2 * lineA);
        c20 = step(c20, a2, b0); c21 = step(c21, a2, b1);
        const a3 = v128.load32_splat(pa + 3 * lineA);
        c30 = step(c30, a3, b0); c31 = step(c31, a3, b1);
      }
      const pc = c + <usize>i * lineC + (<usize>panel << 2);
      v128.store(pc, c00); v128.store(pc, c01, 16);
      v128.store(pc + lineC, c10); v128.store(pc + lineC, c11, 16);
      v128.store(pc + 2 * lineC, c20); v128.store(pc + 2 * lineC, c21, 16);
      v128.store(pc + 3 * lineC, c30); v128.store(pc + 3 * lineC, c31, 16);
    }
    for (; i < m; i++) {
      let pa = a + <usize>i * lineA;
      let pb = from;
      const end = pa + lineA;
      let c0 = f32x4.splat(0), c1 = c0;
      for (; pa < end; pa += 4, pb += 32) {
        const a0 = v128.load32_splat(pa);
        c0 = step(c0, a0, v128.load(pb)); c1 = step(c1, a0, v128.load(pb, 16));
      }
      const pc = c + <usize>i * lineC + (<usize>panel << 2);
      v128.store(pc, c0); v128.store(pc, c1, 16);
    }
  }
}

// @ts-ignore: decorator
@inline
function step64(acc: v128, a: v128, b: v128): v128 {
  return f64x2.add(acc, f64x2.mul(a, b));
}

/** As sgemm in float64. b: panels [n / 4][k][4]; n a multiple of 4. */
export function dgemm(a: usize, b: usize, c: usize, m: i32, n: i32, k: i32): void {
  for (let row = 0; row < m; row += BLOCK) dgemmRows(a, b, c, row, min(row + BLOCK, m), n, k);
}

function dgemmRows(a: usize, b: usize, c: usize, first: i32, m: i32, n: i32, k: i32): void {
  const lineA = <usize>k << 3;
  const lineC = <usize>n << 3;
  for (let panel = 0; panel < n; panel += 4) {
    const from = b + (<usize>panel) * lineA;
    let i = first;
    for (; i + 4 <= m; i += 4) {
      let pa = a + <usize>i * lineA;
      let pb = from;
      const end = pa + lineA;
      let c00 = f64x2.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
      for (; pa < end; pa += 8, pb += 32) {
        const b0 = v128.load(pb), b1 = v128.load(pb, 16);
        const a0 = v128.load64_splat(pa);
        c00 = step64(c00, a0, b0); c01 = step64(c01, a0, b1);
        const a1 = v128.load64_splat(pa + lineA);
        c10 = step64(c10, a1, b0); c11 = step64(c11, a1, b1);
        const a2 = v128.load64_splat(pa + 2 * lineA);
        c20 = step64(c20, a2, b0); c21 = step64(c21, a2, b1);
        const a3 = v128.load64_splat(pa + 3 * lineA);
        c30 = step64(c30, a3, b0); c31 = step64(c31, a3, b1);
      }
      const pc = c + <usize>i * lineC + (<usize>panel << 3);
      v128.store(pc, c00); v128.store(pc, c01, 16);
      v128.store(pc + lineC, c10); v128.store(pc + lineC, c11, 16);
      v128.store(pc + 2 * lineC, c20); v128.store(pc + 2 * lineC, c21, 16);
      v128.store(pc + 3 * lineC, c30); v128.store(pc + 3 * lineC, c31, 16);
    }
    for (; i < m; i++) {
      let pa = a + <usize>i * lineA;
      let pb = from;
      const end = pa + lineA;
      let c0 = f64x2.splat(0), c1 = c0;
      for (; pa < end; pa += 8, pb += 32) {
        const a0 = v128.load64_splat(pa);
        c0 = step64(c0, a0, v128.load(pb)); c1 = step64(c1, a0, v128.load(pb, 16));
      }
      const pc = c + <usize>i * lineC + (<usize>panel << 3);
      v128.store(pc, c0); v128.store(pc, c1, 16);
    }
  }
}

// @ts-ignore: decorator
@inline
function pair(acc: v128, a: v128, b: v128): v128 {
  return i32x4.add(acc, i32x4.dot_i16x8_s(a, b));
}

/**
 * Integer product of 16-bit operands with 32-bit sums. a: [m][k] int16, k even; b: panels [n / 8][k / 2][8][2] int16;
 * c: [m][n] int32. The caller sees to it that no sum leaves 32 bits.
 */
export function igemm(a: usize, b: usize, c: usize, m: i32, n: i32, k: i32): void {
  for (let row = 0; row < m; row += BLOCK) igemmRows(a, b, c, row, min(row + BLOCK, m), n, k);
}

function igemmRows(a: usize, b: usize, c: usize, first: i32, m: i32, n: i32, k: i32): void {
  const lineA = <usize>k << 1;
  const lineC = <usize>n << 2;
  for (let panel = 0; panel < n; panel += 8) {
    const from = b + (<usize>panel) * lineA;
    let i = first;
    for (; i + 4 <= m; i += 4) {
      let pa = a + <usize>i * lineA;
      let pb = from;
      const end = pa + lineA;
      let c00 = i32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
      for (; pa < end; pa += 4, pb += 32) {
        const b0 = v128.load(pb), b1 = v128.load(pb, 16);
        const a0 = v128.load32_splat(pa);
        c00 = pair(c00, a0, b0); c01 = pair(c01, a0, b1);
        const a1 = v128.load32_splat(pa + lineA);
        c10 = pair(c10, a1, b0); c11 = pair(c11, a1, b1);
        const a2 = v128.load32_splat(pa + 2 * lineA);
        c20 = pair(c20, a2, b0); c21 = pair(c21, a2, b1);
        const a3 = v128.load32_splat(pa + 3 * lineA);
        c30 = pair(c30, a3, b0); c31 = pair(c31, a3, b1);
      }
      const pc = c + <usize>i * lineC + (<usize>panel << 2);
      v128.store(pc, c00); v128.store(pc, c01, 16);
      v128.store(pc + lineC, c10); v128.store(pc + lineC, c11, 16);
      v128.store(pc + 2 * lineC, c20); v128.store(pc + 2 * lineC, c21, 16);
      v128.store(pc + 3 * lineC, c30); v128.store(pc + 3 * lineC, c31, 16);
    }
    for (; i < m; i++) {
      let pa = a + <usize>i * lineA;
      let pb = from;
      const end = pa + lineA;
      let c0 = i32x4.splat(0), c1 = c0;
      for (; pa < end; pa += 4, pb += 32) {
        const a0 = v128.load32_splat(pa);
        c0 = pair(c0, a0, v128.load(pb)); c1 = pair(c1, a0, v128.load(pb, 16));
      }
      const pc = c + <usize>i * lineC + (<usize>panel << 2);
      v128.store(pc, c0); v128.store(pc, c1, 16);
    }
  }
}
