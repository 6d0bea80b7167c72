// Formats against rounding rules written again with big rationals, for sizes that no golden file has.

import fc from 'fast-check';
import seedrandom from 'seedrandom';
import { describe, expect, it } from 'vitest';
import { dot, Kulisch, quire } from '../../src/numerics/accumulators.js';
import { bulkEncoder, encodeArray } from '../../src/numerics/formats/bulk.js';
import { chooseFractionBits, dotInt32, toDynamicFixedPoint } from '../../src/numerics/formats/dynamic-fixed-point.js';
import { add, fromNumber, multiply, toNumber, type Dyadic } from '../../src/numerics/formats/dyadic.js';
import { fixedPoint } from '../../src/numerics/formats/fixed-point.js';
import { logTapered } from '../../src/numerics/formats/log-tapered.js';
import { MINIFLOAT_NAMES, e8m0, minifloat, standardFloat } from '../../src/numerics/formats/minifloat.js';
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
    fc.assert(
      fc.property(
        sizes,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: -1, max: 1 }),
        ({ bits, exponentBits }, share, side) => {
          const format = posit({ bits, exponentBits });
          const body = 1 + Math.floor(share * (2 ** (bits - 1) - 2));
          // The boundary above a code, and just beside it.
          const edge = positValue(2 * body + 1, bits, exponentBits);
          const value = { significand: (edge.significand << 80n) + BigInt(side), exponent: edge.exponent - 80 };
          const expected = roundPosit(value, bits, exponentBits);
          expect(format.encodeExact(value)).toBe(expected);
          expect(format.encodeExact({ ...value, significand: -value.significand })).toBe(2 ** bits - expected);
          expect(format.decodeExact(body)).toSatisfy(
            (decoded: Dyadic) => compare(decoded, positValue(body, bits - 1, exponentBits)) === 0,
          );
          const near = toNumber(value);
          if (near !== 0 && Number.isFinite(near))
            expect(format.decode(format.encode(near))).toBe(
              format.decode(
                format.encodeExact({
                  significand: BigInt(Math.round(near / 2 ** Math.max(-1000, Math.floor(Math.log2(near)) - 52))),
                  exponent: Math.max(-1000, Math.floor(Math.log2(near)) - 52),
                }),
              ),
            );
        },
      ),
      { numRuns: 3000, seed: 1 },
    );
  });

  it('float32 arrays by tables equal one by one', () => {
    const words = fc.array(fc.integer({ min: 0, max: 0xffffffff }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(sizes, words, fc.integer({ min: 0, max: 23 }), (size, list, cut) => {
        const values = new Float32Array(Uint32Array.from(list, (word) => word & (-1 << cut)).buffer);
        const format = posit(size);
        expect([...encodeArray(format, values)]).toEqual([...values].map((x) => format.encode(x)));
      }),
      { numRuns: 500, seed: 2 },
    );
  });

  it('quire sums round once', () => {
    fc.assert(
      fc.property(
        sizes,
        fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 12 }),
        ({ bits, exponentBits }, pairs) => {
          const format = posit({ bits, exponentBits });
          const [a, b] = [pairs.map(([x]) => x % 2 ** bits), pairs.map(([, y]) => y % 2 ** bits)];
          const got = dot(format, a, b, { how: quire(format) });
          if ([...a, ...b].includes(format.nar)) expect(got).toBe(format.nar);
          else {
            const sum = a.map((code, i) => multiply(format.decodeExact(code)!, format.decodeExact(b[i]!)!)).reduce(add);
            expect(got).toBe(
              sum.significand === 0n
                ? 0
                : sum.significand > 0n
                  ? roundPosit(sum, bits, exponentBits)
                  : 2 ** bits - roundPosit({ ...sum, significand: -sum.significand }, bits, exponentBits),
            );
          }
        },
      ),
      { numRuns: 1000, seed: 3 },
    );
  });
});

