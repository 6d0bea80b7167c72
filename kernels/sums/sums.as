// Sums of ideal cells under one-bit slots, sixteen vectors and two lines at a time: four rows are one look-up of their
// sixteen combinations of ones (the table of a line's four cells is a vector register).

import { normals } from './random';

/** The table of four cells: entry i sums the cells whose bits stand in i. */
// @ts-ignore: decorator
@inline
function table(cells: usize): v128 {
  const m0 = i8x16(0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1);
  const m1 = i8x16(0, 0, -1, -1, 0, 0, -1, -1, 0, 0, -1, -1, 0, 0, -1, -1);
  const m2 = i8x16(0, 0, 0, 0, -1, -1, -1, -1, 0, 0, 0, 0, -1, -1, -1, -1);
  const m3 = i8x16(0, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1, -1, -1, -1, -1, -1);
  const low = i8x16.add(v128.and(v128.load8_splat(cells), m0), v128.and(v128.load8_splat(cells, 1), m1));
  const high = i8x16.add(v128.and(v128.load8_splat(cells, 2), m2), v128.and(v128.load8_splat(cells, 3), m3));
  return i8x16.add(low, high);
}

/**
 * The tables of two rows of cells, 32 bytes a group, of the groups that are not empty; their nibbles' places to `places`.
 * Returns how many there are.
 */
function buildTables(first: usize, second: usize, groups: i32, tables: usize, places: usize): i32 {
  let count = 0;
  for (let g = 0; g < groups; g++, first += 4, second += 4) {
    if ((load<u32>(first) | load<u32>(second)) == 0) continue;
    const at = tables + (<usize>count << 5);
    v128.store(at, table(first));
    v128.store(at, table(second), 16);
    store<u32>(places + (<usize>count << 2), <u32>g << 6);
    count++;
  }
  return count;
}

/** Adds sixteen bytes to sixteen uint16; what stands there counts unless they are the first. */
// @ts-ignore: decorator
@inline
function widen(bytes: v128, out: usize, first: bool): void {
  const low = i16x8.extend_low_i8x16_u(bytes);
  const high = i16x8.extend_high_i8x16_u(bytes);
  v128.store(out, first ? low : i16x8.add(low, v128.load(out)));
  v128.store(out, first ? high : i16x8.add(high, v128.load(out, 16)), 16);
}

// @ts-ignore: decorator
@inline
function look(sum: v128, entries: v128, nibbles: v128): v128 {
  return i8x16.add(sum, i8x16.swizzle(entries, nibbles));
}

/** Sums of two lines, four slots and sixteen vectors out of `count` tables: uint16 [line][slot][vector] at `out`. */
function pairSums(tables: usize, places: usize, count: i32, flush: i32, nibbles: usize, out: usize): void {
  let t = tables;
  let place = places;
  const end = tables + (<usize>count << 5);
  let first = true;
  do {
    let until = t + (<usize>flush << 5);
    if (until > end) until = end;
    let a0 = i8x16.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
    for (; t < until; t += 32, place += 4) {
      const p = nibbles + load<u32>(place);
      const e = v128.load(t), f = v128.load(t, 16);
      const p0 = v128.load(p), p1 = v128.load(p, 16);
      a0 = look(a0, e, p0); b0 = look(b0, f, p0);
      a1 = look(a1, e, p1); b1 = look(b1, f, p1);
      const p2 = v128.load(p, 32), p3 = v128.load(p, 48);
      a2 = look(a2, e, p2); b2 = look(b2, f, p2);
      a3 = look(a3, e, p3); b3 = look(b3, f, p3);
    }
    widen(a0, out, first); widen(a1, out + 32, first); widen(a2, out + 64, first); widen(a3, out + 96, first);
    widen(b0, out + 128, first); widen(b1, out + 160, first); widen(b2, out + 192, first); widen(b3, out + 224, first);
    first = false;
  } while (t < end);
}

/** Sums of a chunk beyond `last`. */
function countBeyond(sums: usize, count: i32, last: v128): i32 {
  let beyond = 0;
  for (let k = 0; k < count << 1; k++, sums += 16) {
    const sum = v128.load(sums);
    beyond += popcnt(i16x8.bitmask(i16x8.ne(i16x8.min_u(sum, last), sum)));
  }
  return beyond;
}

/**
 * Sums of up to four slots as codes up to `last`, slots weighing 1, 2, 4, 8 (the last one minus that where `negative`)
 * times 2^place, added to int32 [16]. Their total has to fit 16 bits.
 */
