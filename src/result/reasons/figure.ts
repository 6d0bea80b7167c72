// What can be explained: a figure by its key, and how rules give each figure its derivation.

import { agrees, leaf, type Derivation } from './derivation.js';

/** A number of a result that has a derivation. */
export interface Figure {
  key: string;
  /** Where it stands in the result's JSON. */
  path: string;
  value: number;
  unit: string;
  /** One line: what it is. */
  says: string;
  derive: () => Derivation;
}

/** Gives the figure of a key its unit, its line and its derivation. */
export type Define = (key: string, unit: string, says: string, derive: () => Derivation) => void;

/** The derivation where it gives the value; else the value as the mapping built it, with what is known of it. */
export const checked = (value: number, derivation: Derivation, says: string): Derivation =>
  agrees(derivation.value, value)
    ? derivation
    : leaf('mapping', { name: derivation.name, value, unit: derivation.unit, says });
