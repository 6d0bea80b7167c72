// A full chip at peak: instances, power and area by core, tile and chip.

import type { RollUp } from '../result-types.js';
import { areaOfOne } from './built.js';
import { actionEnergy } from './cell-actions.js';
import { number, product, quotient, sum, type Derivation } from './derivation.js';
import { derivationOf } from './factors.js';
import type { Define } from './figure.js';
import { slicesOf } from './mapping.js';
import type { Sources } from './sources.js';

type RollUpComponent = RollUp['components'][number];

const CORE_SCOPES = ['array', 'wordline', 'bitline', 'converter', 'core'];

/** Figures of `rollUp`. */
export function describeRollUp(sources: Sources, define: Define): void {
  const { rollUp } = sources.result;
  if (rollUp === null) return;
  const arrays = (): Derivation => sources.figure('rollUp.arrays');
  define('rollUp.arrays', '', 'arrays of a full chip', () =>
    product('rollUp.arrays', '', [sources.knob('chip.tiles'), sources.knob('chip.arraysPerTile')]),
  );
  for (const part of rollUp.components) {
    const { component, per, factors } = part;
    const key = `rollUp.components.${component}`;
    define(`${key}.instances`, '', `${component} of a full chip`, () =>
      product(
        `${key}.instances`,
        '',
        factors.map((factor) => derivationOf(sources, factor, NETWORK)),
        `one per ${per}`,
      ),
    );
    define(`${key}.powerW`, 'W', `${component} of a full chip that never rests`, () =>
      peakPower(sources, part, `${key}.powerW`, { instances: sources.figure(`${key}.instances`), arrays: arrays() }),
    );
    define(`${key}.gatedW`, 'W', `${component} of a full chip, its work in slots and its leakage`, () =>
      gatedPower(sources, part, `${key}.gatedW`, { instances: sources.figure(`${key}.instances`), arrays: arrays() }),
    );
    define(`${key}.areaMm2`, 'mm2', `${component} of a full chip`, () =>
      product(
        `${key}.areaMm2`,
        'mm2',
        [sources.figure(`${key}.instances`), areaOfOne(sources, component)],
        'instances x area of one',
      ),
    );
  }
  const tiers = [
    ['core', CORE_SCOPES, () => quotient('cores of a chip', '', { over: arrays(), under: coreArrays(sources) })],
    ['tile', [...CORE_SCOPES, 'tile'], () => sources.knob('chip.tiles')],
    ['chip', [...CORE_SCOPES, 'tile', 'chip'], () => number(1, 'chip')],
  ] as const;
  for (const [tier, scopes, parts] of tiers) {
    for (const [word, unit, what] of [
      ['powerW', 'W', 'peak power'],
      ['areaMm2', 'mm2', 'area'],
    ] as const) {
      const key = `rollUp.${tier}.${word}`;
      const own = rollUp.components
        .filter(({ per }) => scopes.includes(per))
        .map(({ component }) => `rollUp.components.${component}.${word}`);
      const all = (): Derivation =>
        sum(tier === 'chip' ? key : 'of a full chip', unit, sources.figures(own), `components of a ${tier}`);
      define(key, unit, `${what} of a ${tier}`, () =>
        tier === 'chip' ? all() : quotient(key, unit, { over: all(), under: parts() }),
      );
    }
  }
  define('rollUp.peakGops', 'GOPS', 'operations a second with every array reading in every slot', () =>
    peakGops(sources, arrays()),
  );
  define('rollUp.gopsPerW', 'GOPS/W', 'peak operations over peak power', () =>
    quotient('rollUp.gopsPerW', 'GOPS/W', {
      over: sources.figure('rollUp.peakGops'),
      under: sources.figure('rollUp.chip.powerW'),
    }),
  );
  define('rollUp.gatedGopsPerW', 'GOPS/W', 'peak operations over the power of what works', () => {
    const own = rollUp.components.map(({ component }) => `rollUp.components.${component}.gatedW`);
    const power = sum('power of what works', 'W', sources.figures(own), 'components of a chip');
    return quotient('rollUp.gatedGopsPerW', 'GOPS/W', { over: sources.figure('rollUp.peakGops'), under: power });
  });
  define('rollUp.gopsPerMm2', 'GOPS/mm2', 'peak operations over area', () =>
    quotient('rollUp.gopsPerMm2', 'GOPS/mm2', {
      over: sources.figure('rollUp.peakGops'),
      under: sources.figure('rollUp.chip.areaMm2'),
    }),
  );
}

const coreArrays = (sources: Sources): Derivation =>
  sources.knob(typeof sources.setting('chip.arraysPerCore') === 'number' ? 'chip.arraysPerCore' : 'chip.arraysPerTile');

function peakPower(
  sources: Sources,
  part: RollUpComponent,
  key: string,
  { instances, arrays }: { readonly instances: Derivation; readonly arrays: Derivation },
): Derivation {
  const own = `components.${part.component}.power`;
  if (sources.hasConstant(own))
    return product(key, 'W', [instances, sources.constant(own)], 'instances x power of one');
  return gatedPower(sources, part, key, { instances, arrays });
}

/** Work in every slot, and leakage. */
function gatedPower(
  sources: Sources,
  { component, inSlot }: RollUpComponent,
  key: string,
  { instances, arrays }: { readonly instances: Derivation; readonly arrays: Derivation },
): Derivation {
  const rest = product(
    'at rest',
    'W',
    [instances, sources.constant(`components.${component}.leakage`)],
    'instances x leakage of one',
  );
  if (inSlot === null) return { ...rest, name: key, says: 'no work in slots: instances x leakage of one' };
  const times = inSlot.times.map((factor) => derivationOf(sources, factor, NETWORK));
  const work = product(
    'energy of a slot',
    'J',
    [arrays, actionEnergy(sources, component, inSlot.action), ...times],
    'arrays x energy of one x actions of an array',
  );
  return sum(key, 'W', [quotient('all arrays read in every slot', 'W', { over: work, under: slotOf(sources) }), rest]);
}

/** What belongs to no layer. */
const NETWORK = '';

const slotOf = (sources: Sources): Derivation => derivationOf(sources, sources.result.rollUp!.slot, NETWORK);

function peakGops(sources: Sources, arrays: Derivation): Derivation {
  const forward = sources.result.placements.find(({ use }) => use === 'forward')!;
  const logical = quotient('logical arrays', '', {
    over: arrays,
    under: sources.figure(`placements.${forward.layer}.forward.arraysPerLogical`),
  });
  const columns = sources.knob('crossbar.columns');
  const exact = quotient('weights of a row', '', { over: columns, under: slicesOf(sources) });
  const weights =
    sources.setting('weights.slices') === 'columns'
      ? {
          ...exact,
          name: 'weights of a row',
          op: 'law' as const,
          value: Math.floor(exact.value),
          says: 'rounded down',
          parts: [exact],
        }
      : columns;
  const slots = derivationOf(sources, sources.result.rollUp!.slots, NETWORK);
  const operations = product('operations of a read', '', [
    number(2, 'operations of a multiply-accumulate'),
    logical,
    sources.knob('crossbar.rows'),
    weights,
  ]);
  return quotient('rollUp.peakGops', 'GOPS', {
    over: operations,
    under: product('slots, and giga', '', [slots, slotOf(sources), number(1e9, 'giga')]),
  });
}
