// The look of a report page: light and dark, wide and narrow, and on paper.

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
.body { display: grid; gap: 1.5rem; margin-top: .8rem; grid-template-columns: minmax(0, 1fr); }
.body.beside { grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); }
.figures, .tables { display: grid; gap: 1.2rem; align-content: start; grid-template-columns: minmax(0, 1fr); }
.body:not(.beside) > .tables { max-width: 60rem; }
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
tbody th { max-width: 40ch; }
.words { min-width: 26ch; }
thead th.number { min-width: 5.5em; }
tbody th.short { white-space: nowrap; }
.pairs { max-width: 34rem; }
.printed, .drawing svg.printed { display: none; }
.body + .tables { margin-top: 1.2rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
thead th { position: sticky; top: 0; background: var(--panel); font-weight: bold; }
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
@media (max-width: 800px) { .body.beside { grid-template-columns: minmax(0, 1fr); } body { padding: .7rem; } }
@media print {
  :root { color-scheme: light; --ink: #000; --soft: #333; --paper: #fff; --panel: #f2f2f2; --line: #bbb; }
  @page { size: A4; margin: 14mm 12mm; }
  body { max-width: none; padding: 0; font-size: 12px; }
  figcaption, table { font-size: 11px; }
  .crowded table { font-size: 8.5px; }
  .crowded th, .crowded td { padding: .1rem .2rem; }
  .crowded .number, .crowded th { white-space: normal; min-width: 0; }
  .words, thead th.number { min-width: 0; }
  thead button { display: contents; }
  .body, .body.beside, .figures, .tables { display: block; }
  figure, details { margin-bottom: 1rem; }
  details.long { display: none; }
  .pairs { max-width: 34rem; }
.printed, .drawing svg.printed { display: block; }
  nav, .tools, .csv { display: none; }
  .scroll { overflow: visible; max-height: none; }
  .drawing svg { min-width: 0 !important; max-height: 24cm; break-inside: avoid; }
  .drawing.pieces { break-inside: auto; }
  .drawing.pieces .scroll { display: none; }
  p, figcaption { max-width: none; }
  .chart svg { height: auto; }
  figure, tr, p { break-inside: avoid; }
  h2, summary, section > p, thead { break-after: avoid; }
  thead th { position: static; }
}
`;