function joinSums(sums: usize, count: i32, negative: bool, place: i32, last: v128, joined: usize): void {
  for (let half: usize = 0; half < 2; half++) {
    let at = sums + (half << 4) + (<usize>(count - 1) << 5);
    let total = i16x8.min_u(v128.load(at), last);
    if (negative) total = i16x8.neg(total);
    for (let k = count - 1; k > 0; k--) {
      at -= 32;
      total = i16x8.add(i16x8.add(total, total), i16x8.min_u(v128.load(at), last));
    }
    const low = negative ? i32x4.extend_low_i16x8_s(total) : i32x4.extend_low_i16x8_u(total);
    const high = negative ? i32x4.extend_high_i16x8_s(total) : i32x4.extend_high_i16x8_u(total);
    const to = joined + (half << 5);
    v128.store(to, i32x4.add(v128.load(to), i32x4.shl(low, place)));
    v128.store(to, i32x4.add(v128.load(to, 16), i32x4.shl(high, place)), 16);
  }
}

/** As joinSums by converters of a scale and a shift. Returns the conversions beyond the range. */
function joinConverted(
  sums: usize, count: i32, negative: bool, place: i32, scale: v128, shift: v128, last: v128, joined: usize,
): i32 {
  const zero = f32x4.splat(0);
  let beyond = i32x4.splat(0);
  for (let quad: usize = 0; quad < 4; quad++) {
    let at = sums + (quad << 3) + (<usize>(count - 1) << 5);
    let total = zero;
    for (let k = count; k > 0; k--, at -= 32) {
      const y = f32x4.convert_i32x4_s(v128.load16x4_u(at));
      const z = f32x4.nearest(f32x4.add(f32x4.mul(y, scale), shift));
      const code = f32x4.pmin(f32x4.pmax(z, zero), last);
      beyond = i32x4.sub(beyond, f32x4.ne(z, code));
      total = negative && k == count ? f32x4.neg(code) : f32x4.add(f32x4.add(total, total), code);
    }
    const to = joined + (quad << 4);
    v128.store(to, i32x4.add(v128.load(to), i32x4.shl(i32x4.trunc_sat_f32x4_s(total), place)));
  }
  return sumOf(beyond);
}

// @ts-ignore: decorator
@inline
function sumOf(x: v128): i32 {
  return (
    i32x4.extract_lane(x, 0) + i32x4.extract_lane(x, 1) + i32x4.extract_lane(x, 2) + i32x4.extract_lane(x, 3)
  );
}

/** Adds int32 [16] times a factor to a row of totals. */
function addTimes(joined: usize, factor: i32, totals: usize): void {
  const by = i32x4.splat(factor);
  for (let i: usize = 0; i < 64; i += 16)
    v128.store(totals + i, i32x4.add(v128.load(totals + i), i32x4.mul(v128.load(joined + i), by)));
}

function clear(joined: usize): void {
  for (let i: usize = 0; i < 64; i += 16) v128.store(joined + i, i32x4.splat(0));
}

