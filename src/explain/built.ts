// What is built: instances of every component by what they serve, area, leakage, tiles and chips, and a full chip at
// peak.

import { COMPONENTS, type ComponentDeclaration } from '../components/index.js';
import type { Placement, Result } from '../simulation/index.js';
import { actionEnergy, slot, slotsWithOne } from './cells.js';
import { ceiling, difference, number, product, quotient, sum, type Derivation } from './derivation.js';
import { checked, type Define } from './figure.js';
import type { Leaf } from './leaves.js';
import { slicesOf } from './mapping.js';
import type { Sources } from './sources.js';

/** Built instances with the key of their figures. */
type Built = Result['instances'][number] & { key: string };

/** Figures of `area`, `instances` and `chips`. */
export function describeBuilt(sources: Sources, leaves: readonly Leaf[], define: Define): void {
  const { result } = sources;
  const keys = leaves
    .filter(({ key }) => key.startsWith('instances.') && key.endsWith('.count'))
    .map(({ key }) => key.slice(0, -'.count'.length));
  const built = result.instances.map((instances, i): Built => ({ ...instances, key: keys[i]! }));
  define('area.totalMm2', 'mm2', 'area of all instances', () =>
    sum(
      'area.totalMm2',
      'mm2',
      sources.figures(Object.keys(result.area.byComponentMm2).map((name) => `area.byComponentMm2.${name}`)),
      'all components',
    ),
  );
  for (const name of Object.keys(result.area.byComponentMm2)) {
    define(`area.byComponentMm2.${name}`, 'mm2', `area of ${name}`, () =>
      areaOf(
        sources,
        name,
        built.filter(({ component }) => component === name),
        `area.byComponentMm2.${name}`,
      ),
    );
  }
  for (const name of Object.keys(result.area.byLayerMm2)) {
    define(`area.byLayerMm2.${name}`, 'mm2', `area of ${name}`, () => {
      const own = built.filter(({ layer }) => layer === name);
      const components = [...new Set(own.map(({ component }) => component))];
      return sum(
        `area.byLayerMm2.${name}`,
        'mm2',
        components.map((component) =>
          areaOf(
            sources,
            component,
            own.filter((b) => b.component === component),
            component,
          ),
        ),
        'its components',
      );
    });
  }
  for (const [branch, word] of [
    ['leakageByComponentW', 'component'],
    ['leakageByLayerW', 'layer'],
  ] as const) {
    for (const name of Object.keys(result.power[branch])) {
      const key = `power.${branch}.${name}`;
      define(key, 'W', `leakage of ${name}`, () =>
        sum(
          key,
          'W',
          sources.figures(
            built.filter((instances) => instances[word] === name).map((instances) => `${instances.key}.leakageW`),
          ),
          'its instances',
        ),
      );
    }
  }
  built.forEach((instances) => {
    const { key, component, layer, count } = instances;
    const nth = built.filter((b) => b.component === component).indexOf(instances);
    define(`${key}.count`, '', `instances of ${component} for ${layer}`, () =>
      checked(
        count,
        product(`${key}.count`, '', countOf(sources, instances, nth), `one per ${scopeOf(sources, component)}`),
        `instances of ${component}, one per ${scopeOf(sources, component)}`,
      ),
    );
    define(`${key}.areaMm2`, 'mm2', `area of ${component} of ${layer}`, () =>
      product(
        `${key}.areaMm2`,
        'mm2',
        [sources.figure(`${key}.count`), areaOfOne(sources, component)],
        'instances x area of one',
      ),
    );
    define(`${key}.leakageW`, 'W', `leakage of ${component} of ${layer}`, () =>
      product(
        `${key}.leakageW`,
        'W',
        [sources.figure(`${key}.count`), sources.constant(`components.${component}.leakage`)],
        'instances x leakage of one',
      ),
    );
  });
  describeChips(sources, define);
  describePeak(sources, define);
}

const areaOf = (sources: Sources, component: string, built: readonly Built[], name: string): Derivation =>
  product(
    name,
    'mm2',
    [
      built.length === 1
        ? sources.figure(`${built[0]!.key}.count`)
        : sum('instances', '', sources.figures(built.map(({ key }) => `${key}.count`))),
      areaOfOne(sources, component),
    ],
    'instances x area of one',
  );

