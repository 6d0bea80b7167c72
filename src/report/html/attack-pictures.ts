// Pictures of an attack in its report: clean, what was added, adversarial, and what the network says of each.

import { escapeHtml } from '../../config/escape.js';
import { image, pictureDrawing } from './drawing/raster.js';
import type { Figure } from './sections.js';

/** A picture under attack, its PNGs as base64. */
export interface AttackedPicture {
  readonly label: number;
  /** Classes that the network says of the clean picture and of the adversarial one. */
  readonly before: number;
  readonly after: number;
  /** It ends as the attacker wants. */
  readonly fooled: boolean;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly clean: string;
  /** Grey where nothing changed, white for the largest change upwards of this picture, black downwards. */
  readonly perturbation: string;
  readonly adversarial: string;
}

/** Pictures on one design. */
export interface DesignPictures {
  readonly architecture: string;
  readonly pictures: readonly AttackedPicture[];
}

/** Pixels of a picture's side, of its column, of a row with its words, and of the rows' names. */
const SIDE = 72;
const COLUMN = 80;
const ROW = 92;
const NAMES = 92;
const LETTERS = 11;

/** The pictures of each design; designs with the same pictures share a figure. */
export function pictureFigures(designs: readonly DesignPictures[]): Figure[] {
  const alike = new Map<string, { names: string[]; pictures: readonly AttackedPicture[] }>();
  for (const { architecture, pictures } of designs) {
    if (pictures.length === 0) continue;
    const key = JSON.stringify(pictures);
    const known = alike.get(key);
    if (known === undefined) alike.set(key, { names: [architecture], pictures });
    else known.names.push(architecture);
  }
  return [...alike.values()].map(({ names, pictures }, i) => figureOf(i, names, pictures));
}

function figureOf(place: number, names: readonly string[], pictures: readonly AttackedPicture[]): Figure {
  const [width, height] = [NAMES + pictures.length * COLUMN, 3 * ROW];
  const on = names.join(', ');
  const rows = ['clean', 'added', 'adversarial'].map((name, row) => words(0, row * ROW + SIDE / 2, name));
  return {
    id: `pictures-${place}`,
    title: `Pictures on ${on}`,
    caption:
      'The first pictures, what the attack added to them, and what came out. In the middle row grey is no change, ' +
      "white and black are each picture's largest change up and down. Below: what the network says; bold where the " +
      'attacker has what he wants.',
    ...pictureDrawing(
      width,
      height,
      `Clean and adversarial pictures on ${on}`,
      [...rows, ...pictures.map((picture, i) => columnOf(picture, NAMES + i * COLUMN))].join(''),
    ),
  };
}

function columnOf(picture: AttackedPicture, x: number): string {
  const scale = SIDE / Math.max(picture.width, picture.height);
  const drawn = [picture.clean, picture.perturbation, picture.adversarial].map((png, row) =>
    image(png, { x, y: row * ROW, width: picture.width * scale, height: picture.height * scale }),
  );
  return (
    `<g><title>label ${picture.label}, said ${picture.before}, then ${picture.after}</title>${drawn.join('')}` +
    words(x, SIDE + 13, `says ${picture.before}`) +
    words(x, 2 * ROW + SIDE + 13, `says ${picture.after}`, picture.fooled) +
    '</g>'
  );
}

const words = (x: number, y: number, text: string, bold = false): string =>
  `<text x="${x}" y="${y}" font-size="${LETTERS}" fill="currentColor"${bold ? ' font-weight="bold"' : ''}>` +
  `${escapeHtml(text)}</text>`;
