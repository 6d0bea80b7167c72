// The look of a report page: light and dark, wide and narrow, and on paper.

import { darkRules } from '../colors.js';
import { PAPER_GUTTER, PAPER_HEIGHT } from './sections.js';

/** The style sheet of a page. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark; --ink: #1a1a1a; --soft: #595959; --paper: #ffffff; --panel: #f6f6f6; --line: #d0d0d0;
  --accent: #005a8c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #ececec; --soft: #b4b4b4; --paper: #16181b; --panel: #1f2226; --line: #43474d; --accent: #7cc4f2;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 1280px; padding: 1rem; color: var(--ink); background: var(--paper);
  font: 15px/1.5 'DejaVu Sans', Helvetica, Arial, sans-serif; overflow-wrap: anywhere;
}
h1 { font-size: 1.5rem; margin: 0; line-height: 1.25; }
h2 { font-size: 1.2rem; margin: 0 0 .5rem; }
p { margin: .3rem 0; max-width: 90ch; }
a { color: var(--accent); }
nav { display: flex; flex-wrap: wrap; gap: .3rem 1rem; margin-top: .7rem; }
section { border-top: 1px solid var(--line); margin-top: 1.5rem; padding-top: 1rem; }
header p, footer p, figcaption { color: var(--soft); }
.figures {
  display: grid; gap: 1.4rem 1.6rem; margin-top: .8rem; align-items: start;
  grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr));
}
.figures > .wide, .figures > .drawing { grid-column: 1 / -1; }
.figures.beside > .drawing { grid-column: auto; }
.tables { margin-top: .9rem; }
.tables > details + details { margin-top: .2rem; }
.headlines { display: grid; gap: .8rem; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); margin: .6rem 0; }
.headlines > div { background: var(--panel); border-radius: 6px; padding: .5rem .7rem; }
.headlines dt { color: var(--soft); font-size: .87rem; }
.headlines dd { margin: 0; }
.headlines .figure { display: block; font-size: 1.25rem; font-weight: bold; }
.headlines .beside, .headlines .bracket { display: block; font-size: .87rem; color: var(--soft); }
.headlines .bracket { color: var(--ink); }
.says { margin: .6rem 0; max-width: 110ch; }
.says > div { display: grid; grid-template-columns: 8.5rem minmax(0, 1fr); gap: .2rem .8rem; padding: .12rem 0; }
.says dt { color: var(--soft); }
.says dd { margin: 0; }
.bar {
  display: inline-block; width: 10rem; height: .8em; border: 1px solid var(--soft); margin-right: .6rem;
  vertical-align: -.05em; max-width: 100%;
}
.bar > span { display: block; height: 100%; background: var(--soft); }
h3 { font-size: 1rem; margin: .6rem 0 .2rem; }
.next { margin: 0; padding-left: 1.2rem; }
.next code { background: var(--panel); padding: .05rem .3rem; }
.next span { color: var(--soft); }
td small, th small { color: var(--soft); margin-left: .3em; }
sup { line-height: 0; }
tr:target { outline: 2px solid var(--accent); outline-offset: -2px; }
.drawing a { color: inherit; }
.drawing a:focus-visible { outline: 2px solid var(--accent); }
figure { margin: 0; min-width: 0; }
figcaption { font-size: .87rem; margin-top: .3rem; max-width: 90ch; }
figcaption strong { color: var(--ink); }
.chart { width: 100%; min-height: 40px; color: var(--ink); }
.chart svg { display: block; max-width: 100%; }
.scroll { overflow: auto; max-height: 40rem; }
.drawing .scroll { max-height: none; }
.drawing svg { display: block; width: 100%; height: auto; color: var(--ink); }
.tools { display: flex; flex-wrap: wrap; gap: .4rem; margin-bottom: .4rem; }
table { border-collapse: collapse; font-size: .85rem; width: 100%; overflow-wrap: normal; }
th, td {
  padding: .2rem .5rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top;
  font-weight: normal;
}
thead .number { white-space: normal; }
tbody th { max-width: 40ch; position: sticky; left: 0; background: var(--paper); }
.scroll.more { box-shadow: inset -14px 0 10px -10px var(--soft); }
.hint { display: none; font-size: .8rem; color: var(--soft); margin: .1rem 0; }
.more + .hint { display: block; }
.words { min-width: 26ch; }
thead th.number { min-width: 5.5em; }
tbody th.short { white-space: nowrap; }
.pairs { max-width: 34rem; }
.printed { display: none; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
thead th:first-child { left: 0; z-index: 2; }
thead th { position: sticky; top: 0; z-index: 1; background: var(--panel); font-weight: bold; }
thead button { all: unset; cursor: pointer; font-weight: bold; }
thead button:focus-visible,
summary:focus-visible,
.scroll:focus-visible,
.tools button:focus-visible {
  outline: 2px solid var(--accent); outline-offset: 1px;
}
th[aria-sort=ascending] button::after { content: ' \\25B2'; }
th[aria-sort=descending] button::after { content: ' \\25BC'; }
summary { cursor: pointer; font-weight: bold; font-size: .9rem; padding: .2rem 0; }
.csv, .tools button {
  font: inherit; font-size: .8rem; color: var(--ink); background: var(--panel); border: 1px solid var(--line);
  border-radius: 4px; padding: .15rem .6rem; cursor: pointer; margin-top: .3rem;
}
pre {
  overflow: auto; max-height: 30rem; background: var(--panel); padding: .7rem; font-size: .8rem; line-height: 1.35;
}
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
#vg-tooltip-element {
  position: fixed; z-index: 9; padding: .3rem .5rem; background: var(--panel); color: var(--ink);
  border: 1px solid var(--line); border-radius: 4px; font-size: .8rem; pointer-events: none; visibility: hidden;
  max-width: 22rem;
}
#vg-tooltip-element.visible { visibility: visible; }
#vg-tooltip-element td, #vg-tooltip-element th { border: 0; padding: 0 .3rem; }
@media screen and (max-width: 800px) {
  body { padding: .7rem; }
  .says > div { grid-template-columns: minmax(0, 1fr); }
  .says dt { font-size: .87rem; }
  tbody th { max-width: 9rem; }
  tbody th.short { white-space: normal; }
}
@media screen and (prefers-color-scheme: dark) {
  ${darkRules()}
}
@media print {
  :root { color-scheme: light; --ink: #000; --soft: #333; --paper: #fff; --panel: #f2f2f2; --line: #bbb; }
  @page { size: A4; margin: 10mm 12mm; }
  body { max-width: none; padding: 0; font-size: 10.5px; line-height: 1.3; }
  figcaption, table { font-size: 10px; }
  .crowded table { font-size: 8.5px; }
  .crowded th, .crowded td { padding: .1rem .2rem; }
  .crowded .number, .crowded th { white-space: normal; min-width: 0; }
  .words, thead th.number { min-width: 0; }
  thead button { display: contents; }
  .figures { display: block; columns: 2; column-gap: ${PAPER_GUTTER}px; margin-top: .3rem; }
  .figures > .wide, .figures > .drawing { column-span: all; }
  .figures > figure { margin-bottom: .5rem; }
  .figures.beside { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .5rem 1rem; }
  section { margin-top: .4rem; padding-top: .3rem; }
  .headlines { grid-template-columns: repeat(4, 1fr); gap: .4rem; }
  .says > div { grid-template-columns: 6.5rem minmax(0, 1fr); }
  .headlines .figure { font-size: 1.05rem; }
  .headlines > div { border: 1px solid var(--line); }
  details:not(.first) { display: none; }
  details { margin-bottom: .4rem; }
  div.printed, p.printed { display: block; }
  span.printed { display: inline; }
  div.narrow { columns: 2; column-gap: ${PAPER_GUTTER}px; }
  svg.printed { display: block; width: 100%; height: auto; margin: 0 auto; break-inside: avoid; color: #000; }
  .screen-only, .drawing .scroll, .hint { display: none !important; }
  .drawing { break-inside: auto; }
  nav, .tools, .csv { display: none; }
  .scroll { overflow: visible; max-height: none; }
  .scroll.more { box-shadow: none; }
  tbody th { position: static; }
  details:not(.crowded) #assumptions wbr { display: none; }
  #assumptions th, #assumptions td { padding-top: .1rem; padding-bottom: .1rem; }
  code { overflow-wrap: anywhere; }
  p, figcaption { max-width: none; }
  .chart svg { width: 100%; height: auto; max-height: ${PAPER_HEIGHT + 60}px; }
  figure, tr, p { break-inside: avoid; }
  h2, summary, section > p, thead { break-after: avoid; }
  thead th { position: static; }
}
`;
