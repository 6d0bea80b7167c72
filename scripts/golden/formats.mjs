// golden/formats: number formats by their definitions, value by value: what a code means, and the nearest code by
// comparing with the borders between neighbours. Values of these formats and their borders are doubles without loss.

import { drawing } from './random.mjs';

const view = new DataView(new ArrayBuffer(8));
const f64bits = (x) => {
  view.setFloat64(0, x);
  return view.getBigUint64(0).toString(16).padStart(16, '0');
};
const f32bits = (x) => {
  view.setFloat32(0, x);
  return view.getUint32(0).toString(16).padStart(8, '0');
};
const hex = (code, digits) => code.toString(16).padStart(digits, '0');
const csv = (header, rows) => `${[header, ...rows.map((row) => row.join())].join('\n')}\n`;

/** A posit (Posit Standard 2022) by its string: sign, regime, exponent, fraction; null for NaR. */
function positValue(code, bits, exponentBits) {
  if (code === 0) return 0;
  if (code === 2 ** (bits - 1)) return null;
  const negative = code > 2 ** (bits - 1);
  const string = (negative ? 2 ** bits - code : code).toString(2).padStart(bits, '0').slice(1);
  const run = /^(1+|0+)/.exec(string)[0];
  const rest = string.slice(run.length + 1);
  const regime = run[0] === '1' ? run.length - 1 : -run.length;
  const exponent = Number.parseInt(rest.slice(0, exponentBits).padEnd(exponentBits, '0') || '0', 2);
  const fraction = rest.slice(exponentBits);
  const significand = 1 + (fraction === '' ? 0 : Number.parseInt(fraction, 2) / 2 ** fraction.length);
  const size = significand * 2 ** (regime * 2 ** exponentBits + exponent);
  return negative ? -size : size;
}

/** The nearest of ordered values, ties to the even code; `border(code)` lies between a code and the next. */
function nearest(size, last, value, border) {
  let [low, high] = [0, last];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (value(middle) <= size) low = middle;
    else high = middle;
  }
  if (value(high) <= size) return high;
  const between = border(low);
  return size < between || (size === between && low % 2 === 0) ? low : high;
}

/** The code of a double: rounded on the string, that is, against the posit of one more bit; never to 0 or NaR. */
function positCode(x, bits, exponentBits) {
  const nar = 2 ** (bits - 1);
  if (!Number.isFinite(x)) return nar;
  if (x === 0) return 0;
  const value = (code) => positValue(code, bits, exponentBits);
  const border = (code) => positValue(2 * code + 1, bits + 1, exponentBits);
  const code = Math.max(1, nearest(Math.abs(x), nar - 1, value, border));
  return x < 0 ? 2 ** bits - code : code;
}

const POSITS = [
  [8, 0],
  [8, 1],
  [8, 2],
  [16, 1],
  [16, 2],
];

function posits(draw) {
  const decode = Object.fromEntries(
    [0, 1, 2].map((es) => [`posit<8,${es}>`, Array.from({ length: 256 }, (_, code) => positValue(code, 8, es))]),
  );
  const sample = [1, 2].flatMap((es) =>
    [0, 1, 2, 0x7fff, 0x8000, 0x8001, 0xffff, ...Array.from({ length: 60 }, () => draw(0, 0xffff))].map((code) => {
      const value = positValue(code, 16, es);
      return [16, es, hex(code, 4), value ?? 'NaR', f64bits(value ?? NaN)];
    }),
  );
  const encode = POSITS.flatMap(([n, es]) => {
    const borders = Array.from({ length: 20 }, () => positValue(2 * draw(1, 2 ** (n - 1) - 2) + 1, n + 1, es));
    const around = borders.flatMap((x) => [x, x * (1 + 2 ** -52), x * (1 - 2 ** -53), -x]);
    return [0, -0, 1e-300, -1e-300, 1e300, -1e300, Infinity, NaN, ...around].map((x) => [
      ...[n, es, f64bits(x)],
      hex(positCode(x, n, es), n / 4),
    ]);
  });
  return {
    'golden/formats/posit8_decode.json': { tables: decode },
    'golden/formats/posit16_decode_sample.csv': csv('n,es,code,value,f64bits', sample),
    'golden/formats/posit_encode_f64.csv': csv('n,es,f64bits,code', encode),
  };
}