function areaOfOne(sources: Sources, component: string): Derivation {
  const own = `components.${component}.area`;
  if (sources.hasConstant(own)) return sources.constant(own);
  return product(
    'area of an array',
    'mm2',
    [sources.constant('device.cellArea'), sources.knob('crossbar.rows'), sources.knob('crossbar.columns')],
    'its cells',
  );
}

const scopeOf = (sources: Sources, component: string): string => {
  const given = sources.setting(`components.${component}.instances.per`);
  return typeof given === 'string'
    ? given
    : ((COMPONENTS as Record<string, ComponentDeclaration | undefined>)[component]?.scope ?? 'layer');
};

/** Factors of an instance count: what there is to serve, and instances for each. */
function countOf(sources: Sources, { component, layer, pass }: Built, nth: number): Derivation[] {
  const scope = scopeOf(sources, component);
  const count = `components.${component}.instances.count`;
  const each = sources.hasConstant(count) ? [sources.constant(count)] : [];
  const use = ({ F: 'forward', B: 'backward', G: 'gradient' } as const)[pass ?? ''] ?? null;
  const arrays = arrayScope(sources, scope, false);
  if (arrays !== undefined) {
    if (use === null) return [spareArrays(sources), ...arrays, ...each];
    const transposed = use === 'backward' && sources.setting('weights.copies') === 'shared';
    return [
      sources.figure(`arrays.byLayer.${layer}.${transposed ? 'forward' : use}.physical`),
      ...(transposed ? arrayScope(sources, scope, true)! : arrays),
      ...each,
    ];
  }
  switch (scope) {
    case 'copy':
      return [...(use === null ? [] : copiesOf(sources, layer, use)), ...each];
    case 'bit':
      return component === 'weightMemory'
        ? [
            sum('weights', '', sources.figures(sources.result.layers.map(({ name }) => `layers.${name}.weights`))),
            sources.knob('weights.bits'),
            ...each,
          ]
        : [...bufferBits(sources, nth), ...each];
    case 'core':
      return [sources.figure('chips.cores'), ...each];
    case 'unit':
      return [sources.knob('digital.units'), ...each];
    case 'tile':
      return [sources.figure('chips.tiles'), ...each];
    case 'chip':
      return [sources.figure('chips.chips'), ...each];
    default:
      return each;
  }
}

/**
 * Instances of an array for a scope that belongs to arrays; a transposed read drives the columns and senses the rows.
 */
function arrayScope(sources: Sources, scope: string, transposed: boolean): Derivation[] | undefined {
  const rows = (): Derivation => sources.knob('crossbar.rows');
  const columns = (): Derivation => columnsOfArray(sources);
  const sensed = transposed ? rows : columns;
  switch (scope) {
    case 'array':
      return [];
    case 'wordline':
      return [transposed ? columns() : rows()];
    case 'bitline':
      return [sensed()];
    case 'converter':
      return [
        ceiling(
          'converters of an array',
          '',
          quotient(
            'lines by lines of a converter',
            '',
            transposed ? rows() : sources.knob('crossbar.columns'),
            sources.knob('sensing.columnsPerConverter'),
          ),
        ),
      ];
    default:
      return undefined;
  }
}

/** Columns of an array, with a reference column that is one more. */
function columnsOfArray(sources: Sources): Derivation {
  const extra = sources.setting('weights.sign') === 'offset' && sources.setting('weights.referenceColumn') === 'extra';
  return extra
    ? sum('columns of an array', '', [
        sources.knob('crossbar.columns'),
        sources.choice('weights.referenceColumn', 1, 'the reference column is one more'),
      ])
    : sources.knob('crossbar.columns');
}

const spareArrays = (sources: Sources): Derivation =>
  difference(
    'arrays of the chips that no layer uses',
    '',
    product('arrays of the chips', '', [sources.figure('chips.tiles'), sources.knob('chip.arraysPerTile')]),
    sources.figure('arrays.physical'),
  );

/** Copies of a layer's arrays in a pass; digital designs have as many as positions go at once. */
function copiesOf(sources: Sources, layer: string, use: Placement['use']): Derivation[] {
  const { placements } = sources.result;
  if (placements.length === 0) return [sources.figure(`layers.${layer}.replication`)];
  const shared = use === 'backward' && sources.setting('weights.copies') === 'shared';
  return [sources.figure(`placements.${layer}.${shared ? 'forward' : use}.copies`)];
}

function bufferBits(sources: Sources, nth: number): Derivation[] {
  const buffer = sources.result.buffers[nth];
  return buffer === undefined
    ? []
    : sources.figures([`buffers.${buffer.name}.capacityEntries`, `buffers.${buffer.name}.entryBits`]);
}

