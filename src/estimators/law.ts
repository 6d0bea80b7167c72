// What a law is: a formula for a constant, with its arguments and source.

import type { Dimension } from '../config/index.js';

/**
 * An argument: a quantity, a number (a share: from 0 to 1) or a word; `from` is the config key that gives it where the
 * law's user does not, `otherwise` what
 * stands for it where nothing does.
 */
export type LawArgument = { description: string; from?: string; otherwise?: string } & (
  { dimension: Dimension } | { number: true } | { share: true } | { choice: readonly string[] }
);

/** Arguments of a law by name, numbers in SI units. */
export type LawValues = Record<string, number | string>;

/** What a law gives outside the range that its source covers, and why it still says something there. */
export interface Beyond {
  value: number;
  beyond: string;
}

/** A formula for a constant: what it gives, from what, and who published it. */
export interface Law {
  description: string;
  source: string;
  /** The law itself is an assumption, or rests on one. */
  placeholder: boolean;
  /** What it gives. */
  result: Dimension;
  arguments: Record<string, LawArgument>;
  /** In SI units, areas in mm2. @throws RangeError outside what the law covers. */
  evaluate: (values: LawValues) => number | Beyond;
}
