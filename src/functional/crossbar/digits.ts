// Integers cut over cells: which level every cell of a row tile takes.

import type { WeightMatrix } from '../backend.js';
import { InvariantError } from '../../kernel/index.js';
import type { CrossbarOptions } from './options.js';
import type { Placement } from './placement.js';

/** Levels of the cells of one row tile, [line][row]. */
export type Digits = Uint8Array | Uint16Array;

/** What offset storage adds to every weight. */
export const weightOffset = (bits: number, sign: 'differential' | 'offset'): number =>
  sign === 'offset' ? 2 ** (bits - 1) : 0;

/** Level of the cells of a reference column: a one, or the offset's digit of the last slice. */
export function referenceLevel({ layout, reference }: CrossbarOptions, slices: number): number {
  return reference === 'digit' ? 2 ** (layout.weightBits - 1 - layout.cellBits * (slices - 1)) : 1;
}

/**
 * Refuses weights that the cells do not hold: magnitudes of all slices (differential), or two's complement of `bits`
 * (offset).
 */
export function checkWeights(
  { values, name, columns }: WeightMatrix,
  { layout: { weightBits, cellBits, sign } }: CrossbarOptions,
): void {
  const limit = sign === 'offset' ? 2 ** (weightBits - 1) : 2 ** (cellBits * Math.ceil(weightBits / cellBits));
  for (let i = 0; i < values.length; i++) {
    const w = values[i]!;
    if (!Number.isInteger(w) || w < (sign === 'offset' ? -limit : 1 - limit) || w >= limit)
      throw new InvariantError(
        `${name}: weight ${w} in row ${Math.floor(i / columns)}, column ${i % columns} is no integer of ` +
          `${weightBits} bits`,
      );
  }
}

/**
 * Writes columns whose levels add up to more than half of what their cells hold the other way round: what is missing to
 * the highest level (ISAAC Sec. V). @returns 1 by line that is flipped; null where the encoding is plain
 */
export function flipColumns(
  digits: Digits,
  { lines }: Placement,
  { encoding, layout }: CrossbarOptions,
): Uint8Array | null {
  if (encoding !== 'flipped' || layout.sign !== 'offset') return null;
  const rows = digits.length / lines.count;
  const highest = 2 ** layout.cellBits - 1;
  return Uint8Array.from({ length: lines.count }, (_, line) => {
    const cells = digits.subarray(line * rows, (line + 1) * rows);
    let sum = 0;
    for (let r = 0; r < rows; r++) sum += cells[r]!;
    if (lines.column[line]! < 0 || 2 * sum <= rows * highest) return 0;
    for (let r = 0; r < rows; r++) cells[r] = highest - cells[r]!;
    return 1;
  });
}

/** Cuts the rows `from` to `to` of a matrix over the lines of its placement. */
export function cutDigits(
  matrix: WeightMatrix,
  placement: Placement,
  options: CrossbarOptions,
  { from, to }: { readonly from: number; readonly to: number },
): Digits {
  const { layout } = options;
  const { lines, slices } = placement;
  const rows = to - from;
  const digits = layout.cellBits <= 8 ? new Uint8Array(lines.count * rows) : new Uint16Array(lines.count * rows);
  const offset = weightOffset(layout.weightBits, layout.sign);
  const reference = referenceLevel(options, slices);
  for (let line = 0; line < lines.count; line++) {
    const c = lines.column[line]!;
    const at = line * rows;
    if (c < 0) {
      digits.fill(reference, at, at + rows);
      continue;
    }
    const negative = lines.sign[line] === 1;
    const unit = 2 ** (layout.cellBits * lines.slice[line]!);
    const levels = 2 ** layout.cellBits;
    for (let r = 0; r < rows; r++) {
      const w = matrix.values[(from + r) * matrix.columns + c]!;
      const magnitude = layout.sign === 'offset' ? w + offset : negative ? -w : w;
      digits[at + r] = magnitude <= 0 ? 0 : Math.floor(magnitude / unit) % levels;
    }
  }
  return digits;
}