/** Dot products of posits: the exact sum as an integer by 2^F, F the fraction bits of the quire. */
function quires(draw) {
  const cases = POSITS.flatMap(([n, es]) =>
    Array.from({ length: 6 }, (_, i) => {
      const codes = () =>
        Array.from({ length: 2 ** i }, () => {
          const code = draw(0, 2 ** n - 1);
          return code === 2 ** (n - 1) ? 0 : code;
        });
      const [a, b] = [codes(), codes()];
      const fraction = 2 * (n - 2) * 2 ** es;
      // A value by 2^(F / 2) is whole: the smallest one is 2^(-F / 2).
      const whole = (code) => BigInt(positValue(code, n, es) * 2 ** (fraction / 2));
      const sum = a.reduce((total, code, k) => total + whole(code) * whole(b[k]), 0n);
      const size = sum < 0n ? -sum : sum;
      const scaled = (value) => BigInt(value * 2 ** fraction);
      const code =
        sum === 0n
          ? 0
          : Math.max(
              1,
              nearest(
                size,
                2 ** (n - 1) - 1,
                (own) => scaled(positValue(own, n, es)),
                (own) => scaled(positValue(2 * own + 1, n + 1, es)),
              ),
            );
      const join = (list) => list.map((own) => hex(own, n / 4)).join('');
      return {
        ...{ n, es, kind: `random, length ${a.length}`, a: join(a), b: join(b) },
        ...{ sum_num: String(sum), frac_bits: fraction },
        posit: hex(sum < 0n ? 2 ** n - code : code, n / 4),
      };
    }),
  );
  return { 'golden/formats/posit_quire_dot.json': { cases } };
}

const negated = (code, bits) => (code === 0 ? 0 : 2 ** bits - code);

/** Sums, products, quotients of 8-bit posits, of all pairs of some codes: [a][b]. */
function arithmetics(draw) {
  const tables = Object.fromEntries(
    [0, 1, 2].map((es) => {
      const codes = [
        0,
        1,
        2,
        0x3f,
        0x40,
        0x41,
        0x7f,
        0x80,
        0x81,
        0xc0,
        0xff,
        ...Array.from({ length: 37 }, () => draw(0, 255)),
      ];
      const value = (code) => positValue(code, 8, es);
      // What is divided is compared with borders times the divisor: no quotient is rounded before.
      const quotient = (a, b) => {
        if (b === 0) return 0x80;
        const scale = Math.abs(b);
        const border = (code) => positValue(2 * code + 1, 9, es) * scale;
        const code =
          a === 0
            ? 0
            : Math.max(
                1,
                nearest(Math.abs(a), 0x7f, (own) => value(own) * scale, border),
              );
        return a < 0 !== b < 0 ? negated(code, 8) : code;
      };
      const table = (operate) =>
        Buffer.from(
          codes.flatMap((a) => codes.map((b) => (a === 0x80 || b === 0x80 ? 0x80 : operate(value(a), value(b))))),
        ).toString('base64');
      const own = {
        codes,
        add: table((a, b) => positCode(a + b, 8, es)),
        mul: table((a, b) => positCode(a * b, 8, es)),
        div: table(quotient),
      };
      return [`posit<8,${es}>`, own];
    }),
  );
  return { 'golden/formats/posit8_arith.json': { tables } };
}

/**
 * Small floats: exponent and mantissa bits, bias; what the highest codes are: `all` numbers, `nan` at the last code
 * alone, `ieee` infinity and NaNs in the highest exponent, `fnuz` NaN in the place of -0.
 */
