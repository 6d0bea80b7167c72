// Tapered log numbers (N, s, alpha, beta, gamma) and their exact log-linear multiply-add (ELMA). Johnson 2018, arXiv
// 1811.01721.

import { Kulisch, emaAccumulator, type KulischOptions } from '../accumulators.js';
import { partsOf, toNumber, type Dyadic } from './dyadic.js';
import { encodeDouble, requireInteger, type MagnitudeEncoder, type NumberFormat } from './format.js';
import { logOfFraction, logOfSignificand, powerOfTwoExact } from './log2.js';
import { roundMagnitude, shiftRound, type Rounding } from './rounding.js';
import { readTapered, writeTapered, type TaperedShape } from './tapered.js';

/** Parameters of a tapered log format. */
export interface LogTaperedOptions {
  /** N: width of a code. */
  readonly bits: number;
  /** s: exponent bits of the tapered string. */
  readonly exponentBits: number;
  /** alpha: output bits of the log-to-linear table. */
  readonly alpha: number;
  /** beta: linear fraction bits that the published read-out keeps before linear-to-log. */
  readonly beta: number;
  /** gamma: output bits of the linear-to-log table. */
  readonly gamma: number;
  /**
   * `exact`: linear values become codes with one rounding on the bit string, never zero (default).
   * `published`: deepfloat's path with roundings to beta bits, to gamma bits and to the code, and its underflow.
   */
  readonly readOut?: 'exact' | 'published';
}

/** log2 of a code's magnitude in units of 2^-fractionBits. */
export interface LogValue {
  readonly negative: boolean;
  readonly log: number;
}

/** A tapered log format with what its multiply-add needs. */
export interface LogTaperedFormat extends NumberFormat {
  readonly alpha: number;
  /** F: fraction bits of the logarithm. */
  readonly fractionBits: number;
  readonly maxExponent: number;
  /** 10..0: infinity, also for NaN. */
  readonly infinity: number;
  /** Undefined for zero and infinity. */
  readonly decodeLog: (code: number) => LogValue | undefined;
  /** The code of an exact linear value (an accumulator). */
  readonly encodeExact: (value: Dyadic, rounding?: Rounding) => number;
  /** round((2^(f / 2^F) - 1) 2^alpha). */
  readonly linearTable: (f: number) => number;
  /** round(log2(1 + i / 2^beta) 2^gamma); 2^gamma is a carry into the exponent. */
  readonly logTable: (i: number) => number;
}

/**
 * Value `(-1)^sign 2^(e + f / 2^F)`: sign-magnitude, the rest read as a posit string, F = N - 3 - s. The 8-bit format
 * of the paper is (8, 1, 5, 5, 7).
 */
