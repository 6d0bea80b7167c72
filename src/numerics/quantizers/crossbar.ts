// Codebooks on crossbars: conductances proportional to the code values (one cell a weight), or fixed-point words sliced
// over cells.

import { toDynamicFixedPoint } from '../formats/dynamic-fixed-point.js';
import { requireInteger } from '../formats/format.js';
import type { Codebook } from './codebook.js';
import type { Sign } from './names.js';

/** Conductances by level. `(positive - negative) * valuePerSiemens` is the level exactly up to double rounding. */
export interface CellConductances {
  readonly positive: Float64Array;
  /** `differential`: the negative cells. `offset`: the reference, the same for each level. */
  readonly negative: Float64Array;
  readonly valuePerSiemens: number;
}

/**
 * One cell a weight (or a pair of cells): conductances that are proportional to the code values, so that a column's
 * current sums values, not code numbers.
 * @param least conductance of the off state, S @param most of the on state, S
 * @throws RangeError unless 0 <= least < most
 */
export function codebookConductances({ levels }: Codebook, sign: Sign, least: number, most: number): CellConductances {
  if (!(least >= 0 && most > least && most < Infinity))
    throw new RangeError(`conductances from ${least} to ${most} S; expected 0 <= least < most`);
  const [low, high] = [levels[0]!, levels[levels.length - 1]!];
  if (sign === 'differential') {
    const largest = Math.max(Math.abs(low), Math.abs(high));
    const slope = largest === 0 ? 0 : (most - least) / largest;
    return {
      positive: levels.map((level) => least + slope * Math.max(level, 0)),
      negative: levels.map((level) => least + slope * Math.max(-level, 0)),
      valuePerSiemens: largest / (most - least),
    };
  }
  // The range includes 0, so that the reference is a conductance that a cell can have.
  const [from, to] = [Math.min(low, 0), Math.max(high, 0)];
  const slope = to === from ? 0 : (most - least) / (to - from);
  return {
    positive: levels.map((level) => least + slope * (level - from)),
    negative: levels.map(() => least - slope * from),
    valuePerSiemens: (to - from) / (most - least),
  };
}

/**
 * Levels as fixed-point words cut into slices of `cellBits`, least significant first: `value = (sum digit 2^(cellBits
 * slice) [- offset]) 2^-fractionBits`.
 */
export interface CodebookWords {
  readonly wordBits: number;
  readonly fractionBits: number;
  /** Words by level, integers. */
  readonly words: Int32Array;
  /** By level and slice, in the positive cells. */
  readonly positive: readonly Uint32Array[];
  /** `differential`: in the negative cells; `offset`: undefined. */
  readonly negative: readonly Uint32Array[] | undefined;
  /** What the shift&add unit subtracts for each weight: 2^(wordBits - 1) with `offset`, else 0. */
  readonly offset: number;
}

/**
 * Rounds code values to words of `wordBits` bits (the knob `weights.codeWordBits`) with one exponent at which none
 * saturates, and cuts the words over `ceil(wordBits / cellBits)` cells.
 */
export function codebookWords({ levels }: Codebook, sign: Sign, wordBits: number, cellBits: number): CodebookWords {
  requireInteger('cellBits', cellBits, 1, wordBits);
  const { integers, fractionBits } = toDynamicFixedPoint(levels, { bits: wordBits, rule: 'no-saturation' });
  const slices = Math.ceil(wordBits / cellBits);
  const cut = (magnitude: number): Uint32Array =>
    Uint32Array.from({ length: slices }, (_, slice) => Math.floor(magnitude / 2 ** (cellBits * slice)) % 2 ** cellBits);
  const offset = sign === 'offset' ? 2 ** (wordBits - 1) : 0;
  const by = (magnitude: (word: number) => number): Uint32Array[] =>
    Array.from(integers, (word) => cut(magnitude(word)));
  return {
    wordBits,
    fractionBits,
    words: integers,
    offset,
    positive: by((word) => (sign === 'offset' ? word + offset : Math.max(word, 0))),
    negative: sign === 'offset' ? undefined : by((word) => Math.max(-word, 0)),
  };
}