it('minifloats of any fields: every tie, subnormal or not, goes to the even code', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 0, max: 5 }),
      fc.nat(),
      (exponentBits, mantissaBits, pick) => {
        const format = minifloat({ name: 'test', exponentBits, mantissaBits, specials: 'finite' });
        const code = pick % (2 ** (exponentBits + mantissaBits) - 1);
        const middle = (format.decode(code) + format.decode(code + 1)) / 2;
        expect(format.encode(middle)).toBe(code % 2 === 0 ? code : code + 1);
        expect(format.encode(middle * (1 - 2 ** -50))).toBe(code);
        expect(format.encode(middle * (1 + 2 ** -50))).toBe(code + 1);
      },
    ),
    { numRuns: 2000, seed: 4 },
  );
});

/** The double `steps` doubles away from a positive one. */
function neighbour(x: number, steps: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  view.setBigInt64(0, view.getBigInt64(0) + BigInt(steps));
  return view.getFloat64(0);
}

const RULES = ['nearest-even', 'half-away', 'half-up', 'toward-zero', 'up', 'down'] as const;
/** Which neighbour a rule takes, by the place against the boundary (-1, 0, 1). */
const goesAway = (rule: (typeof RULES)[number], side: number, odd: boolean, negative: boolean): boolean =>
  ({
    'nearest-even': side > 0 || (side === 0 && odd),
    'half-away': side >= 0,
    'half-up': side > 0 || (side === 0 && !negative),
    'toward-zero': false,
    up: !negative,
    down: negative,
  })[rule];

describe('small floats of 8 bits and fewer: all codes, every rule', () => {
  it.each(MINIFLOAT_NAMES.filter((name) => standardFloat(name).bits <= 8))(
    '%s: at and beside every midpoint, both signs',
    (name) => {
      const { bits, decode, encode } = standardFloat(name, 'saturate');
      const sign = 2 ** (bits - 1);
      for (let code = 0; code + 1 < sign && Number.isFinite(decode(code + 1)); code++) {
        const [low, high] = [decode(code), decode(code + 1)];
        for (const [x, side] of [
          [neighbour((low + high) / 2, -1), -1],
          [(low + high) / 2, 0],
          [neighbour((low + high) / 2, 1), 1],
        ] as const) {
          for (const rule of RULES) {
            const positive = goesAway(rule, side, code % 2 === 1, false) ? code + 1 : code;
            const magnitude = goesAway(rule, side, code % 2 === 1, true) ? code + 1 : code;
            expect(encode(x, rule)).toBe(positive);
            expect(encode(-x, rule)).toBe(magnitude === 0 && name.endsWith('fnuz') ? 0 : sign + magnitude);
          }
        }
      }
    },
  );
});

describe('tapered log numbers', () => {
  /** x^power against 2^exponent, in integers. */
  const compareWithRoot = (x: number, power: number, exponent: number): number => {
    const { significand, exponent: last } = fromNumber(x);
    return compare(
      { significand: significand ** BigInt(power), exponent: last * power },
      { significand: 1n, exponent },
    );
  };

  it.each([
    [8, 0],
    [8, 1],
    [8, 2],
    [7, 1],
    [5, 0],
  ])('(%i, %i): doubles about every boundary go where their powers say, by every rule', (bits, exponentBits) => {
    const format = logTapered({ bits, exponentBits, alpha: 5, beta: 5, gamma: 7 });
    const infinity = 2 ** (bits - 1);
    // The string of one more bit between two codes has twice the steps an octave.
    const finer = logTapered({ bits: bits + 1, exponentBits, alpha: 5, beta: 5, gamma: 7 });
    const steps = 2 ** finer.fractionBits;
    for (let code = 1; code + 1 < infinity; code++) {
      const boundary = finer.decode(2 * code + 1);
      const { log } = finer.decodeLog(2 * code + 1)!;
      for (const shift of [-2, -1, 0, 1, 2]) {
        const x = neighbour(boundary, shift);
        const side = compareWithRoot(x, steps, log);
        for (const rule of RULES) {
          expect(format.encode(x, rule)).toBe(goesAway(rule, side, code % 2 === 1, false) ? code + 1 : code);
          expect(format.encode(-x, rule)).toBe(
            infinity + (goesAway(rule, side, code % 2 === 1, true) ? code + 1 : code),
          );
        }
      }
    }
    expect([NaN, Infinity, -Infinity, 0, -0, 5e-324, Number.MAX_VALUE, -5e-324].map((x) => format.encode(x))).toEqual([
      infinity,
      infinity,
      infinity,
      0,
      0,
      1,
      infinity - 1,
      infinity + 1,
    ]);
  });
});

