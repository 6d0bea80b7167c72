// What `attack` prints: the attack on one design, or the same attack on several beside each other.

import { formatQuantity } from '../config/index.js';
import { COMPARED_TITLES } from '../experiment/index.js';
import type { AttackResult } from '../experiment/functional/attack.js';
import type { AttackedDesigns } from '../experiment/functional/attack-designs.js';
import { compareTables, table } from '../report/terminal/index.js';
import { terminalStyle } from './output.js';

/** Figures of the machines that stand below what the attack did. */
const METRICS = ['time.totalS', 'energy.totalJ', 'arrays.physical', 'storage.bits', 'utilization.effective'];

const percent = (share: number): string => `${Number((100 * share).toPrecision(4))} %`;
const time = ({ perExample }: AttackResult): string =>
  perExample === null ? '-' : formatQuantity(perExample.timeS, 'time');
const energy = ({ perExample }: AttackResult): string =>
  perExample === null ? '-' : formatQuantity(perExample.energyJ, 'energy');

/** The attack on one design. */
export function attackTable(result: AttackResult): string {
  const { method, backend, images, cleanAccuracy, success, robustAccuracy, distortion, perExample } = result;
  return table(
    ['what', 'value'],
    [
      ['attack', `${method} on ${backend}, ${images} pictures, ${result.iterations.length - 1} iterations`],
      ['accuracy', `${percent(cleanAccuracy)} clean, ${percent(robustAccuracy)} under attack`],
      ['success', percent(success)],
      [
        'distortion, mean',
        `L-inf ${distortion.linf.toPrecision(4)}, L2 ${distortion.l2.toPrecision(4)}, ` +
          `L0 ${distortion.l0.toPrecision(4)}`,
      ],
      [
        'an example takes',
        perExample === null ? 'no timing of attacks on this design' : `${time(result)}, ${energy(result)}`,
      ],
    ],
    terminalStyle(),
    2,
  );
}

/** Rows of a table of designs: a head and a cell for each. */
const ROWS: readonly [head: string, cell: (result: AttackResult) => string][] = [
  ['success of the attack', ({ success }) => percent(success)],
  ['accuracy, clean', ({ cleanAccuracy }) => percent(cleanAccuracy)],
  ['accuracy under attack', ({ robustAccuracy }) => percent(robustAccuracy)],
  ['distortion, L-inf', ({ distortion }) => distortion.linf.toPrecision(3)],
  ['time an example', time],
  ['energy an example', energy],
];

/** The same attack on several designs: what it did, and what it took. */
export function attackedDesignsTable({ designs, comparison }: AttackedDesigns, full: boolean): string {
  const style = terminalStyle();
  const timed = designs.filter(
    ({ architecture }) => comparison?.results.some((result) => result.architecture === architecture) ?? false,
  );
  const rowsOf = (of: AttackedDesigns['designs']): string[][] =>
    ROWS.map(([head, cell]) => [head, ...of.map(({ attack }) => cell(attack))]);
  const { method, backend, images, iterations } = designs[0]!.attack;
  const head = style.strong(`${method} on ${backend}, ${images} pictures, ${iterations.length - 1} iterations`);
  const untimed = designs.filter((design) => !timed.includes(design));
  return [
    head,
    ...(comparison === null
      ? []
      : [compareTables(comparison, COMPARED_TITLES, style, { full, own: { rows: rowsOf(timed), metrics: METRICS } })]),
    ...(untimed.length === 0
      ? []
      : [table(['', ...untimed.map(({ architecture }) => architecture)], rowsOf(untimed), style)]),
  ].join('\n\n');
}
