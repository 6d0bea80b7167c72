// Vectors out of the data that they lie in: element r of vector v stands at `starts[v] + offsets[r]` (im2col by address).

// @ts-ignore: decorator
@inline
function at(data: usize, starts: usize, v: i32, offset: i32, shift: usize): usize {
  return data + (<usize>(load<i32>(starts + (<usize>v << 2)) + offset) << shift);
}

/** float64 [vectors][rows]. */
export function gather64(data: usize, starts: usize, offsets: usize, vectors: i32, rows: i32, out: usize): void {
  const end = offsets + (<usize>rows << 2);
  for (let v = 0; v < vectors; v++) {
    const from = at(data, starts, v, 0, 3);
    for (let offset = offsets; offset < end; offset += 4, out += 8)
      store<f64>(out, load<f64>(from + (<usize>load<i32>(offset) << 3)));
  }
}

/** int32 data as int16 [vectors][rows]; rows even, a last offset that is only there to make them so counts for 0. */
export function gather16(
  data: usize, starts: usize, offsets: usize, vectors: i32, rows: i32, even: i32, out: usize,
): void {
  const end = offsets + (<usize>rows << 2);
  for (let v = 0; v < vectors; v++) {
    const from = at(data, starts, v, 0, 2);
    for (let offset = offsets; offset < end; offset += 4, out += 2)
      store<i16>(out, load<i16>(from + (<usize>load<i32>(offset) << 2)));
    if (even != rows) {
      store<i16>(out, 0);
      out += 2;
    }
  }
}

/** Four words of neighbouring vectors, `vectors` of them there. */
// @ts-ignore: decorator
@inline
function fourWords(data: usize, starts: usize, v: i32, vectors: i32, side: bool, offset: i32): v128 {
  if (side) return v128.load(at(data, starts, v, offset, 2));
  let x = i32x4.splat(0);
  if (v < vectors) x = v128.load32_zero(at(data, starts, v, offset, 2));
  if (v + 1 < vectors) x = v128.load32_lane(at(data, starts, v + 1, offset, 2), x, 1);
  if (v + 2 < vectors) x = v128.load32_lane(at(data, starts, v + 2, offset, 2), x, 2);
  if (v + 3 < vectors) x = v128.load32_lane(at(data, starts, v + 3, offset, 2), x, 3);
  return x;
}

/** Whether four vectors from `v` on are there and start side by side. */
function sideBySide(starts: usize, v: i32, vectors: i32): bool {
  if (v + 4 > vectors) return false;
  const first = starts + (<usize>v << 2);
  const from = load<i32>(first);
  return load<i32>(first, 4) == from + 1 && load<i32>(first, 8) == from + 2 && load<i32>(first, 12) == from + 3;
}

/** Which quads of a block of sixteen vectors start side by side, by bit. */
function quadsOf(starts: usize, block: i32, vectors: i32): i32 {
  let quads = 0;
  for (let q = 0; q < 4; q++) if (sideBySide(starts, (block << 4) + (q << 2), vectors)) quads |= 1 << q;
  return quads;
}

/** Bits `from` and on of the words of sixteen vectors at one row, cut by `mask`, as bytes. */
// @ts-ignore: decorator
@inline
function sixteen(
  data: usize, starts: usize, offset: i32, block: i32, vectors: i32, quads: i32, from: i32, mask: v128,
): v128 {
  const v = block << 4;
  const a = v128.and(i32x4.shr_u(fourWords(data, starts, v, vectors, (quads & 1) != 0, offset), from), mask);
  const b = v128.and(i32x4.shr_u(fourWords(data, starts, v + 4, vectors, (quads & 2) != 0, offset), from), mask);
  const c = v128.and(i32x4.shr_u(fourWords(data, starts, v + 8, vectors, (quads & 4) != 0, offset), from), mask);
  const d = v128.and(i32x4.shr_u(fourWords(data, starts, v + 12, vectors, (quads & 8) != 0, offset), from), mask);
  return i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_u(a, b), i16x8.narrow_i32x4_u(c, d));
}