const FLOATS = {
  float8_e4m3fn: { e: 4, m: 3, bias: 7, top: 'nan' },
  float8_e5m2: { e: 5, m: 2, bias: 15, top: 'ieee' },
  float8_e4m3: { e: 4, m: 3, bias: 7, top: 'ieee' },
  float8_e3m4: { e: 3, m: 4, bias: 3, top: 'ieee' },
  float8_e4m3fnuz: { e: 4, m: 3, bias: 8, top: 'fnuz' },
  float8_e5m2fnuz: { e: 5, m: 2, bias: 16, top: 'fnuz' },
  float8_e4m3b11fnuz: { e: 4, m: 3, bias: 11, top: 'fnuz' },
  float4_e2m1fn: { e: 2, m: 1, bias: 1, top: 'all' },
  float6_e2m3fn: { e: 2, m: 3, bias: 1, top: 'all' },
  float6_e3m2fn: { e: 3, m: 2, bias: 3, top: 'all' },
};
const BFLOAT16 = { e: 8, m: 7, bias: 127, top: 'ieee' };
const FLOAT16 = { e: 5, m: 10, bias: 15, top: 'ieee' };

/** The size of a code without its sign, as if all codes were numbers. */
const sizeOf = (code, { m, bias }) => {
  const [exponent, mantissa] = [code >> m, code & (2 ** m - 1)];
  return exponent === 0 ? mantissa * 2 ** (1 - bias - m) : (1 + mantissa / 2 ** m) * 2 ** (exponent - bias);
};

function floatValue(code, format) {
  const { e, m, top } = format;
  const sign = 2 ** (e + m);
  const low = code & (sign - 1);
  if (top === 'fnuz' && code === sign) return NaN;
  if (top === 'nan' && low === sign - 1) return NaN;
  if (top === 'ieee' && low >> m === 2 ** e - 1)
    return (low & (2 ** m - 1)) !== 0 ? NaN : code >= sign ? -Infinity : Infinity;
  return code >= sign ? -sizeOf(low, format) : sizeOf(low, format);
}

/** Largest code of a finite number. */
const lastOf = ({ e, m, top }) =>
  top === 'ieee' ? (2 ** e - 1) * 2 ** m - 1 : top === 'nan' ? 2 ** (e + m) - 2 : 2 ** (e + m) - 1;

/** The nearest code, ties to even; beyond the largest: infinity, NaN, or (formats of numbers alone) the largest. */
function floatCode(x, format) {
  const sign = 2 ** (format.e + format.m);
  const last = lastOf(format);
  const value = (code) => sizeOf(code, format);
  const code = nearest(Math.min(Math.abs(x), 2 ** 200), last + 1, value, (low) => (value(low) + value(low + 1)) / 2);
  const within = code > last && format.top === 'all' ? last : code;
  return (Object.is(x, -0) || x < 0 ? sign : 0) + within;
}

/** Floats on, between and beside neighbouring codes. */
function around(draw, format, count) {
  const list = Array.from({ length: count }, () => {
    const code = draw(0, lastOf(format) - 1);
    const [x, next] = [sizeOf(code, format), sizeOf(code + 1, format)];
    const middle = (x + next) / 2;
    const beside = Math.fround(middle * (1 + 2 ** -20));
    return [x, middle, -middle, beside, Math.fround(-middle * (1 - 2 ** -20))];
  });
  return [0, -0, ...list.flat()].filter((x) => Math.fround(x) === x);
}

