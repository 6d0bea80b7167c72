// Tables of a report page: folded unless they are meant to be read first; sorting and saving are the page's script.

import { escapeHtml } from '../../config/escape.js';
import { staysOnScreen, type Cell, type Figure, type TableData } from './sections.js';

/** Tables of more columns are set smaller on paper. */
const MOST_AT_EASE = 7;
/** Row heads up to this many characters do not break. */
const SHORT = 24;
/** Cells with more characters keep a width in which they can be read. */
const LONG = 40;

/** Folded tables of more rows get them when they are opened. */
const ROWS_AT_ONCE = 24;

/**
 * What the page's script puts in, as HTML: rows by their table's id, where it is opened, and drawings by their figure's
 * id, at once.
 */
export type Bodies = Record<string, string>;

/** A table under its title, with a button that saves it. Long folded ones put their rows into `bodies`, where given. */
export function tableHtml(
  { id, title, columns, rows, open = false, rowIds = [] }: TableData,
  bodies: Bodies | undefined,
): string {
  const head = columns
    .map(
      ({ key, title: name, numeric }) =>
        `<th scope="col" data-key="${escapeHtml(key)}"${numeric ? ' class="number"' : ''}><button ` +
        `type="button">${escapeHtml(name)}</button></th>`,
    )
    .join('');
  const body = rows
    .map((row, i) => {
      const anchor = rowIds[i] === undefined ? '' : ` id="${escapeHtml(rowIds[i])}"`;
      return `<tr${anchor}>${row.map((cell, c) => cellHtml(cell, columns[c]!.numeric, c === 0)).join('')}</tr>`;
    })
    .join('');
  const later = bodies !== undefined && !open && rows.length > ROWS_AT_ONCE;
  if (later) bodies[id] = body;
  const name = escapeHtml(title);
  const width = columns.length === 2 ? ' pairs' : columns.length > MOST_AT_EASE ? ' crowded' : '';
  return (
    `<details class="table${open ? ' first' : ''}${width}"${open ? ' open' : ''}><summary>${name}</summary>` +
    `<div class="scroll" tabindex="0" role="group" aria-label="${name}"><table id="${id}">` +
    `<caption class="hidden">${name}; a heading sorts by its column</caption>` +
    `<thead><tr>${head}</tr></thead><tbody>${later ? '' : body}</tbody></table></div>` +
    `<button type="button" class="csv" data-csv="${id}">Download CSV</button></details>`
  );
}

/** On paper, a line that names the figures and tables that only the page has. */
export function notPrinted(figures: readonly Figure[], tables: readonly TableData[]): string {
  const drawn = figures.filter(staysOnScreen).map(({ title }) => title);
  const folded = tables.filter(({ open }) => open !== true).map(({ title, rows }) => `${title} (${rows.length})`);
  const parts = [
    ...(drawn.length === 0 ? [] : [`Figures on the page itself: ${drawn.join(', ')}.`]),
    ...(folded.length === 0 ? [] : [`Tables on the page itself, with their rows: ${folded.join(', ')}.`]),
  ];
  return parts.length === 0 ? '' : `<p class="printed">${escapeHtml(parts.join(' '))}</p>`;
}

function cellHtml({ text, value, path, note, assumed }: Cell, numeric: boolean, first: boolean): string {
  const look = numeric ? ' class="number"' : text.length > LONG ? ' class="words"' : '';
  const exact = value === null || (!numeric && value === text) ? '' : ` data-value="${escapeHtml(String(value))}"`;
  const attributes = `${look}${exact}${path === undefined ? '' : ` data-path="${escapeHtml(path)}"`}`;
  const mark = assumed === true ? '<sup>*</sup>' : '';
  const beside = note === undefined ? '' : ` <small>${escapeHtml(note)}</small>`;
  // A long key may break after its dots.
  const short = numeric || text.length > SHORT ? '' : ' class="short"';
  return first
    ? `<th scope="row"${short}${attributes}>${escapeHtml(text).replaceAll('.', '.<wbr>')}${beside}</th>`
    : `<td${attributes}>${escapeHtml(text)}${mark}${beside}</td>`;
}
