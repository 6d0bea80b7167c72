// How a value came about: a tree of arithmetic over figures of the result, constants, knobs and counts.

/**
 * What a value is: arithmetic over its parts, another figure of the result, or something that was given, counted or
 * measured.
 */
export type Operation =
  | /** parts added; */ 'sum'
    /** multiplied; */
  | 'product'
  /** first by second; */
  | 'quotient'
  /** first less second; */
  | 'difference'
  /** the largest; */
  | 'maximum'
  /** the smallest; */
  | 'minimum'
  /** the only part, rounded up to a whole number; */
  | 'ceiling'
  /** the only part, rounded to the nearest whole number; */
  | 'rounded'
  /** ceil(log2) of the only part; */
  | 'levels'
  /** a formula of the parts that `says` names; */
  | 'law'
  /** another figure of the result, whose key is the name; */
  | 'figure'
  /** a constant of the hardware, with its source; */
  | 'constant'
  /** a knob, written in a file or a default; */
  | 'config'
  /** a fact of the network; */
  | 'network'
  /** what the mapping of the network onto the hardware makes of knobs; */
  | 'mapping'
  /** counted by the simulation; */
  | 'counted'
  /** timed by the simulation, so that it rests on all latencies; */
  | 'timed'
  /** measured on the computer that simulated; */
  | 'host'
  /** a plain number. */
  | 'number';

/** Where a constant, knob or layer was written. */
export interface Origin {
  /** file:line:column; null for a default. */
  at: string | null;
  source: string | null;
  placeholder: boolean;
  note: string | null;
}

/** A value with what it was made of. `value` is worked out from the parts, in `unit`. */
export interface Derivation {
  name: string;
  value: number;
  /** SI unit, mm2 for areas; empty for counts and shares. */
  unit: string;
  op: Operation;
  says: string;
  parts: Derivation[];
  origin: Origin | null;
}

/** A value under its name, with its unit ('' where it has none), what it is in words, and where it comes from. */
interface Fact {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly says: string;
  readonly origin?: Origin | null;
}

const node = (op: Operation, { name, value, unit, says, origin = null }: Fact, parts: Derivation[]): Derivation => ({
  name,
  value,
  unit,
  op,
  says,
  parts,
  origin,
});

/** Parts added. */
export const sum = (name: string, unit: string, parts: Derivation[], says = ''): Derivation =>
  node('sum', { name, value: parts.reduce((total, { value }) => total + value, 0), unit, says }, parts);

/** Factors multiplied. */
export const product = (name: string, unit: string, factors: readonly Derivation[], says = ''): Derivation =>
  node('product', { name, value: factors.reduce((result, { value }) => result * value, 1), unit, says }, [...factors]);

/** `over` divided by `under`; 0 of nothing is 0. */
export const quotient = (
  name: string,
  unit: string,
  { over, under }: { readonly over: Derivation; readonly under: Derivation },
  says = '',
): Derivation =>
  node('quotient', { name, value: over.value === 0 ? 0 : over.value / under.value, unit, says }, [over, under]);

/** `from` less `less`. */
export const difference = (
  name: string,
  unit: string,
  { from, less }: { readonly from: Derivation; readonly less: Derivation },
  says = '',
): Derivation => node('difference', { name, value: from.value - less.value, unit, says }, [from, less]);

/** The largest of the parts. */
export const maximum = (name: string, unit: string, parts: Derivation[], says = ''): Derivation =>
  node('maximum', { name, value: Math.max(...parts.map(({ value }) => value)), unit, says }, parts);

/** A value that follows from its parts as `op` says. */
export const following = (
  op: 'minimum' | 'rounded' | 'levels',
  { name, value, unit }: { readonly name: string; readonly value: number; readonly unit: string },
  parts: Derivation[],
): Derivation => node(op, { name, value, unit, says: '' }, parts);

/** Rounded up. */
export const ceiling = (name: string, unit: string, of: Derivation, says = 'rounded up'): Derivation =>
  node('ceiling', { name, value: Math.ceil(of.value), unit, says }, [of]);

/** A formula that is more than arithmetic; `value` is what it gives for the parts. */
export const law = (fact: Fact, parts: Derivation[]): Derivation => node('law', fact, parts);

/** A number that needs no reason. */
export const number = (value: number, name: string, unit = ''): Derivation =>
  node('number', { name, value, unit, says: '' }, []);

/** A leaf: something given, counted or measured. */
export const leaf = (
  op: 'constant' | 'config' | 'network' | 'mapping' | 'counted' | 'timed' | 'host' | 'figure',
  fact: Fact,
): Derivation => node(op, fact, []);

/** The value worked out once more, from the leaves up; `figure` gives the value of a figure by its key. */
export function recompute(derivation: Derivation, figure: (key: string) => number): number {
  const { op, name, value } = derivation;
  const parts = derivation.parts.map((part) => recompute(part, figure));
  switch (op) {
    case 'sum':
      return parts.reduce((total, part) => total + part, 0);
    case 'product':
      return parts.reduce((result, part) => result * part, 1);
    case 'quotient':
      return parts[0] === 0 ? 0 : parts[0]! / parts[1]!;
    case 'difference':
      return parts[0]! - parts[1]!;
    case 'maximum':
      return Math.max(...parts);
    case 'minimum':
      return Math.min(...parts);
    case 'ceiling':
      return Math.ceil(parts[0]!);
    case 'rounded':
      return Math.round(parts[0]!);
    case 'levels':
      return Math.ceil(Math.log2(parts[0]!));
    case 'figure':
      return figure(name);
    default:
      return value;
  }
}

/** True where two values agree to 1e-12 of them. */
export const agrees = (a: number, b: number): boolean =>
  a === b || Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b));
