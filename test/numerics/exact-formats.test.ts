// Formats against rounding rules written again with big rationals, for sizes that no golden file has.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dot, quire } from '../../src/numerics/accumulators.js';
import { encodeArray } from '../../src/numerics/formats/bulk.js';
import { add, multiply, toNumber, type Dyadic } from '../../src/numerics/formats/dyadic.js';
import { minifloat } from '../../src/numerics/formats/minifloat.js';
import { posit } from '../../src/numerics/formats/posit.js';

/** The value of a posit's body from its bit string, as the standard words it. */
function positValue(body: number, width: number, exponentBits: number): Dyadic {
  const bits = body.toString(2).padStart(width, '0');
  const run = /^(0+|1+)/.exec(bits)![0].length;
  const regime = bits.startsWith('1') ? run - 1 : -run;
  const rest = bits.slice(run + 1);
  const exponent = Number.parseInt(rest.slice(0, exponentBits).padEnd(exponentBits, '0') || '0', 2);
  const fraction = rest.slice(exponentBits);
  return { significand: BigInt(`0b1${fraction}`), exponent: regime * 2 ** exponentBits + exponent - fraction.length };
}

/** Sign of a - b. */
function compare(a: Dyadic, b: Dyadic): number {
  const { significand } = add(a, { ...b, significand: -b.significand });
  return significand > 0n ? 1 : significand < 0n ? -1 : 0;
}

/** Posit Standard 2022, section 4.1: bisect over codes, then compare with the posit of one more bit between them. */
function roundPosit(value: Dyadic, bits: number, exponentBits: number): number {
  const width = bits - 1;
  let low = 1;
  let high = 2 ** width - 1;
  if (compare(value, positValue(low, width, exponentBits)) <= 0) return low;
  if (compare(value, positValue(high, width, exponentBits)) >= 0) return high;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (compare(value, positValue(middle, width, exponentBits)) >= 0) low = middle;
    else high = middle;
  }
  const side = compare(value, positValue(2 * low + 1, width + 1, exponentBits));
  return side > 0 || (side === 0 && low % 2 === 1) ? high : low;
}

const sizes = fc.record({ bits: fc.integer({ min: 3, max: 32 }), exponentBits: fc.integer({ min: 0, max: 4 }) });

describe('posits of 3 to 32 bits and 0 to 4 exponent bits', () => {
  it('round as the standard says, at and beside every kind of boundary', () => {
    fc.assert(fc.property(sizes, fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: -1, max: 1 }), ({ bits, exponentBits }, share, side) => {
      const format = posit({ bits, exponentBits });
      const body = 1 + Math.floor(share * (2 ** (bits - 1) - 2));
      // The boundary above a code, and just beside it.
      const edge = positValue(2 * body + 1, bits, exponentBits);
      const value = { significand: (edge.significand << 80n) + BigInt(side), exponent: edge.exponent - 80 };
      const expected = roundPosit(value, bits, exponentBits);
      expect(format.encodeExact(value)).toBe(expected);
      expect(format.encodeExact({ ...value, significand: -value.significand })).toBe(2 ** bits - expected);
      expect(format.decodeExact(body)).toSatisfy((decoded: Dyadic) => compare(decoded, positValue(body, bits - 1, exponentBits)) === 0);
      const near = toNumber(value);
      if (near !== 0 && Number.isFinite(near)) expect(format.decode(format.encode(near))).toBe(format.decode(format.encodeExact({ significand: BigInt(Math.round(near / 2 ** Math.max(-1000, Math.floor(Math.log2(near)) - 52))), exponent: Math.max(-1000, Math.floor(Math.log2(near)) - 52) })));
    }), { numRuns: 3000, seed: 1 });
  });

  it('float32 arrays by tables equal one by one', () => {
    const words = fc.array(fc.integer({ min: 0, max: 0xffffffff }), { minLength: 1, maxLength: 40 });
    fc.assert(fc.property(sizes, words, fc.integer({ min: 0, max: 23 }), (size, list, cut) => {
      const values = new Float32Array(Uint32Array.from(list, (word) => word & (-1 << cut)).buffer);
      const format = posit(size);
      expect([...encodeArray(format, values)]).toEqual([...values].map((x) => format.encode(x)));
    }), { numRuns: 500, seed: 2 });
  });

  it('quire sums round once', () => {
    fc.assert(fc.property(sizes, fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 12 }), ({ bits, exponentBits }, pairs) => {
      const format = posit({ bits, exponentBits });
      const [a, b] = [pairs.map(([x]) => x % 2 ** bits), pairs.map(([, y]) => y % 2 ** bits)];
      const got = dot(format, a, b, quire(format));
      if ([...a, ...b].includes(format.nar)) expect(got).toBe(format.nar);
      else {
        const sum = a.map((code, i) => multiply(format.decodeExact(code)!, format.decodeExact(b[i]!)!)).reduce(add);
        expect(got).toBe(sum.significand === 0n ? 0 : sum.significand > 0n ? roundPosit(sum, bits, exponentBits) : 2 ** bits - roundPosit({ ...sum, significand: -sum.significand }, bits, exponentBits));
      }
    }), { numRuns: 1000, seed: 3 });
  });
});

it('minifloats of any fields: every tie, subnormal or not, goes to the even code', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 5 }), fc.nat(), (exponentBits, mantissaBits, pick) => {
    const format = minifloat({ name: 'test', exponentBits, mantissaBits, specials: 'finite' });
    const code = pick % (2 ** (exponentBits + mantissaBits) - 1);
    const middle = (format.decode(code) + format.decode(code + 1)) / 2;
    expect(format.encode(middle)).toBe(code % 2 === 0 ? code : code + 1);
    expect(format.encode(middle * (1 - 2 ** -50))).toBe(code);
    expect(format.encode(middle * (1 + 2 ** -50))).toBe(code + 1);
  }), { numRuns: 2000, seed: 4 });
});