/**
 * Four bits of four rows in a byte, for each slot. data: int32, `starts` int32 [vectors], `offsets` int32 [rows];
 * out: [block of 16 vectors][chunk of 4 slots][row group][slot of the chunk][vector of the block]. Vectors, rows and
 * slots beyond are zeros.
 */
export function gatherSlots(
  data: usize, starts: usize, offsets: usize, vectors: i32, rows: i32, slots: i32, out: usize,
): void {
  const groups = (rows + 3) >> 2;
  const chunks = (slots + 3) >> 2;
  const blocks = (vectors + 15) >> 4;
  const m1 = i8x16.splat(0x55), m2 = i8x16.splat(0x33), m4 = i8x16.splat(0x0f);
  const chunkBytes = <usize>groups << 6;
  for (let block = 0; block < blocks; block++) {
    const quads = quadsOf(starts, block, vectors);
    for (let from = 0; from < slots; from += 8) {
      const mask = i32x4.splat((1 << min(8, slots - from)) - 1);
      let to = out + <usize>(block * chunks + (from >> 2)) * chunkBytes;
      const two = from + 4 < slots;
      for (let r = 0; r < rows; r += 4, to += 64) {
        const o = offsets + (<usize>r << 2);
        const zero = i8x16.splat(0);
        const b0 = sixteen(data, starts, load<i32>(o), block, vectors, quads, from, mask);
        const b1 = r + 1 < rows ? sixteen(data, starts, load<i32>(o, 4), block, vectors, quads, from, mask) : zero;
        const b2 = r + 2 < rows ? sixteen(data, starts, load<i32>(o, 8), block, vectors, quads, from, mask) : zero;
        const b3 = r + 3 < rows ? sixteen(data, starts, load<i32>(o, 12), block, vectors, quads, from, mask) : zero;
        // Bits of even slots and of odd ones, two rows beside each other; then those of four rows.
        const even01 = v128.or(v128.and(b0, m1), i16x8.shl(v128.and(b1, m1), 1));
        const odd01 = v128.or(v128.and(i16x8.shr_u(b0, 1), m1), v128.andnot(b1, m1));
        const even23 = v128.or(v128.and(b2, m1), i16x8.shl(v128.and(b3, m1), 1));
        const odd23 = v128.or(v128.and(i16x8.shr_u(b2, 1), m1), v128.andnot(b3, m1));
        const s04 = v128.or(v128.and(even01, m2), i16x8.shl(v128.and(even23, m2), 2));
        const s26 = v128.or(v128.and(i16x8.shr_u(even01, 2), m2), v128.andnot(even23, m2));
        const s15 = v128.or(v128.and(odd01, m2), i16x8.shl(v128.and(odd23, m2), 2));
        const s37 = v128.or(v128.and(i16x8.shr_u(odd01, 2), m2), v128.andnot(odd23, m2));
        v128.store(to, v128.and(s04, m4));
        v128.store(to, v128.and(s15, m4), 16);
        v128.store(to, v128.and(s26, m4), 32);
        v128.store(to, v128.and(s37, m4), 48);
        if (!two) continue;
        const high = to + chunkBytes;
        v128.store(high, v128.and(i16x8.shr_u(s04, 4), m4));
        v128.store(high, v128.and(i16x8.shr_u(s15, 4), m4), 16);
        v128.store(high, v128.and(i16x8.shr_u(s26, 4), m4), 32);
        v128.store(high, v128.and(i16x8.shr_u(s37, 4), m4), 48);
      }
    }
  }
}

