// Normal numbers out of counters: a hash, then Box and Muller's transform in float32 (the fallback has the same bits).

const GOLDEN: i32 = 0x9e3779b9;

/** Bits of a counter mixed (lowbias32; C. Wellons, Prospecting for hash functions, 2018). */
// @ts-ignore: decorator
@inline
function mix(x: v128): v128 {
  x = v128.xor(x, i32x4.shr_u(x, 16));
  x = i32x4.mul(x, i32x4.splat(0x7feb352d));
  x = v128.xor(x, i32x4.shr_u(x, 15));
  x = i32x4.mul(x, i32x4.splat(0x846ca68b));
  return v128.xor(x, i32x4.shr_u(x, 16));
}

/** ln u of normal float32 numbers (Cephes logf). */
// @ts-ignore: decorator
@inline
function logarithm(u: v128): v128 {
  let e = i32x4.sub(i32x4.shr_u(u, 23), i32x4.splat(126));
  let x = v128.or(v128.and(u, i32x4.splat(0x007fffff)), i32x4.splat(0x3f000000));
  const low = f32x4.lt(x, f32x4.splat(0.707106781186547524));
  e = i32x4.add(e, low);
  x = f32x4.sub(f32x4.add(x, v128.and(x, low)), f32x4.splat(1));
  const z = f32x4.mul(x, x);
  let y = f32x4.splat(7.0376836292e-2);
  y = f32x4.add(f32x4.mul(y, x), f32x4.splat(-1.151461031e-1));
  y = f32x4.add(f32x4.mul(y, x), f32x4.splat(1.167699874e-1));
  y = f32x4.add(f32x4.mul(y, x), f32x4.splat(-1.2420140846e-1));
  y = f32x4.add(f32x4.mul(y, x), f32x4.splat(1.4249322787e-1));
  y = f32x4.add(f32x4.mul(y, x), f32x4.splat(-1.6668057665e-1));
  y = f32x4.add(f32x4.mul(y, x), f32x4.splat(2.0000714765e-1));
  y = f32x4.add(f32x4.mul(y, x), f32x4.splat(-2.4999993993e-1));
  y = f32x4.add(f32x4.mul(y, x), f32x4.splat(3.3333331174e-1));
  y = f32x4.mul(f32x4.mul(y, x), z);
  const exponent = f32x4.convert_i32x4_s(e);
  y = f32x4.add(y, f32x4.mul(exponent, f32x4.splat(-2.12194440e-4)));
  y = f32x4.sub(y, f32x4.mul(z, f32x4.splat(0.5)));
  return f32x4.add(f32x4.add(x, y), f32x4.mul(exponent, f32x4.splat(0.693359375)));
}

/** Four counters of streams with two keys each: four numbers at `first`, four of the same radii at `second`. */
// @ts-ignore: decorator
@inline
export function normals(counter: v128, key1: v128, key2: v128, first: usize, second: usize): void {
  const h1 = mix(i32x4.add(i32x4.mul(counter, i32x4.splat(GOLDEN)), key1));
  const h2 = mix(i32x4.add(h1, key2));
  const u = f32x4.add(f32x4.mul(f32x4.convert_i32x4_u(h1), f32x4.splat(2.3283064365386963e-10)), f32x4.splat(1.1641532182693481e-10));
  const radius = f32x4.sqrt(f32x4.mul(logarithm(u), f32x4.splat(-2)));
  const t = f32x4.mul(f32x4.convert_i32x4_s(i32x4.shl(h2, 2)), f32x4.splat(3.6572951981884e-10));
  const z = f32x4.mul(t, t);
  let s = f32x4.splat(-1.9515295891e-4);
  s = f32x4.add(f32x4.mul(s, z), f32x4.splat(8.3321608736e-3));
  s = f32x4.add(f32x4.mul(s, z), f32x4.splat(-1.6666654611e-1));
  s = f32x4.add(f32x4.mul(f32x4.mul(s, z), t), t);
  let c = f32x4.splat(2.443315711809948e-5);
  c = f32x4.add(f32x4.mul(c, z), f32x4.splat(-1.388731625493765e-3));
  c = f32x4.add(f32x4.mul(c, z), f32x4.splat(4.166664568298827e-2));
  c = f32x4.mul(f32x4.mul(c, z), z);
  c = f32x4.add(f32x4.sub(c, f32x4.mul(z, f32x4.splat(0.5))), f32x4.splat(1));
  const quadrant = i32x4.shr_u(h2, 30);
  const odd = i32x4.eq(v128.and(quadrant, i32x4.splat(1)), i32x4.splat(1));
  const sign1 = i32x4.shl(v128.and(i32x4.add(quadrant, i32x4.splat(1)), i32x4.splat(2)), 30);
  const sign2 = i32x4.shl(v128.and(quadrant, i32x4.splat(2)), 30);
  v128.store(first, f32x4.mul(radius, v128.xor(v128.bitselect(s, c, odd), sign1)));
  v128.store(second, f32x4.mul(radius, v128.xor(v128.bitselect(c, s, odd), sign2)));
}
