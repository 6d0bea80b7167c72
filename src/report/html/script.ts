// What a report page does in the browser: draws its charts, sorts and saves its tables, zooms. Plain JavaScript,
// inlined.

import { PAPER_WIDTH, ZOOM_FIELD } from './sections.js';

/** The script of a page. */
export const PAGE_SCRIPT = `
'use strict';
const specs = JSON.parse(document.getElementById('chart-specs').textContent);
const views = {};

// Names beside a chart leave it more than half of its place.
function limitLabels(node, pixels) {
  if (typeof node !== 'object' || node === null) return;
  if (typeof node.labelLimit === 'number') node.labelLimit = Math.min(node.labelLimit, pixels);
  for (const [key, value] of Object.entries(node)) if (key !== 'data') limitLabels(value, pixels);
}

async function draw(place) {
  const id = place.dataset.chart;
  specs[id].config.legend.columns = Math.max(1, Math.floor(place.clientWidth / 150));
  limitLabels(specs[id], Math.max(90, 0.42 * place.clientWidth));
  const { view } = await vegaEmbed(place, specs[id], {
    mode: 'vega-lite', renderer: 'svg', hover: false, defaultStyle: false, downloadFileName: id, actions: false,
  });
  views[id] = { view, whole: view.scale('x')?.domain() };
}
document.documentElement.dataset.ready = 'no';
Promise.all([...document.querySelectorAll('[data-chart]')].map(draw)).then(() => {
  document.documentElement.dataset.ready = 'yes';
});

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
// Paper cannot unfold anything, and charts are drawn anew at its width, so that their letters keep their size.
window.addEventListener('beforeprint', () => {
  for (const details of document.querySelectorAll('details.table')) details.open = true;
  for (const [id, { view }] of Object.entries(views)) {
    const { clientWidth } = document.querySelector('[data-chart="' + id + '"]');
    view.signal('width', Math.max(100, view.signal('width') - Math.max(0, clientWidth - ${PAPER_WIDTH}))).run();
  }
});
window.addEventListener('afterprint', () => { window.dispatchEvent(new Event('resize')); });
`;
