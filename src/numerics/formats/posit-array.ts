// Fast encoding of float32 arrays as posits of up to 32 bits.

/** Encodes arrays of float32 values, rounded to nearest even, exactly as `encode` does one by one. */
export type Float32Encoder = (values: Float32Array) => Uint32Array;

/** Bits of a float32's fraction. */
const FRACTION = 23;

/** Largest exponent size, so that exponent and fraction join in an integer of 31 bits. */
export const MOST_EXPONENT_BITS = 8;

/**
 * An encoder for two's complement posits by tables over the 256 exponent fields of a float32: within a binade the
 * regime is fixed and the other bits are the exponent's low bits and the fraction, cut and rounded.
 * @param encode codes subnormals and what is not finite
 */
export function positArrayEncoder(
  bits: number,
  exponentBits: number,
  encode: (value: number) => number,
): Float32Encoder {
  const width = bits - 1;
  const top = 2 ** width;
  const step = 2 ** exponentBits;
  // The code is base + joined >> down, joined = (low bits of the exponent, fraction) << up; half a step of the last bit
  // decides.
  const base = new Uint32Array(256);
  const low = new Int32Array(256);
  const up = new Uint8Array(256);
  const down = new Uint8Array(256);
  const mask = new Int32Array(256);
  // Where nothing is cut, no rest reaches half a step.
  const halves = new Int32Array(256);
  for (let field = 1; field < 255; field++) {
    const exponent = field - 127;
    const regime = Math.floor(exponent / step);
    // Beyond the range: everything is cut, less than half a step.
    down[field] = 31;
    if (regime >= width - 1) base[field] = top - 1;
    else if (regime < 1 - width) base[field] = 1;
    else {
      const left = regime >= 0 ? width - regime - 2 : width + regime - 1;
      base[field] = regime >= 0 ? top - 2 ** (left + 1) : 2 ** left;
      low[field] = (exponent - regime * step) << FRACTION;
      const cut = FRACTION + exponentBits - left;
      down[field] = Math.max(0, cut);
      up[field] = Math.max(0, -cut);
    }
    mask[field] = 2 ** down[field]! - 1;
    halves[field] = Math.ceil(2 ** (down[field]! - 1));
  }
  return (values) => {
    const codes = new Uint32Array(values.length);
    const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
    for (let i = 0; i < words.length; i++) {
      const u = words[i]!;
      const field = (u >>> FRACTION) & 0xff;
      if (field === 0 || field === 255) {
        // Zero, subnormals, infinities and NaN.
        codes[i] = (u & 0x7fffffff) === 0 ? 0 : encode(values[i]!);
        continue;
      }
      const cut = down[field]!;
      const joined = (low[field]! | (u & 0x7fffff)) << up[field]!;
      const kept = joined >>> cut;
      let code = base[field]! + kept;
      const rest = joined & mask[field]!;
      const half = halves[field]!;
      if (rest > half || (rest === half && (code & 1) === 1)) code++;
      codes[i] = u >>> 31 === 0 ? code : 2 * top - code;
    }
    return codes;
  };
}
