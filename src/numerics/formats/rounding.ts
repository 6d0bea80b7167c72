// Rounding rules: which of two neighbours an inexact value goes to.

/**
 * Rounds up with a probability equal to the remainder; `random` gives numbers in [0, 1), for instance a named
 * `seedrandom` stream.
 */
export interface Stochastic {
  readonly random: () => number;
}

/**
 * `nearest-even`: ties to the even code. `half-away`: ties away from zero. `half-up`: ties towards plus infinity, the
 * `(x + half) >> shift` of integer hardware.
 * `toward-zero`, `up`, `down`: directed. Stochastic: seeded by its stream.
 */
export type Rounding = 'nearest-even' | 'half-away' | 'half-up' | 'toward-zero' | 'up' | 'down' | Stochastic;

/**
 * Whether a magnitude goes to its upper neighbour.
 * @param odd whether the lower neighbour's code is odd
 * @param rest distance from the lower neighbour in steps, in [0, 1)
 * @param negative whether the value is negative
 */
export function roundsAway(odd: boolean, rest: number, negative: boolean, rounding: Rounding): boolean {
  if (rest === 0) return false;
  switch (rounding) {
    case 'nearest-even':
      return rest > 0.5 || (rest === 0.5 && odd);
    case 'half-away':
      return rest >= 0.5;
    case 'half-up':
      return rest > 0.5 || (rest === 0.5 && !negative);
    case 'toward-zero':
      return false;
    case 'up':
      return !negative;
    case 'down':
      return negative;
    default:
      return rounding.random() < rest;
  }
}

/** Rounds a magnitude below 2^53 to an integer. */
export function roundMagnitude(magnitude: number, negative: boolean, rounding: Rounding): number {
  const floor = Math.floor(magnitude);
  return roundsAway(floor % 2 === 1, magnitude - floor, negative, rounding) ? floor + 1 : floor;
}

/** The nearest whole number, of any sign, halves to the even one: ONNX's Round. */
export function roundEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
}

/** Rounds `value / 2^shift` to an integer; a negative shift multiplies. Exact for any size. */
export function shiftRound(value: bigint, shift: number, rounding: Rounding): bigint {
  if (shift <= 0) return value << BigInt(-shift);
  const negative = value < 0n;
  const magnitude = negative ? -value : value;
  const floor = magnitude >> BigInt(shift);
  const cut = magnitude - (floor << BigInt(shift));
  const half = 1n << BigInt(shift - 1);
  // The remainder's place against 0 and 1/2 decides every rule but the stochastic one, which needs its size.
  const rest =
    typeof rounding === 'object'
      ? fractionOf(cut, shift)
      : cut === 0n
        ? 0
        : cut < half
          ? 0.25
          : cut === half
            ? 0.5
            : 0.75;
  const away = roundsAway((floor & 1n) === 1n, rest, negative, rounding);
  const rounded = away ? floor + 1n : floor;
  return negative ? -rounded : rounded;
}

function fractionOf(cut: bigint, shift: number): number {
  const excess = Math.max(0, shift - 53);
  return Number(cut >> BigInt(excess)) * 2 ** (excess - shift);
}
