// A report page as one HTML file that asks nothing of the network: styles, data, chart libraries and script are inside.

import { onPage } from './charts/theme.js';
import { escapeHtml, scriptJson } from '../../config/escape.js';
import { scriptCode } from './escape.js';
import { PAGE_SCRIPT } from './script.js';
import {
  PAPER_HEIGHT,
  PAPER_WIDTH,
  type Cell,
  type Drawing,
  type Figure,
  type ReportPage,
  type Section,
  type TableData,
} from './sections.js';
import { PAGE_STYLE } from './style.js';

// The browser itself holds the page to what is inside it. Vega compiles its expressions, which needs unsafe-eval.
const POLICY =
  "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:";

/** Tables of more columns are set smaller on paper. */
const MOST_AT_EASE = 7;
/** Tables of more columns stand below the charts, not beside them. */
const NARROW_COLUMNS = 4;
/** Pixels: a wider drawing has the page's width for itself. */
const WIDEST_BESIDE = 720;
/** Tables of more rows are not printed; paper says where they are. */
const MOST_PRINTED_ROWS = 60;
/** Pixels of a page that a drawing leaves to its heading or caption. */
const BESIDE_DRAWING = 120;
/** A drawing is never shrunk below this share of its size; narrow screens scroll. */
const LEAST_SCALE = 0.85;
/** Row heads up to this many characters do not break. */
const SHORT = 24;
/** Cells with more characters keep a width in which they can be read. */
const LONG = 40;

/** Writes a page; `libraries` is the code of vega, vega-lite and vega-embed. */
export function pageHtml(page: ReportPage, libraries: readonly string[]): string {
  const specs = Object.fromEntries(
    page.sections
      .flatMap(({ figures }) => figures)
      .flatMap((figure) => ('spec' in figure ? [[figure.id, onPage(figure.spec)]] : [])),
  );
  const contents = page.sections.map(({ id, title }) => `<a href="#${id}">${escapeHtml(title)}</a>`).join(' ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${escapeHtml(page.title)}</title>
<link rel="icon" href="data:,">
<style>${PAGE_STYLE}</style>
</head>
<body>
<header><h1>${escapeHtml(page.title)}</h1><p>${escapeHtml(page.subtitle)}</p>
<nav aria-label="Sections">${contents}</nav></header>
<main>
${page.sections.map(sectionHtml).join('\n')}
</main>
<footer><p>${escapeHtml(page.footer)}</p></footer>
<script type="application/json" id="chart-specs">${scriptJson(specs)}</script>
${libraries.map((code) => `<script>${scriptCode(code)}</script>`).join('\n')}
<script>${scriptCode(PAGE_SCRIPT)}</script>
</body>
</html>
`;
}

function sectionHtml({ id, title, caption, figures, tables, details, links }: Section): string {
  const text = caption
    .split('\n\n')
    .filter((paragraph) => paragraph !== '')
    .map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`)
    .join('');
  const more =
    details === undefined
      ? ''
      : `<details><summary>${escapeHtml(details.title)}</summary><pre ` +
        `tabindex="0">${escapeHtml(details.text)}</pre></details>`;
  const pictures = figures.length === 0 ? '' : `<div class="figures">${figures.map(figureHtml).join('')}</div>`;
  const lists = (chosen: readonly TableData[]): string =>
    chosen.length === 0 ? '' : `<div class="tables">${chosen.map(tableHtml).join('')}</div>`;
  const narrow = tables.filter(({ columns }) => columns.length <= NARROW_COLUMNS);
  const beside =
    figures.length > 0 &&
    narrow.length > 0 &&
    figures.every((figure) => 'spec' in figure || figure.width <= WIDEST_BESIDE);
  const wide = tables.filter(({ columns }) => columns.length > NARROW_COLUMNS);
  const anchors = links?.map(({ text: name, href }) => `<a href="${escapeHtml(href)}">${escapeHtml(name)}</a>`);
  const pages = anchors === undefined ? '' : `<p>${anchors.join(' · ')}</p>`;
  return (
    `<section id="${id}" aria-labelledby="${id}-title"><h2 ` +
    `id="${id}-title">${escapeHtml(title)}</h2>${text}${pages}<div ` +
    `class="body${beside ? ' beside' : ''}">${pictures}${lists(narrow)}</div>${lists(wide)}${more}</section>`
  );
}

