// The book of a result: every number by its key, with the rule that derives it from others.

import type { Result } from '../result-types.js';
import { describeBuilt } from './built.js';
import { sum, type Derivation } from './derivation.js';
import { describeDevice } from './device.js';
import { describeEnergy } from './energy.js';
import type { Define, Figure } from './figure.js';
import { describeGiven } from './given.js';
import { leavesOf } from './leaves.js';
import { describeMapping } from './mapping.js';
import { describeOperators } from './operators.js';
import { describePoweredOn } from './powered-on.js';
import { describeRollUp } from './roll-up.js';
import { Sources } from './sources.js';
import { describeStorage } from './storage.js';
import { describeTime } from './time.js';
import { describeUtilization } from './utilization.js';
import { describeVerdict } from './verdict.js';

/** All figures of a result that can be explained, in the result's order. */
export type Book = ReadonlyMap<string, Figure>;

/** Figures that are no number of the result but a sum that comparisons show. */
const totals = ({ storage }: Result): [string, number][] => [
  ['storage.bits', storage.neuronBits + storage.maskBits + storage.errorBits],
];

/** Finds how each number of a result came about; derivations are made when they are asked for. */
export function bookOf(result: Result): Book {
  const leaves = leavesOf(result);
  const values = new Map([...leaves.map(({ key, value }): [string, number] => [key, value]), ...totals(result)]);
  const paths = new Map(leaves.map(({ key, path }) => [key, path]));
  const rules = new Map<string, Omit<Figure, 'key' | 'path' | 'value'>>();
  const sources = new Sources(result, values, (key) => rules.get(key)?.unit ?? '');
  const define: Define = (key, unit, says, derive) => {
    rules.set(key, { unit, says, derive });
  };
  describeTime(sources, define);
  describeEnergy(sources, leaves, define);
  describeBuilt(sources, leaves, define);
  describePoweredOn(sources, leaves, define);
  describeRollUp(sources, define);
  describeMapping(sources, define);
  describeOperators(sources, define);
  describeUtilization(sources, define);
  describeStorage(sources, define);
  describeDevice(sources, define);
  describeGiven(sources, leaves, define);
  describeVerdict(sources, define);
  return new Map(
    [...values].flatMap(([key, value]): [string, Figure][] => {
      const rule = rules.get(key);
      return rule === undefined
        ? []
        : [
            [
              key,
              { key, path: paths.get(key) ?? key, value, ...rule, derive: () => rooted(key, rule.unit, rule.derive()) },
            ],
          ];
    }),
  );
}

/** A derivation as a figure's own: in the figure's unit, and never another figure itself. */
const rooted = (key: string, unit: string, derivation: Derivation): Derivation =>
  derivation.op === 'figure'
    ? sum(key, unit, [derivation], derivation.says || 'the same as')
    : { ...derivation, unit: unit === '' ? derivation.unit : unit };
