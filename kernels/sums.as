// Sums of ideal cells under one-bit slots, sixteen vectors at a time: four rows are one look-up of their sixteen
// combinations of ones (the table of a line's four cells is a vector register).

import { normals } from './random';

/** Byte k is bit k of x's low byte. */
// @ts-ignore: decorator
@inline
function spread(x: u32): u64 {
  const bits = ((<u64>(x & 0xff)) * 0x0101010101010101) & 0x8040201008040201;
  return ((bits + 0x7f7f7f7f7f7f7f7f) >> 7) & 0x0101010101010101;
}

/**
 * Four bits of four rows in a byte, for each slot. inputs: int32 [vector][rows], rows a multiple of 4;
 * out, zeroed: [block of 16 vectors][chunk of 4 slots][row group][slot of the chunk][vector of the block].
 */
export function spreadSlots(inputs: usize, vectors: i32, rows: i32, slots: i32, out: usize): void {
  const groups = rows >> 2;
  const chunks = (slots + 3) >> 2;
  for (let v = 0; v < vectors; v++) {
    const block = v >> 4;
    let input = inputs + ((<usize>(v * rows)) << 2);
    for (let g = 0; g < groups; g++, input += 16) {
      const x0 = load<u32>(input), x1 = load<u32>(input, 4), x2 = load<u32>(input, 8), x3 = load<u32>(input, 12);
      for (let from = 0; from < slots; from += 8) {
        let nibbles =
          spread(x0 >> from) | (spread(x1 >> from) << 1) | (spread(x2 >> from) << 2) | (spread(x3 >> from) << 3);
        const most = min(from + 8, slots);
        for (let slot = from; slot < most; slot++, nibbles >>= 8) {
          const place = ((block * chunks + (slot >> 2)) * groups + g) * 4 + (slot & 3);
          store<u8>(out + (<usize>place << 4) + (v & 15), <u8>nibbles);
        }
      }
    }
  }
}

/** The table of a line's cells: entry i of a group sums the cells whose bits stand in i. */
// @ts-ignore: decorator
@inline
function buildTable(cells: usize, groups: i32, table: usize): void {
  const m0 = i8x16(0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1);
  const m1 = i8x16(0, 0, -1, -1, 0, 0, -1, -1, 0, 0, -1, -1, 0, 0, -1, -1);
  const m2 = i8x16(0, 0, 0, 0, -1, -1, -1, -1, 0, 0, 0, 0, -1, -1, -1, -1);
  const m3 = i8x16(0, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1, -1, -1, -1, -1, -1);
  for (let g = 0; g < groups; g++, cells += 4, table += 16) {
    const low = i8x16.add(v128.and(v128.load8_splat(cells), m0), v128.and(v128.load8_splat(cells, 1), m1));
    const high = i8x16.add(v128.and(v128.load8_splat(cells, 2), m2), v128.and(v128.load8_splat(cells, 3), m3));
    v128.store(table, i8x16.add(low, high));
  }
}

/** Codes of eight sums times the slot's weight, added to eight totals. Returns the sums beyond the range. */
// @ts-ignore: decorator
@inline
function addCodes(sums: v128, weight: v128, scale: v128, shift: v128, last: v128, totals: usize): i32 {
  const z0 = f32x4.nearest(f32x4.add(f32x4.mul(f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(sums)), scale), shift));
  const z1 = f32x4.nearest(f32x4.add(f32x4.mul(f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(sums)), scale), shift));
  const zero = f32x4.splat(0);
  const c0 = f32x4.min(f32x4.max(z0, zero), last);
  const c1 = f32x4.min(f32x4.max(z1, zero), last);
  const beyond = i32x4.bitmask(f32x4.ne(z0, c0)) | (i32x4.bitmask(f32x4.ne(z1, c1)) << 4);
  v128.store(totals, i32x4.add(v128.load(totals), i32x4.mul(i32x4.trunc_sat_f32x4_s(c0), weight)));
  v128.store(totals, i32x4.add(v128.load(totals, 16), i32x4.mul(i32x4.trunc_sat_f32x4_s(c1), weight)), 16);
  return popcnt(beyond);
}