function describeChips(sources: Sources, define: Define): void {
  const { chips, tiles, cores } = sources.result.chips;
  const has = (key: string): boolean => typeof sources.setting(key) === 'number';
  const taken = (unit: string): Derivation =>
    sum(
      `${unit} that the arrays take`,
      '',
      sources.result.placements.map(({ layer, use }) =>
        ceiling(
          `${layer} ${use}`,
          '',
          quotient(
            'arrays by arrays of one',
            '',
            sources.figure(`arrays.byLayer.${layer}.${use}.physical`),
            sources.knob(`chip.arraysPer${unit}`),
          ),
        ),
      ),
      'each set of arrays starts a new one',
    );
  const tilesTaken = (): Derivation =>
    has('chip.arraysPerTile') ? taken('Tile') : number(1, 'one tile: chip.arraysPerTile is not set');
  const whole = (name: string, derivation: Derivation): Derivation =>
    checked(sources.value(name), derivation, 'as placed on the chip, at least one');
  define('chips.chips', '', 'chips of the design', () =>
    whole(
      'chips.chips',
      has('chip.tiles')
        ? ceiling('chips.chips', '', quotient('tiles by tiles of a chip', '', tilesTaken(), sources.knob('chip.tiles')))
        : number(chips, 'one chip: chip.tiles is not set'),
    ),
  );
  define('chips.tiles', '', 'tiles of the design', () =>
    whole(
      'chips.tiles',
      has('chip.tiles')
        ? product(
            'chips.tiles',
            '',
            [sources.figure('chips.chips'), sources.knob('chip.tiles')],
            'whole chips are built',
          )
        : tiles === 1
          ? number(1, 'at least one tile')
          : tilesTaken(),
    ),
  );
  define('chips.cores', '', 'cores of the design', () => {
    if (!has('chip.arraysPerCore')) return number(cores, 'chip.arraysPerCore is not set');
    if (!has('chip.tiles')) return whole('chips.cores', taken('Core'));
    return whole(
      'chips.cores',
      product('chips.cores', '', [
        sources.figure('chips.tiles'),
        quotient('cores of a tile', '', sources.knob('chip.arraysPerTile'), sources.knob('chip.arraysPerCore')),
      ]),
    );
  });
}

const CORE_SCOPES = ['array', 'wordline', 'bitline', 'converter', 'core'];

/** Figures of `rollUp`. */
function describePeak(sources: Sources, define: Define): void {
  const { rollUp } = sources.result;
  if (rollUp === null) return;
  const arrays = (): Derivation => sources.figure('rollUp.arrays');
  define('rollUp.arrays', '', 'arrays of a full chip', () =>
    product('rollUp.arrays', '', [sources.knob('chip.tiles'), sources.knob('chip.arraysPerTile')]),
  );
  for (const { component, per } of rollUp.components) {
    const key = `rollUp.components.${component}`;
    define(`${key}.instances`, '', `${component} of a full chip`, () =>
      product(`${key}.instances`, '', peakCount(sources, component, per, arrays()), `one per ${per}`),
    );
    define(`${key}.powerW`, 'W', `${component} of a full chip that never rests`, () =>
      peakPower(sources, component, `${key}.powerW`, sources.figure(`${key}.instances`), arrays()),
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
    ['core', CORE_SCOPES, () => quotient('cores of a chip', '', arrays(), coreArrays(sources))],
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
      define(key, unit, `${what} of a ${tier}`, () => (tier === 'chip' ? all() : quotient(key, unit, all(), parts())));
    }
  }
  define('rollUp.peakGops', 'GOPS', 'operations a second with every array reading in every slot', () =>
    peakGops(sources, arrays()),
  );
  define('rollUp.gopsPerW', 'GOPS/W', 'peak operations over peak power', () =>
    quotient('rollUp.gopsPerW', 'GOPS/W', sources.figure('rollUp.peakGops'), sources.figure('rollUp.chip.powerW')),
  );
  define('rollUp.gopsPerMm2', 'GOPS/mm2', 'peak operations over area', () =>
    quotient('rollUp.gopsPerMm2', 'GOPS/mm2', sources.figure('rollUp.peakGops'), sources.figure('rollUp.chip.areaMm2')),
  );
}

const coreArrays = (sources: Sources): Derivation =>
  sources.knob(typeof sources.setting('chip.arraysPerCore') === 'number' ? 'chip.arraysPerCore' : 'chip.arraysPerTile');

