// How the arrays of a stage are drawn: one square for each slice and sign, cards behind it for tiles and copies.

import type { Result } from '../../../simulation/index.js';
import { count } from '../../../config/numbers.js';
import { box, label, type Place } from './shapes.js';

/** What makes physical arrays of a logical one. */
export interface ArrayForm {
  /** Arrays side by side for the slices of a weight's bits. */
  slices: number;
  /** 2: positive and negative weights in arrays of their own. */
  signs: number;
  /** Cells of a weight in neighbouring columns of one array. */
  columnSlices: number;
}

/**
 * Reads the form from the config; where the product does not match what was counted, the counted factor counts as
 * slices.
 */
export function arrayForm({ config: { weights, crossbar }, arrays }: Result): ArrayForm {
  const factor = arrays.logical === 0 ? 1 : arrays.physical / arrays.logical;
  const signs = weights.sign === 'differential' && factor % 2 === 0 ? 2 : 1;
  const slices = factor / signs;
  const columnSlices = weights.slices === 'columns' ? Math.ceil(weights.bits / crossbar.cellBits) : 1;
  return { slices, signs, columnSlices };
}

const SQUARE = 11;
const MOST_CARDS = 4;
const MOST_SLICES = 8;

/** The arrays of a stage in words. */
export interface ArrayWords {
  physical: string;
  logical: string;
  /** Copies × tiles in short: `64 × 9`. */
  short: string;
  form: string;
}

/** A stage's arrays in words; `operands`: what they hold and are driven with. */
export function arrayWords(form: ArrayForm, logical: number, copies: number | null, operands: string): ArrayWords {
  const tiles =
    copies === null || copies === 0 || logical % copies !== 0
      ? `${count(logical)} logical`
      : `G ${count(copies)} × ${count(logical / copies)} ${logical === copies ? 'tile' : 'tiles'}`;
  const parts = [
    ...(form.slices > 1 ? [`${form.slices} slices`] : []),
    ...(form.columnSlices > 1 ? [`${form.columnSlices} slices in columns`] : []),
    ...(form.signs === 2 ? ['2 signs'] : []),
  ];
  return {
    short:
      copies === null || copies === 0 || logical % copies !== 0
        ? count(logical)
        : `${count(copies)} × ${count(logical / copies)}`,
    physical: `${count(logical * form.slices * form.signs)} arrays`,
    logical: operands === '' ? tiles : `${tiles}: ${operands}`,
    form: parts.join(' × '),
  };
}

/**
 * The arrays of a stage, 36 high, with their words.
 * @param logical arrays before slices and signs
 * @param right where the words end at the latest, pixels
 */
export function drawArrays(
  { x, y }: Place,
  form: ArrayForm,
  words: ArrayWords,
  { color, logical, right }: { readonly color: string; readonly logical: number; readonly right: number },
): string[] {
  const slices = Math.min(MOST_SLICES, Math.max(1, Math.round(form.slices)));
  const [width, height] = [slices * SQUARE, form.signs * SQUARE];
  const parts: string[] = [];
  const cards = Math.min(MOST_CARDS, logical);
  for (let card = cards - 1; card >= 0; card--) {
    const [left, top] = [x + 3 * card, y + 9 - 3 * card];
    parts.push(box({ x: left, y: top, width, height }, { fill: 'var(--paper, #fff)', stroke: color }));
    if (card > 0) continue;
    for (let sign = 0; sign < form.signs; sign++) {
      for (let slice = 0; slice < slices; slice++) {
        const [sx, sy] = [left + slice * SQUARE, top + sign * SQUARE];
        parts.push(
          box(
            { x: sx + 1, y: sy + 1, width: SQUARE - 2, height: SQUARE - 2 },
            { fill: color, fillOpacity: sign === 0 ? 0.9 : 0.35 },
          ),
        );
        if (form.signs === 2 && slice === 0)
          parts.push(
            label(sx + SQUARE / 2, sy + SQUARE - 2.5, sign === 0 ? '+' : '−', {
              size: 9,
              bold: true,
              anchor: 'middle',
            }),
          );
        for (let column = 1; column < form.columnSlices; column++)
          parts.push(
            `<path d="M${sx + (column * SQUARE) / form.columnSlices} ${sy}v${SQUARE}" stroke="var(--paper, ` +
              `#fff)" stroke-width="0.5"/>`,
          );
      }
    }
  }
  const text = x + width + 3 * cards + 6;
  const room = right - text;
  parts.push(
    label(text, y + 12, words.physical, { bold: true, size: 10.5, room }),
    label(text, y + 24, words.logical, { size: 9.5, room }),
    label(text, y + 35, words.form, { size: 9.5, room }),
  );
  return parts;
}
