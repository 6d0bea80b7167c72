// Numbers that know how they came about: a small tree that is made with the number and read only when it is asked for.

import type { FactorName } from './factors.js';

/**
 * How a number follows from its parts. `levels`: ceil(log2) of the only part; `rounded`: to the nearest integer;
 * `ticks`: a time in whole ticks of 1 ps, on the edges of the clock where there is one; `law`: a formula that the name
 * of the factor says; `given`: no parts.
 */
export type CountOp =
  | 'given'
  | 'product'
  | 'sum'
  | 'difference'
  | 'quotient'
  | 'ceiling'
  | 'rounded'
  | 'maximum'
  | 'minimum'
  | 'levels'
  | 'ticks'
  | 'law';

/** A number, or one that knows its parts. */
export type Value = number | Count;

/** Parts by what they are. */
export type Parts = { readonly [F in FactorName]?: Value };

/** Parts under whatever names they have. */
type Named = Readonly<Record<string, Value | undefined>>;

/** A part of a sum over layers, with the layer and the use of its arrays that its factors belong to. */
export interface LayerPart {
  readonly name: string;
  readonly layer: number;
  readonly use: 'forward' | 'backward' | 'gradient';
  readonly count: Count;
}

/** A number with its parts; counts of actions are integers, times are in ticks. */
export class Count {
  /** @param from a key of the result's constants, for what is read from the config. */
  constructor(
    readonly value: number,
    readonly op: CountOp,
    readonly parts: Parts | readonly LayerPart[],
    readonly from: string | null = null,
  ) {}
}

const NONE: Parts = {};

/** The number alone; 0 for what is missing. */
export const valueOf = (value: Value | undefined): number =>
  typeof value === 'number' ? value : value === undefined ? 0 : value.value;

/** The factors multiplied. */
export function times(factors: Parts): Count {
  const all: Named = factors;
  let product = 1;
  for (const name in all) product *= valueOf(all[name]);
  return new Count(product, 'product', factors);
}

/** The parts added. */
export function plus(parts: Parts): Count {
  const all: Named = parts;
  let sum = 0;
  for (const name in all) sum += valueOf(all[name]);
  return new Count(sum, 'sum', parts);
}

/** What several layers add. */
export const ofLayers = (parts: readonly LayerPart[]): Count =>
  new Count(
    parts.reduce((sum, { count }) => sum + count.value, 0),
    'sum',
    parts,
  );

/** The largest of several layers; 0 of none. */
export const largestOfLayers = (parts: readonly LayerPart[]): Count =>
  new Count(
    parts.reduce((most, { count }) => Math.max(most, count.value), 0),
    'maximum',
    parts,
  );

/** The first part less the others. */
export function less(parts: Parts): Count {
  const all: Named = parts;
  let rest: number | undefined;
  for (const name in all) {
    const value = valueOf(all[name]);
    rest = rest === undefined ? value : rest - value;
  }
  return new Count(rest ?? 0, 'difference', parts);
}

/** The first part by the second. */
export function over(parts: Parts): Count {
  const all: Named = parts;
  let quotient: number | undefined;
  for (const name in all) {
    const value = valueOf(all[name]);
    quotient = quotient === undefined ? value : quotient / value;
  }
  return new Count(quotient ?? 0, 'quotient', parts);
}

/** The first part by the second, rounded up. */
export function ceilOver(parts: Parts): Count {
  const quotient = over(parts);
  return new Count(Math.ceil(quotient.value), 'ceiling', { quotient });
}

/** The larger or largest part. */
export function largest(parts: Parts): Count {
  const all: Named = parts;
  let most = -Infinity;
  for (const name in all) most = Math.max(most, valueOf(all[name]));
  return new Count(most, 'maximum', parts);
}

/** The smaller or smallest part. */
export function smallest(parts: Parts): Count {
  const all: Named = parts;
  let least = Infinity;
  for (const name in all) least = Math.min(least, valueOf(all[name]));
  return new Count(least, 'minimum', parts);
}

/** Levels of a tree that joins so many: ceil(log2). */
export const levelsOf = (parts: Parts): Count => {
  const joined = times(parts);
  return new Count(Math.ceil(Math.log2(joined.value)), 'levels', parts);
};

/** A constant of the result, by its key. */
export const constant = (key: string, value: number): Count => new Count(value, 'given', NONE, key);

/** A time of `ticks` that comes from a constant, or from what `parts` say. */
export const timeOf = (ticks: number, key: string | null, parts: Parts = NONE): Count =>
  new Count(ticks, 'ticks', parts, key);

/** The product of the factors, rounded to an integer. */
export function roundedTimes(factors: Parts): Count {
  const product = times(factors);
  return new Count(Math.round(product.value), 'rounded', { product });
}
