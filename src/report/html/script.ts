// What a report page does in the browser: draws its charts, sorts and saves its tables, zooms. Plain JavaScript,
// inlined.

import { PAPER_GUTTER, PAPER_WIDTH, PRINTED_SCALE, ZOOM_FIELD } from './sections.js';

/** The script of a page. */
export const PAGE_SCRIPT = `
'use strict';
const views = {};
let specs = {};
let bodies = {};

// Chart data, rows of long tables, large drawings and chart libraries: packed, or as they are.
async function unpack() {
  const packed = document.getElementById('packed');
  if (packed === null) return { specs: JSON.parse(document.getElementById('chart-specs').textContent) };
  const bytes = Uint8Array.from(atob(packed.textContent), (letter) => letter.charCodeAt(0));
  const unzipped = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  const { code, ...data } = JSON.parse(await new Response(unzipped).text());
  for (const text of code) {
    const script = document.createElement('script');
    script.textContent = text;
    document.head.append(script);
  }
  return data;
}

// The rows of a long table come when it is opened.
function fill(details) {
  const table = details.querySelector('table');
  if (table === null || !details.open || bodies[table.id] === undefined) return;
  table.tBodies[0].innerHTML = bodies[table.id];
  delete bodies[table.id];
}
document.addEventListener('toggle', ({ target }) => { fill(target); }, true);

// Names beside a chart leave it more than half of its place.
function limitLabels(node, pixels) {
  if (typeof node !== 'object' || node === null) return;
  if (typeof node.labelLimit === 'number') node.labelLimit = Math.min(node.labelLimit, pixels);
  for (const [key, value] of Object.entries(node)) if (key !== 'data') limitLabels(value, pixels);
}

async function draw(place) {
  const id = place.dataset.chart;
  const width = place.closest('.wide') ? place.clientWidth : Math.min(340, place.clientWidth);
  specs[id].config.legend.columns = Math.max(1, Math.floor(width / specs[id].usermeta.legendEntry));
  limitLabels(specs[id], Math.max(90, 0.42 * place.clientWidth));
  const { view } = await vegaEmbed(place, specs[id], {
    mode: 'vega-lite', renderer: 'svg', hover: false, defaultStyle: false, downloadFileName: id, actions: false,
  });
  views[id] = { view, whole: view.scale('x')?.domain() };
}
document.documentElement.dataset.ready = 'no';
unpack()
  .then((data) => {
    ({ specs, bodies = {} } = data);
    for (const details of document.querySelectorAll('details.table[open]')) fill(details);
    for (const figure of document.querySelectorAll('figure.drawing')) {
      if (bodies[figure.id] === undefined) continue;
      figure.insertAdjacentHTML('afterbegin', bodies[figure.id]);
      delete bodies[figure.id];
      hintAt(figure.querySelector('.scroll'));
    }
    unfold();
    const places = [...document.querySelectorAll('[data-chart]')];
    if (typeof vegaEmbed === 'function') return Promise.all(places.map(draw));
    for (const place of places)
      place.textContent = 'Not drawn: this page came without chart libraries. The command line writes it with them.';
  })
  .then(() => { document.documentElement.dataset.ready = 'yes'; });

const valueOf = (cell) => cell.dataset.value ?? cell.textContent;
function sortBy(head) {
  const table = head.closest('table');
  const body = table.tBodies[0];
  const column = [...head.parentNode.children].indexOf(head);
  const descending = head.getAttribute('aria-sort') === 'ascending';
  const numeric = head.classList.contains('number');
  // Empty cells stay last in either order.
  const compare = (a, b) => {
    const [x, y] = [a, b].map((row) => valueOf(row.cells[column]));
    const [noX, noY] = [x, y].map((v) => numeric && !Number.isFinite(Number(v)));
    if (noX || noY) return noX - noY;
    const order = numeric ? Number(x) - Number(y) : x.localeCompare(y, 'en', { numeric: true });
    return descending ? -order : order;
  };
  const rows = [...body.rows].sort(compare);
  for (const other of head.parentNode.children) other.removeAttribute('aria-sort');
  head.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
  body.append(...rows);
}

// No word that a spreadsheet takes for a formula (see config/escape.ts).
const isNumber = (text) => /^\\s*[+-]?(\\d+\\.?\\d*|\\.\\d+)(e[+-]?\\d+)?\\s*$/i.test(text);
const plain = (text) => (/^'*\\s*[=+\\-@]/.test(text) && !isNumber(text) ? "'" + text : text);
const quoted = (text) => (/[",\\r\\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text);
function csvOf(table) {
  const exact = (cell) => (cell.classList.contains('number') ? cell.dataset.value ?? '' : valueOf(cell));
  const head = [...table.tHead.rows[0].cells].map((cell) => cell.dataset.key);
  const lines = [head, ...[...table.tBodies[0].rows].map((row) => [...row.cells].map(exact))];
  return lines.map((line) => line.map(plain).map(quoted).join(',') + '\\n').join('');
}
function save(name, text) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

const ZOOMS = { in: [0.25, 0.75], out: [-0.5, 1.5], left: [-0.5, 0.5], right: [0.5, 1.5] };
function zoom(id, action) {
  const { view, whole } = views[id];
  const [from, to] = view.scale('x').domain();
  const [a, b] = (ZOOMS[action] ?? [-1e9, 1e9]).map((share) => from + share * (to - from));
  const width = Math.min(b - a, whole[1] - whole[0]);
  const start = Math.min(Math.max(a, whole[0]), whole[1] - width);
  view.signal('zoom_${ZOOM_FIELD}', [start, start + width]).runAsync();
}

document.addEventListener('click', ({ target }) => {
  const button = target.closest('button');
  if (button === null) return;
  if (button.dataset.csv) save(button.dataset.csv + '.csv', csvOf(document.getElementById(button.dataset.csv)));
  else if (button.dataset.zoom) zoom(button.closest('figure').id, button.dataset.zoom);
  else if (button.closest('thead')) sortBy(button.closest('th'));
});
// Printers make a picture of every mark that has a pattern: thousands of bars were hundreds of megabytes. So on paper
// all bars of one paint in a chart are one mark.
const whole = [];
function joinPatterns(place) {
  for (const group of place.querySelectorAll('g.mark-rect')) {
    const patterned = [...group.querySelectorAll('path[fill^="url("]')];
    for (const paint of new Set(patterned.map((mark) => mark.getAttribute('fill')))) {
      const marks = patterned.filter((mark) => mark.getAttribute('fill') === paint);
      const [first, ...rest] = marks;
      const alone = first.getAttribute('d');
      first.setAttribute('d', marks.map((mark) => mark.getAttribute('d')).join(''));
      for (const mark of rest) mark.setAttribute('fill', 'none');
      whole.push(() => {
        first.setAttribute('d', alone);
        for (const mark of rest) mark.setAttribute('fill', paint);
      });
    }
  }
}
const unjoin = () => { for (const undo of whole.splice(0)) undo(); };
// Charts are drawn anew for the paper's width, all letters in one size there: two beside each other, wide ones alone.
window.addEventListener('beforeprint', () => {
  unjoin();
  for (const [id, { view }] of Object.entries(views)) {
    const place = document.querySelector('[data-chart="' + id + '"]');
    const wide = place.parentElement.classList.contains('wide') || place.closest('.figures').children.length === 1;
    view.signal('width', (wide ? ${PAPER_WIDTH} : ${PAPER_WIDTH} / 2 - ${PAPER_GUTTER} / 2) / ${PRINTED_SCALE});
    // Nothing waits here for more than its turn: all is drawn before the browser lays the paper out.
    view.runAsync().then(() => { joinPatterns(place); });
  }
});
window.addEventListener('afterprint', () => {
  unjoin();
  window.dispatchEvent(new Event('resize'));
});

// A table that goes on beyond its place says so, whatever made either of them wider or narrower.
const sized = new ResizeObserver(() => {
  for (const box of document.querySelectorAll('.scroll'))
    box.classList.toggle('more', box.scrollWidth > box.clientWidth + 2);
});
function hintAt(box) {
  const line = document.createElement('p');
  line.className = 'hint';
  line.textContent = 'Goes on to the right: drag, or the arrow keys.';
  box.after(line);
  sized.observe(box);
  for (const part of box.children) sized.observe(part);
}
for (const box of document.querySelectorAll('.scroll')) hintAt(box);

// A link into a folded table opens it, and brings its rows where they are packed.
function unfold() {
  const id = decodeURIComponent(location.hash.slice(1));
  const packed = Object.keys(bodies).find((table) => bodies[table].includes('<tr id="' + id + '"'));
  if (packed !== undefined) {
    const details = document.getElementById(packed).closest('details');
    details.open = true;
    fill(details);
  }
  const target = document.getElementById(id);
  const folded = target?.closest('details');
  if (folded) { folded.open = true; target.scrollIntoView({ block: 'center' }); }
}
addEventListener('hashchange', unfold);
unfold();
`;