describe('stochastic rounding', () => {
  it.each([
    ['fixed point', fixedPoint({ bits: 8, fractionBits: 4 }), 1.03],
    ['E4M3', standardFloat('float8_e4m3fn'), -0.0277],
    ['subnormal E5M2', standardFloat('float8_e5m2'), 2.3e-5],
    ['posit<8,1>', posit({ bits: 8, exponentBits: 1 }), 1.2345],
    ['bfloat16', standardFloat('bfloat16'), 3.1415926],
  ] as const)('%s: seeded, to one of the two neighbours, right on average', (_name, format, x) => {
    const draw = (seed: string): number[] => {
      const random = seedrandom.alea(seed);
      return Array.from({ length: 20_000 }, () => format.decode(format.encode(x, { random })));
    };
    const values = draw('one');
    expect(values).toEqual(draw('one'));
    expect(values).not.toEqual(draw('two'));
    const neighbours = [format.decode(format.encode(x, 'down')), format.decode(format.encode(x, 'up'))] as const;
    expect([...new Set(values)].sort((a, b) => a - b)).toEqual(neighbours);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    // Four standard errors of a mean of two values.
    expect(Math.abs(mean - x)).toBeLessThan((4 * (neighbours[1] - neighbours[0])) / 2 / Math.sqrt(values.length));
  });
});

describe('tables for 8-bit formats', () => {
  const formats = [
    posit({ bits: 8, exponentBits: 2 }),
    standardFloat('float8_e5m2'),
    standardFloat('float6_e3m2fn'),
    e8m0,
    fixedPoint({ bits: 8, fractionBits: 6 }),
    logTapered({ bits: 8, exponentBits: 1, alpha: 5, beta: 5, gamma: 7 }),
  ];
  it.each(formats.map((format) => [format.name, format] as const))(
    '%s: as one by one, by every rule',
    (_name, format) => {
      for (const rule of RULES) {
        const encode = bulkEncoder(format, rule);
        fc.assert(
          fc.property(
            fc.array(fc.integer({ min: 0, max: 0xffffffff }), { minLength: 1, maxLength: 100 }),
            fc.integer({ min: 0, max: 23 }),
            (words, cut) => {
              const values = new Float32Array(Uint32Array.from(words, (word) => word & (-1 << cut)).buffer).filter(
                (x) => format.hasNaN || !Number.isNaN(x),
              );
              expect([...encode(values)]).toEqual([...values].map((x) => format.encode(x, rule)));
            },
          ),
          { numRuns: 60, seed: 5 },
        );
      }
      if (!format.hasNaN) expect(() => bulkEncoder(format)(Float32Array.of(NaN))).toThrow('NaN has no code');
    },
  );

  it('long arrays of a format that wraps are encoded one by one', () => {
    const format = fixedPoint({ bits: 8, fractionBits: 0, overflow: 'wrap' });
    expect(() => bulkEncoder(format)).toThrow('wrapping');
    const codes = encodeArray(format, new Float32Array(1 << 18).fill(1e6 + 3));
    expect(codes[1 << 17]).toBe((1e6 + 3) % 256);
  });
});

