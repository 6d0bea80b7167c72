// Exact looks inside a double: exponent, significand, multiplication by powers of two.

const float64 = new Float64Array(1);
const words = new Uint32Array(float64.buffer);
const [LOW, HIGH] = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? [0, 1] : [1, 0];

/** Exponent of the smallest subnormal double. */
const LEAST_EXPONENT = -1074;
const powers = Float64Array.from({ length: 1024 - LEAST_EXPONENT }, (_, i) => 2 ** (i + LEAST_EXPONENT));

/** floor(log2|x|) of a finite double other than zero, from its exponent field; subnormals included. */
export function exponentOf(x: number): number {
  float64[0] = x;
  const field = (words[HIGH]! >>> 20) & 0x7ff;
  if (field !== 0) return field - 1023;
  const high = words[HIGH]! & 0xfffff;
  // A subnormal is its 52-bit field times 2^-1074.
  return high !== 0 ? 31 - Math.clz32(high) + 32 + LEAST_EXPONENT : 31 - Math.clz32(words[LOW]!) + LEAST_EXPONENT;
}

/** ceil(log2|x|) of a finite double other than zero, exactly. */
export function ceilLog2(x: number): number {
  const e = exponentOf(x);
  return Math.abs(x) === powerOfTwo(e) ? e : e + 1;
}

/** 2^e as a double, for -1074 <= e <= 1023. */
export const powerOfTwo = (e: number): number => powers[e - LEAST_EXPONENT]!;

/** The power of two at or below |x|, at most 2^1000 and at least 2^-1000; 1 for 0. */
export const powerOfSameSize = (x: number): number =>
  x === 0 ? 1 : powerOfTwo(Math.max(-1000, Math.min(1000, exponentOf(x))));

/** x * 2^e: exact while the result is a normal double; never turns a value into zero. */
export function scale(x: number, e: number): number {
  let scaled = x;
  let left = e;
  for (; left > 1000; left -= 1000) scaled *= powerOfTwo(1000);
  for (; left < -1000; left += 1000) scaled *= powerOfTwo(-1000);
  scaled *= powerOfTwo(left);
  return scaled === 0 && x !== 0 ? Math.sign(x) * Number.MIN_VALUE : scaled;
}