/** float32 panels [ceil(vectors / 8)][rows][8]: a vector a column; columns beyond are 0. */
export function panels32(data: usize, starts: usize, offsets: usize, vectors: i32, rows: i32, out: usize): void {
  const end = offsets + (<usize>rows << 2);
  for (let v = 0; v < vectors; v += 8) {
    const low = sideBySide(starts, v, vectors);
    const high = sideBySide(starts, v + 4, vectors);
    for (let o = offsets; o < end; o += 4, out += 32) {
      const offset = load<i32>(o);
      v128.store(out, fourWords(data, starts, v, vectors, low, offset));
      v128.store(out, fourWords(data, starts, v + 4, vectors, high, offset), 16);
    }
  }
}

/** float64 panels [ceil(vectors / 4)][rows][4]: a vector a column; columns beyond are 0. */
export function panels64(data: usize, starts: usize, offsets: usize, vectors: i32, rows: i32, out: usize): void {
  const end = offsets + (<usize>rows << 2);
  for (let v = 0; v < vectors; v += 4) {
    const side = sideBySide(starts, v, vectors);
    for (let o = offsets; o < end; o += 4, out += 32) {
      const offset = load<i32>(o);
      const first = at(data, starts, v, offset, 3);
      if (side) {
        v128.store(out, v128.load(first));
        v128.store(out, v128.load(first, 16), 16);
        continue;
      }
      store<f64>(out, load<f64>(first));
      store<f64>(out, v + 1 < vectors ? load<f64>(at(data, starts, v + 1, offset, 3)) : 0, 8);
      store<f64>(out, v + 2 < vectors ? load<f64>(at(data, starts, v + 2, offset, 3)) : 0, 16);
      store<f64>(out, v + 3 < vectors ? load<f64>(at(data, starts, v + 3, offset, 3)) : 0, 24);
    }
  }
}

/** Which quads of vectors start side by side, a byte each; `out`: [ceil(vectors / 4)]. */
export function quads(starts: usize, vectors: i32, out: usize): void {
  for (let v = 0; v < vectors; v += 4, out++) store<u8>(out, <u8>sideBySide(starts, v, vectors));
}

/**
 * Adds sums [rows][stride] back to where vectors lie: element r of vector v to data[starts[v] + offsets[r]], row after
 * row. `sides`: what `quads` says of the starts.
 */
export function fold32(
  sums: usize, stride: i32, data: usize, starts: usize, offsets: usize, sides: usize, vectors: i32, rows: i32,
): void {
  for (let r = 0; r < rows; r++) {
    const offset = load<i32>(offsets + (<usize>r << 2));
    let from = sums + (<usize>(r * stride) << 2);
    for (let v = 0; v < vectors; v += 4, from += 16) {
      if (load<u8>(sides + (<usize>v >> 2)) != 0) {
        const to = at(data, starts, v, offset, 2);
        v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
        continue;
      }
      const many = min(4, vectors - v);
      for (let i = 0; i < many; i++) {
        const to = at(data, starts, v + i, offset, 2);
        store<f32>(to, load<f32>(to) + load<f32>(from + (<usize>i << 2)));
      }
    }
  }
}

/** As fold32 in float64. */
export function fold64(
  sums: usize, stride: i32, data: usize, starts: usize, offsets: usize, sides: usize, vectors: i32, rows: i32,
): void {
  for (let r = 0; r < rows; r++) {
    const offset = load<i32>(offsets + (<usize>r << 2));
    let from = sums + (<usize>(r * stride) << 3);
    for (let v = 0; v < vectors; v += 4, from += 32) {
      if (load<u8>(sides + (<usize>v >> 2)) != 0) {
        const to = at(data, starts, v, offset, 3);
        v128.store(to, f64x2.add(v128.load(to), v128.load(from)));
        v128.store(to, f64x2.add(v128.load(to, 16), v128.load(from, 16)), 16);
        continue;
      }
      const many = min(4, vectors - v);
      for (let i = 0; i < many; i++) {
        const to = at(data, starts, v + i, offset, 3);
        store<f64>(to, load<f64>(to) + load<f64>(from + (<usize>i << 3)));
      }
    }
  }
}