function figureHtml(figure: Figure): string {
  const caption =
    `<figcaption><strong>${escapeHtml(figure.title)}.</strong> ` + `${escapeHtml(figure.caption)}</figcaption>`;
  if ('svg' in figure) return drawingHtml(figure, caption);
  const zoom =
    figure.zooms !== undefined
      ? `<div class="tools" role="group" aria-label="Zoom of ${escapeHtml(figure.title)}">${[
          ['in', 'Zoom in'],
          ['out', 'Zoom out'],
          ['left', 'Earlier'],
          ['right', 'Later'],
          ['all', 'Whole window'],
        ]
          .map(([action, label]) => `<button type="button" data-zoom="${action!}">${label!}</button>`)
          .join('')}</div>`
      : '';
  return `<figure id="${figure.id}">${zoom}<div class="chart" data-chart="${figure.id}"></div>${caption}</figure>`;
}

/** A drawing in a box that scrolls where it is small; for paper in pieces, where it is longer than a page. */
function drawingHtml({ id, title, svg, width, height, cuts }: Figure & Drawing, caption: string): string {
  const body = `${id}-body`;
  const whole = svg
    .replace(/^<svg ([^>]*)>/, `<svg style="min-width: ${Math.round(LEAST_SCALE * width)}px" $1><g id="${body}">`)
    .replace(/<\/svg>$/, '</g></svg>');
  const longest = (PAPER_HEIGHT - BESIDE_DRAWING) * Math.max(1, width / PAPER_WIDTH);
  const pieces = height <= longest ? [] : piecesOf(height, cuts, longest);
  const onPaper = pieces
    .map(
      ([from, to]) =>
        `<svg class="printed" style="max-width: ${width}px" viewBox="0 ${from} ${width} ${to - from}" ` +
        `aria-hidden="true"><use href="#${body}"/></svg>`,
    )
    .join('');
  return (
    `<figure class="drawing${pieces.length > 0 ? ' pieces' : ''}" id="${id}"><div class="scroll" tabindex="0" ` +
    `role="group" style="max-width: ${Math.round(1.25 * width)}px" ` +
    `aria-label="${escapeHtml(title)}">${whole}</div>${onPaper}${caption}</figure>`
  );
}

/** Spans of a drawing between cuts, each as long as fits. */
function piecesOf(height: number, cuts: readonly number[], longest: number): [number, number][] {
  const pieces: [number, number][] = [];
  let from = 0;
  let last = 0;
  for (const cut of [...cuts, height]) {
    if (cut - from > longest && last > from) {
      pieces.push([from, last]);
      from = last;
    }
    last = cut;
  }
  return [...pieces, [from, height]];
}

function tableHtml({ id, title, columns, rows }: TableData): string {
  const head = columns
    .map(
      ({ key, title: name, numeric }) =>
        `<th scope="col" data-key="${escapeHtml(key)}"${numeric ? ' class="number"' : ''}><button ` +
        `type="button">${escapeHtml(name)}</button></th>`,
    )
    .join('');
  const body = rows
    .map((row) => `<tr>${row.map((cell, i) => cellHtml(cell, columns[i]!.numeric, i === 0)).join('')}</tr>`)
    .join('');
  const long = rows.length > MOST_PRINTED_ROWS;
  const instead = long
    ? `<p class="printed">${escapeHtml(title)}: ${rows.length} rows, not printed; the page itself has them, and ` +
      'as CSV.</p>'
    : '';
  const name = escapeHtml(title);
  const width = columns.length === 2 ? ' pairs' : columns.length > MOST_AT_EASE ? ' crowded' : '';
  return (
    `${instead}<details class="table${long ? ' long' : ''}${width}" open><summary>${name}</summary>` +
    `<div class="scroll" tabindex="0" role="group" aria-label="${name}"><table id="${id}">` +
    `<caption class="hidden">${name}; a heading sorts by its column</caption>` +
    `<thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>` +
    `<button type="button" class="csv" data-csv="${id}">Download CSV</button></details>`
  );
}

function cellHtml({ text, value, path }: Cell, numeric: boolean, first: boolean): string {
  const look = numeric ? ' class="number"' : text.length > LONG ? ' class="words"' : '';
  const exact = value === null || (!numeric && value === text) ? '' : ` data-value="${escapeHtml(String(value))}"`;
  const attributes = `${look}${exact}${path === undefined ? '' : ` data-path="${escapeHtml(path)}"`}`;
  // A long key may break after its dots.
  const short = numeric || text.length > SHORT ? '' : ' class="short"';
  return first
    ? `<th scope="row"${short}${attributes}>${escapeHtml(text).replaceAll('.', '.<wbr>')}</th>`
    : `<td${attributes}>${escapeHtml(text)}</td>`;
}
