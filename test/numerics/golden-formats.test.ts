// Every row of the golden vectors of number formats.

import { describe, expect, it } from 'vitest';
import { arithmetic } from '../../src/numerics/formats/arithmetic.js';
import { toNumber } from '../../src/numerics/formats/dyadic.js';
import { toSigned } from '../../src/numerics/formats/format.js';
import { fixedPoint } from '../../src/numerics/formats/fixed-point.js';
import { logExponent, logQuant, logQuantExponent, linearQuant, logDot } from '../../src/numerics/formats/log-quant.js';
import { Elma, logTapered } from '../../src/numerics/formats/log-tapered.js';
import { MINIFLOAT_NAMES, e8m0, standardFloat, type MinifloatName } from '../../src/numerics/formats/minifloat.js';
import { decodeBlock, encodeBlock, mxFormat, type MxName } from '../../src/numerics/formats/mx.js';
import { posit } from '../../src/numerics/formats/posit.js';
import type { Rounding } from '../../src/numerics/formats/rounding.js';
import { Kulisch, dot, quire } from '../../src/numerics/accumulators.js';
import { toDynamicFixedPoint } from '../../src/numerics/formats/dynamic-fixed-point.js';
import { float32, float64, goldenCsv, goldenJson, hasGolden, hexCodes } from './golden.js';

const folder = 'golden/formats/';
const hex = (code: number | bigint, digits: number): string => code.toString(16).padStart(digits, '0');
const log8 = { bits: 8, exponentBits: 1, alpha: 5, beta: 5, gamma: 7 };

/** Rows that differ, so that a failure shows which and how many. */
function differences<Row>(
  rows: readonly Row[],
  got: (row: Row) => unknown,
  expected: (row: Row) => unknown,
): unknown[] {
  return rows
    .map((row) => ({ row, got: got(row), expected: expected(row) }))
    .filter((line) => !Object.is(line.got, line.expected))
    .slice(0, 5);
}

