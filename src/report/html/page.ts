// A report page as one HTML file that asks nothing of the network: styles, data, chart libraries and script are inside,
// packed where a packer is handed in, or the libraries in a file beside it.

import { onPage } from './charts/theme.js';
import { escapeHtml, scriptJson } from '../../config/escape.js';
import { patternDefs } from '../colors.js';
import { scriptCode } from './escape.js';
import { leadHtml } from './lead-html.js';
import { PAGE_SCRIPT } from './script.js';
import {
  PAPER_GUTTER,
  PAPER_WIDTH,
  staysOnScreen,
  type Drawing,
  type Figure,
  type ReportPage,
  type Section,
  type TableData,
} from './sections.js';
import { PAGE_STYLE } from './style.js';
import { notPrinted, tableHtml, type Bodies } from './table-html.js';

// The browser itself holds the page to what is inside it. Vega compiles its expressions, which needs unsafe-eval.
const policy = (scripts: string): string =>
  `default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'${scripts}; style-src 'unsafe-inline'; ` +
  'img-src data: blob:';

/** Pixels of paper that a piece of a drawing takes at most: what is left of a sheet takes some. */
const PIECE = 240;
/** A drawing of more letters stands packed in the page. */
const LONG_DRAWING = 50_000;
/** A drawing is never shrunk below this share of its size; narrow screens scroll. */
const LEAST_SCALE = 0.85;

/** The code of vega, vega-lite and vega-embed: within the page, or in a file at this path beside it. */
export type Libraries = readonly string[] | { path: string };

/** Makes a text smaller: base64 of its gzip. */
export type Pack = (text: string) => string;

/** Writes a page. With a packer, chart data, long folded tables, large drawings and libraries stand packed. */
export function pageHtml(page: ReportPage, libraries: Libraries, pack?: Pack): string {
  const specs = Object.fromEntries(
    page.sections
      .flatMap(({ figures }) => figures)
      .flatMap((figure) => ('spec' in figure ? [[figure.id, onPage(figure.spec)]] : [])),
  );
  const contents = page.sections.map(({ id, title }) => `<a href="#${id}">${escapeHtml(title)}</a>`).join(' ');
  const charts = scriptJson(specs);
  const bodies: Bodies = {};
  const sections = page.sections.map((section) => sectionHtml(section, pack && bodies)).join('\n');
  const patterns = patternDefs(charts + sections + Object.values(bodies).join(''));
  const beside = 'path' in libraries ? `<script src="${escapeHtml(libraries.path)}"></script>\n` : '';
  const code = 'path' in libraries ? [] : libraries;
  const data =
    pack === undefined
      ? `<script type="application/json" id="chart-specs">${charts}</script>
${code.map((one) => `<script>${scriptCode(one)}</script>`).join('\n')}`
      : `<script type="text/plain" id="packed">${pack(JSON.stringify({ specs, bodies, code }))}</script>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${policy('path' in libraries ? " 'self' file:" : '')}">
<title>${escapeHtml(page.title)}</title>
<link rel="icon" href="data:,">
<style>${PAGE_STYLE}</style>
</head>
<body>
<svg class="hidden" width="0" height="0" aria-hidden="true"><defs>${patterns}</defs></svg>
<header><h1>${escapeHtml(page.title)}</h1><p>${escapeHtml(page.subtitle)}</p>
<nav aria-label="Sections">${contents}</nav></header>
<main>
${sections}
</main>
<footer><p>${escapeHtml(page.footer)}</p></footer>
${beside}${data}
<script>${scriptCode(PAGE_SCRIPT)}</script>
</body>
</html>
`;
}