function peakCount(sources: Sources, component: string, per: string, arrays: Derivation): Derivation[] {
  const count = `components.${component}.instances.count`;
  const each = sources.hasConstant(count) ? [sources.constant(count)] : [];
  const ofArray = arrayScope(sources, per, false);
  if (ofArray !== undefined) return [arrays, ...ofArray, ...each];
  if (per === 'core') return [quotient('cores of a chip', '', arrays, coreArrays(sources)), ...each];
  return per === 'tile' ? [sources.knob('chip.tiles'), ...each] : each;
}

/**
 * Action of a component that works slot by slot, and whether each driven line, each line with a one, or each sensed
 * line asks for it.
 */
const IN_SLOT: Record<string, readonly [string, 'driven' | 'ones' | 'sensed']> = {
  dac: ['convert', 'driven'],
  spikeDriver: ['spike', 'ones'],
  adc: ['convert', 'sensed'],
  sampleHold: ['hold', 'sensed'],
  integrateFire: ['integrate', 'sensed'],
  spinNeuron: ['fire', 'sensed'],
  shiftAdd: ['shift-add', 'sensed'],
};

function peakPower(
  sources: Sources,
  component: string,
  key: string,
  instances: Derivation,
  arrays: Derivation,
): Derivation {
  const own = `components.${component}.power`;
  if (sources.hasConstant(own))
    return product(key, 'W', [instances, sources.constant(own)], 'instances x power of one');
  const rest = product(
    'at rest',
    'W',
    [instances, sources.constant(`components.${component}.leakage`)],
    'instances x leakage of one',
  );
  const slotWork =
    component === 'crossbar' ? (['read', readsInSlot(sources)] as const) : workInSlot(sources, component);
  if (slotWork === null) return { ...rest, name: key, says: 'no power is published: instances x leakage of one' };
  const work = product(
    'energy of a slot',
    'J',
    [arrays, actionEnergy(sources, component, slotWork[0]), ...slotWork[1]],
    'arrays x energy of one x actions of an array',
  );
  return sum(key, 'W', [quotient('all arrays read in every slot', 'W', work, slot(sources)), rest]);
}

function onesOfArray(sources: Sources): Derivation {
  const rows = sources.knob('crossbar.rows');
  if (sources.knob('inputs.bitsPerSlot').value === 1)
    return product('lines driven with a one', '', [rows, sources.knob('inputs.density')]);
  const ofSlot = quotient(
    'share of slots with a one',
    '',
    product('slots with a one', '', slotsWithOne(sources)),
    slotsOf(sources),
  );
  return product('lines driven with a one', '', [rows, ofSlot]);
}

const slotsOf = (sources: Sources): Derivation =>
  ceiling(
    'slots of an input',
    '',
    quotient('bits by bits of a slot', '', sources.knob('inputs.bits'), sources.knob('inputs.bitsPerSlot')),
  );

function readsInSlot(sources: Sources): Derivation[] {
  const per = sources.setting('device.read.per');
  return per === 'array'
    ? []
    : per === 'wordline'
      ? [onesOfArray(sources)]
      : [onesOfArray(sources), sources.knob('crossbar.columns')];
}

function workInSlot(sources: Sources, component: string): readonly [string, Derivation[]] | null {
  const known = IN_SLOT[component];
  if (known === undefined) return null;
  const [action, lines] = known;
  return [
    action,
    [
      lines === 'ones'
        ? onesOfArray(sources)
        : lines === 'driven'
          ? sources.knob('crossbar.rows')
          : columnsOfArray(sources),
    ],
  ];
}

function peakGops(sources: Sources, arrays: Derivation): Derivation {
  const forward = sources.result.placements.find(({ use }) => use === 'forward')!;
  const logical = quotient(
    'logical arrays',
    '',
    arrays,
    sources.figure(`placements.${forward.layer}.forward.arraysPerLogical`),
  );
  const columns = sources.knob('crossbar.columns');
  const exact = quotient('weights of a row', '', columns, slicesOf(sources));
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
  const slots = slotsOf(sources);
  const operations = product('operations of a read', '', [
    number(2, 'operations of a multiply-accumulate'),
    logical,
    sources.knob('crossbar.rows'),
    weights,
  ]);
  return quotient(
    'rollUp.peakGops',
    'GOPS',
    operations,
    product('slots, and giga', '', [slots, slot(sources), number(1e9, 'giga')]),
  );
}
