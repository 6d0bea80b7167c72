// Analog sums (of sgemm) with noise, converted and joined over slots; eight lines at a time.

import { normals } from './random';

/** Where a sum stands between codes: steps from the least one, bent by the converter's non-linearity. */
// @ts-ignore: decorator
@inline
function stepsOf(y: v128, line: usize, lineBytes: usize, curved: i32, inverse: v128): v128 {
  const z = f32x4.add(f32x4.mul(y, v128.load(line)), v128.load(line + lineBytes));
  if (!curved) return f32x4.nearest(z);
  const u = f32x4.mul(z, inverse);
  const one = f32x4.splat(1);
  const inside = f32x4.max(f32x4.mul(u, f32x4.sub(one, u)), f32x4.splat(0));
  const bow = v128.load(line + 2 * lineBytes);
  const curve = f32x4.mul(v128.load(line + 3 * lineBytes), f32x4.sub(f32x4.add(u, u), one));
  return f32x4.nearest(f32x4.add(z, f32x4.mul(inside, f32x4.add(bow, curve))));
}

/** The noise of a sum: its deviation times a normal number. */
// @ts-ignore: decorator
@inline
function noisy(y: v128, variance: v128, normal: usize): v128 {
  return f32x4.add(y, f32x4.mul(f32x4.sqrt(variance), v128.load(normal)));
}

/**
 * @param sums float32 [vector][slot][width], width a multiple of 8
 * @param variances of the noise, the same shape, 0: none @param rowVariances float32 [vector][slot] of noise that all
 * lines share, 0: none
 * @param keys int32 [vector][2] @param weights float32 by slot
 * @param lines float32 [4][width]: codes a unit, shift, bow, curve @param curved whether bow and curve count
 * @param last largest code; 0: sums are joined as they are @param limit largest sum that a line carries
 * @param totals float32 [vector][width] @param least @param most float32 [width]: sums seen, updated
 * @param scratch 64 bytes @param counts int32 [2], added to: beyond the range, at the limit
 */
export function senseSums(
  sums: usize, variances: usize, rowVariances: usize, vectors: i32, slots: i32, width: i32, keys: usize, weights: usize,
  lines: usize, curved: i32, last: f32, limit: f32, totals: usize, least: usize, most: usize, scratch: usize,
  counts: usize,
): void {
  const lineBytes = <usize>width << 2;
  const groups = width >> 3;
  const zero = f32x4.splat(0);
  const lastF = f32x4.splat(last);
  const highest = f32x4.splat(limit);
  const lowest = f32x4.splat(-limit);
  const inverse = f32x4.splat(last > 0 ? <f32>1 / last : 0);
  let clipped = 0;
  let limited = 0;
  for (let v = 0; v < vectors; v++) {
    const key1 = v128.load32_splat(keys + (<usize>v << 3));
    const key2 = v128.load32_splat(keys + (<usize>v << 3), 4);
    for (let group = 0; group < groups; group++) {
      const at = <usize>group << 5;
      let low0 = v128.load(least + at), low1 = v128.load(least + at, 16);
      let high0 = v128.load(most + at), high1 = v128.load(most + at, 16);
      let total0 = zero, total1 = zero;
      for (let k = 0; k < slots; k++) {
        const row = <usize>(v * slots + k);
        const place = row * lineBytes + at;
        let y0 = v128.load(sums + place), y1 = v128.load(sums + place, 16);
        if (variances | rowVariances) {
          // A draw serves a slot and the next one.
          if (!(k & 1)) {
            const counter = i32x4.add(i32x4.splat((k >> 1) * width + (group << 3)), i32x4(0, 1, 2, 3));
            normals(counter, key1, key2, scratch, scratch + 32);
            normals(i32x4.add(counter, i32x4.splat(4)), key1, key2, scratch + 16, scratch + 48);
          }
          const numbers = scratch + (<usize>(k & 1) << 5);
          const shared = rowVariances ? v128.load32_splat(rowVariances + (row << 2)) : zero;
          y0 = noisy(y0, variances ? v128.load(variances + place) : shared, numbers);
          y1 = noisy(y1, variances ? v128.load(variances + place, 16) : shared, numbers + 16);
        }
        if (limit < Infinity) {
          const within0 = f32x4.max(f32x4.min(y0, highest), lowest);
          const within1 = f32x4.max(f32x4.min(y1, highest), lowest);
          limited += popcnt(i32x4.bitmask(f32x4.ne(within0, y0)) | (i32x4.bitmask(f32x4.ne(within1, y1)) << 4));
          y0 = within0;
          y1 = within1;
        }
        low0 = f32x4.min(low0, y0); low1 = f32x4.min(low1, y1);
        high0 = f32x4.max(high0, y0); high1 = f32x4.max(high1, y1);
        if (last > 0) {
          const z0 = stepsOf(y0, lines + at, lineBytes, curved, inverse);
          const z1 = stepsOf(y1, lines + at + 16, lineBytes, curved, inverse);
          y0 = f32x4.min(f32x4.max(z0, zero), lastF);
          y1 = f32x4.min(f32x4.max(z1, zero), lastF);
          clipped += popcnt(i32x4.bitmask(f32x4.ne(z0, y0)) | (i32x4.bitmask(f32x4.ne(z1, y1)) << 4));
        }
        const weight = v128.load32_splat(weights + (<usize>k << 2));
        total0 = f32x4.add(total0, f32x4.mul(y0, weight));
        total1 = f32x4.add(total1, f32x4.mul(y1, weight));
      }
      const out = totals + <usize>v * lineBytes + at;
      v128.store(out, total0); v128.store(out, total1, 16);
      v128.store(least + at, low0); v128.store(least + at, low1, 16);
      v128.store(most + at, high0); v128.store(most + at, high1, 16);
    }
  }
  store<i32>(counts, load<i32>(counts) + clipped);
  store<i32>(counts, load<i32>(counts, 4) + limited, 4);
}