/** As addCodes for codes that are the sums themselves, up to `last`. */
// @ts-ignore: decorator
@inline
function addSums(sums: v128, weight: v128, last: v128, totals: usize): i32 {
  const codes = i16x8.min_u(sums, last);
  v128.store(totals, i32x4.add(v128.load(totals), i32x4.mul(i32x4.extend_low_i16x8_u(codes), weight)));
  v128.store(totals, i32x4.add(v128.load(totals, 16), i32x4.mul(i32x4.extend_high_i16x8_u(codes), weight)), 16);
  return popcnt(i16x8.bitmask(i16x8.ne(codes, sums)));
}

/**
 * Column sums of every slot, converted and joined over slots.
 * @param cells uint8 [line][4 groups], at most 15 @param table room for 16 bytes a group
 * @param flush groups that a byte can sum @param nibbles as spreadSlots makes them
 * @param weights int32 by slot, 4 chunks (0 for slots that are not) @param scales float32 [line] steps a unit, 0: one
 * unit a code @param shifts float32 [line] @param last largest code
 * @param totals int32 [line][16 blocks], zeroed @param most uint16 by line: largest sum
 * @returns conversions beyond the range
 */
export function lineSums(
  cells: usize, lines: i32, groups: i32, table: usize, flush: i32, nibbles: usize, blocks: i32, chunks: i32,
  weights: usize, scales: usize, shifts: usize, last: i32, totals: usize, most: usize,
): i32 {
  const last16 = i16x8.splat(<i16>min(last, 65535));
  const lastF = f32x4.splat(<f32>last);
  let clipped = 0;
  for (let line = 0; line < lines; line++) {
    buildTable(cells + (<usize>(line * groups) << 2), groups, table);
    const scale = scales ? v128.load32_splat(scales + (<usize>line << 2)) : i32x4.splat(0);
    const shift = scales ? v128.load32_splat(shifts + (<usize>line << 2)) : scale;
    let largest = i16x8.splat(0);
    let p = nibbles;
    let total = totals + ((<usize>(line * blocks)) << 6);
    for (let block = 0; block < blocks; block++, total += 64) {
      let w = weights;
      for (let chunk = 0; chunk < chunks; chunk++, w += 16) {
        let lo0 = i16x8.splat(0), lo1 = lo0, lo2 = lo0, lo3 = lo0, hi0 = lo0, hi1 = lo0, hi2 = lo0, hi3 = lo0;
        let t = table;
        const end = table + (<usize>groups << 4);
        while (t < end) {
          let until = t + (<usize>flush << 4);
          if (until > end) until = end;
          let a0 = i8x16.splat(0), a1 = a0, a2 = a0, a3 = a0;
          for (; t + 48 < until; t += 64, p += 256) {
            const e0 = v128.load(t, 0);
            a0 = i8x16.add(a0, i8x16.swizzle(e0, v128.load(p, 0)));
            a1 = i8x16.add(a1, i8x16.swizzle(e0, v128.load(p, 16)));
            a2 = i8x16.add(a2, i8x16.swizzle(e0, v128.load(p, 32)));
            a3 = i8x16.add(a3, i8x16.swizzle(e0, v128.load(p, 48)));
            const e1 = v128.load(t, 16);
            a0 = i8x16.add(a0, i8x16.swizzle(e1, v128.load(p, 64)));
            a1 = i8x16.add(a1, i8x16.swizzle(e1, v128.load(p, 80)));
            a2 = i8x16.add(a2, i8x16.swizzle(e1, v128.load(p, 96)));
            a3 = i8x16.add(a3, i8x16.swizzle(e1, v128.load(p, 112)));
            const e2 = v128.load(t, 32);
            a0 = i8x16.add(a0, i8x16.swizzle(e2, v128.load(p, 128)));
            a1 = i8x16.add(a1, i8x16.swizzle(e2, v128.load(p, 144)));
            a2 = i8x16.add(a2, i8x16.swizzle(e2, v128.load(p, 160)));
            a3 = i8x16.add(a3, i8x16.swizzle(e2, v128.load(p, 176)));
            const e3 = v128.load(t, 48);
            a0 = i8x16.add(a0, i8x16.swizzle(e3, v128.load(p, 192)));
            a1 = i8x16.add(a1, i8x16.swizzle(e3, v128.load(p, 208)));
            a2 = i8x16.add(a2, i8x16.swizzle(e3, v128.load(p, 224)));
            a3 = i8x16.add(a3, i8x16.swizzle(e3, v128.load(p, 240)));
          }
          for (; t < until; t += 16, p += 64) {
            const entries = v128.load(t);
            a0 = i8x16.add(a0, i8x16.swizzle(entries, v128.load(p)));
            a1 = i8x16.add(a1, i8x16.swizzle(entries, v128.load(p, 16)));
            a2 = i8x16.add(a2, i8x16.swizzle(entries, v128.load(p, 32)));
            a3 = i8x16.add(a3, i8x16.swizzle(entries, v128.load(p, 48)));
          }
          lo0 = i16x8.add(lo0, i16x8.extend_low_i8x16_u(a0)); hi0 = i16x8.add(hi0, i16x8.extend_high_i8x16_u(a0));
          lo1 = i16x8.add(lo1, i16x8.extend_low_i8x16_u(a1)); hi1 = i16x8.add(hi1, i16x8.extend_high_i8x16_u(a1));
          lo2 = i16x8.add(lo2, i16x8.extend_low_i8x16_u(a2)); hi2 = i16x8.add(hi2, i16x8.extend_high_i8x16_u(a2));
          lo3 = i16x8.add(lo3, i16x8.extend_low_i8x16_u(a3)); hi3 = i16x8.add(hi3, i16x8.extend_high_i8x16_u(a3));
        }
        largest = i16x8.max_u(largest, i16x8.max_u(i16x8.max_u(lo0, lo1), i16x8.max_u(lo2, lo3)));
        largest = i16x8.max_u(largest, i16x8.max_u(i16x8.max_u(hi0, hi1), i16x8.max_u(hi2, hi3)));
        const w0 = v128.load32_splat(w), w1 = v128.load32_splat(w, 4);
        const w2 = v128.load32_splat(w, 8), w3 = v128.load32_splat(w, 12);
        if (scales) {
          clipped += addCodes(lo0, w0, scale, shift, lastF, total) + addCodes(hi0, w0, scale, shift, lastF, total + 32);
          clipped += addCodes(lo1, w1, scale, shift, lastF, total) + addCodes(hi1, w1, scale, shift, lastF, total + 32);
          clipped += addCodes(lo2, w2, scale, shift, lastF, total) + addCodes(hi2, w2, scale, shift, lastF, total + 32);
          clipped += addCodes(lo3, w3, scale, shift, lastF, total) + addCodes(hi3, w3, scale, shift, lastF, total + 32);
        } else {
          clipped += addSums(lo0, w0, last16, total) + addSums(hi0, w0, last16, total + 32);
          clipped += addSums(lo1, w1, last16, total) + addSums(hi1, w1, last16, total + 32);
          clipped += addSums(lo2, w2, last16, total) + addSums(hi2, w2, last16, total + 32);
          clipped += addSums(lo3, w3, last16, total) + addSums(hi3, w3, last16, total + 32);
        }
      }
    }
    largest = i16x8.max_u(largest, i8x16.shuffle(largest, largest, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
    largest = i16x8.max_u(largest, i8x16.shuffle(largest, largest, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
    largest = i16x8.max_u(largest, i8x16.shuffle(largest, largest, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
    store<u16>(most + (<usize>line << 1), <u16>i16x8.extract_lane_u(largest, 0));
  }
  return clipped;
}

/** Sums of four slots and sixteen vectors: uint16 [slot][vector] at `out`. */
function chunkSums(table: usize, groups: i32, flush: i32, nibbles: usize, out: usize): void {
  let lo0 = i16x8.splat(0), lo1 = lo0, lo2 = lo0, lo3 = lo0, hi0 = lo0, hi1 = lo0, hi2 = lo0, hi3 = lo0;
  let t = table;
  let p = nibbles;
  const end = table + (<usize>groups << 4);
  while (t < end) {
    let until = t + (<usize>flush << 4);
    if (until > end) until = end;
    let a0 = i8x16.splat(0), a1 = a0, a2 = a0, a3 = a0;
    for (; t + 48 < until; t += 64, p += 256) {
      const e0 = v128.load(t, 0);
      a0 = i8x16.add(a0, i8x16.swizzle(e0, v128.load(p, 0)));
      a1 = i8x16.add(a1, i8x16.swizzle(e0, v128.load(p, 16)));
      a2 = i8x16.add(a2, i8x16.swizzle(e0, v128.load(p, 32)));
      a3 = i8x16.add(a3, i8x16.swizzle(e0, v128.load(p, 48)));
      const e1 = v128.load(t, 16);
      a0 = i8x16.add(a0, i8x16.swizzle(e1, v128.load(p, 64)));
      a1 = i8x16.add(a1, i8x16.swizzle(e1, v128.load(p, 80)));
      a2 = i8x16.add(a2, i8x16.swizzle(e1, v128.load(p, 96)));
      a3 = i8x16.add(a3, i8x16.swizzle(e1, v128.load(p, 112)));
      const e2 = v128.load(t, 32);
      a0 = i8x16.add(a0, i8x16.swizzle(e2, v128.load(p, 128)));
      a1 = i8x16.add(a1, i8x16.swizzle(e2, v128.load(p, 144)));
      a2 = i8x16.add(a2, i8x16.swizzle(e2, v128.load(p, 160)));
      a3 = i8x16.add(a3, i8x16.swizzle(e2, v128.load(p, 176)));
      const e3 = v128.load(t, 48);
      a0 = i8x16.add(a0, i8x16.swizzle(e3, v128.load(p, 192)));
      a1 = i8x16.add(a1, i8x16.swizzle(e3, v128.load(p, 208)));
      a2 = i8x16.add(a2, i8x16.swizzle(e3, v128.load(p, 224)));
      a3 = i8x16.add(a3, i8x16.swizzle(e3, v128.load(p, 240)));
    }
    for (; t < until; t += 16, p += 64) {
      const entries = v128.load(t);
      a0 = i8x16.add(a0, i8x16.swizzle(entries, v128.load(p)));
      a1 = i8x16.add(a1, i8x16.swizzle(entries, v128.load(p, 16)));
      a2 = i8x16.add(a2, i8x16.swizzle(entries, v128.load(p, 32)));
      a3 = i8x16.add(a3, i8x16.swizzle(entries, v128.load(p, 48)));
    }
    lo0 = i16x8.add(lo0, i16x8.extend_low_i8x16_u(a0)); hi0 = i16x8.add(hi0, i16x8.extend_high_i8x16_u(a0));
    lo1 = i16x8.add(lo1, i16x8.extend_low_i8x16_u(a1)); hi1 = i16x8.add(hi1, i16x8.extend_high_i8x16_u(a1));
    lo2 = i16x8.add(lo2, i16x8.extend_low_i8x16_u(a2)); hi2 = i16x8.add(hi2, i16x8.extend_high_i8x16_u(a2));
    lo3 = i16x8.add(lo3, i16x8.extend_low_i8x16_u(a3)); hi3 = i16x8.add(hi3, i16x8.extend_high_i8x16_u(a3));
  }
  v128.store(out, lo0); v128.store(out, hi0, 16); v128.store(out, lo1, 32); v128.store(out, hi1, 48);
  v128.store(out, lo2, 64); v128.store(out, hi2, 80); v128.store(out, lo3, 96); v128.store(out, hi3, 112);
}

/**
 * As lineSums with noise on every sum.
 * @param squares uint8 [line][4 groups]: variances of the cells in units of `unit`, 0: the variance is by slot and vector
 * @param flush2 groups of squares that a byte can sum @param variances float32 [4 chunks][16 blocks] where squares is 0
 * @param keys int32 [2][16 blocks] @param width lines that draws are numbered by
 * @param seen float32 [2][lines]: least and largest sum
 * @param scratch 288 + 16 groups bytes
 */
export function noisyLineSums(
  cells: usize, squares: usize, unit: f32, lines: i32, groups: i32, table: usize, flush: i32, flush2: i32,
  nibbles: usize, blocks: i32, chunks: i32, slots: i32, weights: usize, scales: usize, shifts: usize, last: i32,
  variances: usize, keys: usize, width: i32, totals: usize, seen: usize, scratch: usize,
): i32 {
  const sums = scratch;
  const noises = scratch + 128;
  const numbers = scratch + 256;
  const table2 = scratch + 288;
  const lastF = f32x4.splat(<f32>last);
  const zero = f32x4.splat(0);
  const unit4 = f32x4.splat(unit);
  const vectorBytes = <usize>blocks << 6;
  let clipped = 0;
  for (let line = 0; line < lines; line++) {
    const own = <usize>(line * groups) << 2;
    buildTable(cells + own, groups, table);
    if (squares) buildTable(squares + own, groups, table2);
    const scale = v128.load32_splat(scales + (<usize>line << 2));
    const shift = v128.load32_splat(shifts + (<usize>line << 2));
    let low = zero, high = zero;
    let p = nibbles;
    for (let block = 0; block < blocks; block++) {
      const total = totals + ((<usize>(line * blocks + block)) << 6);
      for (let chunk = 0; chunk < chunks; chunk++, p += <usize>groups << 6) {
        chunkSums(table, groups, flush, p, sums);
        if (squares) chunkSums(table2, groups, flush2, p, noises);
        const most = min(4, slots - (chunk << 2));
        for (let quad: usize = 0; quad < 4; quad++) {
          const vectors = ((<usize>block << 2) + quad) << 4;
          const key1 = v128.load(keys + vectors);
          const key2 = v128.load(keys + vectorBytes + vectors);
          let sum = v128.load(total + (quad << 4));
          for (let k = 0; k < most; k++) {
            const slot = (chunk << 2) + k;
            if (!(k & 1)) normals(i32x4.splat((slot >> 1) * width + line), key1, key2, numbers, numbers + 16);
            const place = (<usize>k << 5) + (quad << 3);
            const variance = squares
              ? f32x4.mul(f32x4.convert_i32x4_u(v128.load16x4_u(noises + place)), unit4)
              : v128.load(variances + <usize>slot * vectorBytes + vectors);
            const noise = f32x4.mul(f32x4.sqrt(variance), v128.load(numbers + (<usize>(k & 1) << 4)));
            const y = f32x4.add(f32x4.convert_i32x4_u(v128.load16x4_u(sums + place)), noise);
            low = f32x4.min(low, y);
            high = f32x4.max(high, y);
            const z = f32x4.nearest(f32x4.add(f32x4.mul(y, scale), shift));
            const code = f32x4.min(f32x4.max(z, zero), lastF);
            clipped += popcnt(i32x4.bitmask(f32x4.ne(z, code)));
            const weight = v128.load32_splat(weights + (<usize>slot << 2));
            sum = i32x4.add(sum, i32x4.mul(i32x4.trunc_sat_f32x4_s(code), weight));
          }
          v128.store(total + (quad << 4), sum);
        }
      }
    }
    low = f32x4.min(low, i32x4.shuffle(low, low, 2, 3, 0, 1));
    high = f32x4.max(high, i32x4.shuffle(high, high, 2, 3, 0, 1));
    const place = <usize>line << 2;
    store<f32>(seen + place, <f32>min(f32x4.extract_lane(low, 0), f32x4.extract_lane(low, 1)));
    store<f32>(seen + (<usize>lines << 2) + place, <f32>max(f32x4.extract_lane(high, 0), f32x4.extract_lane(high, 1)));
  }
  return clipped;
}