describe.skipIf(!hasGolden)('golden vectors of formats (needs ../shared)', () => {
  it('posit8_decode.json', () => {
    const { tables } = goldenJson(`${folder}posit8_decode.json`) as { tables: Record<string, (number | null)[]> };
    for (const [exponentBits, name] of ['posit<8,0>', 'posit<8,1>', 'posit<8,2>'].entries()) {
      const { decode } = posit({ bits: 8, exponentBits });
      expect(tables[name]).toHaveLength(256);
      expect(
        differences(
          [...tables[name]!.entries()],
          ([code]) => decode(code),
          ([, value]) => value ?? NaN,
        ),
      ).toEqual([]);
    }
  });

  it('posit16_decode_sample.csv', () => {
    const rows = goldenCsv(`${folder}posit16_decode_sample.csv`);
    expect(rows).toHaveLength(4026);
    const got = (row: Record<string, string>): number =>
      posit({ bits: Number(row.n), exponentBits: Number(row.es) }).decode(Number.parseInt(row.code!, 16));
    expect(differences(rows, got, (row) => (row.value === 'NaR' ? NaN : float64(row.f64bits!)))).toEqual([]);
  });

  it('posit_encode_f64.csv', () => {
    const rows = goldenCsv(`${folder}posit_encode_f64.csv`);
    expect(rows).toHaveLength(10293);
    const got = (row: Record<string, string>): string =>
      hex(posit({ bits: Number(row.n), exponentBits: Number(row.es) }).encode(float64(row.f64bits!)), row.code!.length);
    expect(differences(rows, got, (row) => row.code)).toEqual([]);
  });

  it('posit8_arith.json', { timeout: 300_000 }, () => {
    const { tables } = goldenJson(`${folder}posit8_arith.json`) as {
      tables: Record<string, Record<'add' | 'mul' | 'div', string>>;
    };
    for (const exponentBits of [0, 1, 2]) {
      const table = tables[`posit<8,${exponentBits}>`]!;
      const operations = arithmetic(posit({ bits: 8, exponentBits }));
      for (const [key, operate] of [
        ['add', operations.add],
        ['mul', operations.multiply],
        ['div', operations.divide],
      ] as const) {
        const expected = Buffer.from(table[key], 'base64');
        const got = Buffer.from(Uint8Array.from({ length: 65536 }, (_, i) => operate(i >> 8, i & 255)));
        expect(Buffer.compare(got, expected)).toBe(0);
      }
      const minus = Buffer.from(table.add, 'base64');
      const got = Uint8Array.from({ length: 65536 }, (_, i) => operations.subtract(i >> 8, i & 255));
      expect(got.findIndex((code, i) => code !== minus[(i & 0xff00) + ((256 - (i & 255)) & 255)])).toBe(-1);
    }
  });

  it('posit_quire_dot.json', () => {
    interface Case {
      n: number;
      es: number;
      kind: string;
      a: string;
      b: string;
      sum_num: string | null;
      frac_bits: number;
      posit: string;
      quire2022?: string;
      softposit_quire8?: string;
      softposit_quire16?: string;
    }
    const { cases } = goldenJson(`${folder}posit_quire_dot.json`) as { cases: Case[] };
    expect(cases).toHaveLength(445);
    for (const c of cases) {
      const format = posit({ bits: c.n, exponentBits: c.es });
      const digits = c.n / 4;
      const [a, b] = [hexCodes(c.a, digits), hexCodes(c.b, digits)];
      const wide = quire(format);
      expect(hex(dot(format, a, b, { how: wide }), digits), c.kind).toBe(c.posit);
      if (c.sum_num === null) expect(wide.value).toBeUndefined();
      else expect(wide.value).toEqual({ significand: BigInt(c.sum_num), exponent: -c.frac_bits });
      if (c.quire2022 !== undefined) {
        expect(wide.bits).toBe(16 * c.n);
        expect(hex(wide.image, c.quire2022.length)).toBe(c.quire2022);
      }
      for (const [bits, image] of [
        [32, c.softposit_quire8],
        [128, c.softposit_quire16],
      ] as const) {
        if (image === undefined) continue;
        const narrow = new Kulisch({
          integerBits: bits - 1 - c.frac_bits,
          fractionBits: c.frac_bits,
          overflow: 'wrap',
        });
        dot(format, a, b, { how: narrow });
        expect(hex(narrow.image, bits / 4), c.kind).toBe(image);
      }
    }
  });

  it('minifloat_decode.json', () => {
    const { tables } = goldenJson(`${folder}minifloat_decode.json`) as { tables: Record<string, (number | string)[]> };
    expect(Object.keys(tables)).toHaveLength(11);
    for (const [name, values] of Object.entries(tables)) {
      const { decode, bits } = name === 'float8_e8m0fnu' ? e8m0 : standardFloat(name as MinifloatName);
      expect(values).toHaveLength(2 ** bits);
      expect(
        differences(
          [...values.entries()],
          ([code]) => decode(code),
          ([, value]) => Number(value),
        ),
        name,
      ).toEqual([]);
    }
  });

  it('minifloat_encode_rne_f32.csv', () => {
    const rows = goldenCsv(`${folder}minifloat_encode_rne_f32.csv`);
    expect(rows).toHaveLength(14119);
    const formats = new Map(MINIFLOAT_NAMES.map((name) => [name as string, standardFloat(name)]));
    const got = (row: Record<string, string>): string =>
      hex(formats.get(row.format!)!.encode(float32(row.f32bits!)), row.code!.length);
    expect(differences(rows, got, (row) => row.code)).toEqual([]);
  });

  it('minifloat_encode_modes_f32.csv', () => {
    const rows = goldenCsv(`${folder}minifloat_encode_modes_f32.csv`);
    expect(rows).toHaveLength(5889);
    const modes: [string, Rounding][] = [
      ['rne', 'nearest-even'],
      ['rna', 'half-away'],
      ['rtz', 'toward-zero'],
      ['rtp', 'up'],
      ['rtn', 'down'],
    ];
    for (const [suffix, overflow] of [
      ['', 'reject'],
      ['_sat', 'saturate'],
    ] as const) {
      const formats = new Map(MINIFLOAT_NAMES.map((name) => [name as string, standardFloat(name, overflow)]));
      for (const [mode, rounding] of modes) {
        const got = (row: Record<string, string>): string => {
          const format = formats.get(row.format!)!;
          try {
            const code = format.encode(float32(row.f32bits!), rounding);
            return Number.isNaN(format.decode(code)) ? 'nan' : hex(code, 2);
          } catch {
            return 'err';
          }
        };
        expect(
          differences(rows, got, (row) => row[mode + suffix]),
          mode + suffix,
        ).toEqual([]);
      }
    }
  });

  it('bf16_f16_encode_f32.csv', () => {
    const rows = goldenCsv(`${folder}bf16_f16_encode_f32.csv`);
    expect(rows).toHaveLength(9643);
    const formats = { bf16: standardFloat('bfloat16'), f16: standardFloat('float16') };
    const portable = (row: Record<string, string>, code: number): string =>
      Number.isNaN(formats[row.format as 'bf16' | 'f16'].decode(code)) ? 'nan' : hex(code, 4);
    const got = (row: Record<string, string>): string =>
      portable(row, formats[row.format as 'bf16' | 'f16'].encode(float32(row.f32bits!)));
    expect(differences(rows, got, (row) => portable(row, Number.parseInt(row.code!, 16)))).toEqual([]);
  });

  it('mx_blocks.json', () => {
    const { blocks } = goldenJson(`${folder}mx_blocks.json`) as {
      blocks: Record<MxName, { x: string; scale: number; codes: string; note?: string }[]>;
    };
    expect(Object.values(blocks).map((list) => list.length)).toEqual([24, 24, 24, 24, 24, 24]);
    for (const [name, list] of Object.entries(blocks) as [MxName, (typeof blocks)[MxName]][]) {
      for (const { x, scale, codes, note } of list) {
        const values = Float32Array.from({ length: 32 }, (_, i) => float32(x.slice(8 * i, 8 * i + 8)));
        const block = encodeBlock(mxFormat(name), values);
        expect(block.scale).toBe(scale);
        expect([...block.codes].map((code) => hex(code, 2)).join('')).toBe(codes);
        expect(decodeBlock(mxFormat(name), block).every((value) => Number.isFinite(value))).toBe(true);
        if (note !== undefined) expect(hex(encodeBlock(mxFormat('mxint8_symmetric'), values).codes[0]!, 2)).toBe('81');
      }
    }
  });

  it('deepfloat_log8_tables.json', () => {
    interface Tables {
      decode: [number, number, number | null, [number, number] | null, string, number | null, string][];
      pow2_p: { table: number[] };
      log2_q: { table: number[] };
      other_luts: Record<string, number[]>;
    }
    const tables = goldenJson(`${folder}deepfloat_log8_tables.json`) as Tables;
    const format = logTapered(log8);
    expect(tables.decode).toHaveLength(256);
    for (const [code, sign, log, , value, linear] of tables.decode) {
      expect(format.decodeLog(code)).toEqual(log === null ? undefined : { negative: sign === 1, log });
      expect(format.decode(code)).toBe(value === 'inf' ? Infinity : Number(value));
      if (linear === null || log === null) continue;
      const one = new Elma(format);
      one.multiplyAdd(code, 0x40);
      expect(toSigned(Number(one.image), 38), hex(code, 2)).toBe(linear);
    }
    expect(tables.pow2_p.table.map((_, f) => format.linearTable(f))).toEqual(tables.pow2_p.table);
    expect(tables.log2_q.table.map((_, i) => format.logTable(i))).toEqual(tables.log2_q.table);
    expect(Object.keys(tables.other_luts)).toHaveLength(12);
    for (const [name, table] of Object.entries(tables.other_luts)) {
      const [, kind, from, to] = /^(pow2|log2)_(\d+)x(\d+)$/.exec(name)!;
      const other = logTapered({
        ...log8,
        bits: 4 + Number(kind === 'pow2' ? from : 4),
        alpha: Number(to),
        beta: Number(from),
        gamma: Number(to),
      });
      expect(
        table.map((_, i) => (kind === 'pow2' ? other.linearTable(i) : other.logTable(i))),
        name,
      ).toEqual(table);
    }
  });

  it('deepfloat_elma_dot.json', () => {
    interface Case {
      kind: string;
      a: string;
      b: string;
      acc: string;
      inf: boolean;
      code: string;
      real: number | string;
    }
    const { cases } = goldenJson(`${folder}deepfloat_elma_dot.json`) as { cases: Case[] };
    expect(cases).toHaveLength(103);
    const published = logTapered({ ...log8, readOut: 'published' });
    const elma = new Elma(published);
    for (const c of cases) {
      elma.clear();
      const [a, b] = [hexCodes(c.a, 2), hexCodes(c.b, 2)];
      a.forEach((code, i) => {
        elma.multiplyAdd(code, b[i]!);
      });
      expect([hex(elma.image, 10), elma.infinite, hex(elma.read(), 2)], c.kind).toEqual([c.acc, c.inf, c.code]);
    }
  });

  it('deepfloat_log8_encode.csv', () => {
    const rows = goldenCsv(`${folder}deepfloat_log8_encode.csv`);
    expect(rows).toHaveLength(3050);
    for (const [column, readOut] of [
      ['code_rtl', 'published'],
      ['code_exact', 'exact'],
    ] as const) {
      const format = logTapered({ ...log8, readOut });
      const got = (row: Record<string, string>): string => {
        if (row.source === 'acc38')
          return hex(
            format.encodeExact({ significand: BigInt.asIntN(38, BigInt(`0x${row.bits!}`)), exponent: -24 }),
            2,
          );
        return hex(format.encode(float32(row.bits!)), 2);
      };
      expect(
        differences(rows, got, (row) => row[column]),
        column,
      ).toEqual([]);
    }
  });

  it('logquant.csv', () => {
    const rows = goldenCsv(`${folder}logquant.csv`);
    expect(rows).toHaveLength(2485);
    const text = (value: number | undefined): string => (value === undefined ? '' : String(value));
    for (const row of rows) {
      const x = float32(row.f32bits!);
      const options = { bits: Number(row.bitwidth), fullScale: Number(row.FSR) };
      expect(text(logQuantExponent(x, options)), row.x).toBe(row.k_base2_clipped);
      expect(logQuant(x, options), row.x).toBe(Number(row.LogQuant));
      expect(linearQuant(x, { bits: options.bits, fullScale: options.fullScale, signed: true }) + 0, row.x).toBe(
        Number(row.LinearQuant_signed) + 0,
      );
      expect(text(logExponent(x, 2)), row.x).toBe(row.k_sqrt2_unclipped);
    }
  });

  it('logquant_bitshift_dot.json', () => {
    const { cases } = goldenJson(`${folder}logquant_bitshift_dot.json`) as {
      cases: { w_exp: number[]; x_exp: number[]; sign: number[]; sum_num: string; frac_bits: number }[];
    };
    expect(cases).toHaveLength(24);
    for (const c of cases)
      expect(toNumber(logDot(c.w_exp, c.x_exp, c.sign))).toBe(Number(c.sum_num) / 2 ** c.frac_bits);
  });

  it('dfp_quantize.csv', () => {
    const rows = goldenCsv(`${folder}dfp_quantize.csv`);
    expect(rows).toHaveLength(456);
    for (const [column, rounding] of [
      ['rne', 'nearest-even'],
      ['rna', 'half-away'],
      ['rtz', 'toward-zero'],
      ['floor', 'down'],
    ] as const) {
      const got = (row: Record<string, string>): number => {
        const [bits, fractionBits, x] = [Number(row.B), Number(row.fl), float64(row.f64bits!)];
        const [integer] = toDynamicFixedPoint([x], { bits, fractionBits, rounding }).integers;
        expect(toSigned(fixedPoint({ bits, fractionBits }).encode(x, rounding), bits)).toBe(integer);
        return integer!;
      };
      expect(
        differences(rows, got, (row) => Number(row[column])),
        column,
      ).toEqual([]);
    }
  });
});