/** The largest of eight uint16. */
function largestOf(x: v128): u16 {
  x = i16x8.max_u(x, i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  x = i16x8.max_u(x, i8x16.shuffle(x, x, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
  x = i16x8.max_u(x, i8x16.shuffle(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
  return <u16>i16x8.extract_lane_u(x, 0);
}

/** Whether `count` bytes, a multiple of 16, are all 0. */
function allZero(at: usize, count: i32): bool {
  let any = i8x16.splat(0);
  for (const end = at + <usize>count; at < end; at += 16) any = v128.or(any, v128.load(at));
  return !v128.any_true(any);
}

/** Whether sums of 0 have code 0 at the converters of lines `line` to `line + own`. */
function zeroIsZero(shifts: usize, line: i32, own: i32): bool {
  for (let i = 0; i < own; i++) if (nearest<f32>(load<f32>(shifts + (<usize>(line + i) << 2))) != 0) return false;
  return true;
}

/** Updates eight largest sums of a line by those of a chunk. Returns whether one of these is beyond `last`. */
function noteLargest(sums: usize, last: v128, largest: usize): bool {
  let most = i16x8.max_u(v128.load(sums), v128.load(sums, 16));
  most = i16x8.max_u(most, i16x8.max_u(v128.load(sums, 32), v128.load(sums, 48)));
  most = i16x8.max_u(most, i16x8.max_u(v128.load(sums, 64), v128.load(sums, 80)));
  most = i16x8.max_u(most, i16x8.max_u(v128.load(sums, 96), v128.load(sums, 112)));
  v128.store(largest, i16x8.max_u(v128.load(largest), most));
  return !i16x8.all_true(i16x8.eq(i16x8.max_u(most, last), last));
}

/**
 * Column sums of every slot, converted and joined over slots and over the lines that count towards one result.
 * @param cells uint8 [line][4 groups], at most 15 @param tables room for 36 bytes a group
 * @param flush groups that a byte can sum @param nibbles as gatherSlots makes them
 * @param slots slot k weighs 2^k @param negative whether the last one weighs minus that
 * @param scales float32 [line] steps a unit, 0: one unit a code (codes of four slots, weighted, fit 16 bits)
 * @param shifts float32 [line] @param last largest code
 * @param targets int32 [line]: row of totals @param factors int32 [line]: what its codes count
 * @param totals int32 [target][16 stride], zeroed, from the first block on @param most uint16 by line: largest sum so far
 * @param scratch 416 bytes @param idle room for a byte a block and chunk
 * @returns conversions beyond the range, those of vectors that only fill blocks included
 */
export function lineSums(
  cells: usize, lines: i32, groups: i32, tables: usize, flush: i32, nibbles: usize, blocks: i32, slots: i32,
  negative: bool, scales: usize, shifts: usize, last: i32, targets: usize, factors: usize, totals: usize, most: usize,
  scratch: usize, idle: usize, stride: i32,
): i32 {
  const chunkBytes = groups << 6;
  const places = tables + (<usize>groups << 5);
  const chunks = (slots + 3) >> 2;
  const last16 = i16x8.splat(<i16>min(last, 65535));
  const lastF = f32x4.splat(<f32>last);
  const largest = scratch + 256;
  const joined = scratch + 288;
  let clipped = 0;
  for (let i = 0; i < blocks * chunks; i++) store<u8>(idle + i, allZero(nibbles + <usize>(i * chunkBytes), chunkBytes));
  for (let line = 0; line < lines; line += 2) {
    const own = min(2, lines - line);
    const skips = !scales || zeroIsZero(shifts, line, own);
    const row = cells + (<usize>(line * groups) << 2);
    const filled = buildTables(row, row + (<usize>((own - 1) * groups) << 2), groups, tables, places);
    for (let i = 0; i < own; i++) v128.store(largest + (<usize>i << 4), i16x8.splat(0));
    let p = nibbles;
    for (let block = 0; block < blocks; block++) {
      for (let i = 0; i < own; i++) clear(joined + (<usize>i << 6));
      for (let chunk = 0; chunk < chunks; chunk++, p += <usize>chunkBytes) {
        if (skips && (filled == 0 || load<u8>(idle + block * chunks + chunk))) continue;
        pairSums(tables, places, filled, flush, p, scratch);
        const place = chunk << 2;
        const count = min(4, slots - place);
        const minus = negative && chunk == chunks - 1;
        for (let i = 0; i < own; i++) {
          const sums = scratch + (<usize>i << 7);
          const to = joined + (<usize>i << 6);
          const beyond = noteLargest(sums, last16, largest + (<usize>i << 4));
          if (scales) {
            const at = <usize>(line + i) << 2;
            const scale = v128.load32_splat(scales + at);
            clipped += joinConverted(sums, count, minus, place, scale, v128.load32_splat(shifts + at), lastF, to);
          } else {
            if (beyond) clipped += countBeyond(sums, count, last16);
            joinSums(sums, count, minus, place, last16, to);
          }
        }
      }
      for (let i = 0; i < own; i++) {
        const at = <usize>(line + i) << 2;
        const row = totals + (<usize>(load<i32>(targets + at) * stride + block) << 6);
        addTimes(joined + (<usize>i << 6), load<i32>(factors + at), row);
      }
    }
    for (let i = 0; i < own; i++) {
      const at = most + (<usize>(line + i) << 1);
      store<u16>(at, max(load<u16>(at), largestOf(v128.load(largest + (<usize>i << 4)))));
    }
  }
  return clipped;
}

/**
 * As lineSums with noise on every sum.
 * @param squares uint8 [line][4 groups]: variances of the cells in units of `unit`, 0: the variance is by slot and vector
 * @param flush groups of cells and of squares that a byte can sum
 * @param variances float32 [4 chunks][16 blocks] where squares is 0
 * @param keys int32 [2][16 blocks] @param width lines that draws are numbered by
 * @param seen float32 [2][lines]: least and largest sum @param scratch 352 bytes
 */
export function noisyLineSums(
  cells: usize, squares: usize, unit: f32, lines: i32, groups: i32, tables: usize, flush: i32, nibbles: usize,
  blocks: i32, slots: i32, negative: bool, scales: usize, shifts: usize, last: i32, variances: usize, keys: usize,
  width: i32, targets: usize, factors: usize, totals: usize, seen: usize, scratch: usize,
  stride: i32,
): i32 {
  const chunks = (slots + 3) >> 2;
  const places = tables + (<usize>groups << 5);
  const noises = scratch + 128;
  const joined = scratch + 256;
  const numbers = scratch + 320;
  const lastF = f32x4.splat(<f32>last);
  const zero = f32x4.splat(0);
  const unit4 = f32x4.splat(unit);
  const vectorBytes = <usize>stride << 6;
  let beyond = i32x4.splat(0);
  for (let line = 0; line < lines; line++) {
    const own = <usize>(line * groups) << 2;
    const at = <usize>line << 2;
    const filled = buildTables(cells + own, (squares ? squares : cells) + own, groups, tables, places);
    const scale = v128.load32_splat(scales + at);
    const shift = v128.load32_splat(shifts + at);
    let low = v128.load32_splat(seen + at), high = v128.load32_splat(seen + (<usize>lines << 2) + at);
    let p = nibbles;
    for (let block = 0; block < blocks; block++) {
      clear(joined);
      for (let chunk = 0; chunk < chunks; chunk++, p += <usize>groups << 6) {
        pairSums(tables, places, filled, flush, p, scratch);
        const most = min(4, slots - (chunk << 2));
        for (let quad: usize = 0; quad < 4; quad++) {
          const vectors = ((<usize>block << 2) + quad) << 4;
          const key1 = v128.load(keys + vectors);
          const key2 = v128.load(keys + vectorBytes + vectors);
          let total = zero;
          for (let k = 0; k < most; k++) {
            const slot = (chunk << 2) + k;
            if (!(k & 1)) normals(i32x4.splat((slot >> 1) * width + line), key1, key2, numbers, numbers + 16);
            const place = (<usize>k << 5) + (quad << 3);
            const variance = squares
              ? f32x4.mul(f32x4.convert_i32x4_s(v128.load16x4_u(noises + place)), unit4)
              : v128.load(variances + <usize>slot * vectorBytes + vectors);
            const noise = f32x4.mul(f32x4.sqrt(variance), v128.load(numbers + (<usize>(k & 1) << 4)));
            const y = f32x4.add(f32x4.convert_i32x4_s(v128.load16x4_u(scratch + place)), noise);
            low = f32x4.pmin(low, y);
            high = f32x4.pmax(high, y);
            const z = f32x4.nearest(f32x4.add(f32x4.mul(y, scale), shift));
            const code = f32x4.pmin(f32x4.pmax(z, zero), lastF);
            beyond = i32x4.sub(beyond, f32x4.ne(z, code));
            const weight = negative && slot == slots - 1 ? -(1 << k) : 1 << k;
            total = f32x4.add(total, f32x4.mul(code, f32x4.splat(<f32>weight)));
          }
          const to = joined + (quad << 4);
          v128.store(to, i32x4.add(v128.load(to), i32x4.shl(i32x4.trunc_sat_f32x4_s(total), chunk << 2)));
        }
      }
      const row = totals + (<usize>(load<i32>(targets + at) * stride + block) << 6);
      addTimes(joined, load<i32>(factors + at), row);
    }
    low = f32x4.pmin(low, i32x4.shuffle(low, low, 2, 3, 0, 1));
    high = f32x4.pmax(high, i32x4.shuffle(high, high, 2, 3, 0, 1));
    low = f32x4.pmin(low, i32x4.shuffle(low, low, 1, 0, 3, 2));
    high = f32x4.pmax(high, i32x4.shuffle(high, high, 1, 0, 3, 2));
    store<f32>(seen + at, f32x4.extract_lane(low, 0));
    store<f32>(seen + (<usize>lines << 2) + at, f32x4.extract_lane(high, 0));
  }
  return sumOf(beyond);
}
