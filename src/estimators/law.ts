// What a law is, and the arguments that several take.

import type { Dimension } from '../config/index.js';
import { isOneOf } from '../config/typed.js';

/**
 * An argument: a quantity, a number (a share: from 0 to 1) or a word; `from` is the config key that gives it where the
 * law's user does not, `otherwise` what stands for it where nothing does; an `optional` one may be left out. `ofLayer`
 * says that a layer's own stands for the key's value in the energy of its actions: lines that a slot drives in an
 * array, or the share of ones among them.
 */
export type LawArgument = {
  description: string;
  from?: string;
  otherwise?: string | number;
  optional?: true;
  ofLayer?: 'rows' | 'density';
} & ({ dimension: Dimension } | { number: true } | { share: true } | { choice: readonly string[] });

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

/** A number among the values of a law. */
export const num = (values: LawValues, key: string): number => Number(values[key]);

/** A word among the values of a law. @throws RangeError where it is none of those that the law knows */
export function wordOf<T extends string>(values: LawValues, key: string, words: readonly T[]): T {
  const word = String(values[key]);
  if (!isOneOf(words, word)) throw new RangeError(`${key}: found ${word}, expected one of ${words.join(', ')}`);
  return word;
}

/** `sensing.bits`. */
export const BITS: LawArgument = { description: 'Resolution', number: true, from: 'sensing.bits' };
/** `inputs.bitsPerSlot`. */
export const SLOT_BITS: LawArgument = { description: 'Bits of a slot', number: true, from: 'inputs.bitsPerSlot' };
/** `sensing.rate`. */
export const RATE: LawArgument = { description: 'Conversions a second', dimension: 'sampleRate', from: 'sensing.rate' };
/** `chip.node`. */
export const NODE: LawArgument = { description: 'Node', dimension: 'length', from: 'chip.node' };

/** `device.resistance.on`. */
export const LOWEST: LawArgument = {
  description: 'Lowest resistance of a cell',
  dimension: 'resistance',
  from: 'device.resistance.on',
};
/** `device.resistance.off`. */
export const HIGHEST: LawArgument = {
  description: 'Highest resistance of a cell',
  dimension: 'resistance',
  from: 'device.resistance.off',
};
/** `device.readVoltage`. */
export const READ_VOLTAGE: LawArgument = {
  description: 'Read voltage',
  dimension: 'voltage',
  from: 'device.readVoltage',
};
