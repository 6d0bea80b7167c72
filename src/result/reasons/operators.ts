// The operators of the network: what the graph counts of them, what was done for each.

import type { OperatorFigures } from '../operator-types.js';
import type { Result } from '../result-types.js';
import { actionEnergy, countedBy } from './cell-actions.js';
import { leaf, number, product, sum, type Derivation } from './derivation.js';
import type { Define } from './figure.js';
import type { Sources } from './sources.js';
import { keysOf } from '../../config/typed.js';

type Operator = OperatorFigures;

const FACTS = {
  macs: 'multiply-accumulates of an image',
  elements: 'output elements of an image',
  windowPlaces: 'places of the windows of an image',
  parameters: 'weights of its matrix',
  biases: 'biases',
} as const;

/** Figures of `operators`, `networkTotals` and `energy.byOperatorJ`. */
export function describeOperators(sources: Sources, define: Define): void {
  const { operators, energy } = sources.result;
  const names = new Map(operators.map((operator) => [operator.name, operator]));
  for (const operator of operators) describeOperator(sources, operator, define);
  for (const { name, energyJ } of energy.byOperatorJ) {
    const key = `energy.byOperatorJ.${name}`;
    const own = names.has(name) ? `operators.${name}.energyJ` : null;
    define(key, 'J', `energy of the actions of ${name}`, () =>
      own === null
        ? leaf('counted', {
            name: key,
            value: energyJ,
            unit: 'J',
            says: 'actions of stages that are no layer, x energy of one, and what idles (chip.idle: on)',
          })
        : sources.figure(own),
    );
  }
  for (const word of ['macs', 'dynamicMacs', 'parameters', 'biases'] as const)
    define(`networkTotals.${word}`, '', `${word} of the network`, () =>
      sum(`networkTotals.${word}`, '', totalOf(sources, word), 'all layers'),
    );
}

/** Of layers: hardware holds one bias a column, so that both halves of a recurrent layer's are one. */
function totalOf(sources: Sources, word: keyof Result['networkTotals']): Derivation[] {
  const dynamic = sources.result.operators.filter(({ place }) => place === 'dynamic').map(({ name }) => name);
  return word === 'dynamicMacs'
    ? sources.figures(dynamic.map((name) => `operators.${name}.macs`))
    : sources.figures(
        sources.result.layers.map(({ name }) => `layers.${name}.${word === 'parameters' ? 'weights' : word}`),
      );
}

/**
 * Energies of an operator's action where its layers have their own; empty where the constant holds. Parts of a layer
 * that does not fit a chip are called `name/1`, ..., the last of them as the layer.
 */
function ownEnergies(
  sources: Sources,
  { layer }: Operator,
  { component, action, pass }: Operator['actions'][number],
): Derivation[] {
  const { result } = sources;
  const homes = new Set(result.operators.map((operator) => operator.layer));
  const isPart = (name: string): boolean =>
    name === layer || (!homes.has(name) && layer !== null && name.replace(/\/\d+$/, '') === layer);
  return result.actions
    .filter((of) => of.component === component && of.action === action && of.pass === pass && isPart(of.layer))
    .filter(({ one }) => one !== null)
    .map((of) => sources.figure(`actions.${component}.${action}.${pass}.${of.layer}.energyJ`));
}

function describeOperator(sources: Sources, operator: Operator, define: Define): void {
  const { name, actions } = operator;
  const key = (word: string): string => `operators.${name}.${word}`;
  for (const word of keysOf(FACTS)) {
    const says = FACTS[word];
    define(key(word), '', `${name}: ${says}`, () => number(operator[word], says));
  }
  const keyOf = ({ component, action, pass }: Operator['actions'][number]): string =>
    key(`actions.${component}.${action}.${pass}.all.count`);
  for (const action of actions)
    define(keyOf(action), '', `${action.component}.${action.action} in ${action.pass} for ${name}`, () =>
      leaf('counted', {
        name: keyOf(action),
        value: action.count,
        unit: '',
        says: countedBy(sources, action.component, action.action),
      }),
    );
  define(key('energyJ'), 'J', `energy of the actions of ${name}`, () =>
    sum(
      key('energyJ'),
      'J',
      actions.map((action) => {
        const own = ownEnergies(sources, operator, action);
        if (own.length > 0)
          return sum(`${action.component}.${action.action}`, 'J', own, 'layers of their own energies');
        return product(
          `${action.component}.${action.action}`,
          'J',
          [sources.figure(keyOf(action)), actionEnergy(sources, action.component, action.action)],
          'count x energy of one',
        );
      }),
      'its actions x energy of one',
    ),
  );
  define(key('timeS'), 's', `busy time of the units that do ${name}`, () =>
    leaf('timed', {
      name: key('timeS'),
      value: operator.timeS,
      unit: 's',
      says: 'waves x initiation interval of its units, by its share of them',
    }),
  );
  const written = (word: 'cellWrites' | 'wordWrites', component: string): void => {
    define(key(word), '', `writes of ${component} for ${name}`, () =>
      sum(
        key(word),
        '',
        sources.figures(
          actions.filter((of) => of.component === component && of.action === 'write').map((of) => keyOf(of)),
        ),
        'all passes',
      ),
    );
  };
  written('cellWrites', 'crossbar');
  written('wordWrites', 'buffer');
}
