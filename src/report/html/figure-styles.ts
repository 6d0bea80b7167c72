// Styles of figures for papers and slides: total widths, letters, fonts. Lengths in points (1/72 inch).

/** A figure's total widths and type. */
export interface FigureStyle {
  /** One column, and two (or the whole slide). */
  column: number;
  page: number;
  /** Size of all letters. */
  letters: number;
  font: string;
}

const SANS = 'Helvetica, Arial, DejaVu Sans, sans-serif';
const SERIF = 'Times New Roman, Times, DejaVu Serif, serif';

/** Names of styles. */
export const FIGURE_STYLES = ['ieee', 'nature', 'acm', 'slides'] as const;
/** One of them. */
export type FigureStyleName = (typeof FIGURE_STYLES)[number];

/** Widths fit within the columns of the named publisher (IEEE 252 and 516, Nature 252 and 519, ACM 241 and 506). */
export const STYLES: Record<FigureStyleName, FigureStyle> = {
  ieee: { column: 242, page: 504, letters: 8, font: SERIF },
  nature: { column: 242, page: 504, letters: 7, font: SANS },
  acm: { column: 240, page: 504, letters: 8, font: SERIF },
  slides: { column: 640, page: 640, letters: 16, font: SANS },
};
