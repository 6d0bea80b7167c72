// The operators of a network by what they are: what part of time, energy and writes attention, norms and the rest take.

import { count } from '../../config/numbers.js';
import { folded, type Style } from '../../explain/style.js';
import type { Result } from '../../simulation/index.js';
import { energy, percent, time } from '../words.js';
import { table } from './table.js';

type Operator = Result['operators'][number];

/** Kinds of operators as a reader counts them, in the order of the table. */
const GROUPS: readonly (readonly [name: string, fits: (operator: Operator) => boolean])[] = [
  ['products with weights', ({ place }) => place === 'crossbar'],
  ['products of activations', ({ place }) => place === 'dynamic'],
  ['softmax', ({ kind }) => kind === 'softmax'],
  ['norms', ({ kind, place }) => kind === 'norm' && place === 'vector'],
  ['functions', ({ kind }) => kind === 'unary'],
  ['element-wise', ({ kind }) => kind === 'elementwise' || kind === 'where' || kind === 'prelu'],
  ['pools and reductions', ({ kind }) => kind === 'pool' || kind === 'adaptivePool' || kind === 'reduce'],
  ['moves', ({ place }) => place === 'move'],
  ['others', ({ place }) => place !== 'folded'],
];

/** A row for each kind of operator that the network has; attention's part is said in a line below. */
export function operatorTable({ operators, energy: e }: Result, style: Style): string {
  const rest = new Set(operators);
  const sum = (those: readonly Operator[], key: 'timeS' | 'energyJ' | 'cellWrites' | 'wordWrites' | 'macs'): number =>
    those.reduce((all, operator) => all + operator[key], 0);
  const rows = GROUPS.flatMap(([name, fits]) => {
    const those = [...rest].filter(fits);
    for (const operator of those) rest.delete(operator);
    if (those.length === 0) return [];
    const on = [...new Set(those.map((operator) => operator.on))].join(', ');
    return [
      [
        name,
        count(those.length),
        on,
        count(sum(those, 'macs')),
        time(sum(those, 'timeS')),
        energy(sum(those, 'energyJ')),
        percent(sum(those, 'energyJ') / e.totalJ),
        count(sum(those, 'cellWrites')),
        count(sum(those, 'wordWrites')),
      ],
    ];
  });
  const heads = ['operators', 'of them', 'on', 'MACs', 'busy', 'energy', 'share', 'cells written', 'words written'];
  const attention = attentionOf(operators);
  const all = sum(operators, 'timeS');
  const said =
    attention.length === 0
      ? ''
      : `attention (products of activations and the softmax between) takes ${energy(sum(attention, 'energyJ'))}, ` +
        `${percent(sum(attention, 'energyJ') / e.totalJ)} of the energy, and ` +
        `${percent(all === 0 ? 0 : sum(attention, 'timeS') / all)} of the busy time`;
  return `${table(heads, rows, style)}${said === '' ? '' : `\n${style.dim(folded(said, style.width))}`}`;
}

/** Products of two activations and softmax operators, where there are such products. */
const attentionOf = (operators: readonly Operator[]): Operator[] =>
  operators.some(({ place }) => place === 'dynamic')
    ? operators.filter(({ place, kind }) => place === 'dynamic' || kind === 'softmax')
    : [];