export function logTapered({
  bits,
  exponentBits,
  alpha,
  beta,
  gamma,
  readOut = 'exact',
}: LogTaperedOptions): LogTaperedFormat {
  requireInteger('log: bits', bits, 3, 32);
  requireInteger('log: exponentBits', exponentBits, 0, 8);
  for (const [name, value] of Object.entries({ alpha, beta, gamma })) requireInteger(`log: ${name}`, value, 1, 32);
  const shape: TaperedShape = { width: bits - 1, exponentBits, underflow: 'never-zero' };
  const infinity = 2 ** (bits - 1);
  const fractionBits = Math.max(0, bits - 3 - exponentBits);
  const units = 2 ** fractionBits;
  const maxExponent = (bits - 2) * 2 ** exponentBits;
  // Unpacked exponents are signed integers of M = clog2(R + 1) + 1 + s bits, R = N - 2.
  const exponentLimit = 2 ** (Math.ceil(Math.log2(bits - 1)) + exponentBits);
  const signed = (negative: boolean, body: number): number => (negative && body !== 0 ? infinity + body : body);

  const linearTable = memoize((f) => {
    const { significand, exponent } = powerOfTwoExact(alpha, f, fractionBits);
    return Number(shiftRound(significand, -exponent, 'nearest-even')) - 2 ** alpha;
  });
  const logTable = memoize((i) => Math.round(logOfFraction(i / 2 ** beta) * 2 ** gamma));

  const published: MagnitudeEncoder = (negative, exponent, fraction) => {
    let e = exponent;
    let linear = roundMagnitude(fraction * 2 ** beta, false, 'nearest-even');
    if (linear === 2 ** beta) {
      e++;
      linear = 0;
    }
    let log = logTable(linear);
    if (log === 2 ** gamma) {
      e++;
      log = 0;
    }
    if (e < -exponentLimit) return 0;
    if (e >= exponentLimit - 1) return signed(negative, infinity - 1);
    if (e >= -maxExponent) {
      // In the least regime, where the last bit is the regime's end, the circuit's ties go down ("half up" of a
      // negative number).
      const least = e < 2 ** exponentBits - maxExponent;
      return signed(
        negative,
        writeTapered(
          shape,
          { negative: least, exponent: e, fraction: log / 2 ** gamma },
          least ? 'half-up' : 'nearest-even',
        ),
      );
    }
    // Below minpos the circuit looks at the trailing bits of the fraction instead of its leading ones.
    const trailing = 2 ** Math.max(0, gamma - fractionBits);
    return signed(negative, log % trailing > trailing / 2 ? 1 : 0);
  };
  const exact: MagnitudeEncoder = (negative, exponent, fraction, rounding) =>
    signed(negative, writeTapered(shape, { negative, exponent, fraction: logOfFraction(fraction) }, rounding));

  const decodeLog = (code: number): LogValue | undefined => {
    const body = code % infinity;
    if (body === 0) return undefined;
    const { exponent, fraction } = readTapered(body, shape);
    return { negative: code >= infinity, log: (exponent + fraction) * units };
  };
  const decode = memoize((code) => {
    if (code === infinity) return Infinity;
    const value = decodeLog(code);
    if (value === undefined) return 0;
    const exponent = Math.floor(value.log / units);
    const magnitude = toNumber(powerOfTwoExact(exponent, value.log - exponent * units, fractionBits));
    return value.negative ? -magnitude : magnitude;
  });

  return {
    name: `log<${bits},${exponentBits},${alpha},${beta},${gamma}>${readOut === 'exact' ? '' : ' published'}`,
    bits,
    alpha,
    fractionBits,
    maxExponent,
    infinity,
    hasNaN: true,
    linearTable,
    logTable,
    decodeLog,
    decode,
    encode(value, rounding = 'nearest-even') {
      if (!Number.isFinite(value)) return infinity;
      return value === 0 ? 0 : encodeDouble(readOut === 'exact' ? exact : published, value, rounding);
    },
    encodeExact(value, rounding = 'nearest-even') {
      if (value.significand === 0n) return 0;
      const { negative, exponent, fraction } = partsOf(value);
      // The most negative register has no magnitude in as many bits: the circuit reads zero.
      if (readOut === 'published')
        return negative && exponent > maxExponent ? 0 : published(negative, exponent, fraction, rounding);
      return signed(
        negative,
        writeTapered(shape, { negative, exponent, fraction: logOfSignificand(value.significand) }, rounding),
      );
    },
  };
}

/** Remembers up to 2^16 results. */
function memoize(compute: (x: number) => number): (x: number) => number {
  const known = new Map<number, number>();
  return (x) => {
    let y = known.get(x);
    if (y === undefined) {
      y = compute(x);
      if (known.size < 1 << 16) known.set(x, y);
    }
    return y;
  };
}

/**
 * Exact log-linear multiply-add: logarithms are added, the product's fraction goes through the table of alpha bits, and
 * the sum is a wide fixed-point register.
 * As published the register wraps, and a product beyond maxpos adds nothing (or -1 in the last place when negative).
 * With another overflow rule such products are added in full.
 */
export class Elma {
  /** Set for good by an infinite operand. */
  infinite = false;
  private readonly register: Kulisch;

  constructor(
    private readonly format: LogTaperedFormat,
    private readonly overflow: KulischOptions['overflow'] = 'wrap',
  ) {
    this.register = emaAccumulator(format.maxExponent, overflow);
  }

  /** Adds the product of two codes. */
  multiplyAdd(a: number, b: number): void {
    const { format } = this;
    if (a === format.infinity || b === format.infinity) this.infinite = true;
    const x = format.decodeLog(a);
    const y = format.decodeLog(b);
    if (x === undefined || y === undefined) return;
    const units = 2 ** format.fractionBits;
    const log = x.log + y.log;
    const exponent = Math.floor(log / units);
    const negative = x.negative !== y.negative;
    if (exponent > format.maxExponent && this.overflow === 'wrap') {
      this.register.addInteger(negative ? -1n : 0n);
      return;
    }
    const linear = BigInt(2 ** format.alpha + format.linearTable(log - exponent * units));
    this.register.add({ significand: negative ? -linear : linear, exponent: exponent - format.alpha });
  }

  /** The register in two's complement; its last bit weighs minpos^2. */
  get image(): bigint {
    return this.register.image;
  }

  get bits(): number {
    return this.register.bits;
  }

  /** The sum as a code of `format` (by default the operands'). */
  read(format: LogTaperedFormat = this.format, rounding?: Rounding): number {
    const { value } = this.register;
    return this.infinite || value === undefined ? format.infinity : format.encodeExact(value, rounding);
  }

  clear(): void {
    this.infinite = false;
    this.register.clear();
  }
}
