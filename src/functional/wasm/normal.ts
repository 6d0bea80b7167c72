// Normal numbers out of counters, as kernels/random.as makes them, bit for bit.

const f = Math.fround;

/** What a counter is multiplied by before its key is added. */
export const COUNTER_STEP = 0x9e3779b9;

/** Bits of a counter mixed (lowbias32; C. Wellons, Prospecting for hash functions, 2018). */
export function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}

const LOG = [
  7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
  2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
].map(f);
const SINE = [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1].map(f);
const COSINE = [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2].map(f);

const word = new Int32Array(1);
const float = new Float32Array(word.buffer);

/** Horner's scheme in float32. */
function polynomial(coefficients: readonly number[], x: number): number {
  let y = coefficients[0]!;
  for (let i = 1; i < coefficients.length; i++) y = f(f(y * x) + coefficients[i]!);
  return y;
}

/** ln u of normal float32 numbers (Cephes logf). */
function logarithm(u: number): number {
  float[0] = u;
  let e = (word[0]! >>> 23) - 126;
  word[0] = (word[0]! & 0x007fffff) | 0x3f000000;
  let x = float[0];
  if (x < f(Math.SQRT1_2)) {
    e--;
    x = f(x + x);
  }
  x = f(x - 1);
  const z = f(x * x);
  let y = f(f(polynomial(LOG, x) * x) * z);
  y = f(y + f(e * f(-2.1219444e-4)));
  y = f(y - f(z * 0.5));
  return f(f(x + y) + f(e * f(0.693359375)));
}

/** Numbers of a counter: one for an even slot at `out[0]`, one for the slot behind it at `out[1]`. */
export function normals(counter: number, key1: number, key2: number, out: Float32Array): void {
  const h1 = mix((Math.imul(counter, COUNTER_STEP) + key1) | 0);
  const h2 = mix((h1 + key2) | 0);
  const u = f(f(f(h1 >>> 0) * f(2.3283064365386963e-10)) + f(1.1641532182693481e-10));
  const radius = f(Math.sqrt(f(logarithm(u) * -2)));
  const t = f(f(h2 << 2) * f(3.6572951981884e-10));
  const z = f(t * t);
  const s = f(f(f(polynomial(SINE, z) * z) * t) + t);
  const c = f(f(f(f(polynomial(COSINE, z) * z) * z) - f(z * 0.5)) + 1);
  const quadrant = h2 >>> 30;
  const odd = (quadrant & 1) === 1;
  const first = odd ? s : c;
  const second = odd ? c : s;
  out[0] = radius * (((quadrant + 1) & 2) === 0 ? first : -first);
  out[1] = radius * ((quadrant & 2) === 0 ? second : -second);
}

/** The number that a line of a slot is given; `width` lines are numbered. Positional: called for every draw. */
export function normalOf(slot: number, line: number, width: number, key1: number, key2: number): number {
  normals((slot >> 1) * width + line, key1, key2, pair);
  return pair[slot & 1]!;
}
const pair = new Float32Array(2);

/** The two keys of a vector's draws, out of a stream's key, the vector's number and the block's. */
export function vectorKeys(stream: number, vector: number, block: number): readonly [number, number] {
  const first = mix((mix((stream + Math.imul(vector, 0x9e3779b9)) | 0) + Math.imul(block, 0x85ebca6b)) | 0);
  return [first, mix(first ^ 0x5bd1e995)];
}
