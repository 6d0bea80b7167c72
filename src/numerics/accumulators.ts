// Sums of products: rounded at every step, fused, or exact until the end (Kulisch accumulator, quire, EMA).

import { add, multiply, partsOf, type Dyadic } from './formats/dyadic.js';
import { arithmetic } from './formats/arithmetic.js';
import { requireInteger, type DyadicFormat } from './formats/format.js';
import type { PositFormat } from './formats/posit.js';
import { shiftRound, type Rounding } from './formats/rounding.js';

/** Width of an exact fixed-point accumulator, bits. */
export interface KulischOptions {
  /** Bits before the point, without the sign. */
  readonly integerBits: number;
  /** Bits after the point; what lies below is floored, as an arithmetic right shift does. */
  readonly fractionBits: number;
  /**
   * Beyond the range: keep the low bits, clamp, stay at the limit for good (`latch`, deepfloat's overflow flag), or
   * become "not a real" for good.
   */
  readonly overflow: 'wrap' | 'saturate' | 'latch' | 'nar';
}

/**
 * A fixed-point accumulator that is wide enough to add products without rounding (Kulisch 2013; "EMA" in Johnson 2018,
 * section 4).
 */
export class Kulisch {
  readonly bits: number;
  /** Additions that left the range. */
  overflows = 0;
  private sum = 0n;
  private real = true;
  private readonly fractionBits: number;
  private readonly overflow: KulischOptions['overflow'];
  private readonly least: bigint;
  private readonly most: bigint;

  constructor({ integerBits, fractionBits, overflow }: KulischOptions) {
    requireInteger('accumulator: integerBits', integerBits, 0, 1 << 24);
    requireInteger('accumulator: fractionBits', fractionBits, 0, 1 << 24);
    this.bits = 1 + integerBits + fractionBits;
    this.fractionBits = fractionBits;
    this.overflow = overflow;
    this.most = (1n << BigInt(this.bits - 1)) - 1n;
    // 10..0 is "not a real" where there is such.
    this.least = overflow === 'nar' ? -this.most : -this.most - 1n;
  }

  /** Adds an exact value; undefined (NaN, NaR, infinity) makes the sum "not a real". */
  add(value: Dyadic | undefined): void {
    if (value === undefined) this.real = false;
    else this.addInteger(shiftRound(value.significand, -(value.exponent + this.fractionBits), 'down'));
  }

  addProduct(a: Dyadic | undefined, b: Dyadic | undefined): void {
    this.add(a === undefined || b === undefined ? undefined : multiply(a, b));
  }

  /** Adds an integer in units of the last bit. */
  addInteger(units: bigint): void {
    if (this.overflow === 'latch' && this.overflows > 0) return;
    const sum = this.sum + units;
    if (sum <= this.most && sum >= this.least) {
      this.sum = sum;
      return;
    }
    this.overflows++;
    if (this.overflow === 'wrap') this.sum = BigInt.asIntN(this.bits, sum);
    else if (this.overflow !== 'nar') this.sum = sum > 0n ? this.most : this.least;
    else this.real = false;
  }

  /** The sum; undefined when it is not a real. */
  get value(): Dyadic | undefined {
    return this.real ? { significand: this.sum, exponent: -this.fractionBits } : undefined;
  }

  /** The register in two's complement; 10..0 when it is not a real. */
  get image(): bigint {
    return this.real ? BigInt.asUintN(this.bits, this.sum) : this.most + 1n;
  }

  /** The sum in a format, rounded once. */
  read(format: DyadicFormat, rounding?: Rounding): number {
    const { value } = this;
    return value === undefined ? format.encode(NaN, rounding) : format.encodeExact(value, rounding);
  }

  clear(): void {
    this.sum = 0n;
    this.real = true;
    this.overflows = 0;
  }
}

/** Carry bits of the standard quire: fewer than 2^31 products are safe. */
const CARRY_GUARD_BITS = 31;