function sectionHtml(
  { id, title, caption, lead, figures, beside, tables, details, links }: Section,
  bodies: Bodies | undefined,
): string {
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
  const drawn = figures.map((figure) => figureHtml(figure, bodies)).join('');
  const pictures = drawn === '' ? '' : `<div class="figures${beside === true ? ' beside' : ''}">${drawn}</div>`;
  const lists = (chosen: readonly TableData[]): string =>
    chosen.length === 0 ? '' : `<div class="tables">${chosen.map((table) => tableHtml(table, bodies)).join('')}</div>`;
  const anchors = links?.map(({ text: name, href }) => `<a href="${escapeHtml(href)}">${escapeHtml(name)}</a>`);
  const pages = anchors === undefined ? '' : `<p>${anchors.join(' · ')}</p>`;
  return (
    `<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${escapeHtml(title)}</h2>` +
    `${lead === undefined ? '' : leadHtml(lead)}${text}${pages}${lists(tables.filter(({ open }) => open === true))}` +
    `${pictures}${lists(tables.filter(({ open }) => open !== true))}${notPrinted(figures, tables)}${more}</section>`
  );
}

function figureHtml(figure: Figure, bodies: Bodies | undefined): string {
  const caption = `<figcaption><strong>${escapeHtml(figure.title)}.</strong> ${captionHtml(figure)}</figcaption>`;
  if ('svg' in figure) return drawingHtml(figure, caption, bodies);
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
  const looks = [
    ...(figure.wide === true || figure.zooms !== undefined ? ['wide'] : []),
    ...(staysOnScreen(figure) ? ['screen-only'] : []),
  ];
  const chart = `<div class="chart" data-chart="${figure.id}"></div>`;
  return `<figure id="${figure.id}" class="${looks.join(' ')}">${zoom}${chart}${caption}</figure>`;
}

/** What a figure's caption says, on paper of its form there. */
function captionHtml(figure: Figure): string {
  const printed = 'svg' in figure ? figure.paper?.caption : undefined;
  return printed === undefined || printed === figure.caption
    ? escapeHtml(figure.caption)
    : `<span class="screen-only">${escapeHtml(figure.caption)}</span>` +
        `<span class="printed">${escapeHtml(printed)}</span>`;
}

/** A drawing in a box that scrolls where it is small, and its form for paper, in pieces if longer than a page. */
function drawingHtml(
  { id, title, svg, width, height, cuts, paper }: Figure & Drawing,
  caption: string,
  bodies: Bodies | undefined,
): string {
  const whole = svg.replace(/^<svg ([^>]*)>/, `<svg style="min-width: ${Math.round(LEAST_SCALE * width)}px" $1>`);
  const printed = paper ?? { svg, width, height, cuts };
  const longest = PIECE * Math.max(1, printed.width / PAPER_WIDTH);
  const body = `${id}-body`;
  const narrow = printed.width <= (PAPER_WIDTH - PAPER_GUTTER) / 2 && printed.height > longest ? ' narrow' : '';
  const pieces = piecesOf(printed.height, printed.cuts, longest);
  const onPaper = pieces
    .map(([from, to], i) => {
      const frame =
        `<svg class="printed" style="max-width: ${printed.width}px" ` +
        `viewBox="0 ${from} ${printed.width} ${to - from}" aria-hidden="true">`;
      const content =
        i === 0
          ? `<g id="${body}">${printed.svg.replace(/^<svg [^>]*>|<\/svg>$/g, '').replace(/<a [^>]*>|<\/a>/g, '')}</g>`
          : `<use href="#${body}"/>`;
      return `${frame}${content}</svg>`;
    })
    .join('');
  const drawn =
    `<div class="scroll" tabindex="0" role="group" style="max-width: ${Math.round(1.25 * width)}px" ` +
    `aria-label="${escapeHtml(title)}">${whole}</div><div class="printed${narrow}">${onPaper}</div>`;
  const later = bodies !== undefined && drawn.length > LONG_DRAWING;
  if (later) bodies[id] = drawn;
  return `<figure class="drawing" id="${id}">${later ? '' : drawn}${caption}</figure>`;
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
