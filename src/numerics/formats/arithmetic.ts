// Operations on codes, exact until one rounding.

import { add as addExact, divide as divideExact, multiply as multiplyExact, negate, type Dyadic } from './dyadic.js';
import type { DyadicFormat } from './format.js';
import type { Rounding } from './rounding.js';

/** Arithmetic of a format; every operation takes and returns codes and rounds once. */
export interface Arithmetic {
  add: (a: number, b: number) => number;
  subtract: (a: number, b: number) => number;
  multiply: (a: number, b: number) => number;
  /** x/0 is NaR in posits, an infinity or NaN in floats. */
  divide: (a: number, b: number) => number;
  /** a b + c, rounded once. */
  fusedMultiplyAdd: (a: number, b: number, c: number) => number;
}

/** Sum, product and fused multiply-add of codes of a format: exact, then rounded once. */
export function arithmetic(format: DyadicFormat, rounding: Rounding = 'nearest-even'): Arithmetic {
  // The sign of a zero, infinities and NaN follow from the same operation on doubles. Doubles may overflow where a
  // difference is exactly zero.
  const finish = (exact: Dyadic | undefined, special: () => number): number => {
    if (exact === undefined) return format.encode(special(), rounding);
    if (exact.significand !== 0n) return format.encodeExact(exact, rounding);
    const zero = special();
    return format.encode(zero === 0 ? zero : 0, rounding);
  };
  const { decode, decodeExact } = format;
  const binary =
    (exact: (x: Dyadic, y: Dyadic) => Dyadic | undefined, special: (x: number, y: number) => number) =>
    (a: number, b: number): number => {
      const x = decodeExact(a);
      const y = decodeExact(b);
      return finish(x === undefined || y === undefined ? undefined : exact(x, y), () => special(decode(a), decode(b)));
    };
  return {
    add: binary(addExact, (x, y) => x + y),
    subtract: binary(
      (x, y) => addExact(x, negate(y)),
      (x, y) => x - y,
    ),
    multiply: binary(multiplyExact, (x, y) => x * y),
    divide: binary(
      (x, y) => (y.significand === 0n ? undefined : divideExact(x, y)),
      (x, y) => x / y,
    ),
    fusedMultiplyAdd: (a, b, c) => {
      const [x, y, z] = [decodeExact(a), decodeExact(b), decodeExact(c)];
      return finish(x && y && z && addExact(multiplyExact(x, y), z), () => decode(a) * decode(b) + decode(c));
    },
  };
}