/**
 * The quire of a posit: every product of two posits is a multiple of its last bit. For es = 2 it has the 16 n bits of
 * Posit Standard 2022, section 3.2.
 */
export function quire({ maxExponent }: PositFormat, integerBits: number = 2 * maxExponent + CARRY_GUARD_BITS): Kulisch {
  return new Kulisch({ integerBits, fractionBits: 2 * maxExponent, overflow: 'nar' });
}

/**
 * Exact multiply-add register of Johnson 2018 (deepfloat): the integer part reaches only maxpos, and wraps. (8,1) has
 * 38 bits.
 */
export function emaAccumulator(maxExponent: number, overflow: KulischOptions['overflow'] = 'wrap'): Kulisch {
  return new Kulisch({ integerBits: maxExponent + 1, fractionBits: 2 * maxExponent, overflow });
}

/**
 * An exact accumulator that holds any `terms` products of a format's finite numbers. Every finite number of a format is
 * a multiple of its least magnitude.
 */
export function exactAccumulator(format: DyadicFormat, terms: number): Kulisch {
  let top = 0;
  let last = 0;
  const half = 2 ** (format.bits - 1);
  const largest = format.encodeExact({ significand: 1n, exponent: 4096 }, 'toward-zero');
  // The least and the largest magnitudes of every family stand at these codes.
  for (const code of [0, 1, half - 1, half, 2 * half - 2, largest]) {
    const value = format.decodeExact(code);
    if (value === undefined || value.significand === 0n) continue;
    const { exponent } = partsOf(value);
    top = Math.max(top, exponent + 1);
    last = Math.min(last, exponent);
  }
  return new Kulisch({
    integerBits: 2 * top + Math.ceil(Math.log2(Math.max(2, terms))),
    fractionBits: -2 * last,
    overflow: 'nar',
  });
}

/** A multiply-add in three ways, as codes of the format. */
export interface MultiplyAdd {
  /** The product is rounded, then the sum. */
  readonly twoRoundings: number;
  /** One rounding (FMA). */
  readonly oneRounding: number;
  /** The value before any rounding; undefined when an operand is not finite. */
  readonly exact: Dyadic | undefined;
}

/** a b + z with a product that is rounded, with one rounding, and exactly. Operands are codes. */
export function multiplyAdd(
  format: DyadicFormat,
  { a, b, z }: { readonly a: number; readonly b: number; readonly z: number },
  rounding: Rounding = 'nearest-even',
): MultiplyAdd {
  const operate = arithmetic(format, rounding);
  const [x, y, c] = [format.decodeExact(a), format.decodeExact(b), format.decodeExact(z)];
  return {
    twoRoundings: operate.add(operate.multiply(a, b), z),
    oneRounding: operate.fusedMultiplyAdd(a, b, z),
    exact: x && y && c && add(multiply(x, y), c),
  };
}

/**
 * Dot product of two code vectors of equal length, as a code. `plain` rounds products and sums, `fused` sums only, an
 * accumulator (cleared first) the result only. @throws RangeError for vectors of unlike length
 */
export function dot(
  format: DyadicFormat,
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  { how, rounding = 'nearest-even' }: { readonly how: 'plain' | 'fused' | Kulisch; readonly rounding?: Rounding },
): number {
  if (a.length !== b.length) throw new RangeError(`dot product of ${a.length} and ${b.length} codes`);
  if (how instanceof Kulisch) {
    how.clear();
    for (let i = 0; i < a.length; i++) how.addProduct(format.decodeExact(a[i]!), format.decodeExact(b[i]!));
    return how.read(format, rounding);
  }
  const operate = arithmetic(format, rounding);
  let sum = format.encode(0);
  for (let i = 0; i < a.length; i++) {
    sum =
      how === 'fused' ? operate.fusedMultiplyAdd(a[i]!, b[i]!, sum) : operate.add(operate.multiply(a[i]!, b[i]!), sum);
  }
  return sum;
}
