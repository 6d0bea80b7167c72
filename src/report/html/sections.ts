// What a report is made of: sections with a caption, figures and tables. Data only; page.ts writes them as HTML.

/**
 * A chart as Vega-Lite has it (charts/lite.ts), without size and colours of text, which page and paper choose. Here it
 * is known by its description alone: Vega's types would ask who imports these for a browser's.
 */
export interface ChartSpec {
  description: string;
}

/** Along what a chart zooms: its field on x, with a parameter `zoom` bound to the scales. */
export const ZOOM_FIELD = 'startS';

/** The folder of a report's figures, beside it. */
export const FIGURES = 'figures';

/** Pixels of a line on paper (A4 less its margins). */
export const PAPER_WIDTH = 700;
/** Pixels of a sheet that a chart may take: the rest is for a heading and what the chart says. */
export const PAPER_HEIGHT = 860;
/** Pixels that a chart may take of a column that it shares with others. */
const COLUMN_HEIGHT = 600;
/** Pixels between two columns of figures on paper. */
export const PAPER_GUTTER = 24;
/** Pixels of a chart's letters on a screen. */
export const SCREEN_LETTERS = 11;
/** Share of their size that charts have on paper: their letters measure 7 points there (of 4/3 pixels). */
export const PRINTED_SCALE = (7 * 4) / 3 / SCREEN_LETTERS;

/** A drawing that is SVG already, in pixels; at the heights `cuts` paper may cut it. */
export interface Drawing {
  svg: string;
  width: number;
  height: number;
  cuts: readonly number[];
  /** Its form for paper and for figures, with what to say of it there; by default itself. */
  paper?: Drawing & { caption: string };
}

/** A picture: a chart or a drawing. `id` names its files and its element. */
export type Figure = { id: string; title: string; caption: string } & (
  { spec: ChartSpec; zooms?: typeof ZOOM_FIELD; wide?: boolean; screenOnly?: boolean } | Drawing
);

/**
 * True where paper has no chart: it asks not to be printed, or its rows, in letters of 7 points, are more than a sheet
 * holds, or than a column that charts share.
 */
export const staysOnScreen = (figure: Figure): boolean =>
  'spec' in figure &&
  (figure.screenOnly === true ||
    ('height' in figure.spec &&
      typeof figure.spec.height === 'number' &&
      figure.spec.height * PRINTED_SCALE > (figure.wide === true ? PAPER_HEIGHT : COLUMN_HEIGHT)));

/** A cell: how it reads, its exact value, and where in the result's JSON file that value stands. */
export interface Cell {
  text: string;
  value: string | number | null;
  path?: string;
  /** What stands smaller behind it: a ratio. */
  note?: string;
  /** True where it rests on placeholder constants: it gets a `*`. */
  assumed?: boolean;
}

/** A column of a table. */
export interface Column {
  /** Head of the column in CSV; ends with the unit of its values. */
  key: string;
  title: string;
  numeric: boolean;
}

/** A table: its columns, its rows of cells, and the file that it is saved as. */
export interface TableData {
  /** Names the element and the CSV file. */
  id: string;
  title: string;
  columns: Column[];
  rows: Cell[][];
  /** Shown and printed; others are folded and stay on the screen. */
  open?: boolean;
  /** Ids of the rows' elements, for links. */
  rowIds?: readonly string[];
}

/** What stands first on a page: headlines, what sets them, how far from the ideal, what to try. */
export interface Lead {
  headlines: { label: string; figure: Cell; beside: string; bracket: string }[];
  says: { label: string; text: string }[];
  /** Shares of an ideal, 0 to 1. */
  bars: { label: string; share: number; text: string }[];
  next: { command: string; why: string }[];
}

/** A section of a report. */
export interface Section {
  id: string;
  title: string;
  /** Plain text that tells a stranger what the section shows. Paragraphs are separated by an empty line. */
  caption: string;
  lead?: Lead;
  figures: Figure[];
  /** Drawings stand beside each other where there is room. */
  beside?: boolean;
  tables: TableData[];
  /** Other pages, relative to this one. */
  links?: { text: string; href: string }[];
  /** Long text that opens on demand. */
  details?: { title: string; text: string };
}

/** A report as data: what stands on its head, and its sections. */
export interface ReportPage {
  title: string;
  subtitle: string;
  sections: Section[];
  /** How to read the page again: versions, hashes. */
  footer: string;
}

/** All figures of a page in their order. */
export const figuresOf = (page: ReportPage): Figure[] => page.sections.flatMap(({ figures }) => figures);