describe('dynamic fixed point', () => {
  it(
    'without saturation: one bit more where only a negative value is the largest; stochastic rounding cannot ' +
      'leave the range',
    () => {
      expect(chooseFractionBits([-1.001, 0.5], { bits: 8, rule: 'no-saturation' })).toBe(7);
      expect(chooseFractionBits([1.001, 0.5], { bits: 8, rule: 'no-saturation' })).toBe(6);
      fc.assert(
        fc.property(
          fc.array(fc.double({ min: -300, max: 300, noNaN: true }), { minLength: 1, maxLength: 20 }),
          fc.integer({ min: 2, max: 12 }),
          fc.constantFrom(...RULES, 'stochastic' as const),
          (values, bits, rule) => {
            const rounding = rule === 'stochastic' ? { random: () => 0 } : rule;
            const fractionBits = chooseFractionBits(values, { bits, rule: 'no-saturation', rounding });
            expect(toDynamicFixedPoint(values, { bits, fractionBits, rounding }).saturated).toBe(0);
            if (values.some((x) => x !== 0))
              expect(
                toDynamicFixedPoint(values, { bits, fractionBits: fractionBits + 1, rounding }).saturated,
              ).toBeGreaterThan(0);
          },
        ),
        { numRuns: 400, seed: 6 },
      );
    },
  );

  it('by overflow rate: the largest exponent at which no more than the share saturates', () => {
    const values = Float64Array.from({ length: 1000 }, (_, i) => (i < 10 ? 7 : 0.9));
    const fractionBits = (maxOverflowRate: number): number =>
      chooseFractionBits(values, { bits: 8, rule: 'overflow-rate', maxOverflowRate });
    expect([fractionBits(0), fractionBits(0.0099), fractionBits(0.01)]).toEqual([4, 4, 7]);
    expect(toDynamicFixedPoint(values, { bits: 8, fractionBits: 7 }).saturated).toBe(10);
  });

  it('int32 sums wrap or saturate and count; lengths must agree', () => {
    const most = [32767, 32767, 32767];
    expect(dotInt32(most, most)).toEqual({ sum: 2 ** 31 - 1, overflows: 1 });
    expect(dotInt32(most, most, 0, 'wrap')).toEqual({ sum: (3 * 32767 ** 2) | 0, overflows: 1 });
    expect(() => dotInt32([1], [1, 2])).toThrow('dot product of 1 and 2 integers');
  });
});

describe('Kulisch accumulators', () => {
  it('at and beyond the range: wrap, saturate, stay, or become "not a real", whose image 10..0 is no sum', () => {
    const units = (overflow: 'wrap' | 'saturate' | 'latch' | 'nar', ...terms: bigint[]): unknown => {
      const register = new Kulisch({ integerBits: 3, fractionBits: 0, overflow });
      for (const term of terms) register.addInteger(term);
      return register.value?.significand;
    };
    expect(units('wrap', 7n, 1n)).toBe(-8n);
    expect(units('saturate', 7n, 1n, -1n)).toBe(6n);
    expect(units('latch', 7n, 1n, -1n)).toBe(7n);
    expect(units('nar', 7n, 1n, -1n)).toBeUndefined();
    expect(units('saturate', -8n)).toBe(-8n);
    expect(units('nar', -8n)).toBeUndefined();
    expect(units('nar', -7n)).toBe(-7n);
  });

  it('the order of the terms does not matter unless the range was left', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { maxLength: 20 }),
        fc.integer({ min: 0, max: 40 }),
        fc.constantFrom('wrap' as const, 'nar' as const),
        (terms, fractionBits, overflow) => {
          const sum = (order: readonly number[]): bigint => {
            const register = new Kulisch({ integerBits: 40, fractionBits, overflow });
            for (const term of order) register.add(fromNumber(term));
            return register.image;
          };
          expect(sum([...terms].reverse())).toBe(sum(terms));
        },
      ),
      { numRuns: 200, seed: 7 },
    );
  });
});