function floats(draw) {
  const text = (value) => (Object.is(value, -0) ? '-0' : Number.isFinite(value) ? value : String(value));
  const tables = Object.fromEntries(
    Object.entries(FLOATS).map(([name, format]) => [
      name,
      Array.from({ length: 2 ** (1 + format.e + format.m) }, (_, code) => text(floatValue(code, format))),
    ]),
  );
  tables.float8_e8m0fnu = Array.from({ length: 256 }, (_, code) => (code === 255 ? 'NaN' : 2 ** (code - 127)));
  const small = ['float8_e4m3fn', 'float8_e5m2', 'float4_e2m1fn', 'float6_e2m3fn', 'float6_e3m2fn'].flatMap((name) =>
    around(draw, FLOATS[name], 12).map((x) => [name, f32bits(x), hex(floatCode(x, FLOATS[name]), 2)]),
  );
  const half = [
    ['bf16', BFLOAT16],
    ['f16', FLOAT16],
  ].flatMap(([name, format]) => around(draw, format, 20).map((x) => [name, f32bits(x), hex(floatCode(x, format), 4)]));
  return {
    'golden/formats/minifloat_decode.json': { tables },
    'golden/formats/minifloat_encode_rne_f32.csv': csv('format,f32bits,code', small),
    'golden/formats/bf16_f16_encode_f32.csv': csv('format,f32bits,code', half),
  };
}

/** Integers of B bits, x times 2^fl, by four roundings; what does not fit is the largest or least. */
function fixed(draw) {
  const halfEven = (x) => (x - Math.floor(x) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));
  const away = (x) => Math.sign(x) * Math.floor(Math.abs(x) + 0.5);
  const rows = [
    [8, -2],
    [8, 5],
    [4, 1],
    [16, 12],
  ].flatMap(([bits, fraction]) =>
    Array.from({ length: 24 }, () => {
      const scaled = draw(-(2 ** (bits + 1)), 2 ** (bits + 1)) / 4;
      const x = scaled * 2 ** -fraction;
      const fit = (value) => Math.min(2 ** (bits - 1) - 1, Math.max(-(2 ** (bits - 1)), value)) + 0;
      const roundings = [halfEven, away, Math.trunc, Math.floor].map((round) => fit(round(scaled)));
      return [bits, fraction, f64bits(x), x, ...roundings];
    }),
  );
  return { 'golden/formats/dfp_quantize.csv': csv('B,fl,f64bits,x,rne,rna,rtz,floor', rows) };
}

/** LogQuant and LinearQuant (Miyashita et al. 2016, eqs. 3 to 5) within their ranges, away from ties. */
function logarithms(draw) {
  const rows = [
    [5, 3],
    [0, 4],
    [2, 5],
  ].flatMap(([range, bits]) =>
    Array.from({ length: 20 }, () => {
      const k = range - draw(1, 2 ** bits - 1);
      const size = Math.fround(2 ** k * (1 + draw(1, 39) / 100));
      const x = draw(0, 1) === 0 ? size : -size;
      const step = 2 ** (range - bits);
      const linear = Math.min(2 ** range, Math.round(size / step) * step) * Math.sign(x);
      return [f32bits(x), x, range, bits, k, Math.sign(x) * 2 ** k, linear, Math.round(2 * Math.log2(size))];
    }),
  );
  return {
    'golden/formats/logquant.csv': csv(
      'f32bits,x,FSR,bitwidth,k_base2_clipped,LogQuant,LinearQuant_signed,k_sqrt2_unclipped',
      rows,
    ),
  };
}

/** Sums of sign x 2^(w + x) as an integer by 2^F. */
function shifts(draw) {
  const cases = Array.from({ length: 8 }, () => {
    const list = (from, to) => Array.from({ length: 12 }, () => draw(from, to));
    const [w, x, sign] = [list(-7, 0), list(-4, 5), list(-1, 1)];
    const sum = sign.reduce((total, own, i) => total + BigInt(own) * 2n ** BigInt(11 + w[i] + x[i]), 0n);
    return { w_exp: w, x_exp: x, sign, sum_num: String(sum), frac_bits: 11 };
  });
  return { 'golden/formats/logquant_bitshift_dot.json': { cases } };
}

/** Files of all formats. */
export function formatCases() {
  const draw = drawing(17);
  return {
    ...posits(draw),
    ...quires(draw),
    ...arithmetics(draw),
    ...logarithms(draw),
    ...floats(draw),
    ...fixed(draw),
    ...shifts(draw),
  };
}
