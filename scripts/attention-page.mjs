// Writes docs/attention.md: what attention takes of a vision transformer, on both places of `dynamic.on`.
import { diskPresets } from '../dist/config/files.node.js';
import { loadRun } from '../dist/run-config/index.js';
import { simulate } from '../dist/simulation/index.js';

const RUNS = [
  ['isaac', 'digital'],
  ['isaac', 'crossbar'],
  ['pipelayer', 'digital'],
  ['pipelayer', 'crossbar'],
  ['digital-int8', 'digital'],
];
/** Operators as the page groups them; the first that fits counts. */
const GROUPS = [
  ['products of activations', ({ place }) => place === 'dynamic'],
  ['softmax between them', ({ kind, layer }, products) => kind === 'softmax' && products.has(layer)],
  ['products with weights', ({ place }) => place === 'crossbar'],
  ['norms', ({ kind }) => kind === 'norm'],
  ['activations, sums, output softmax', ({ place }) => place === 'vector'],
  ['moves', () => true],
];
const ATTENTION = 2;

const sum = (list, of) => list.reduce((total, one) => total + of(one), 0);
const significant = (value) => (value === 0 ? '0' : String(Number(value.toPrecision(3))));
const percent = (part, whole) => (whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`);
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

function grouped(operators) {
  const products = new Set(operators.filter(({ place }) => place === 'dynamic').map(({ name }) => name));
  const lists = GROUPS.map(() => []);
  for (const operator of operators) lists[GROUPS.findIndex(([, fits]) => fits(operator, products))].push(operator);
  return lists;
}

/** The page. Every figure comes from the runs that it makes. */
export function attentionPage() {
  const parts = [];
  const totals = [];
  for (const [preset, on] of RUNS) {
    const sets = ['network=vit-s-16', 'workload.mode=inference', 'workload.images=1', `dynamic.on=${on}`];
    const { result } = simulate(loadRun(diskPresets, preset, sets));
    const lists = grouped(result.operators);
    const [timeS, energyJ] = ['timeS', 'energyJ'].map((key) => sum(result.operators, (operator) => operator[key]));
    const attention = lists.slice(0, ATTENTION).flat();
    totals.push([
      `${preset}, ${on}`,
      significant(result.time.totalS * 1e3),
      significant(result.energy.totalJ * 1e3),
      percent(
        sum(attention, (operator) => operator.timeS),
        timeS,
      ),
      percent(
        sum(attention, (operator) => operator.energyJ),
        energyJ,
      ),
      sum(attention, (operator) => operator.cellWrites).toLocaleString('en'),
      sum(attention, (operator) => operator.wordWrites).toLocaleString('en'),
    ]);
    const rows = lists.map((list, g) => [
      GROUPS[g][0],
      list.length,
      significant(sum(list, (operator) => operator.timeS) * 1e6),
      significant(sum(list, (operator) => operator.energyJ) * 1e6),
      sum(list, (operator) => operator.cellWrites).toLocaleString('en'),
      sum(list, (operator) => operator.wordWrites).toLocaleString('en'),
    ]);
    const head = ['operators', 'number', 'busy us', 'energy uJ', 'cells written', 'words written'];
    parts.push(`## ${preset}, dynamic.on: ${on}\n\n${table(head, rows)}\n`);
  }
  return (
    '# Attention on both places\n\nMade by `npm run docs` from runs of ViT-S/16 (`vit-s-16`), one image:\n\n' +
    '    xbarflow run isaac --set network=vit-s-16 --set dynamic.on=crossbar --format json   # operators\n\n' +
    'Attention is here its two products of activations and the softmax between them; projections are products with ' +
    'weights. Busy times are those of the units that do an operator, which work at the same time, and energies those ' +
    "of actions: leakage and what never rests (`chip.idle: on`, isaac) are in the run's total alone. Energies of " +
    'vector units and digital units beside arrays are assumptions (`xbarflow run` lists them).\n\n' +
    `${table(
      [
        'design, dynamic.on',
        'run ms',
        'energy mJ',
        'attention: busy',
        'attention: energy',
        'cells written for it',
        'words written for it',
      ],
      totals,
    )}\n\n${parts.join('\n')}`
  );
}
